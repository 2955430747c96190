"""Sections whose lines or prices the page hides: their lines are one line of the data, as on the page."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..einvoice import terms

SECTION, SUBSECTION = "line_section", "line_subsection"
ONE_UNIT = "C62"  # UN/ECE Recommendation 20
ONE = Decimal(1)


class Sections:
    """Walks the lines of an invoice in its order and knows which section hides the line that comes."""

    def __init__(self) -> None:
        self._section = self._subsection = None

    def enter(self, line: Any) -> None:
        """Take a section or subsection line (record or ``Item``)."""
        if line.display_type == SECTION:
            self._section, self._subsection = line, None
        elif line.display_type == SUBSECTION:
            self._subsection = line

    def hiding(self) -> Any:
        """The section that hides the composition or the prices of its lines here, None where all is shown."""
        for section in (self._section, self._subsection):
            if section and (section.collapse_composition or section.collapse_prices):
                return section
        return None

    def key(self, line: Any) -> Any:
        """What the lines that are sent as one with ``line`` have in common, None when it stands alone."""
        section = self.hiding()
        return section and (section.id, tuple(sorted(getattr(line.tax_ids, "ids", line.tax_ids))))


def numbered(lines: Iterable[Any]) -> list[tuple[str, Any]]:
    """The lines of an invoice that bear an amount, each with the number under which it is sent, from "1" on.

    :param lines: in the invoice's order, records or ``Item``, without those that are no line of the data
    :return: pairs of number and line; lines that are sent as one share a number
    """
    sections, numbers, found, count = Sections(), {}, [], 0
    for line in lines:
        if line.display_type != "product":
            sections.enter(line)
            continue
        key = sections.key(line)
        if not key or key not in numbers:
            count += 1
            numbers[key] = str(count)
        found.append((numbers[key], line))
    return found


class Joined:
    """The lines that become one: they stand in the same hiding section and bear the same taxes.

    :param section: record or ``Item``
    """

    def __init__(self, section: Any) -> None:
        self._section = section
        self._lines, self._amounts, self._charges = [], [], []

    def add(self, line: terms.Line, amount: Decimal, charges: list[terms.AllowanceCharge]) -> None:
        """Take one line.

        :param einvoice.terms.Line line:
        :param Decimal amount: what it costs without its contributions
        :param list[einvoice.terms.AllowanceCharge] charges: its contributions
        """
        self._lines.append(line)
        self._amounts.append(amount)
        self._charges += charges

    def line(self) -> terms.Line:
        """The section's name, quantity one, the sum; what it holds stays told where prices only are hidden.

        :rtype: einvoice.terms.Line
        """
        lines, amount = self._lines, sum(self._amounts)
        periods = {line.period for line in lines}
        hides_all = self._section.collapse_composition
        return replace(
            lines[0],
            name=self._section.name or lines[0].name,
            description=None if hides_all else "\n".join(map(_told, lines)),
            quantity=ONE if amount >= 0 else -ONE,
            unit=ONE_UNIT,
            net_price=abs(amount),
            net_amount=sum(line.net_amount for line in lines),
            gross_price=None,
            price_discount=None,
            base_quantity=None,
            allowances=tuple(_added(self._charges)),
            period=periods.pop() if len(periods) == 1 else None,
            seller_item_id=None,
            standard_item_id=None,
        )


def _told(line: terms.Line) -> str:
    named = f"{line.name or ''} × {format(line.quantity, 'f')}"
    return f"{named}\n{line.description}" if line.description else named


def _added(charges: Iterable[terms.AllowanceCharge]) -> Iterable[terms.AllowanceCharge]:
    found = {}
    for charge in charges:
        key = (charge.reason, charge.is_charge)
        found[key] = replace(charge, amount=charge.amount + found[key].amount) if key in found else charge
    return found.values()
