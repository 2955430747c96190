"""Pages that no report engine prints: what is built of them passes the last gate, or they are refused."""

from io import BytesIO

import pikepdf
import pytest
from pdf_kit import DATA, INVOICE, RENDERED, build, changed, drawn, refusal
from pikepdf import Array, Dictionary, Name, String
from pypdf import PdfReader

import einvoice

PAGE = (DATA / RENDERED[0]).read_bytes()
_ODD = b" BT <2> Tj ET "


def _add(document, content):
    page = document.pages[0].obj
    page.Contents = document.make_stream(page.Contents.read_bytes() + content)


def _gate(content):
    return einvoice.verify(content, INVOICE)


# --- words that look like something else ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["Lot <1> et <abc>", "/I true", "<0000> Tj", "Riz 5 K en sac", "/DeviceCMYK ", "BI /F /LZW ID x EI"],
)
def test_a_text_that_looks_like_an_operator_stays_as_it_is(text):
    content = build(drawn(lambda page: page.drawString(72, 600, text)))
    assert _gate(content) == []
    assert text in PdfReader(BytesIO(content)).pages[0].extract_text()


def test_an_inline_image_keeps_its_bytes_and_loses_its_smoothing():
    picture = b"/I true <1>"

    def add(document):
        head = b" q BI /W %d /H 1 /BPC 8 /CS /G /I true ID " % len(picture)
        _add(document, head + picture + b" EI Q BT (/I true) Tj ET")

    content = build(changed(drawn(), add))
    assert _gate(content) == []
    with pikepdf.open(BytesIO(content)) as document:
        data = document.pages[0].obj.Contents.read_bytes()
    assert b"/I false\nID\n" + picture in data and b"(/I true) Tj" in data


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b" 0 0 0 1 k", "pdf_colour"),
        (b" /DeviceCMYK cs", "pdf_colour"),
        (b" q BI /W 1 /H 1 /BPC 8 /CS /CMYK ID abcd EI Q", "pdf_colour"),
    ],
)
def test_a_printing_colour_is_refused_wherever_it_is_set(content, code):
    assert refusal(changed(drawn(), lambda document: _add(document, content))) == code


# --- fonts ------------------------------------------------------------------------------------------


def _without_fonts(document):
    del document.pages[0].obj.Resources[Name.Font]


def _without_fonts_and_odd(document):
    _without_fonts(document)
    _add(document, _ODD)


def _another_font(document):
    _add(document, b" BT /F9 9 Tf <0000> Tj ET")


def _another_font_and_odd(document):
    _add(document, b" BT /F9 9 Tf <0000> Tj ET" + _ODD)


@pytest.mark.parametrize(
    "change", [_without_fonts, _without_fonts_and_odd, _another_font, _another_font_and_odd]
)
def test_a_text_with_a_font_that_the_page_does_not_have_is_refused(change):
    assert refusal(changed(PAGE, change)) == "pdf_font_not_embedded"


@pytest.mark.parametrize("content", [b"", b" q BI /W 1 /H 1 /BPC 8 /CS /G /I true ID \x00 EI Q"])
def test_a_text_before_any_font_was_set_passes_the_gate(content):
    def add(document):
        page = document.pages[0].obj
        page.Contents = document.make_stream(b"BT <0000> Tj ET " + page.Contents.read_bytes() + content)

    assert _gate(build(changed(PAGE, add))) == []


def test_a_default_width_that_is_no_number_goes():
    def spoil(document):
        for font in document.pages[0].obj.Resources.Font.values():
            font.DescendantFonts[0].DW = String("a")

    assert _gate(build(changed(PAGE, spoil))) == []


def test_a_font_in_a_graphics_state_is_refused():
    def state(document):
        resources = document.pages[0].obj.Resources
        font = next(iter(resources.Font.values()))
        resources.ExtGState = Dictionary(G=Dictionary(Font=Array([font, 9])))

    assert refusal(changed(drawn(), state)) == "pdf_feature"


