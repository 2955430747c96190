"""What the documents say was measured: each record, its command, commit and date, and the code it speaks of.

A record is a line of a document: ``Record: `dev/bench --invoices 50`, commit 05107b1, 22 November 2026.``
The pictures are records too: theirs is the last commit that took one.
"""

import re
import subprocess
from dataclasses import dataclass

from .. import paths

_LINE = re.compile(
    r"^Record: `(?P<command>[^`]+)`, commit (?P<commit>[0-9a-f]{7,40}), (?P<date>\d+ \w+ \d{4})\.$", re.M
)
_SENDING = ("chorus_api", "einvoice", "mapping", "models", "rendering", "worker")
_PICTURES = "docs/images"
# The first words of a command: the code whose change makes what it measured old.
SPEAKS_OF = {
    "dev/bench": _SENDING,
    "dev/chaos": ("chorus_api", "models", "worker", "simulator"),
    "dev/core-tests": ("models", "views", "wizards", "__manifest__.py"),
    "dev/dependencies": ("chorus_api", "einvoice", "rendering", "simulator", "__manifest__.py"),
    "dev/facturx-samples": ("einvoice", "rendering"),
    "dev/fuzz answers": ("chorus_api",),
    "dev/fuzz dataset": ("chorus_api/data_set.py",),
    "dev/fuzz pdf": ("einvoice",),
    "dev/fuzz xml": ("einvoice/gate.py",),
    "dev/judge-findings": ("einvoice/checks", "einvoice/cii.py", "simulator/rules.py"),
    "dev/load": (*_SENDING, "wizards"),
    "dev/mutants": ("chorus_api", "models", "worker"),
    "dev/screenshots": ("views", "wizards", "static/src", "i18n"),
    "dev/stranger": ("dev", "chorus_api", "einvoice", "rendering", "simulator", ".pre-commit-config.yaml"),
    "dev/test": ("tests", "dev/lib/suite"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One measurement: where it is told, by which command it was made, at which commit, on which day."""

    place: str
    command: str
    commit: str
    date: str

    @property
    def code(self):
        """The files and folders that it speaks of."""
        fitting = [name for name in SPEAKS_OF if f"{self.command} ".startswith(f"{name} ")]
        return SPEAKS_OF[max(fitting, key=len)] if fitting else ()


def records():
    """All that the documents and pictures tell, in the order of the files."""
    found = []
    for document in sorted((paths.ROOT / "docs").glob("*.md")):
        for line in _LINE.finditer(document.read_text()):
            place = str(document.relative_to(paths.ROOT))
            found.append(Record(place, line["command"], line["commit"], line["date"]))
    commit, _sign, date = _git("log", "-1", "--format=%h %as", "--", _PICTURES).strip().partition(" ")
    return [*found, Record(_PICTURES, "dev/screenshots", commit, date)] if commit else found


def changes_since(record):
    """How many commits changed the code that a record speaks of; None when its commit is not known."""
    if not record.commit or _status("cat-file", "-e", f"{record.commit}^{{commit}}"):
        return None
    return int(_git("rev-list", "--count", f"{record.commit}..HEAD", "--", *record.code))


def _git(*args):
    command = ["git", "-C", paths.ROOT, *args]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _status(*args):
    return subprocess.run(["git", "-C", paths.ROOT, *args], capture_output=True).returncode
