"""Fuzz target "pdf": the pages an ERP prints, made into Factur-X; and finished files, read and verified."""

from datetime import UTC, datetime

import einvoice

from .. import paths
from ..samples import foreign_kinds, foreign_pages, invoices
from . import fuzz_pdf_objects

SOURCES = (
    "einvoice/gate.py",
    *sorted(
        f"einvoice/{file.name}"
        for pattern in ("pdf*.py", "verify_*.py")
        for file in (paths.ROOT / "einvoice").glob(pattern)
    ),
)

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_INVOICE = invoices.invoice([invoices.line("Travaux", "3", "1250.00")])
_XML = einvoice.build_xml(_INVOICE)
_PIECES = (
    b"<<",
    b">>",
    b"[",
    b"]",
    b" /",
    b" 0 R",
    b"null",
    b"true",
    b"-1",
    b"99999999999",
    b"stream\n",
    b"endstream",
    b"endobj",
    b"/Kids [1 0 R]",
    b"/Parent 1 0 R",
    b"/JavaScript (app.alert)",
    b"/OpenAction 1 0 R",
    b"/Encrypt 1 0 R",
    b"/EmbeddedFiles",
    b"/Launch",
    b"/Subtype /XML",
    b"/Filter [/FlateDecode /FlateDecode]",
    b"/Length 0",
    b"%PDF-9.9",
    b"startxref\n0",
    b"\x00",
    b"\xff" * 40,
)
_BUILD, _READ = "build", "read"


def samples():
    """Pages of wkhtmltopdf and of other tools to build on, and finished files to read: (step, content)."""
    for name in ("page_patched_qt.pdf", "page_unpatched_qt.pdf"):
        page = (paths.ROOT / "tests" / "unit" / "data" / name).read_bytes()
        yield _BUILD, page
        yield _READ, einvoice.build_pdf(page, _XML, _INVOICE, now=_NOW)
    for make in (*foreign_kinds.SOUND.values(), *foreign_kinds.BROKEN.values()):
        yield _BUILD, foreign_pages.page(make)


def mutate(rng, sample):
    """The sample with objects changed, or one to eight places damaged, mostly in what is not compressed."""
    step, content = sample
    if rng.random() < 0.75:
        return step, fuzz_pdf_objects.mutate(rng, content)
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        place = _place(rng, data)
        action = rng.randrange(5)
        if action == 0:
            data[place : place + 1] = bytes([rng.randrange(256)])
        elif action == 1:
            del data[place : place + rng.choice((1, 4, 40, 400))]
        elif action == 2:
            data[place:place] = rng.choice(_PIECES)
        elif action == 3:
            piece = rng.choice(_PIECES)
            data[place : place + len(piece)] = piece
        else:
            start = _place(rng, data)
            data[place:place] = data[start : start + rng.choice((10, 100, 1000))]
    return step, bytes(data)


def _place(rng, data):
    """A place in the file: half of the time just after a key, where the structure is written."""
    place = rng.randrange(len(data) + 1)
    found = data.find(b"/", place) if rng.random() < 0.5 else -1
    return found if found >= 0 else place


def execute(case):
    """Build or read: a file with which the last gate is content, findings, or the error that is promised."""
    step, content = case
    try:
        if step == _BUILD:
            built = einvoice.build_pdf(content, _XML, _INVOICE, now=_NOW)
            assert einvoice.verify(built, _INVOICE) == []
            return step, fuzz_pdf_objects.kinds(built)
        xml = einvoice.read_xml(content)
        return step, xml == _XML, _told(einvoice.verify(content, _INVOICE))
    except einvoice.PdfError as error:
        assert error.code in einvoice.CATALOGUE
        return step, _told([error.finding])


def _told(findings):
    """What was found, each kind once, without what only this file holds."""
    return tuple(sorted({(item.code, _kind(item)) for item in findings}))


def _kind(item):
    params = item.params
    detail = params.get("clause") or params.get("detail") or params.get("term") or ""
    return str(detail).partition(":")[0][:30]