def test_drawn_letters_written_inside_the_resources_do_not_hold_themselves():
    def letters(document):
        font = Dictionary(Type=Name.Font, Subtype=Name.Type3, CharProcs=Dictionary())
        document.pages[0].obj.Resources.Font.T3 = font

    content = build(changed(drawn(), letters))
    assert _gate(content) == []
    with pikepdf.open(BytesIO(content)) as document:
        # Only what its signs draw with, which is nothing: writing and reading end.
        assert len(document.pages[0].obj.Resources.Font.T3.Resources) == 0


# --- what no page leads to --------------------------------------------------------------------------


def _held(make):
    """The page with an object under a key that no page needs."""

    def hold(document):
        document.Root.Odd = Dictionary(Deep=Array([make(document)]))

    return changed(PAGE, hold)


def _form(document, data=b"", **keys):
    box = Array([0, 0, 9, 9])
    return document.make_stream(data, Type=Name.XObject, Subtype=Name.Form, BBox=box, **keys)


def _letters_of_another_width(document):
    font = next(iter(document.pages[0].obj.Resources.Font.values())).DescendantFonts[0]
    copy = Dictionary(font)
    copy.W = Array([0, Array([1])])
    return document.make_indirect(copy)


@pytest.mark.parametrize(
    "make",
    [
        lambda document: document.make_indirect(Dictionary(TR=Name.Identity)),
        lambda document: document.make_indirect(Dictionary(S=Name.Launch, F=String("x"))),
        lambda document: _form(document, Ref=Dictionary()),
        lambda document: _form(document, b"<2> Tj"),
        lambda document: document.make_stream(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", Filter=Name.LZWDecode),
        lambda document: document.make_stream(b"", Subtype=Name.Image, Interpolate=True),
        _letters_of_another_width,
    ],
    ids=["transfer", "action", "reference", "odd", "lzw", "smoothed", "widths"],
)
def test_what_no_page_leads_to_is_repaired_too(make):
    assert _gate(build(_held(make))) == []


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda document: _form(document, b"0 0 0 1 k"), "pdf_colour"),
        (lambda document: document.make_stream(b"", Subtype=Name.PS), "pdf_feature"),
        (lambda document: _form(document, b"BT /F9 9 Tf (a) Tj ET"), "pdf_font_not_embedded"),
    ],
    ids=["colour", "program", "font"],
)
def test_what_no_page_leads_to_is_refused_as_on_a_page(make, code):
    assert refusal(_held(make)) == code


def test_what_is_dropped_with_the_page_s_metadata_is_no_reason_to_refuse():
    def metadata(document):
        document.Root.Metadata = document.make_stream(
            b"<x/>", Subtype=Name.XML, Odd=_form(document, b"0 0 0 1 k")
        )

    assert _gate(build(changed(PAGE, metadata))) == []


def test_names_of_the_wrong_kind_give_way_to_ours():
    def names(document):
        document.Root.Names = document.make_stream(b"q Q")

    assert _gate(build(changed(PAGE, names))) == []


# --- what leads to itself ---------------------------------------------------------------------------


def _colours_in_themselves(document):
    colours = document.make_indirect(Array([Name.Indexed]))
    colours.extend([colours] * 40)
    document.pages[0].obj.Resources.ColorSpace = Dictionary(C=colours)


def _fields_in_themselves(document):
    field = document.make_indirect(Dictionary(T=String("a"), AA=Dictionary()))
    field.Kids = Array([field] * 40)
    document.Root.AcroForm = Dictionary(Fields=Array([field]))


def _only_missing_glyphs(document):
    _add(document, b" BT /F9 9 Tf [<" + b"0000" * 200_000 + b">] TJ ET")


@pytest.mark.parametrize("change", [_colours_in_themselves, _fields_in_themselves])
def test_what_leads_to_itself_is_looked_at_once(change):
    assert _gate(build(changed(drawn(), change))) == []


def test_a_string_of_missing_glyphs_only_is_read_once():
    assert refusal(changed(PAGE, _only_missing_glyphs)) == "pdf_font_not_embedded"
