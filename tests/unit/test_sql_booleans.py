"""In SQL a boolean that a row never had is NULL: neither `NOT name` nor `name = false` finds that row."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = [
    path
    for folder in ("models", "wizards", "worker", "controllers")
    for path in (ROOT / folder).rglob("*.py")
]
BOOLEAN = re.compile(r"^    (\w+) = fields\.Boolean\(", re.MULTILINE)


def _negated(names):
    name = rf"(?:\w+\.)?(?:{'|'.join(sorted(names))})"
    # Python's own "not name" and "name = False" are written otherwise.
    return re.compile(rf"\bNOT {name}\b|\b{name} (?:= ?(?:false|FALSE)|(?:!=|<>) ?(?:true|TRUE))\b")


def test_no_nullable_boolean_is_negated_in_sql():
    texts = {path: path.read_text(encoding="utf-8") for path in FILES}
    names = {name for text in texts.values() for name in BOOLEAN.findall(text)}
    assert {"needs_person", "followed", "replaced"} <= names
    negated = _negated(names)
    found = [
        f"{path.name}: {match.group()}" for path, text in texts.items() for match in negated.finditer(text)
    ]
    assert found == [], "write IS NOT TRUE"


def test_what_it_looks_for_is_found():
    negated = _negated({"needs_person"})
    assert negated.search("WHERE state IN %s AND NOT needs_person")
    assert negated.search("deposit.needs_person = false")
    assert not negated.search("needs_person IS NOT TRUE")
