"""A PDF that another tool made: what is said of it, and what its copy loses."""

from io import BytesIO

import pikepdf
import pytest
from pdf_kit import DATA, RENDERED, build, changed, drawn
from pikepdf import Array, Dictionary, Name

import einvoice

PRINTED = (DATA / RENDERED[0]).read_bytes()


def _signed(document):
    value = document.make_indirect(Dictionary(Type=Name.Sig, ByteRange=Array([0, 9, 99, 9]), Contents=b"x"))
    field = document.make_indirect(Dictionary(FT=Name.Sig, T="a", V=value))
    document.Root.AcroForm = Dictionary(SigFlags=3, Fields=Array([field]))


def _with_file(document):
    document.attachments["a.csv"] = b"a;b"


def _with_script(document):
    document.Root.OpenAction = document.make_indirect(Dictionary(S=Name.JavaScript, JS="x"))


def _with_field(document):
    field = document.make_indirect(Dictionary(FT=Name.Tx, T="a", V="b"))
    document.Root.AcroForm = Dictionary(Fields=Array([field]))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_signed, "pdf_loses_signature"),
        (_with_file, "pdf_loses_files"),
        (_with_script, "pdf_loses_scripts"),
        (_with_field, "pdf_loses_form"),
    ],
)
def test_what_the_copy_loses_is_told_and_lost(change, code):
    page = changed(drawn(), change)
    found = einvoice.lost(page)
    assert [(item.code, item.severity) for item in found] == [(code, "warn")]
    with pikepdf.open(BytesIO(build(page))) as document:
        assert list(document.attachments) == ["factur-x.xml"]
        assert "/ByteRange" not in "".join(repr(item) for item in document.objects)


@pytest.mark.parametrize("page", [drawn(), PRINTED, changed(PRINTED, _with_field), b"no PDF"])
def test_nothing_is_told_of_plain_pages_and_of_those_that_odoo_printed(page):
    assert einvoice.lost(page) == []


def test_a_page_made_elsewhere_is_not_blamed_on_odoo_s_printing():
    for page in (drawn(font="Helvetica"), changed(drawn(), lambda document: document.Root.update({}))):
        try:
            build(page)
        except einvoice.PdfError as error:
            found = einvoice.about_pages(error.finding, page)
            assert found.code == "pdf_elsewhere_font"
            assert "another tool" in found.message and "layout" not in found.message


def test_a_page_that_odoo_printed_keeps_its_words():
    def spoil(document):
        del document.pages[0].obj.Resources[Name.Font]

    page = changed(PRINTED, spoil)
    with pytest.raises(einvoice.PdfError) as error:
        build(page)
    assert einvoice.about_pages(error.value.finding, page) == error.value.finding


def test_of_a_pdf_with_a_password_nothing_is_known():
    output = BytesIO()
    with pikepdf.open(BytesIO(drawn())) as document:
        document.save(output, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert einvoice.lost(output.getvalue()) == []
    assert einvoice.is_printed_here(output.getvalue())
