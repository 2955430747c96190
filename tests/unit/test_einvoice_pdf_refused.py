"""Pages that cannot become PDF/A-3b are refused, with the reason and the cure."""

import random
from io import BytesIO

import pikepdf
import pytest
from pdf_kit import DATA, RENDERED, build, changed, drawn, refusal
from pikepdf import Array, Dictionary, Name

import einvoice
from einvoice.terms import Attachment


def _cmyk_stroke(page):
    page.setFillColorCMYK(0.1, 0.2, 0.3, 0.4)
    page.rect(10, 10, 50, 50, fill=1)


def _cmyk_image(document):
    image = document.make_stream(
        bytes(4), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8,
        ColorSpace=Name.DeviceCMYK,
    )  # fmt: skip
    document.pages[0].obj.Resources.XObject = Dictionary(Im0=image)


def _outlines_only(document):
    curve = b"1 1 m 2 2 3 3 4 4 c "
    document.pages[0].obj.Contents = document.make_stream(curve * 200 + b"f")


def _picture_only(document):
    page = document.pages[0].obj
    page.Contents = document.make_stream(b"q 1 0 0 rg 0 0 9 9 re f Q")


def _deep(document):
    page = document.pages[0].obj
    text = page.Contents.read_bytes()
    page.Contents = document.make_stream(b"q " * 29 + text + b" Q" * 29)


def _lzw_inline_image(document):
    page = document.pages[0].obj
    image = b" q BI /W 1 /H 1 /BPC 8 /CS /G /F /LZW ID \x80\x00 EI Q"
    page.Contents = document.make_stream(page.Contents.read_bytes() + image)


def _broken_profile(document):
    space = Array([Name.ICCBased, document.make_stream(b"no profile", N=3)])
    document.pages[0].obj.Resources.ColorSpace = Dictionary(CS0=space)


def _image_in_another_file(document):
    image = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, F="image.raw")
    document.pages[0].obj.Resources.XObject = Dictionary(Im0=image)


def _unknown_blend(document):
    document.pages[0].obj.Resources.ExtGState = Dictionary(G=Dictionary(BM=Name.Sparkle))


def _broken_font(document):
    for font in document.pages[0].obj.Resources.Font.values():
        if font.get(Name.Subtype) == Name.Type0:
            font.DescendantFonts[0].FontDescriptor.FontFile2.write(b"no font")


def _no_pages(document):
    del document.pages[0]


@pytest.mark.parametrize(
    ("pdf", "code"),
    [
        (b"", "pdf_unreadable"),
        (b"not a PDF", "pdf_unreadable"),
        (drawn()[:200], "pdf_unreadable"),
        (changed(drawn(), _no_pages), "pdf_without_pages"),
        (drawn(font="Helvetica"), "pdf_font_not_embedded"),
        (drawn(_cmyk_stroke), "pdf_colour"),
        (changed(drawn(), _cmyk_image), "pdf_colour"),
        (changed(drawn(), _outlines_only), "pdf_page_without_text"),
        (changed(drawn(), _picture_only), "pdf_page_without_text"),
        (changed(drawn(), _deep), "pdf_feature"),
        (changed(drawn(), _lzw_inline_image), "pdf_feature"),
        (changed(drawn(), _unknown_blend), "pdf_feature"),
        (changed(drawn(), _image_in_another_file), "pdf_feature"),
        (changed(drawn(), _broken_profile), "pdf_colour"),
        (changed((DATA / RENDERED[0]).read_bytes(), _broken_font), "pdf_font_damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_page_that_cannot_be_archived_is_refused(pdf, code):
    assert refusal(pdf) == code


def test_a_protected_pdf_is_refused():
    for password in ("secret", ""):
        output = BytesIO()
        with pikepdf.open(BytesIO(drawn())) as document:
            document.save(output, encryption=pikepdf.Encryption(owner="owner", user=password))
        assert refusal(output.getvalue()) == "pdf_encrypted"


def test_a_file_over_ten_megabytes_is_refused():
    noise = random.Random(1).randbytes(10_100_000)
    attachments = (Attachment("noise.zip", noise, "application/zip"),)
    assert refusal(drawn(), attachments=attachments) == "pdf_too_large"


def test_the_refusal_names_the_font_and_the_cure():
    with pytest.raises(einvoice.PdfError, match=r"Helvetica .*another font"):
        build(drawn(font="Helvetica"))
