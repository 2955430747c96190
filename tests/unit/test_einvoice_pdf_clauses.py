"""Each clause of ISO 19005-3 that a page of another tool may break: one broken and one sound page at least.

What is made of them is read by readers that the maker does not use: the gate's own, and pypdf.
"""

import re
from io import BytesIO

import pikepdf
import pytest
from pdf_kit import DATA, INVOICE, RENDERED, build
from pikepdf import Name
from pypdf import PdfReader

import einvoice
from einvoice import gate
from lib.samples import foreign_kinds, foreign_pages

SOUND, BROKEN = foreign_kinds.SOUND, foreign_kinds.BROKEN
# Which of the broken pages cannot be repaired without changing what they show.
REFUSED = {
    "6.1.10 inline image with LZW": "pdf_feature",
    "6.1.13 large pages": "pdf_feature",
    "6.1.13 long strings": "pdf_feature",
    "6.1.13 many colourants": "pdf_feature",
    "6.1.13 nesting": "pdf_feature",
    "6.2.10 blend modes": "pdf_feature",
    "6.2.11.2 a sign drawn with itself": "pdf_feature",
    "6.2.11.3.3 CMap elsewhere": "pdf_feature",
    "6.2.11.3.3 another CMap": "pdf_feature",
    "6.2.11.4.1 simple font": "pdf_font_not_embedded",
    "6.2.11.4.1 standard font": "pdf_font_not_embedded",
    "6.2.4.2 profiles": "pdf_colour",
    "6.2.4.4 a spot colour defined twice": "pdf_feature",
    "6.2.8 bits": "pdf_feature",
    "6.2.8.3 JPEG 2000": "pdf_feature",
} | {name: "pdf_colour" for name in BROKEN if name.startswith("6.2.4.3 CMYK")}


def _raw_clauses(page):
    with pikepdf.open(BytesIO(page)) as document:
        return {clause for clause, _words in gate.archive_troubles(document)}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_page_is_taken_and_keeps_its_text(name):
    page = foreign_pages.page(SOUND[name])
    content = build(page)
    assert einvoice.verify(content, INVOICE) == []
    assert (_words(content) == _words(page) and b"Facture" in _words(page)) or "cid" in name


@pytest.mark.filterwarnings("ignore:This document has .* form widget")
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_page_is_repaired_or_refused(name):
    page = foreign_pages.page(BROKEN[name])
    if name in REFUSED:
        with pytest.raises(einvoice.PdfError) as error:
            build(page)
        assert error.value.code.replace("elsewhere_", "") == REFUSED[name]
        return
    content = build(page)
    assert einvoice.verify(content, INVOICE) == []
    assert len(PdfReader(BytesIO(content)).pages) == 1


@pytest.mark.parametrize("name", BROKEN)
def test_the_gate_sees_by_itself_what_is_broken(name):
    assert name.partition(" ")[0] in _raw_clauses(foreign_pages.page(BROKEN[name]))


@pytest.mark.parametrize("name", SOUND)
def test_the_gate_finds_nothing_on_a_sound_page(name):
    # A font of drawings without resources is sound where only numbers are drawn.
    assert _raw_clauses(foreign_pages.page(SOUND[name])) == set()


def _words(pdf):
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return re.sub(r"\s", "", text).encode()


# --- nothing moves ----------------------------------------------------------------------------------


def _advance(pdf):
    """How far the simple font of a page moves in all, in thousandths of the font size."""
    with pikepdf.open(BytesIO(pdf)) as document:
        page = document.pages[0].obj
        font = next(iter(page.Resources.Font.values()))
        widths = {font.FirstChar + place: float(width) for place, width in enumerate(font.Widths)}
        total = 0
        for instruction in pikepdf.parse_content_stream(page):
            if str(instruction.operator) not in ("Tj", "TJ", "'", '"'):
                continue
            items = instruction.operands[-1]
            for item in items if isinstance(items, pikepdf.Array) else [items]:
                if isinstance(item, pikepdf.String):
                    total += sum(widths.get(code, 0) for code in bytes(item))
                else:
                    total -= float(item)
    return total


@pytest.mark.parametrize(
    "name",
    ["6.2.11.5 truetype", "6.2.11.5 type 1", "6.2.11.8 truetype", "6.2.11.8 type 1",
     "6.2.11.4.1 glyphs of a symbolic font",
     "6.2.11.4.1 glyphs", "6.2.11.6 no encoding", "6.2.11.6 no map", "truetype-differences"],
)  # fmt: skip
def test_what_follows_a_repaired_sign_stays_where_it_was(name):
    page = foreign_pages.page({**SOUND, **BROKEN}[name])
    assert _advance(build(page)) == pytest.approx(_advance(page), abs=2)


def test_a_new_character_map_keeps_the_meaning_of_the_signs():
    content = build(foreign_pages.page(BROKEN["6.2.11.6 no map"]))
    assert b"FactureA/2026" in _words(content)


# --- reading ends -----------------------------------------------------------------------------------


def test_a_font_that_held_itself_does_not_any_more():
    with pikepdf.open(
        BytesIO(build(foreign_pages.page(BROKEN["6.2.11.2 a sign that holds itself"])))
    ) as document:
        assert Name.Font not in document.pages[0].obj.Resources.Font.T3.Resources


def test_a_text_layer_that_nobody_sees_needs_no_font():
    content = build(foreign_pages.page(SOUND["hidden-text-layer"]))
    assert einvoice.verify(content, INVOICE) == []


def test_a_printed_page_is_not_read_operator_by_operator(monkeypatch):
    def read(_stream):
        raise AssertionError("slow")

    monkeypatch.setattr(pikepdf, "parse_content_stream", read)
    for name in RENDERED:
        build((DATA / name).read_bytes())
