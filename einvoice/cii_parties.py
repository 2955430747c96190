"""BG-4 to BG-15 in CII: seller, buyer, payee, addresses."""

from .cii_elements import add_group, add_text, add_wrapped
from .codes import SCHEME_REGISTER, SCHEME_SIRET
from .text import clean_text


def add_seller(parent, seller, with_vat_number):
    """Fill BG-4 with a ``terms.Party``; ``with_vat_number`` is false where BR-O-02 forbids it."""
    _identity(parent, seller)
    add_text(parent, "Description", seller.legal_info, multiline=True)
    _contact_and_address(parent, seller)
    if with_vat_number:
        add_wrapped(parent, "SpecifiedTaxRegistration", "ID", seller.vat_number, schemeID="VA")
    add_wrapped(parent, "SpecifiedTaxRegistration", "ID", seller.tax_id, schemeID="FC")


def add_buyer(parent, buyer, with_vat_number):
    """Fill BG-7: a seller's legal information and tax number have no place here."""
    _identity(parent, buyer)
    _contact_and_address(parent, buyer)
    if with_vat_number:
        add_wrapped(parent, "SpecifiedTaxRegistration", "ID", buyer.vat_number, schemeID="VA")


def _identity(parent, party):
    # The SIRET stands in both places that accepted files used: GlobalID 0009 and the legal identifier.
    add_text(parent, "GlobalID", party.siret, schemeID=SCHEME_SIRET)
    add_text(parent, "Name", party.name)


def _contact_and_address(parent, party):
    _legal_organization(parent, party)
    contact = party.contact
    if contact and any(map(clean_text, (contact.name, contact.phone, contact.email))):
        group = add_group(parent, "DefinedTradeContact")
        add_text(group, "PersonName", contact.name)
        add_wrapped(group, "TelephoneUniversalCommunication", "CompleteNumber", contact.phone)
        add_wrapped(group, "EmailURIUniversalCommunication", "URIID", contact.email)
    add_address(parent, party.address)


def add_payee(parent, payee):
    """Fill BG-10 with a ``terms.Party``."""
    add_text(parent, "GlobalID", payee.siret, schemeID=SCHEME_SIRET)
    add_text(parent, "Name", payee.name)
    _legal_organization(parent, payee, trading_name=False)


def _legal_organization(parent, party, trading_name=True):
    trading = party.trading_name if trading_name else None
    if not any(map(clean_text, (party.siret, party.legal_id, trading))):
        return
    group = add_group(parent, "SpecifiedLegalOrganization")
    if clean_text(party.siret):
        add_text(group, "ID", party.siret, schemeID=SCHEME_REGISTER)
    else:
        add_text(group, "ID", party.legal_id)
    add_text(group, "TradingBusinessName", trading)


def add_address(parent, address):
    """Append a ``terms.Address``, or nothing at all."""
    if not address:
        return
    group = add_group(parent, "PostalTradeAddress")
    add_text(group, "PostcodeCode", address.postcode)
    add_text(group, "LineOne", address.line_one)
    add_text(group, "LineTwo", address.line_two)
    add_text(group, "LineThree", address.line_three)
    add_text(group, "CityName", address.city)
    add_text(group, "CountryID", address.country)
    add_text(group, "CountrySubDivisionName", address.subdivision)
