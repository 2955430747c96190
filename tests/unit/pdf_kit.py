"""Pages for the tests of the PDF step, and the step itself on one invoice."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

import einvoice
from lib.samples import invoices as make

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 11, 22, 9, 0, 5, tzinfo=UTC)
INVOICE = make.invoice([make.line("Travaux", "3", "1250.00")])
XML = einvoice.build_xml(INVOICE)
RENDERED = ("page_patched_qt.pdf", "page_unpatched_qt.pdf")


def build(pdf, attachments=(), now=NOW):
    return einvoice.build_pdf(pdf, XML, INVOICE, attachments=attachments, now=now)


def drawn(draw=None, font="Vera", pages=1):
    """A page made by a library, with text in an embedded font unless told otherwise."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    output = BytesIO()
    page = canvas.Canvas(output, initialFontName=font)
    for _page in range(pages):
        page.setFont(font, 12)
        page.drawString(72, 720, "Facture FAC/2026/00001 à œuvrer")
        if draw:
            draw(page)
        page.showPage()
    page.save()
    return output.getvalue()


def changed(pdf, change):
    """The PDF after `change(document)`."""
    output = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        change(document)
        document.save(output)
    return output.getvalue()


def refusal(pdf, **options):
    with pytest.raises(einvoice.PdfError) as error:
        build(pdf, **options)
    assert error.value.code in einvoice.CATALOGUE
    return error.value.code
