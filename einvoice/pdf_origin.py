"""Pages that came from elsewhere: what is said of them, and what the copy that is sent cannot hold."""

from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from .findings import Finding, finding

# What the producer of a PDF says when Odoo printed it: the tool, or the library that added to it.
_PRINTERS = ("wkhtmltopdf", "qt ", "odoo")
_ELSEWHERE = {
    "pdf_unreadable": "pdf_elsewhere_unreadable",
    "pdf_page_without_text": "pdf_elsewhere_without_text",
    "pdf_font_not_embedded": "pdf_elsewhere_font",
    "pdf_font_damaged": "pdf_elsewhere_font_damaged",
    "pdf_colour": "pdf_elsewhere_colour",
    "pdf_feature": "pdf_elsewhere_feature",
    "file_not_pdfa": "pdf_elsewhere_feature",
}
_SCRIPTS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition")
_FAILURES = (
    pikepdf.PdfError, pikepdf.PasswordError, TypeError, KeyError, AttributeError, IndexError, ValueError,
    RuntimeError,
)  # fmt: skip


def about_pages(found: Finding, pdf: bytes) -> Finding:
    """Return the ``Finding`` about a page, in other words when the PDF (bytes) was not printed by Odoo."""
    code = _ELSEWHERE.get(found.code)
    if code is None or is_printed_here(pdf):
        return found
    return finding(code, **found.params)


def lost(pdf: bytes) -> list[Finding]:
    """Return the findings on what a PDF (bytes) holds and its PDF/A-3 copy cannot: a digital signature,
    files, scripts, fields to fill in. Nothing for a PDF that Odoo printed, or that cannot be read."""
    try:
        with pikepdf.open(BytesIO(pdf), suppress_warnings=True) as document:
            if _says_printed_here(document):
                return []
            return [finding(code) for code in _lost(document)]
    except _FAILURES:
        return []


def _lost(document: Pdf) -> Iterator[str]:
    root = document.Root
    form = root.get(Name.AcroForm)
    fields = form.get(Name.Fields) if isinstance(form, Dictionary) else None
    has_fields = isinstance(fields, Array) and len(fields) > 0
    kinds = {str(item.get(Name.S)) for item in document.objects if isinstance(item, Dictionary)}
    is_signed = any(isinstance(item, Dictionary) and Name.ByteRange in item for item in document.objects)
    names = root.get(Name.Names)
    if is_signed:
        yield "pdf_loses_signature"
    if isinstance(names, Dictionary) and Name.EmbeddedFiles in names and len(document.attachments):
        yield "pdf_loses_files"
    if kinds & set(_SCRIPTS) or (isinstance(names, Dictionary) and Name.JavaScript in names):
        yield "pdf_loses_scripts"
    if has_fields and not is_signed:
        yield "pdf_loses_form"


def is_printed_here(pdf: bytes) -> bool:
    """Tell whether Odoo printed a PDF (bytes), by what it says of its producer; true of an unreadable one."""
    try:
        with pikepdf.open(BytesIO(pdf), suppress_warnings=True) as document:
            return _says_printed_here(document)
    except _FAILURES:
        return True  # nothing is known of it: the sentences about the invoice's PDF fit


def _says_printed_here(document: Pdf) -> bool:
    said = " ".join(str(document.docinfo.get(key, "")) for key in (Name.Creator, Name.Producer)).lower()
    return any(printer in said for printer in _PRINTERS)
