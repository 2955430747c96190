"""BG-4 to BG-13: the parties; what the buyer's structure requires; BG-16, BG-17, BT-9: the payment."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from ..codes import IBAN_LENGTHS, PAYMENT_CODES, STATE_SIRET, TRANSFER_CODES, code_list
from ..findings import Finding, finding
from ..terms import BankAccount, Invoice, Party, PaymentMeans, Recipient
from .shape import day, is_computable, show, text

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


def find_recipient(invoice: Invoice, recipient: Recipient | None) -> list[Finding]:
    """Return the findings on BT-10 and BT-13 given a ``terms.Recipient`` (or ``None``)."""
    siret, service = text(invoice.buyer.siret), text(invoice.buyer_reference)
    if recipient is None:
        return [finding("service_required_by_state")] if siret == STATE_SIRET and not service else []
    if not recipient.known:
        return [finding("structure_unknown", siret=show(siret))]
    return list(_duties(recipient, siret, service, text(invoice.order_reference)))


def _duties(recipient: Recipient, siret: str, service: str, engagement: str) -> Iterator[Finding]:
    name = show(recipient.name or siret)
    if not recipient.active:
        yield finding("structure_inactive", name=name, siret=show(siret))
    if recipient.private:
        yield finding("structure_private", name=name, siret=show(siret))
    if recipient.moa_only:
        yield finding("structure_works_owner_only", name=name, siret=show(siret))
    if not service and recipient.needs_service:
        yield finding("service_required")
    elif not service and siret == STATE_SIRET:
        yield finding("service_required_by_state")
    if not engagement and recipient.needs_engagement:
        yield finding("engagement_required")
    if recipient.needs_service_or_engagement and not service and not engagement:
        yield finding("service_or_engagement_required")
    if service and recipient.services is not None:
        yield from _service(recipient, service, engagement)


def _service(recipient: Recipient, service: str, engagement: str) -> Iterator[Finding]:
    known = (recipient.services or {}).get(service)
    if known is None:
        yield finding("service_unknown", service=show(service))
        return
    active, needs_engagement = known
    if not active:
        yield finding("service_inactive", service=show(service))
    if needs_engagement and not engagement and not recipient.needs_engagement:
        yield finding("engagement_required_by_service", service=show(service))


_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_CHORUS_ACCOUNT_MAX_LENGTH = 27


def find_payment(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on the payment of a readable invoice."""
    return [*_means(invoice.payment), *_due_date(invoice)]


def _means(payment: PaymentMeans) -> Iterator[Finding]:
    code = text(payment.code)
    if not code:
        yield finding("payment_missing")
    elif code not in PAYMENT_CODES:
        yield finding("payment_code_refused", value=show(code))
    accounts = [account for account in payment.accounts if text(account.number)]
    if code in TRANSFER_CODES and len(accounts) < max(1, len(payment.accounts)):
        yield finding("payment_account_missing")
    for account in accounts:
        yield from _account(text(account.number), account)
    if len(accounts) > 1:
        yield finding("accounts_several", count=len(accounts))


def _account(number: str, account: BankAccount) -> Iterator[Finding]:
    if not account.iban:
        yield finding("account_not_iban", value=show(number))
        return
    expected = IBAN_LENGTHS.get(number[:2])
    if not expected:
        yield finding("iban_country", value=show(number))
    elif len(number) != expected:
        yield finding("iban_length", value=show(number), length=len(number), expected=expected)
    elif not is_iban(number):
        yield finding("iban_checksum", value=number)
    elif expected > _CHORUS_ACCOUNT_MAX_LENGTH:
        yield finding("iban_too_long", value=number)
    bic = text(account.bic)
    if bic and not _BIC.fullmatch(bic):
        yield finding("bic_wrong", value=show(bic))


@lru_cache(maxsize=256)
def is_iban(number: str) -> bool:
    """Tell whether a text without blanks satisfies ISO 13616 (form, length, modulo 97)."""
    if len(number) != IBAN_LENGTHS.get(number[:2]) or not _IBAN.fullmatch(number):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def _due_date(invoice: Invoice) -> Iterator[Finding]:
    issued, due = day(invoice.issue_date), day(invoice.due_date)
    payable = invoice.totals.payable
    if issued and due and due < issued:
        yield finding("due_date_before_issue", due=due, date=issued)
    if not due and not text(invoice.payment_terms) and is_computable(payable) and payable > 0:
        yield finding("due_date_missing")
