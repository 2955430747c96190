"""The guides name every status and rejection, their links lead somewhere, the pages say what they say."""

import re
from pathlib import Path

import pytest

from chorus_api import rejections, statuses
from lib.texts import guide_page

ROOT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ("fr", "en")
DOCUMENTS = ("README.md", "docs/LISEZMOI.md", "docs/guide_fr.md", "docs/guide_en.md")


def guide(language):
    return (ROOT / "docs" / f"guide_{language}.md").read_text()


def is_of_works_contracts(status):
    return re.search("MOA|MOE|ASSOCI|A22|A_COMPLETER|REFUSEE_FOURNISSEUR", status.code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_of_an_invoice_is_explained(language):
    text = guide(language)
    rows = [row for row in statuses.INVOICE_STATUSES.values() if row.code != "TECHNIQUE_INCONNU"]
    labels = [getattr(row, f"label_{language}") for row in rows if not is_of_works_contracts(row)]
    assert [label for label in labels if f"| {label} |" not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_flow_is_explained(language):
    text = guide(language)
    labels = [getattr(row, f"label_{language}") for row in statuses.FLOW_STATES.values()]
    assert [label for label in labels if f"| {label} |" not in text] == []


def test_every_known_rejection_is_explained():
    text = guide("en")
    missing = [row.code for row in rejections.MEANINGS if f"| {row.message_en} |" not in text]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_inside_a_guide_lead_to_a_heading(language):
    page = guide_page.page(guide(language), language)
    anchors = set(re.findall(r' id="([^"]+)"', page))
    targets = re.findall(r'href="#([^"]+)"', page)
    chapters = re.findall(r'<h2 id="([^"]+)"', page)
    assert targets[: len(chapters)] == chapters, "each chapter is in the contents"
    assert [target for target in targets if target not in anchors] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_in_odoo_says_what_the_guide_says(language):
    page = ROOT / "static" / "guide" / f"guide_{language}.html"
    assert page.read_text() == guide_page.page(guide(language), language), "run dev/guide"


def test_both_guides_have_the_same_chapters():
    levels = [re.findall(r"^(#+) ", guide(language), re.M) for language in LANGUAGES]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_picture_of_the_documentation_exists(document):
    path = ROOT / document
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", path.read_text())
    assert pictures
    assert [picture for picture in pictures if not (path.parent / picture).exists()] == []


def test_every_picture_of_the_store_page_exists():
    page = ROOT / "static" / "description" / "index.html"
    pictures = re.findall(r'src="([^"]+)"', page.read_text())
    assert pictures
    assert [picture for picture in pictures if not (page.parent / picture).exists()] == []
