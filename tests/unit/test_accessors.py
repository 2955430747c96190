"""What the next series keeps elsewhere is read in one place; what this one calls deprecated is not called."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("models", "wizards", "mapping", "worker", "controllers")
# What is searched for: the files that may hold it.
ACCESSORS = {
    # The second tells Odoo which fields of partners to read at once.
    r"\bcompany_registry\b": {"models/base/chorus_identity.py", "mapping/batch.py"},
    r"\bacc_number\b": {"models/base/chorus_identity.py"},
    r"\bget_param\(|\bset_param\(": {"models/base/chorus_server_config.py"},
}
# Odoo 19 still answers them, with a warning (``DeprecationWarning`` in its sources).
DEPRECATED = (
    r"\b(?:self|record|env\[[^]]+\])\._(?:cr|uid|context)\b",
    r"\brequest\.(?:cr|uid|context)\b",
    r"(?<!_)\bread_group\(",
    r"\bcheck_access_(?:rights|rule)\(|\bcheck_field_access_rights\(",
    r"\b_filter_access_rules(?:_python)?\(",
    r"\b_check_(?:m2m_)?recursion\(",
    r"\btoggle_active\(|\bname_get\(|\b_notify_progress\(",
    r"\bgroup_operator\s*=",
    r"\blazy_property\b|\bpycompat\b|\bodoo\.osv\b",
    r"type=['\"]json['\"]",
    r"\(\s*['\"][\w.]+['\"]\s*,\s*['\"](?:<>|==)['\"]",
)
# The next series has no more of it, and this one takes the new way already.
BOTH_WAYS = (r"\bt-(?:esc|raw)=", r"\bdatas\b")


def files(*rooms):
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("pattern", ACCESSORS)
def test_what_moves_in_the_next_series_is_read_in_one_place(pattern):
    found = {
        path.relative_to(ROOT).as_posix() for path in files(*ROOMS) if re.search(pattern, path.read_text())
    }
    assert found <= ACCESSORS[pattern], "ask the accessor, see models/base/chorus_identity.py"
    assert found, "the pattern finds nothing any more"


@pytest.mark.parametrize("pattern", DEPRECATED)
def test_nothing_that_odoo_calls_deprecated_is_called(pattern):
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in (*files(*ROOMS), *sorted((ROOT / "tests").glob("*.py")))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


@pytest.mark.parametrize("pattern", BOTH_WAYS)
def test_what_both_series_take_is_written_for_both(pattern):
    rooms = (*ROOMS, "views", "data", "static/src")
    texts = [path for room in rooms for kind in ("py", "xml") for path in (ROOT / room).rglob(f"*.{kind}")]
    assert len(texts) > 100
    assert not [path.relative_to(ROOT) for path in texts if re.search(pattern, path.read_text())]
