"""Texts of the ERP as terms of the invoice, and whose line a section title or a note belongs to."""

from collections import defaultdict
from typing import Any

from ..einvoice import clean_code, compact_code, split_text
from .html import html_to_text


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
