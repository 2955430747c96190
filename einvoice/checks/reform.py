"""Rules of the electronic invoicing reform: information here, refusals on its own route."""

from collections import Counter

from ..codes import REFORM_NOTES
from ..findings import finding
from .shape import text


def find(invoice, today, route):
    """Return the findings on the mentions that XP Z12-012 asks for."""
    severity = "block" if route == "reform" else None
    found = Counter(text(note.subject) for note in invoice.notes if text(note.text))
    findings = []
    for subject, meaning in REFORM_NOTES.items():
        if not found[subject]:
            findings.append(
                finding("reform_note_missing", severity=severity, subject=subject, meaning=meaning)
            )
        elif found[subject] > 1:
            findings.append(finding("reform_note_twice", severity=severity, subject=subject))
    return findings
