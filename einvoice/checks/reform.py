"""Rules of the electronic invoicing reform, which Chorus Pro does not ask for: information."""

from collections import Counter
from datetime import date

from ..codes import REFORM_NOTES
from ..findings import Finding, finding
from ..terms import Invoice
from .shape import text


def find(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on the mentions that XP Z12-012 asks for."""
    found = Counter(text(note.subject) for note in invoice.notes if text(note.text))
    findings = []
    for subject, meaning in REFORM_NOTES.items():
        if not found[subject]:
            findings.append(finding("reform_note_missing", subject=subject, meaning=meaning))
        elif found[subject] > 1:
            findings.append(finding("reform_note_twice", subject=subject))
    return findings
