"""BG-22: the totals, by the equations of EN 16931 (BR-CO-10 to BR-CO-16), to the cent."""

from collections.abc import Iterator
from datetime import date

from ..findings import Finding, finding
from ..terms import Invoice, Totals
from .shape import decimals, is_cents, is_computable, is_number, is_too_long, show

_TERMS = {
    "lines": "BT-106",
    "allowances": "BT-107",
    "charges": "BT-108",
    "tax_basis": "BT-109",
    "tax": "BT-110",
    "grand": "BT-112",
    "prepaid": "BT-113",
    "rounding": "BT-114",
    "payable": "BT-115",
}


def find(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on the totals and the amounts of the VAT summary."""
    findings: list[Finding] = []
    for name, term in _TERMS.items():
        findings += _amount(getattr(invoice.totals, name), term)
    for group in invoice.breakdown:
        findings += [*_amount(group.base, "BT-116"), *_amount(group.amount, "BT-117")]
    if any(item.code != "amount_decimals" for item in findings):
        return findings
    return [*findings, *equations(invoice), *_signs(invoice.totals)]


def _amount(value: object, term: str) -> Iterator[Finding]:
    if not is_number(value):
        yield finding("amount_missing", term=term)
    elif is_too_long(value):
        yield finding("amount_too_long", term=term)
    elif not is_cents(value) and decimals(value) > 2:
        yield finding("amount_decimals", term=term, value=show(value))


def equations(invoice: Invoice) -> Iterator[Finding]:
    """Yield a finding for each equation of EN 16931 that the totals break."""
    totals = invoice.totals
    lines = [line.net_amount for line in invoice.lines]
    allowances = [item.amount for item in invoice.allowances if not item.is_charge]
    charges = [item.amount for item in invoice.allowances if item.is_charge]
    taxes = [group.amount for group in invoice.breakdown]
    rows = (
        ("total_lines_differ", totals.lines, lines),
        ("total_allowances_differ", totals.allowances, allowances),
        ("total_charges_differ", totals.charges, charges),
        ("total_basis_differ", totals.tax_basis, [totals.lines, -totals.allowances, totals.charges]),
        ("total_tax_differ", totals.tax, taxes),
        ("total_grand_differ", totals.grand, [totals.tax_basis, totals.tax]),
        ("total_payable_differ", totals.payable, [totals.grand, -totals.prepaid, totals.rounding]),
    )
    for code, value, parts in rows:
        if all(map(is_computable, parts)) and sum(parts) != value:
            yield finding(code, expected=show(sum(parts)), value=show(value))


def _signs(totals: Totals) -> Iterator[Finding]:
    if totals.grand < 0:
        yield finding("total_negative", value=show(totals.grand))
    elif not totals.grand:
        yield finding("total_zero")
    if totals.payable < 0 <= totals.grand:
        yield finding("prepaid_over_total", value=show(totals.prepaid))
