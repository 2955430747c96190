"""BG-25 to BG-30, and BG-20/21: lines, prices, discounts and charges."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ..cii_lines import is_gtin
from ..codes import code_list
from ..findings import Finding, finding
from ..terms import AllowanceCharge, Invoice, Line
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
