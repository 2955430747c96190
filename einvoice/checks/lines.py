"""BG-20 to BG-30: lines, prices, discounts, VAT and totals, by the equations of EN 16931, to the cent."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ..cii_groups import is_gtin
from ..codes import FRENCH_RATES, VAT_CATEGORIES, VAT_CATEGORIES_WITH_REASON, code_list
from ..findings import Finding, finding
from ..terms import AllowanceCharge, Invoice, Line, Totals, Vat, VatBreakdown
from .shape import Number, day, decimals, is_cents, is_computable, is_number, is_too_long, show, text

MAX_LINES = 999_999
# AIFE Factur-X note.
_MAX_QUANTITY_DIGITS = 10
_MAX_QUANTITY_DECIMALS = 4
_MAX_PRICE_DECIMALS = 6
_CENT = Decimal("0.01")
NO_LINE = "-"

# attribute, term, whether it must be there, whether it is an amount (two decimals)
_NUMBERS = (
    ("quantity", "BT-129", True, False),
    ("net_price", "BT-146", True, False),
    ("net_amount", "BT-131", True, True),
    ("gross_price", "BT-148", False, False),
    ("price_discount", "BT-147", False, False),
    ("base_quantity", "BT-149", False, False),
)
# attribute, maximum length, code of the finding
_LENGTHS = (
    ("description", 1024, "line_description_too_long"),
    ("note", 1024, "line_note_too_long"),
    ("seller_item_id", 50, "line_reference_too_long"),
)
_REASON_MAX_LENGTH = 1024


def find(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on lines, discounts and charges; equal ones are told once, with their lines."""
    findings = []
    if not invoice.lines:
        findings.append(finding("lines_missing"))
    elif len(invoice.lines) > MAX_LINES:
        findings.append(finding("lines_too_many", count=len(invoice.lines)))
    numbers = Counter(text(line.number) for line in invoice.lines)
    if "" in numbers:
        findings.append(finding("line_number_missing"))
    findings += [
        finding("line_number_twice", value=show(number))
        for number, count in numbers.items()
        if number and count > 1
    ]
    found = [item for line in invoice.lines for item in _line(line)]
    for item in invoice.allowances:
        found += _allowance(item, NO_LINE, header=True)
    return findings + grouped(found)


def grouped(findings: list[Finding]) -> list[Finding]:
    """Merge findings that differ by their line only: ``line`` becomes "1, 2, 3" (ten shown at most)."""
    lines_of: dict[tuple[Any, ...], tuple[Finding, list[Any]]] = {}
    for item in findings:
        rest = tuple((key, value) for key, value in item.params.items() if key != "line")
        lines_of.setdefault((item.code, item.term, rest), (item, []))[1].append(item.params.get("line"))
    merged = []
    for item, lines in lines_of.values():
        if len(lines) > 1 and lines[0] is not None:
            lines = list(dict.fromkeys(lines))
            shown = ", ".join(lines[:10]) + (f"… ({len(lines)})" if len(lines) > 10 else "")
            item = item._replace(params={**item.params, "line": shown, "lines": tuple(lines)})
        elif lines[0] is not None:
            item = item._replace(params={**item.params, "lines": (lines[0],)})
        merged.append(item)
    return merged


def _line(line: Line) -> Iterator[Finding]:
    number = show(text(line.number)) or NO_LINE
    if not text(line.name):
        yield finding("line_name_missing", line=number)
    for name, limit, code in _LENGTHS:
        length = len(text(getattr(line, name)))
        if length > limit:
            yield finding(code, line=number, length=length)
    if text(line.standard_item_id) and not is_gtin(text(line.standard_item_id)):
        yield finding("line_item_id_not_gtin", line=number, value=show(line.standard_item_id))
    unit = text(line.unit)
    if not unit:
        yield finding("line_unit_missing", line=number)
    elif unit not in code_list("units"):
        yield finding("line_unit_unknown", line=number, value=show(unit))
    if line.period:
        start, end = day(line.period.start), day(line.period.end)
        if start and end and end < start:
            yield finding("line_period_reversed", line=number, start=start, end=end)
    faults = list(_numbers(line, number))
    for item in line.allowances:
        faults += _allowance(item, number, header=False)
    yield from faults
    if not faults or _has_numbers(line, faults):
        yield from _prices(line, number)


def _has_numbers(line: Line, faults: list[Finding]) -> bool:
    return all(is_computable(getattr(line, name) or 0) for name, *_row in _NUMBERS) and not any(
        fault.code == "line_amount_missing" for fault in faults
    )


