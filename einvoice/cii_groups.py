"""The elements and groups of a CII as text: parties, lines (BG-4 to BG-31), what lines share with the header.

An invoice is some 200 small elements. Writing them down costs half of what building a tree of them does;
the last gate (``verify``) parses every file with its schema.
"""

import datetime
from decimal import Decimal

from .codes import SCHEME_GTIN, SCHEME_REGISTER, SCHEME_SIRET
from .terms import Address, AllowanceCharge, Line, Party, Period, Vat
from .text import clean_text

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
NAMESPACES = {"rsm": RSM, "qdt": QDT, "ram": RAM, "udt": UDT}
DATE_FORMAT = "102"  # UNTDID 2379: CCYYMMDD


def group(name: str, *parts: str) -> str:
    """A group of the ``ram`` namespace that holds the given elements, be it none."""
    content = "".join(parts)
    return f"<ram:{name}>{content}</ram:{name}>" if content else f"<ram:{name}/>"


def optional_group(name: str, *parts: str) -> str:
    """A group, or nothing at all when it would be empty."""
    content = "".join(parts)
    return f"<ram:{name}>{content}</ram:{name}>" if content else ""


def text(name: str, value: object, multiline: bool = False, **attributes: object) -> str:
    """A text element, or nothing at all when the cleaned value is empty."""
    content = clean_text(value, multiline)
    if not content:
        return ""
    if attributes:
        codes = "".join(f' {key}="{_escape(clean_text(code), True)}"' for key, code in attributes.items())
        return f"<ram:{name}{codes}>{_escape(content)}</ram:{name}>"
    return f"<ram:{name}>{_escape(content)}</ram:{name}>"


def wrapped(group_name: str, name: str, value: object, multiline: bool = False, **attributes: object) -> str:
    """A group with one text element, or nothing at all."""
    return optional_group(group_name, text(name, value, multiline, **attributes))


def reference(name: str, value: object, *parts: str) -> str:
    """A referenced document (its number, BT-13 for instance), or nothing at all."""
    number = text("IssuerAssignedID", value)
    return group(name, number, *parts) if number else ""


def date(name: str, value: datetime.date | None, namespace: str = "udt") -> str:
    """A ``date`` in format 102, or nothing at all."""
    if not value:
        return ""
    day = f"{value.year:04}{value.month:02}{value.day:02}"
    string = f"{namespace}:DateTimeString"
    return f'<ram:{name}><{string} format="{DATE_FORMAT}">{day}</{string}></ram:{name}>'


def indicator(value: bool) -> str:
    """Whether an allowance or charge is a charge."""
    told = "true" if value else "false"
    return f"<ram:ChargeIndicator><udt:Indicator>{told}</udt:Indicator></ram:ChargeIndicator>"


def _escape(content: str, quoted: bool = False) -> str:
    if "&" in content:
        content = content.replace("&", "&amp;")
    if "<" in content:
        content = content.replace("<", "&lt;")
    if ">" in content:
        content = content.replace(">", "&gt;")
    return content.replace('"', "&quot;") if quoted else content


