"""Texts of the ERP as terms of the invoice, and whose line a section title or a note belongs to."""

import unicodedata
from collections import defaultdict

from odoo.tools import html2plaintext, is_html_empty


def stripped(value):
    """``value`` without outer blanks, None when nothing is left."""
    return (value or "").strip() or None


def compact(identifier):
    """A SIRET, VAT number or account number without blanks and invisible signs, in capitals; None when empty.

    >>> compact(" fr 12 345 ")
    'FR12345'
    """
    return (
        "".join(sign for sign in identifier or "" if unicodedata.category(sign)[0] not in "ZC").upper()
        or None
    )


def plain(html):
    """The text of an HTML field, None when it shows nothing."""
    if not html or is_html_empty(html):
        return None
    return stripped(html2plaintext(html, include_references=False))


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
