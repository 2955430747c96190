"""BG-4 to BG-13: seller, buyer, payee and place of delivery."""

from collections.abc import Iterator
from datetime import date

from ..codes import code_list
from ..findings import Finding, finding
from ..terms import Invoice, Party
from .shape import text

# party, attribute, maximum length, code of the finding
_LENGTHS = (
    ("seller", "name", 99, "seller_name_too_long"),
    ("seller", "trading_name", 99, "seller_trading_name_too_long"),
    ("seller", "legal_info", 1024, "seller_legal_info_too_long"),
    ("buyer", "name", 99, "buyer_name_too_long"),
    ("payee", "name", 99, "payee_name_too_long"),
    ("ship_to", "location_id", 20, "delivery_id_too_long"),
)
_ADDRESS_LINES = ("line_one", "line_two", "line_three", "city")
_ADDRESS_MAX_LENGTH = 400
# La Poste's establishments follow their own check (INSEE): the digits add up to a multiple of five.
_LA_POSTE = "356000000"
# Territories with a country code of their own whose companies are in the French register.
_FRENCH_COUNTRIES = frozenset(["FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF"])


def find(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on the parties of a readable invoice."""
    return [
        *_identity(invoice.seller, "seller"),
        *_identity(invoice.buyer, "buyer"),
        *_cross(invoice),
        *_others(invoice),
        *_lengths(invoice),
    ]


def is_siret(value: str | None) -> bool:
    """Tell whether a text is 14 digits."""
    return value is not None and len(value) == 14 and value.isascii() and value.isdigit()


def luhn(siret: str) -> bool:
    """Tell whether 14 digits satisfy INSEE's check: Luhn, or La Poste's own."""
    digits = [int(digit) for digit in siret]
    if siret.startswith(_LA_POSTE) and sum(digits) % 5 == 0:
        return True
    doubled = (2 * digit if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def is_vat_number(value: str) -> bool:
    """Tell whether a VAT number begins with a country code (EL is Greece, XI Northern Ireland)."""
    prefix = value[:2]
    return len(value) > 2 and (prefix in code_list("countries") or prefix in ("EL", "XI"))


def _identity(party: Party, role: str) -> Iterator[Finding]:
    if not text(party.name):
        yield finding(f"{role}_name_missing")
    yield from find_siret(party, role)
    country = text(party.address.country) if party.address else ""
    if not country:
        yield finding(f"{role}_country_missing")
    elif country not in code_list("countries"):
        yield finding(f"{role}_country_unknown", value=country[:40])
    vat_number = text(party.vat_number)
    if vat_number and not is_vat_number(vat_number):
        yield finding(f"{role}_vat_wrong", value=vat_number[:40])


def find_siret(party: Party, role: str) -> Iterator[Finding]:
    """The findings on BT-30 or BT-47; ``role`` is ``seller``, ``buyer`` or ``payee``."""
    siret = text(party.siret)
    country = text(party.address.country) if party.address else ""
    if role == "seller" and country and country not in _FRENCH_COUNTRIES and not is_siret(siret):
        # Whatever number its country gave it: a VAT number, RIDET, TAHITI … are kinds of their own.
        yield finding("seller_foreign", country=country[:40])
    elif not siret:
        yield finding(f"{role}_siret_missing")
    elif not is_siret(siret):
        digits = siret.isascii() and siret.isdigit()
        if digits and len(siret) == 13 and luhn(f"0{siret}"):
            yield finding(f"{role}_siret_lost_zero", value=siret, right=f"0{siret}")
        elif digits and len(siret) == 9:
            yield finding(f"{role}_siret_is_siren", value=siret)
        else:
            yield finding(f"{role}_siret_wrong", value=siret[:40])
    elif not luhn(siret):
        yield finding(f"{role}_siret_checksum", value=siret)


def _cross(invoice: Invoice) -> Iterator[Finding]:
    seller, siret = invoice.seller, text(invoice.seller.siret)
    if is_siret(siret):
        if siret == text(invoice.buyer.siret):
            yield finding("buyer_is_seller")
        vat_number = text(seller.vat_number)
        if vat_number.startswith("FR") and len(vat_number) == 13 and vat_number[4:] != siret[:9]:
            yield finding("seller_vat_other_siren", value=vat_number, siret=siret)
    address = seller.address
    if address and not (text(address.line_one) and text(address.postcode) and text(address.city)):
        yield finding("seller_address_incomplete")


def _others(invoice: Invoice) -> Iterator[Finding]:
    payee, ship_to = invoice.payee, invoice.ship_to
    if payee:
        name, siret = text(payee.name), text(payee.siret)
        if not name:
            yield finding("payee_name_missing")
        elif name == text(invoice.seller.name):
            yield finding("payee_is_seller")
        if siret and not is_siret(siret):
            yield finding("payee_siret_wrong", value=siret[:40])
    if ship_to and ship_to.address:
        country = text(ship_to.address.country)
        if not country:
            yield finding("delivery_country_missing")
        elif country not in code_list("countries"):
            yield finding("delivery_country_unknown", value=country[:40])


def _lengths(invoice: Invoice) -> Iterator[Finding]:
    for role, name, limit, code in _LENGTHS:
        party = getattr(invoice, role)
        length = len(text(getattr(party, name))) if party else 0
        if length > limit:
            yield finding(code, length=length)
    for role in ("seller", "buyer", "ship_to"):
        party = getattr(invoice, role)
        if party and party.address:
            length = max(len(text(getattr(party.address, name))) for name in _ADDRESS_LINES)
            if length > _ADDRESS_MAX_LENGTH:
                yield finding("address_line_too_long", length=length)