def amount_text(value: Decimal | None) -> str | None:
    """Write an amount to the cent, with more decimals only when it has them."""
    if value is None:
        return None
    written = format(value, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    whole, _, decimals = written.partition(".")
    return f"{'0' if whole == '-0' and not decimals else whole}.{decimals.ljust(2, '0')}"


def number_text(value: Decimal | None) -> str | None:
    """Write a price, quantity or percentage without trailing zeros."""
    if value is None:
        return None
    written = format(value, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written in ("-0", "") else written


def rate_text(vat: Vat) -> str | None:
    """Write the rate of a ``terms.Vat``, in percent with two decimals at least."""
    # EN 16931 BR-O-05: "not subject to VAT" has no rate, not even zero.
    return None if vat.category == "O" else amount_text(vat.rate)


def seller_group(seller: Party, with_vat_number: bool) -> str:
    """BG-4, of a ``terms.Party``; ``with_vat_number`` is false where BR-O-02 forbids it."""
    return group(
        "SellerTradeParty",
        _identity(seller),
        text("Description", seller.legal_info, multiline=True),
        _contact_and_address(seller),
        _vat_number(seller) if with_vat_number else "",
        wrapped("SpecifiedTaxRegistration", "ID", seller.tax_id, schemeID="FC"),
    )


def buyer_group(buyer: Party, with_vat_number: bool) -> str:
    """BG-7: a seller's legal information and tax number have no place here."""
    return group(
        "BuyerTradeParty",
        _identity(buyer),
        _contact_and_address(buyer),
        _vat_number(buyer) if with_vat_number else "",
    )


def payee_group(payee: Party) -> str:
    """BG-10, of a ``terms.Party``."""
    return group("PayeeTradeParty", _identity(payee), _legal_organization(payee, trading_name=None))


def address_group(address: Address | None) -> str:
    """The group of a ``terms.Address``, or nothing at all."""
    if not address:
        return ""
    return group(
        "PostalTradeAddress",
        text("PostcodeCode", address.postcode),
        text("LineOne", address.line_one),
        text("LineTwo", address.line_two),
        text("LineThree", address.line_three),
        text("CityName", address.city),
        text("CountryID", address.country),
        text("CountrySubDivisionName", address.subdivision),
    )


def _identity(party: Party) -> str:
    # The SIRET stands in both places that accepted files used: GlobalID 0009 and the legal identifier.
    return text("GlobalID", party.siret, schemeID=SCHEME_SIRET) + text("Name", party.name)


def _contact_and_address(party: Party) -> str:
    contact, details = party.contact, ""
    if contact:
        details = optional_group(
            "DefinedTradeContact",
            text("PersonName", contact.name),
            wrapped("TelephoneUniversalCommunication", "CompleteNumber", contact.phone),
            wrapped("EmailURIUniversalCommunication", "URIID", contact.email),
        )
    return _legal_organization(party, party.trading_name) + details + address_group(party.address)


def _legal_organization(party: Party, trading_name: str | None) -> str:
    return optional_group(
        "SpecifiedLegalOrganization",
        text("ID", party.siret, schemeID=SCHEME_REGISTER) or text("ID", party.legal_id),
        text("TradingBusinessName", trading_name),
    )


def _vat_number(party: Party) -> str:
    return wrapped("SpecifiedTaxRegistration", "ID", party.vat_number, schemeID="VA")


_GTIN_LENGTHS = (8, 12, 13, 14)


def line_group(line: Line) -> str:
    """BG-25: the group of a ``terms.Line``."""
    item_id = line.standard_item_id
    return group(
        "IncludedSupplyChainTradeLineItem",
        group(
            "AssociatedDocumentLineDocument",
            text("LineID", line.number),
            wrapped("IncludedNote", "Content", line.note, multiline=True),
        ),
        group(
            "SpecifiedTradeProduct",
            text("GlobalID", item_id, schemeID=SCHEME_GTIN) if is_gtin(item_id) else "",
            text("SellerAssignedID", line.seller_item_id),
            text("Name", line.name),
            text("Description", line.description, multiline=True),
        ),
        group(
            "SpecifiedLineTradeAgreement",
            wrapped("BuyerOrderReferencedDocument", "LineID", line.order_line),
            _prices(line),
        ),
        group(
            "SpecifiedLineTradeDelivery",
            text("BilledQuantity", number_text(line.quantity), unitCode=line.unit),
        ),
        group(
            "SpecifiedLineTradeSettlement",
            group("ApplicableTradeTax", category(line.vat)),
            period_group(line.period),
            *(allowance_group(item) for item in line.allowances),
            group(
                "SpecifiedTradeSettlementLineMonetarySummation",
                text("LineTotalAmount", amount_text(line.net_amount)),
            ),
            wrapped("ReceivableSpecifiedTradeAccountingAccount", "ID", line.buyer_accounting),
        ),
    )


def _prices(line: Line) -> str:
    basis, gross = "", ""
    if line.base_quantity is not None and line.base_quantity != 1:
        basis = text("BasisQuantity", number_text(line.base_quantity), unitCode=line.unit)
    # Chorus Pro refuses a gross price without its discount amount (seen live).
    if line.gross_price is not None and line.price_discount is not None:
        gross = group(
            "GrossPriceProductTradePrice",
            text("ChargeAmount", number_text(line.gross_price)),
            basis,
            group(
                "AppliedTradeAllowanceCharge",
                indicator(False),
                text("ActualAmount", number_text(line.price_discount)),
            ),
        )
    return gross + group(
        "NetPriceProductTradePrice", text("ChargeAmount", number_text(line.net_price)), basis
    )


def allowance_group(item: AllowanceCharge, vat: str = "") -> str:
    """The group of a ``terms.AllowanceCharge``; ``vat`` is its tax group, on the document only."""
    return group(
        "SpecifiedTradeAllowanceCharge",
        indicator(item.is_charge),
        text("CalculationPercent", number_text(item.percent)),
        text("BasisAmount", amount_text(item.base)),
        text("ActualAmount", amount_text(item.amount)),
        text("ReasonCode", item.reason_code),
        text("Reason", item.reason),
        vat,
    )


def category(vat: Vat) -> str:
    """What a tax group says of the category and rate of a ``terms.Vat``."""
    return (
        text("TypeCode", "VAT")
        + text("CategoryCode", vat.category)
        + text("RateApplicablePercent", rate_text(vat))
    )


def period_group(period: Period | None) -> str:
    """The group of a ``terms.Period``, or nothing at all."""
    if not period:
        return ""
    return optional_group(
        "BillingSpecifiedPeriod", date("StartDateTime", period.start), date("EndDateTime", period.end)
    )


def is_gtin(code: str | None) -> bool:
    """Tell whether a standard item number (BT-157) can be sent under scheme 0160."""
    return code is not None and code.isascii() and code.isdigit() and len(code) in _GTIN_LENGTHS
