"""Make any ``Invoice`` safe to check: wrong types become absent terms and are reported."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeGuard

from ..findings import Finding, finding
from ..terms import (
    Address,
    AllowanceCharge,
    Attachment,
    BankAccount,
    Contact,
    Invoice,
    Line,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
    Totals,
    Vat,
    VatBreakdown,
)
from ..text import clean_text

# What an amount, price or quantity may be told as.
Number = Decimal | int

# Longest number that Decimal arithmetic at 28 digits still adds exactly, and that we care to print.
_MAX_ADJUSTED = 18
_MAX_DECIMALS = 20
MAX_CHARACTERS = 19
# A sign, 15 digits, the point and two decimals.
_NEVER_TOO_LONG = 14
_CENT = Decimal("0.01")

# Stands for a term that cannot be read, whatever its type.
_ABSENT: Any = None
_NO_TOTALS = Totals(*[_ABSENT] * 9)
# attribute: (term, type, substitute when unreadable; substitute also when None is not allowed)
_SINGLES = {
    "seller": ("BG-4", Party, Party(None)),
    "buyer": ("BG-7", Party, Party(None)),
    "totals": ("BG-22", Totals, _NO_TOTALS),
    "payment": ("BG-16", PaymentMeans, PaymentMeans(None)),
}
_OPTIONALS = {"payee": ("BG-10", Party), "ship_to": ("BG-13", Party), "period": ("BG-14", Period)}
_PARTS = {"address": ("BG-5", Address), "contact": ("BG-6", Contact)}
_DATES = {"issue_date": "BT-2", "due_date": "BT-9", "delivery_date": "BT-72"}
_LISTS = {
    "lines": ("BG-25", Line),
    "breakdown": ("BG-23", VatBreakdown),
    "notes": ("BG-1", Note),
    "preceding": ("BG-3", Preceding),
    "allowances": ("BG-20", AllowanceCharge),
    "attachments": ("BG-24", Attachment),
}


def readable(invoice: object) -> tuple[Invoice, list[Finding]]:
    """Return ``(invoice, findings)`` where every group has the type that ``terms`` promises."""
    if not isinstance(invoice, Invoice):
        return _empty_invoice(), [finding("content_unreadable", term="BG-0")]
    changes: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, (term, kind, substitute) in _SINGLES.items():
        if not isinstance(getattr(invoice, name), kind):
            changes[name] = substitute
            findings.append(finding("content_unreadable", term=term))
    for name, (term, kind) in _OPTIONALS.items():
        value = getattr(invoice, name)
        if value is not None and not isinstance(value, kind):
            changes[name] = None
            findings.append(finding("content_unreadable", term=term))
    for name, (term, kind) in _LISTS.items():
        value = getattr(invoice, name)
        items = value if isinstance(value, tuple | list) else ()
        kept = tuple(item for item in items if isinstance(item, kind) and _sound(item))
        if len(kept) != len(items) or (value is not None and items is not value):
            findings.append(finding("content_unreadable", term=term))
        if kept != value:
            changes[name] = kept
    for name in ("seller", "buyer", "payee", "ship_to"):
        party = changes.get(name, getattr(invoice, name))
        for part, (term, kind) in _PARTS.items() if party is not None else ():
            if not isinstance(getattr(party, part), kind | None):
                party = changes[name] = replace(party, **{part: None})
                findings.append(finding("content_unreadable", term=term))
    for name, term in _DATES.items():
        if not isinstance(getattr(invoice, name), date | None):
            changes[name] = None
            findings.append(finding("content_unreadable", term=term))
    if not _sound(changes.get("period", invoice.period)):
        changes["period"] = None
        findings.append(finding("content_unreadable", term="BG-14"))
    payment = changes.get("payment", invoice.payment)
    if not _all(payment.accounts, BankAccount):
        changes["payment"] = replace(payment, accounts=())
        findings.append(finding("content_unreadable", term="BG-17"))
    return (replace(invoice, **changes) if changes else invoice), findings


def _sound(item: object) -> bool:
    """Tell whether the groups inside a group have their types."""
    if isinstance(item, Line):
        return (
            isinstance(item.vat, Vat)
            and isinstance(item.period, Period | None)
            and _sound(item.period)
            and _all(item.allowances, AllowanceCharge)
            and all(map(_sound, item.allowances))
        )
    if isinstance(item, Period):
        return isinstance(item.start, date | None) and isinstance(item.end, date | None)
    if isinstance(item, Preceding):
        return isinstance(item.issue_date, date | None)
    if isinstance(item, VatBreakdown):
        return isinstance(item.vat, Vat)
    if isinstance(item, AllowanceCharge):
        return isinstance(item.vat, Vat | None)
    if isinstance(item, Attachment):
        return isinstance(item.content, bytes | bytearray | memoryview)
    return True


def _all(items: object, kind: type[Any]) -> bool:
    return isinstance(items, tuple | list) and all(isinstance(item, kind) for item in items)


def _empty_invoice() -> Invoice:
    return Invoice(
        number=_ABSENT,
        issue_date=_ABSENT,
        type_code=_ABSENT,
        currency=_ABSENT,
        seller=Party(None),
        buyer=Party(None),
        lines=(),
        breakdown=(),
        totals=_NO_TOTALS,
        payment=PaymentMeans(None),
    )


# --- values ---------------------------------------------------------------------------------------


def text(value: object) -> str:
    """Return a text as it would be sent: cleaned, stripped; ``""`` for ``None``."""
    if value is None:
        return ""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value.strip()
    return clean_text(value, multiline=True)


def day(value: object) -> date | None:
    """Return a plain ``date``, or ``None`` when the value is none."""
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def is_number(value: object) -> TypeGuard[Number]:
    """Tell whether the value is a finite ``Decimal`` (or ``int``)."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def is_computable(value: object) -> TypeGuard[Number]:
    """Tell whether a number is also of a size that exact arithmetic and a page can bear."""
    if is_cents(value):
        return value.adjusted() <= _MAX_ADJUSTED
    if not is_number(value):
        return False
    number = Decimal(value)
    return not number or (number.adjusted() <= _MAX_ADJUSTED and _exponent(number) >= -_MAX_DECIMALS)


def is_cents(value: object) -> TypeGuard[Decimal]:
    """Tell, at the least cost, whether a number is written with exactly two decimals, as most are."""
    return type(value) is Decimal and value.same_quantum(_CENT)


def is_too_long(value: object) -> bool:
    """Tell whether an amount, price or quantity exceeds the 19 characters of AIFE's Factur-X note."""
    if not is_computable(value):
        return True
    number = Decimal(value)
    return number.adjusted() > _NEVER_TOO_LONG and len(format(number, ".2f")) > MAX_CHARACTERS


def decimals(value: Number | None) -> int:
    """Return the number of significant decimals of a computable number."""
    if not value:
        return 0
    return max(0, -_exponent(Decimal(value).normalize()))


def _exponent(number: Decimal) -> int:
    # A letter for what is not finite.
    return int(number.as_tuple().exponent)


def show(value: object, limit: int = 40) -> str:
    """Return a value as a short text for a sentence: huge values are shown by their beginning."""
    if isinstance(value, Decimal) and is_computable(value):
        return format(value, "f")
    shown = clean_text(value)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
