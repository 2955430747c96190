"""BG-4 to BG-15 in CII: seller, buyer, payee, addresses."""

from .cii_elements import group, optional_group, text, wrapped
from .codes import SCHEME_REGISTER, SCHEME_SIRET
from .terms import Address, Party


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
