"""BG-23, BG-30: VAT categories, rates, exemption reasons and their summary."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from ..codes import FRENCH_RATES, VAT_CATEGORIES, VAT_CATEGORIES_WITH_REASON, code_list
from ..findings import Finding, finding
from ..terms import Invoice, Vat, VatBreakdown
from .lines import NO_LINE, grouped
from .shape import Number, day, decimals, is_computable, is_number, show, text

_FRENCH_RATES = frozenset(map(Decimal, FRENCH_RATES))
_REASON_MAX_LENGTH = 1024
# EN 16931's own schematron accepts less than one euro between BT-117 and base × rate (BR-CO-17), since
# VAT may be rounded line by line.
_TAX_TOLERANCE = 1


def find(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on VAT of a readable invoice."""
    found = [item for line in invoice.lines for item in _vat(line.vat, show(text(line.number)) or NO_LINE)]
    for item in invoice.allowances:
        found += _vat(item.vat, NO_LINE) if item.vat else ()
    findings = grouped(found)
    for breakdown in invoice.breakdown:
        findings += _reason(breakdown.vat)
    return [*findings, *_parties(invoice), *_breakdown(invoice)]


def _vat(vat: Vat, line: str) -> Iterator[Finding]:
    category, rate = text(vat.category), vat.rate
    if not category:
        yield finding("vat_missing", line=line)
        return
    if category not in VAT_CATEGORIES:
        yield finding("vat_category_unknown", line=line, value=show(category))
        return
    if rate is None and category == "O":
        return
    if not is_number(rate):
        yield finding("vat_rate_missing", line=line, category=category)
    elif category == "S":
        if rate <= 0:
            yield finding("vat_rate_not_positive", line=line, value=show(rate))
        elif not is_computable(rate) or rate not in _FRENCH_RATES:
            yield finding("vat_rate_not_french", line=line, value=show(rate))
        if is_computable(rate) and decimals(rate) > 2:
            yield finding("vat_rate_decimals", line=line, value=show(rate))
    elif rate:
        yield finding("vat_rate_not_zero", line=line, category=category, value=show(rate))


def _reason(vat: Vat) -> Iterator[Finding]:
    category, reason, code = text(vat.category), text(vat.reason), text(vat.reason_code)
    if category in VAT_CATEGORIES_WITH_REASON:
        if not reason and not code:
            yield finding("vat_reason_missing", category=category)
    elif reason or code:
        yield finding("vat_reason_forbidden", category=category)
    if code and code.upper() not in code_list("exemption_reasons"):
        yield finding("vat_reason_unknown", value=show(code))
    if len(reason) > _REASON_MAX_LENGTH:
        yield finding("vat_reason_too_long", length=len(reason))


def _parties(invoice: Invoice) -> Iterator[Finding]:
    used = {text(group.vat.category) for group in invoice.breakdown}
    used |= {text(line.vat.category) for line in invoice.lines}
    used &= VAT_CATEGORIES
    seller = invoice.seller
    with_number = sorted(used - {"O"})
    # BR-IC-02 and BR-G-02 want BT-31 itself. For S and AE the standard is content with BT-32, the French
    # tax code (CGI art. 242 nonies A) is not: only exempt sellers do without a VAT number.
    needs_vat_number = used & {"S", "AE", "K", "G"}
    if with_number and not text(seller.vat_number) and (needs_vat_number or not text(seller.tax_id)):
        yield finding("seller_vat_missing", category=", ".join(with_number))
    if "K" in used:
        yield from _intra_community(invoice)
    if "O" in used and len(used) > 1:
        yield finding("vat_not_subject_mixed")


def _intra_community(invoice: Invoice) -> Iterator[Finding]:
    period, ship_to = invoice.period, invoice.ship_to
    if not text(invoice.buyer.vat_number):
        yield finding("buyer_vat_missing")
    if not day(invoice.delivery_date) and not (period and (day(period.start) or day(period.end))):
        yield finding("delivery_date_missing")
    if not (ship_to and ship_to.address and text(ship_to.address.country)):
        yield finding("delivery_place_missing")


def _breakdown(invoice: Invoice) -> Iterator[Finding]:
    items = [(line.vat, line.net_amount, 1) for line in invoice.lines]
    items += [(item.vat, item.amount, 1 if item.is_charge else -1) for item in invoice.allowances if item.vat]
    groups = invoice.breakdown
    numbers = [amount for _vat, amount, _sign in items]
    numbers += [value for group in groups for value in (group.base, group.amount)]
    if not all(map(is_computable, numbers)):
        return  # told with the amounts themselves
    expected: dict[tuple[str, Number], Decimal] = defaultdict(Decimal)
    for vat, amount, sign in items:
        expected[_key(vat)] += sign * amount
    told = Counter(_key(group.vat) for group in groups)
    for key in expected:
        if key not in told and key[0]:
            yield finding("vat_breakdown_missing", **_names(key))
    for key, count in told.items():
        if count > 1:
            yield finding("vat_breakdown_twice", **_names(key))
        if key not in expected:
            yield finding("vat_breakdown_extra", **_names(key))
    for group in groups:
        key = _key(group.vat)
        if told[key] == 1 and key in expected and group.base != expected[key]:
            value, right = show(group.base), show(expected[key])
            yield finding("vat_base_differs", value=value, expected=right, **_names(key))
        yield from _tax(group, key)


def _tax(group: VatBreakdown, key: tuple[str, Number]) -> Iterator[Finding]:
    category, rate = key
    tax = group.base * rate / 100 if category == "S" and is_computable(rate) else Decimal(0)
    tolerance = _TAX_TOLERANCE if category == "S" else 0
    if abs(group.amount - tax) > tolerance or (tolerance and abs(group.amount - tax) >= tolerance):
        expected = tax.quantize(Decimal("0.01")) if is_computable(tax) else tax
        yield finding("vat_amount_differs", value=show(group.amount), expected=show(expected), **_names(key))


def _key(vat: Vat) -> tuple[str, Number]:
    """Group VAT as EN 16931 does: by rate within S, by category alone otherwise (BR-E-01, BR-Z-01…)."""
    category = text(vat.category)
    return category, (vat.rate if category == "S" and is_computable(vat.rate) else Decimal(0))


def _names(key: tuple[str, Number]) -> dict[str, str]:
    return {"category": show(key[0]) or "?", "rate": show(key[1])}