def _numbers(line: Line, number: str) -> Iterator[Finding]:
    for name, term, required, is_amount in _NUMBERS:
        value = getattr(line, name)
        if value is None and not required:
            continue
        yield from _amount(value, term, number, is_amount)


def _amount(value: object, term: str, line: str, is_amount: bool) -> Iterator[Finding]:
    if not is_number(value):
        yield finding("line_amount_missing", term=term, line=line)
    elif is_too_long(value):
        yield finding("line_amount_too_long", term=term, line=line)
    elif is_amount and not is_cents(value) and decimals(value) > 2:
        yield finding("line_amount_decimals", term=term, line=line, value=show(value))


def _prices(line: Line, number: str) -> Iterator[Finding]:
    quantity, price = line.quantity, line.net_price
    if _digits(quantity) > _MAX_QUANTITY_DIGITS:
        yield finding("line_quantity_too_long", line=number, value=show(quantity))
    elif decimals(quantity) > _MAX_QUANTITY_DECIMALS:
        yield finding("line_quantity_decimals", line=number, value=show(quantity))
    if price < 0:
        yield finding("line_price_negative", line=number, value=show(price))
    if decimals(price) > _MAX_PRICE_DECIMALS:
        yield finding("line_price_decimals", line=number, value=show(price))
    base = line.base_quantity
    if base is not None and base <= 0:
        yield finding("line_base_quantity_wrong", line=number)
    gross, discount = line.gross_price, line.price_discount
    if (gross is None) != (discount is None):
        yield finding("line_gross_without_discount", line=number)
    elif gross is not None and discount is not None:
        if gross < 0:
            yield finding("line_gross_price_negative", line=number, value=show(gross))
        if gross - discount != price:
            yield finding(
                "line_gross_differs", line=number, expected=show(gross - discount), value=show(price)
            )
    if (base is None or base > 0) and all(is_computable(item.amount) for item in line.allowances):
        expected = Decimal(quantity) * price / (base or 1)
        expected += sum(item.amount if item.is_charge else -item.amount for item in line.allowances)
        if abs(expected - line.net_amount) > _CENT:
            expected = expected.quantize(_CENT) if is_computable(expected) else expected
            yield finding(
                "line_amount_differs", line=number, expected=show(expected), value=show(line.net_amount)
            )


def _digits(number: Number) -> int:
    """Return how many digits a computable number is written with."""
    written = format(Decimal(number), "f")
    if len(written) <= _MAX_QUANTITY_DIGITS:
        return len(written)
    return sum(sign.isdigit() for sign in format(Decimal(number).normalize(), "f"))


def _allowance(item: AllowanceCharge, line: str, header: bool) -> Iterator[Finding]:
    amount, reason, reason_code = item.amount, text(item.reason), text(item.reason_code)
    faults = list(_amount(amount, "BT-92" if header else "BT-136", line, is_amount=True))
    for value, term in ((item.base, "BT-93" if header else "BT-137"), (item.percent, "BT-94")):
        if value is not None:
            faults += _amount(value, term, line, is_amount=term != "BT-94")
    yield from faults
    if is_computable(amount) and amount < 0:
        yield finding("allowance_negative", line=line, amount=show(amount))
    if not reason and not reason_code:
        yield finding("allowance_reason_missing", line=line, amount=show(amount))
    if len(reason) > _REASON_MAX_LENGTH:
        yield finding("allowance_reason_too_long", line=line, length=len(reason))
    if reason_code and reason_code not in code_list(
        "charge_reasons" if item.is_charge else "allowance_reasons"
    ):
        yield finding("allowance_reason_unknown", line=line, value=show(reason_code))
    if header and item.vat is None:
        yield finding("allowance_vat_missing", amount=show(amount))


_FRENCH_RATES = frozenset(map(Decimal, FRENCH_RATES))
# EN 16931's own schematron accepts less than one euro between BT-117 and base × rate (BR-CO-17), since
# VAT may be rounded line by line.
_TAX_TOLERANCE = 1


def find_vat(invoice: Invoice, today: date) -> list[Finding]:
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


def find_totals(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on the totals and the amounts of the VAT summary."""
    findings: list[Finding] = []
    for name, term in _TERMS.items():
        findings += _total_amount(getattr(invoice.totals, name), term)
    for group in invoice.breakdown:
        findings += [*_total_amount(group.base, "BT-116"), *_total_amount(group.amount, "BT-117")]
    if any(item.code != "amount_decimals" for item in findings):
        return findings
    return [*findings, *equations(invoice), *_signs(invoice.totals)]


def _total_amount(value: object, term: str) -> Iterator[Finding]:
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
