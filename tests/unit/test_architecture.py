"""The pages for whoever changes the house: each file that they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "docs/architecture.md",
    "docs/development.md",
    "docs/protocol.md",
    "docs/mapping.md",
    "docs/security.md",
)
# In backticks, or in a drawing: a path in a folder of ours, down to a file.
FILE = re.compile(
    r"(?<![\w./-])((?:chorus_api|controllers|data|dev|einvoice|i18n|mapping|models|rendering|security|simulator"
    r"|static|tests|views|wizards|worker)/[\w./-]+\.(?:py|xml|csv|po|json|sql|js))(?!\w)"
)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page):
    named = FILE.findall((ROOT / page).read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_where_to_change_what_is_told_for_each_kind():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = text.partition("## Where do I change …")[2].partition("\n## ")[0]
    for kind in ("status", "finding", "route", "field of the XML", "screen", "sentence"):
        (row,) = (line for line in rows.splitlines() if line.startswith("| ") and f"**{kind}**" in line)
        assert len(FILE.findall(row)) >= 2, row
