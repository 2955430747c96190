"""A template database is made anew when a file of the addon changes, and only then."""

import pytest

from lib import paths
from lib.server import odoo


@pytest.fixture
def clone(tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.py").write_text("1")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    return tmp_path


def test_a_file_of_the_addon_counts(clone):
    before = odoo.sources_digest()
    (clone / "models" / "one.py").write_text("2")
    assert odoo.sources_digest() != before


@pytest.mark.parametrize(
    "folder", [".hypothesis/constants", ".dev/logs", "tests/process", "models/__pycache__"]
)
def test_what_others_keep_there_does_not_even_while_it_goes_away(clone, folder):
    before = odoo.sources_digest()
    (clone / folder).mkdir(parents=True)
    # Listed, and gone when it is opened.
    (clone / folder / "of_a_moment").symlink_to(clone / "nowhere")
    assert odoo.sources_digest() == before
