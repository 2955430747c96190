"""BG-24: complementary files, carried as attachments of the PDF."""

from collections.abc import Iterator
from datetime import date

from ..codes import ATTACHMENT_EXTENSIONS
from ..findings import Finding, finding
from ..terms import Invoice
from .shape import show, text

NAME_MAX_LENGTH = 50
MAX_BYTES = 10_000_000
_RESERVED = ("factur-x.xml",)


def find(invoice: Invoice, today: date | None = None) -> list[Finding]:
    """Return the findings on the attachments of a readable invoice."""
    findings: list[Finding] = []
    seen: set[str] = set()
    total = 0
    for item in invoice.attachments:
        name, size = text(item.name), len(item.content)
        total += size
        findings += _one(name, size)
        if name.lower() in seen:
            findings.append(finding("attachment_name_twice", name=show(name)))
        seen.add(name.lower())
    if total >= MAX_BYTES and len(invoice.attachments) > 1:
        findings.append(finding("attachments_too_large", size=_megabytes(total)))
    return findings


def _one(name: str, size: int) -> Iterator[Finding]:
    if not name:
        yield finding("attachment_name_missing")
        return
    if len(name) > NAME_MAX_LENGTH:
        yield finding("attachment_name_too_long", name=show(name, 60), length=len(name))
    if name.lower() in _RESERVED:
        yield finding("attachment_name_reserved", name=name)
    elif name.rpartition(".")[2].lower() not in ATTACHMENT_EXTENSIONS or "." not in name:
        yield finding("attachment_extension", name=show(name))
    if not size:
        yield finding("attachment_empty", name=show(name))
    elif size >= MAX_BYTES:
        yield finding("attachment_too_large", name=show(name), size=_megabytes(size))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"
