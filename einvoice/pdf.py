"""From a rendered PDF and the XML of an invoice to one Factur-X file (PDF/A-3b), and back to the XML."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from . import pdf_conform, pdf_verify, xmp
from .pdf_error import PdfError
from .pdf_types import Object
from .terms import Attachment, Invoice
from .text import clean_text

_logger = logging.getLogger(__name__)

FACTURX_FILENAME = "factur-x.xml"
MAX_BYTES = 10_000_000  # AIFE annex V5.00: one file, uncompressed
_XML_RELATIONSHIP = Name.Data
_ATTACHMENT_RELATIONSHIP = Name.Supplement
_MIME = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_DEFAULT_MIME = "application/octet-stream"
# What reading a PDF whose objects are not of the types they should be leads to.
WRONG_OBJECTS = (
    pikepdf.PdfError, TypeError, KeyError, AttributeError, IndexError, ValueError, RuntimeError,
)  # fmt: skip
_MAX_DETAIL = 120
_MAX_DESCRIPTION = 1000  # a PDF/A string has 32,767 bytes at most (ISO 19005-3 6.1.13)
_TITLES = {"381": "Avoir", "384": "Facture rectificative", "386": "Facture d'acompte"}


def build_pdf(
    pdf: bytes,
    xml: bytes,
    invoice: Invoice,
    *,
    attachments: Iterable[Attachment] = (),
    now: datetime,
    mark: Callable[[Pdf], None] | None = None,
) -> bytes:
    """Return the Factur-X file (bytes) made of a rendered ``pdf`` and the ``xml`` of ``invoice``.

    ``attachments`` are ``terms.Attachment``, ``now`` an aware ``datetime``; ``mark`` is a function that
    draws on the pages first, given the open ``pikepdf.Pdf``. The same input gives the same bytes. What
    the PDF carried before (files, scripts, metadata) is removed. Raises ``PdfError`` when the page cannot
    be made PDF/A-3b, and when the result is over 10 MB.
    """
    now = now.astimezone(UTC).replace(microsecond=0)
    with open_pdf(pdf) as document:
        try:
            if mark is not None:
                mark(document)
            is_printed = pdf_conform.conform(document)
            _describe(document, invoice, now)
            _embed(document, xml, attachments, now)
            content = _save(document)
        except PdfError:
            raise
        except WRONG_OBJECTS as error:
            # Support must be able to tell a strange PDF from a fault of ours.
            _logger.info("A PDF cannot become a Factur-X", exc_info=True)
            raise PdfError("pdf_unreadable", detail=_detail(error)) from error
    if not is_printed:
        _read_back(content)
    if len(content) > MAX_BYTES:
        raise PdfError("pdf_too_large", size=f"{len(content) / 1_000_000:.1f}")
    return content


def _read_back(content: bytes) -> None:
    """Refuse what was made of a page of any other tool when the last gate would; raises ``PdfError``."""
    with open_pdf(content) as document:
        for clause, detail in pdf_verify.archive_troubles(document):
            raise PdfError("file_not_pdfa", clause=clause, detail=detail)


def read_xml(pdf: bytes) -> bytes:
    """Return the bytes of the factur-x.xml inside a PDF; raises ``PdfError``."""
    with open_pdf(pdf) as document:
        try:
            found = [data for name, data in embedded_files(document) if name == FACTURX_FILENAME]
        except WRONG_OBJECTS as error:
            raise PdfError("pdf_unreadable", detail=_detail(error)) from error
    if len(found) != 1:
        raise PdfError("file_xml_several" if found else "file_xml_missing")
    return found[0]


def embedded_files(document: Pdf) -> list[tuple[str, bytes]]:
    """Return ``(name, bytes)`` of each file in the name tree of an open PDF."""
    names = document.Root.get(Name.Names)
    tree = names.get(Name.EmbeddedFiles) if isinstance(names, Dictionary) else None
    if not isinstance(tree, Dictionary):
        return []
    found = []
    for _key, spec in pikepdf.NameTree(tree).items():
        name = str(spec.get(Name.UF, spec.get(Name.F, "")))
        found.append((name, spec.EF.F.read_bytes()))
    return found


def open_pdf(pdf: bytes) -> Pdf:
    """Open PDF bytes as a ``pikepdf.Pdf`` (a context manager) with at least a page.

    Raises ``PdfError``: ``pdf_unreadable``, ``pdf_encrypted`` or ``pdf_without_pages``.
    """
    try:
        document = pikepdf.open(BytesIO(pdf), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise PdfError("pdf_encrypted") from None
    except Exception as error:
        raise PdfError("pdf_unreadable", detail=_detail(error)) from None
    if document.is_encrypted:
        raise PdfError("pdf_encrypted")
    try:
        pages = len(document.pages)
    except Exception as error:
        raise PdfError("pdf_unreadable", detail=_detail(error)) from None
    if not pages:
        raise PdfError("pdf_without_pages")
    return document


def _describe(document: Pdf, invoice: Invoice, now: datetime) -> None:
    """Write the same description to the XMP packet and the document information."""
    seller = clean_text(invoice.seller.name)
    kind = _TITLES.get(invoice.type_code, "Facture")
    number = clean_text(invoice.number)
    title = f"{kind} {number}"
    subject = f"Factur-X : {kind.lower()} {number} du {invoice.issue_date:%d/%m/%Y}, {seller}"
    packet = xmp.packet(title, seller, subject, invoice.guideline, FACTURX_FILENAME, now)
    metadata = document.make_stream(packet, Type=Name.Metadata, Subtype=Name.XML)
    document.Root.Metadata = metadata
    date = String(_pdf_date(now))
    document.trailer.Info = document.make_indirect(
        Dictionary(
            Title=String(title),
            Author=String(seller),
            Subject=String(subject),
            Creator=String(xmp.PRODUCER),
            Producer=String(xmp.PRODUCER),
            CreationDate=date,
            ModDate=date,
        )
    )
    if Name.Lang not in document.Root:
        document.Root.Lang = String("fr-FR")


def _embed(document: Pdf, xml: bytes, attachments: Iterable[Attachment], now: datetime) -> None:
    files: list[tuple[Any, ...]] = [(FACTURX_FILENAME, xml, "text/xml", "Factur-X XML", _XML_RELATIONSHIP)]
    for item in attachments:
        name = _file_name(item.name)
        mime = item.mime if _MIME.fullmatch(item.mime or "") else _DEFAULT_MIME
        description = clean_text(item.description)[:_MAX_DESCRIPTION] or name
        files.append((name, bytes(item.content), mime, description, _ATTACHMENT_RELATIONSHIP))
    specs = [(String(str(row[0])), _file_spec(document, now, *row)) for row in files]
    root = document.Root
    if not isinstance(root.get(Name.Names), Dictionary):
        root.Names = document.make_indirect(Dictionary())
    # A name tree is sorted by the bytes of its keys (ISO 32000-1 7.9.6).
    ordered = sorted(specs, key=lambda row: bytes(row[0]))
    root.Names.EmbeddedFiles = Dictionary(Names=Array([item for row in ordered for item in row]))
    root.AF = Array([spec for _name, spec in specs])
    root.PageMode = Name.UseAttachments


def _file_name(name: str) -> str:
    """Return the name of an attachment without what would make it a path (ISO 32000-1 7.11.2)."""
    return clean_text(name).translate({ord("/"): "-", ord("\\"): "-"})


def _file_spec(
    document: Pdf,
    now: datetime,
    name: str,
    content: bytes,
    mime: str,
    description: str,
    relationship: Object,
) -> Object:
    stream = document.make_stream(content, Type=Name.EmbeddedFile, Subtype=Name("/" + mime))
    stream.Params = Dictionary(
        Size=len(content),
        CheckSum=String(hashlib.md5(content, usedforsecurity=False).digest()),
        ModDate=String(_pdf_date(now)),
    )
    return document.make_indirect(
        Dictionary(
            Type=Name.Filespec,
            F=String(name),
            UF=String(name),
            Desc=String(description),
            AFRelationship=relationship,
            EF=Dictionary(F=stream, UF=stream),
        )
    )


def _save(document: Pdf) -> bytes:
    output = BytesIO()
    document.save(
        output,
        force_version="1.7",
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=True,
        fix_metadata_version=False,
    )
    return output.getvalue()


def _pdf_date(moment: datetime) -> str:
    return moment.strftime("D:%Y%m%d%H%M%S+00'00'")


def _detail(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_MAX_DETAIL]
