"""From a rendered PDF and the XML of an invoice to one Factur-X file (PDF/A-3b), and back to the XML."""

import hashlib
import logging
import re
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from . import gate, pdf_common, pdf_objects
from .pdf_common import (
    FACTURX_FILENAME,
    WRONG_OBJECTS,
    Object,
    PdfError,
    embedded_files,
    error_detail,
    open_pdf,
)
from .pdf_objects import remove
from .pdf_resources import Resources
from .terms import Attachment, Invoice
from .text import clean_text

_PRINT = 4
# Invisible, Hidden, NoView, ToggleNoView (ISO 32000-1 table 165; ISO 19005-3 6.3.2).
_FORBIDDEN_FLAGS = 1 | 2 | 32 | 256
# Text annotations neither zoom nor turn (6.3.2).
_NO_ZOOM_NO_ROTATE = 8 | 16
# ISO 19005-3 6.5.1 allows some more, which lead to other files: an archived invoice has no use for them.
_ACTIONS = frozenset({"/GoTo", "/URI", "/Named"})
_NAMED_ACTIONS = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
# 6.3.1, less FileAttachment: the page's files are replaced by ours.
_ANNOTATIONS = (
    "Text", "Link", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline",
    "Squiggly", "StrikeOut", "Stamp", "Caret", "Ink", "Popup", "Widget", "PrinterMark", "TrapNet",
    "Watermark", "Redact",
)  # fmt: skip
_WITHOUT_APPEARANCE = ("Link", "Popup")
_CATALOG_REMOVED = (
    "/AA", "/AF", "/Collection", "/DSS", "/Extensions", "/Legal", "/Metadata",
    "/NeedsRendering", "/Perms", "/PieceInfo", "/Requirements", "/SpiderInfo", "/Threads",
    "/Version",
)  # fmt: skip
_NAMES_REMOVED = ("/AlternatePresentations", "/EmbeddedFiles", "/JavaScript")
_PAGE_REMOVED = ("/AA", "/AF", "/Metadata", "/PieceInfo", "/PresSteps")


def conform(document: Pdf) -> bool:
    """Change an open ``pikepdf.Pdf`` in place so that it obeys PDF/A-3b, metadata and files excepted.

    Returns whether it was of the form that wkhtmltopdf prints, which is known so well that nothing is missed.
    Raises ``PdfError`` for what cannot be repaired without changing what the page shows: fonts that are
    not embedded, letters drawn as outlines, CMYK without profile.
    """
    _catalog(document)
    for page in document.pages:
        _page(page.obj)
    is_printed = Resources(document, pdf_objects.conform(document)).conform()
    _output_intent(document)
    return is_printed


@cache
def _srgb_profile() -> bytes:
    """The sRGB profile, compressed once for all files."""
    return zlib.compress((files(__package__) / "data" / "sRGB2014.icc").read_bytes())


# --- document -------------------------------------------------------------------------------------
def _catalog(document: Pdf) -> None:
    root = document.Root
    remove(root, _CATALOG_REMOVED)
    names = root.get(Name.Names)
    if isinstance(names, Dictionary):
        remove(names, _NAMES_REMOVED)
    opening = root.get(Name.OpenAction)
    if isinstance(opening, Dictionary) and not _is_allowed_action(opening):
        del root[Name.OpenAction]
    form = root.get(Name.AcroForm)
    if form is not None:
        remove(form, ("/XFA", "/NeedAppearances", "/SigFlags"))
        _fields(form.get(Name.Fields))
    layers = root.get(Name.OCProperties)
    if layers is not None:
        _layers(layers)
    _outlines(root.get(Name.Outlines))


def _fields(fields: Object) -> None:
    """6.4.1: a form field has no action."""
    pending, seen = [fields], set()
    while pending:
        fields = pending.pop()
        for field in fields if isinstance(fields, Array) else ():
            if field.is_indirect and field.objgen in seen:
                continue
            seen.add(field.objgen)
            remove(field, ("/A", "/AA"))
            _unsign(field)
            pending.append(field.get(Name.Kids))


def _unsign(field: Object) -> None:
    """6.4.3: a signature covers the whole file, which this one no longer is."""
    value = field.get(Name.V)
    if isinstance(value, Dictionary) and Name.ByteRange in value:
        del field[Name.V]


def _layers(layers: Object) -> None:
    """6.9: each configuration has its own name, no automatic state, and no partial list of layers."""
    configurations = [layers.get(Name.D), *layers.get(Name.Configs, [])]
    for number, configuration in enumerate(item for item in configurations if item is not None):
        remove(configuration, ("/AS", "/Order"))
        configuration.Name = f"Layers {number + 1}"


def _outlines(outline: Object | None) -> None:
    """Drop forbidden actions from the bookmarks, walking without recursion and at most once."""
    pending, seen = [outline], set()
    while pending:
        item = pending.pop()
        if not isinstance(item, Dictionary) or item.objgen in seen:
            continue
        if item.is_indirect:
            seen.add(item.objgen)
        if not _is_allowed_action(item.get(Name.A)):
            del item[Name.A]
        pending += [item.get(Name.First), item.get(Name.Next)]


def _is_allowed_action(action: Object | None) -> bool:
    """Tell whether an action, and those that follow it, may stay (``None`` may)."""
    for _step in range(16):
        if action is None:
            return True
        if not isinstance(action, Dictionary):
            return False
        kind = str(action.get(Name.S))
        if kind not in _ACTIONS or (kind == "/Named" and str(action.get(Name.N)) not in _NAMED_ACTIONS):
            return False
        action = action.get(Name.Next)
    return False


