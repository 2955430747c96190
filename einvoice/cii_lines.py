"""BG-25 to BG-31 in CII: lines, prices, discounts, and the groups that lines share with the header."""

from .cii_elements import (
    amount_text,
    date,
    group,
    indicator,
    number_text,
    optional_group,
    rate_text,
    text,
    wrapped,
)
from .codes import SCHEME_GTIN
from .terms import AllowanceCharge, Line, Period, Vat

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
