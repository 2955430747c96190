"""`dev/next-series` finds what it looks for, and the document names each change."""

import re

from lib import cmd_next_series, paths


def test_each_pattern_is_one_and_the_document_names_each_change():
    text = (paths.ROOT / "docs" / "odoo_20.md").read_text()
    for change in cmd_next_series.CHANGES:
        re.compile(change.pattern)
        assert f"| {change.what} |" in text


def test_places_are_lines_of_our_own_files():
    siret = next(change for change in cmd_next_series.CHANGES if "SIRET" in change.what)
    found = cmd_next_series.places(siret)
    assert found
    for name, count in found.items():
        text = (paths.ROOT / name).read_text()
        assert len(re.findall(siret.pattern, text)) == count
