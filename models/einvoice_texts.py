"""Long texts cut at words without losing any, and whose line a section title or a note belongs to."""

from collections import defaultdict


def split_text(text: str, limit: int) -> list[str]:
    """``text`` in pieces of at most ``limit`` characters, cut at a blank where there is one.

    >>> split_text("one two three", 8)
    ['one two', 'three']
    """
    pieces = []
    while len(text) > limit:
        cut = max(text.rfind(blank, 0, limit + 1) for blank in " \n")
        cut = cut if cut > 0 else limit
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text]


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
        self._of_line[number] += self._waiting
        self._waiting = []

    def of_line(self, number):
        """The texts of line ``number``."""
        return self._of_line.get(number, [])

    def left_over(self):
        """Titles and notes that no line follows."""
        return self._waiting
