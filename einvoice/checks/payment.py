"""BG-16, BG-17 and BT-9: how and when the invoice is paid."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from ..codes import IBAN_LENGTHS, PAYMENT_CODES, TRANSFER_CODES
from ..findings import Finding, finding
from ..terms import BankAccount, Invoice, PaymentMeans
from .shape import day, is_computable, show, text

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_CHORUS_ACCOUNT_MAX_LENGTH = 27


def find(invoice: Invoice, today: date) -> list[Finding]:
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
