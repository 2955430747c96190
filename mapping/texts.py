"""Texts of the ERP as terms of the invoice, and whose line a section title or a note belongs to."""

from collections import defaultdict

from ..einvoice import clean_code, compact_code
from .html import html_to_text


def stripped(value):
    """``value`` without outer blanks, None when nothing is left."""
    return (value or "").strip() or None


def compact(identifier):
    """A SIRET, VAT number or account number as it is sent, None when empty."""
    return compact_code(identifier or "") or None


def code(reference):
    """A service, engagement or contract as it is sent, None when empty."""
    return clean_code(reference or "") or None


def plain(html):
    """The text of an HTML field, None when it shows nothing."""
    return html_to_text(html) or None


class LineTexts:
    """Where the lines without amount go.

    A section title belongs to the line that follows it; a note to the line above it, or to the one that
    follows when it opens a section.
    """

    LIMIT = 1024  # XP Z12-012 BR-FR-CPRO-31 and CPRO-42
    KINDS = ("product", "line_section", "line_subsection", "line_note")

    def __init__(self):
        self._of_line = defaultdict(list)
        self._waiting = []
        self._current = None

    def add(self, kind, text):
        """Take the text of a section, subsection or note line, in the invoice's order."""
        text = (text or "").strip()
        if not text:
            return
        if kind == "line_note" and self._current and not self._waiting:
            self._of_line[self._current].append(text)
        else:
            self._waiting.append(text)

    def open_line(self, number):
        """Say that line ``number`` comes now."""
        self._current = number
        if self._waiting:
            self._of_line[number] += self._waiting
            self._waiting = []

    def of_line(self, number):
        """The texts of line ``number``."""
        return self._of_line.get(number, [])

    def left_over(self):
        """Titles and notes that no line follows."""
        return self._waiting
