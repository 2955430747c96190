"""One PDF of many invoices cut into one PDF each."""

import io
from typing import Any

import pikepdf
from pikepdf import Pdf


def split(pdf: bytes, count: int) -> list[bytes] | None:
    """The ``count`` documents printed one after the other in ``pdf``; None when they cannot be told apart.

    One page each, or one top-level heading at the start of each (wkhtmltopdf writes headings as outlines).

    :param bytes pdf:
    :rtype: list[bytes] | None
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = len(document.pages)
        starts = list(range(pages)) if pages == count else _heading_pages(document)
        if len(starts) != count or starts[0] != 0:
            return None
        ends = [*starts[1:], pages]
        return [_extract(document, start, end) for start, end in zip(starts, ends, strict=True)]


def _heading_pages(document: Pdf) -> list[int]:
    """Numbers of the pages that a top-level outline points to."""
    numbers: dict[Any, int] = {page.objgen: number for number, page in enumerate(document.pages)}
    names: Any = document.Root.get("/Dests", {})
    outlines: Any = document.Root.get("/Outlines", {})
    found: set[Any] = set()
    item = outlines.get("/First")
    while item is not None:
        destination = item.get("/Dest")
        if isinstance(destination, pikepdf.Name | pikepdf.String):
            destination = names.get(str(destination))
        if not isinstance(destination, pikepdf.Array):
            return []
        # wkhtmltopdf names a page by its number, other writers by its object.
        page = destination[0]
        found.add(page if isinstance(page, int) else numbers.get(page.objgen))
        item = item.get("/Next")
    return sorted(found) if None not in found else []


def _extract(document: Pdf, start: int, end: int) -> bytes:
    with pikepdf.new() as part:
        part.pages.extend(document.pages[start:end])
        out = io.BytesIO()
        part.save(out)
        return out.getvalue()
