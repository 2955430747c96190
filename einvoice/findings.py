"""What can be wrong with an invoice: one catalogue row per finding code.

``rule`` is the source: "AIFE …" (Chorus Pro's EDI annex or its Factur-X notes), "EN 16931 …",
"XP Z12-012 …" (the reform's rules, which Chorus Pro shares in part), "seen live" (a logged answer of
Chorus Pro), "practice" (what deployed senders refuse). ``field`` is a neutral key of the place to fix.
Sentences take named placeholders from ``Finding.params``.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from .findings_file import FILE_RULES
from .findings_header import HEADER_RULES
from .findings_lines import LINE_RULES
from .findings_parties import DIRECTORY_RULES, PARTY_RULES
from .findings_payment import PAYMENT_RULES


class Rule(NamedTuple):
    """One row of the catalogue. ``severity`` is ``block``, ``warn`` or ``info``."""

    code: str
    severity: str
    rule: str
    term: str
    field: str
    message_en: str


class Finding(NamedTuple):
    """One problem of one invoice. ``params`` fill the sentence of ``CATALOGUE[code]``."""

    code: str
    severity: str
    term: str
    params: dict[str, Any]
    rule: str

    @property
    def message(self) -> str:
        """The English sentence."""
        return CATALOGUE[self.code].message_en % self.params

    @property
    def field(self) -> str:
        """The neutral key of the place to fix."""
        return CATALOGUE[self.code].field


_ROWS = (
    *HEADER_RULES,
    *PARTY_RULES,
    *PAYMENT_RULES,
    *LINE_RULES,
    *DIRECTORY_RULES,
    *FILE_RULES,
)
CATALOGUE = {row[0]: Rule(*row) for row in _ROWS}


def finding(code: str, term: str | None = None, severity: str | None = None, **params: Any) -> Finding:
    """Make the finding ``code``; ``term`` and ``severity`` replace the catalogue's when given.

    A given ``term`` is also a parameter of the sentence.
    """
    row = CATALOGUE[code]
    if term:
        params["term"] = term
    return Finding(code, severity or row.severity, term or row.term, params, row.rule)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that stop a deposit."""
    return [item for item in findings if item.severity == "block"]
