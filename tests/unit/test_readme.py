"""The French page says all that README says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [(ROOT / name).read_text() for name in ("README.md", "docs/LISEZMOI.md")]


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param(r"^## ", id="chapters"),
        pytest.param(r"^- \*\*", id="promises"),
        pytest.param(r"^\d\. ", id="steps of the installation"),
        pytest.param(r"^dev/\S+", id="commands"),
        pytest.param(r"!\[", id="pictures"),
    ],
)
def test_both_pages_have_as_many(mark):
    english, french = (len(re.findall(mark, page, re.M)) for page in PAGES)
    assert english == french
