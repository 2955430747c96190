"""Texts of the ERP as terms of the invoice: out of HTML, and whose line a section title or a note belongs to.

HTML becomes plain text that says the same: an item a line, cells apart, links with their address. Sections
whose lines or prices the page hides are one line of the data, as on the page.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lxml import html

from ..einvoice import clean_code, compact_code, split_text, terms

BLOCKS = frozenset(
    """address article aside blockquote dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr
    li main nav ol p pre section table tbody tfoot thead tr ul""".split()  # noqa: SIM905
)
CELLS = frozenset({"td", "th"})
# Not shown on the page, or struck out there: no longer said.
UNSAID = frozenset({"script", "style", "head", "template", "title", "s", "del", "strike"})
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_BLANKS = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_text(source: Any) -> str:
    """The text of a piece of HTML; "" when it shows nothing.

    >>> html_to_text("<p>Terms</p><ul><li>one</li><li>two</li></ul>")
    'Terms\\n- one\\n- two'
    """
    if not source or not str(source).strip():
        return ""
    pieces = []
    _walk(html.fragment_fromstring(str(source), create_parent="div"), pieces, None)
    lines = ("".join(pieces)).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()


def _walk(node: Any, pieces: list[str], numbers: Any) -> None:
    """Add what ``node`` says to ``pieces``; ``numbers`` counts the items of the list around it."""
    tag = node.tag if isinstance(node.tag, str) else None
    if not tag or tag in UNSAID or "display:none" in (node.get("style") or "").replace(" ", ""):
        return
    if tag == "br":
        pieces.append("\n")
    elif tag == "img":
        pieces.append(_flat(node.get("alt")))
    if tag in BLOCKS:
        _new_line(pieces)
    if tag == "li":
        pieces.append(f"{next(numbers)}. " if numbers else "- ")
    elif tag in CELLS and node.getprevious() is not None:
        pieces.append(" | ")
    start, within = len(pieces), _numbers(node) if tag == "ol" else numbers if tag == "li" else None
    _say(pieces, node.text, start=tag == "li")
    for child in node:
        _walk(child, pieces, within)
        _say(pieces, child.tail)
    if tag == "sup":
        pieces[start:] = ["".join(pieces[start:]).translate(RAISED)]
    elif tag == "a":
        _add_address(node, pieces, start)
    elif tag in CELLS:
        pieces[start:] = [" ".join("".join(pieces[start:]).split())]
    if tag in BLOCKS:
        _new_line(pieces)


def _numbers(node: Any) -> Any:
    first = node.get("start") or "1"
    return iter(range(int(first) if first.isdecimal() else 1, 1_000_000))


def _say(pieces: list[str], text: Any, start: bool = False) -> None:
    flat = _flat(text)
    if flat.strip() or (flat and pieces and not pieces[-1].endswith(("\n", " "))):
        pieces.append(flat.lstrip() if start or (pieces and pieces[-1].endswith(("\n", " "))) else flat)


def _flat(text: Any) -> str:
    return _BLANKS.sub(" ", text or "")


def _new_line(pieces: list[str]) -> None:
    """Begin a new line, unless this one has only the mark of a list's item."""
    if pieces and not pieces[-1].endswith(("\n", "- ", ". ")):
        pieces.append("\n")


def _add_address(node: Any, pieces: list[str], start: int) -> None:
    address, shown = (node.get("href") or "").strip(), "".join(pieces[start:]).strip()
    plain = address.removeprefix("mailto:").removeprefix("tel:")
    if not plain or address.startswith(("#", "javascript:")) or plain.rstrip("/") in shown:
        return
    bare = re.sub(r"^https?://", "", plain).rstrip("/")
    pieces.append(plain if not shown else "" if bare == shown else f" ({plain})")


def stripped(value: Any) -> str | None:
    """``value`` without outer blanks, None when nothing is left."""
    return (value or "").strip() or None


def compact(identifier: Any) -> str | None:
    """A SIRET, VAT number or account number as it is sent, None when empty."""
    return compact_code(identifier or "") or None


def code(reference: Any) -> str | None:
    """A service, engagement or contract as it is sent, None when empty."""
    return clean_code(reference or "") or None


def plain(html: Any) -> str | None:
    """The text of an HTML field, None when it shows nothing."""
    return html_to_text(html) or None


def first_piece(text: str, limit: int) -> tuple[str | None, list[str]]:
    """What of a text fits into ``limit`` characters, None when it is empty, and the pieces that do not."""
    pieces = split_text(text, limit)
    return (pieces[0] if pieces else None), pieces[1:]


class LineTexts:
    """Where the lines without amount go.

    A section title belongs to the line that follows it; a note to the line above it, or to the one that
    follows when it opens a section.
    """

    LIMIT = 1024  # XP Z12-012 BR-FR-CPRO-31 and CPRO-42
    KINDS = ("product", "line_section", "line_subsection", "line_note")

    def __init__(self) -> None:
        self._of_line = defaultdict(list)
        self._waiting = []
        self._current: int | None = None

    def add(self, kind: str, text: Any) -> None:
        """Take the text of a section, subsection or note line, in the invoice's order."""
        text = (text or "").strip()
        if not text:
            return
        if kind == "line_note" and self._current and not self._waiting:
            self._of_line[self._current].append(text)
        else:
            self._waiting.append(text)

    def open_line(self, number: int) -> None:
        """Say that line ``number`` comes now."""
        self._current = number
        if self._waiting:
            self._of_line[number] += self._waiting
            self._waiting = []

    def of_line(self, number: int) -> Any:
        """The texts of line ``number``."""
        return self._of_line.get(number, [])

    def left_over(self) -> Any:
        """Titles and notes that no line follows."""
        return self._waiting


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