def _output_intent(document: Pdf) -> None:
    """6.2.3: one output intent with an RGB profile; one that is there already stays."""
    intents = [intent for intent in document.Root.get(Name.OutputIntents, []) if _is_rgb_intent(intent)]
    if len(intents) == 1:
        remove(intents[0], ("/DestOutputProfileRef",))
        document.Root.OutputIntents = Array(intents)
        return
    profile = document.make_stream(_srgb_profile(), N=3, Filter=Name.FlateDecode)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier="sRGB2014",
        Info="sRGB IEC61966-2.1",
        RegistryName="http://www.color.org",
        DestOutputProfile=profile,
    )
    document.Root.OutputIntents = Array([document.make_indirect(intent)])


def _is_rgb_intent(intent: Object) -> bool:
    profile = intent.get(Name.DestOutputProfile)
    if intent.get(Name.S) != Name.GTS_PDFA1 or not isinstance(profile, pikepdf.Stream):
        return False
    return profile.get(Name.N) == 3 and pdf_common.is_output_profile(profile.read_bytes(), b"RGB ")


# --- pages ----------------------------------------------------------------------------------------
def _page(page: Object) -> None:
    remove(page, _PAGE_REMOVED)
    annotations = page.get(Name.Annots)
    if annotations is None:
        return
    kept = [item for item in annotations if isinstance(item, Dictionary) and _annotation(item)]
    if kept:
        page.Annots = Array(kept)
    else:
        del page[Name.Annots]


def _annotation(annotation: Object) -> bool:
    """6.3: give an annotation its flags; return whether it may stay."""
    kind = str(annotation.get(Name.Subtype))[1:]
    if kind not in _ANNOTATIONS:
        return False
    if kind != "Popup" or Name.F in annotation:
        wanted = _PRINT | (_NO_ZOOM_NO_ROTATE if kind == "Text" else 0)
        annotation.F = (int(annotation.get(Name.F, 0)) | wanted) & ~_FORBIDDEN_FLAGS
    remove(annotation, ("/AA",))
    _unsign(annotation)
    if kind == "Widget" or not _is_allowed_action(annotation.get(Name.A)):
        remove(annotation, ("/A",))
    if kind in _WITHOUT_APPEARANCE:
        return True
    appearance = annotation.get(Name.AP)
    if not isinstance(appearance, Dictionary) or Name.N not in appearance:
        return False
    # 6.3.3: only the normal appearance, which has states for a button and none for anything else.
    remove(appearance, ("/D", "/R"))
    is_button = kind == "Widget" and annotation.get(Name.FT) == Name.Btn
    return isinstance(appearance.N, pikepdf.Stream) != is_button


_logger = logging.getLogger(__name__)

MAX_BYTES = 10_000_000  # AIFE annex V5.00: one file, uncompressed
_XML_RELATIONSHIP = Name.Data
_ATTACHMENT_RELATIONSHIP = Name.Supplement
_MIME = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_DEFAULT_MIME = "application/octet-stream"
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
            is_printed = conform(document)
            _describe(document, invoice, now)
            _embed(document, xml, attachments, now)
            content = _save(document)
        except PdfError:
            raise
        except WRONG_OBJECTS as error:
            # Support must be able to tell a strange PDF from a fault of ours.
            _logger.info("A PDF cannot become a Factur-X", exc_info=True)
            raise PdfError("pdf_unreadable", detail=error_detail(error)) from error
    if not is_printed:
        _read_back(content)
    if len(content) > MAX_BYTES:
        raise PdfError("pdf_too_large", size=f"{len(content) / 1_000_000:.1f}")
    return content


def _read_back(content: bytes) -> None:
    """Refuse what was made of a page of any other tool when the last gate would; raises ``PdfError``."""
    with open_pdf(content) as document:
        for clause, detail in gate.archive_troubles(document):
            raise PdfError("file_not_pdfa", clause=clause, detail=detail)


def read_xml(pdf: bytes) -> bytes:
    """Return the bytes of the factur-x.xml inside a PDF; raises ``PdfError``."""
    with open_pdf(pdf) as document:
        try:
            found = [data for name, data in embedded_files(document) if name == FACTURX_FILENAME]
        except WRONG_OBJECTS as error:
            raise PdfError("pdf_unreadable", detail=error_detail(error)) from error
    if len(found) != 1:
        raise PdfError("file_xml_several" if found else "file_xml_missing")
    return found[0]


def _describe(document: Pdf, invoice: Invoice, now: datetime) -> None:
    """Write the same description to the XMP packet and the document information."""
    seller = clean_text(invoice.seller.name)
    kind = _TITLES.get(invoice.type_code, "Facture")
    number = clean_text(invoice.number)
    title = f"{kind} {number}"
    subject = f"Factur-X : {kind.lower()} {number} du {invoice.issue_date:%d/%m/%Y}, {seller}"
    packet = pdf_common.xmp_packet(title, seller, subject, invoice.guideline, FACTURX_FILENAME, now)
    metadata = document.make_stream(packet, Type=Name.Metadata, Subtype=Name.XML)
    document.Root.Metadata = metadata
    date = String(_pdf_date(now))
    document.trailer.Info = document.make_indirect(
        Dictionary(
            Title=String(title),
            Author=String(seller),
            Subject=String(subject),
            Creator=String(pdf_common.PRODUCER),
            Producer=String(pdf_common.PRODUCER),
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
