"""HTML that asks no server (stylesheets, barcodes inside), a print cut into PDFs, the mark of a test."""

import base64
import io
import re
from collections.abc import Callable, Mapping
from html import unescape
from http.client import HTTPException
from typing import Any
from urllib.parse import parse_qsl, unquote
from urllib.request import urlopen

import pikepdf
from pikepdf import Pdf

from .stylesheet import Doubt, Provide, Rules, prune, tokens, whole

LINK = re.compile(r"<link\b[^>]*?\brel=[\"']stylesheet[\"'][^>]*?>", re.IGNORECASE)
HREF = re.compile(r"\bhref=[\"']([^\"']+)[\"']", re.IGNORECASE)
MEDIA = re.compile(r"\bmedia=([\"'])(.*?)\1", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)
# Where blocks begin and end, and what could hold something that only looks like it.
BOUNDARY = re.compile(r"(<div\b|</div\b|<!--|<script\b|<style\b|<textarea\b|<title\b)[^>]*>?", re.IGNORECASE)
# An image that only a logged-in session may read; in small letters.
PRIVATE = re.compile(r"src=[\"']/(?!\w+/static/)")
# A barcode or QR code that Odoo's server draws: its kind and its value, or both among the parameters.
BARCODE = re.compile(r"(?<=src=[\"'])/report/barcode/?(?:(\w+)/([^\"'?]+))?(?:\?([^\"']*))?(?=[\"'])")
# Odoo's own script in headers and footers, which puts the page numbers in.
PAGE_NUMBERS = "function subst()"
SECONDS = 10  # for a server to begin to answer
MAX_LENGTH = 4 * 1024 * 1024  # Odoo cuts the tables of longer bodies


def inline(
    documents: list[str],
    load: Callable[[str], Rules],
    provide: Provide | None = None,
    *,
    variables: bool = True,
) -> list[str]:
    """``documents`` with what their stylesheets can say about them inside, instead of links.

    Documents of one kind (the bodies of one print, its headers) go together: they share one stylesheet.

    :param list[str] documents: HTML
    :param load: address of a stylesheet → its rules (``stylesheet.parse``)
    :param provide: makes a font family local, see ``stylesheet.prune``
    :param bool variables: whether the program that prints them knows variables of CSS
    :raises Doubt: when a document is not of the form that is known to be safe
    """
    for document in documents:
        _check(document)
    present = tokens(*documents, variables=variables)
    styles: dict[str, str] = {}

    def style(match: re.Match[str]) -> str:
        address = HREF.search(match[0])
        if not address or MEDIA.search(match[0]):
            raise Doubt("a stylesheet with conditions")
        href = address[1]
        if href not in styles:
            styles[href] = prune(load(href), present, *documents, provide=provide)
        return f"<style>{styles[href]}</style>"

    return [LINK.sub(style, document) for document in documents]


def inline_whole(
    documents: list[str], load: Callable[[str], Rules | None], face: Callable[[str], str]
) -> list[str]:
    """``documents`` with whole stylesheets inside, whatever else they hold.

    :param list[str] documents: HTML
    :param load: address of a stylesheet → its rules; None leaves its link as it is
    :param face: what takes the place of a ``@font-face`` rule, see ``stylesheet.whole``
    """
    styles: dict[str, str | None] = {}

    def style(match: re.Match[str]) -> str:
        address, media = HREF.search(match[0]), MEDIA.search(match[0])
        if not address:
            return match[0]
        href = unescape(address[1])
        if href not in styles:
            rules = load(href)
            styles[href] = None if rules is None else whole(rules, *documents, face=face)
        condition = f' media="{media[2]}"' if media else ""
        return match[0] if styles[href] is None else f"<style{condition}>{styles[href]}</style>"

    return [LINK.sub(style, document) for document in documents]


def answers(address: str) -> bool:
    """Whether the server of a stylesheet gives it."""
    if not address.startswith(("http://", "https://")):
        return False
    try:
        with urlopen(address, timeout=SECONDS):
            return True
    except (OSError, ValueError, HTTPException):
        return False


def draw_barcodes(document: str, draw: Callable[[str, str, Mapping[str, str]], bytes]) -> str:
    """A document with its barcodes and QR codes inside, which Odoo's server would draw.

    :param str document: HTML
    :param draw: kind, value and parameters of a barcode → a PNG; raises ``ValueError`` or ``AttributeError``
        on one that cannot be drawn, whose address stays as it is
    """

    def drawn(match: re.Match[str]) -> str:
        asked = dict(parse_qsl(unescape(match[3] or ""), keep_blank_values=True))
        # Both ways of asking that Odoo's route has; a path knows no plus for a blank.
        kind = match[1] or asked.pop("barcode_type", "")
        value = unquote(unescape(match[2])) if match[2] else asked.pop("value", "")
        try:
            picture = draw(kind, value, asked) if kind and value else b""
        except (ValueError, AttributeError):
            return match[0]
        return f"data:image/png;base64,{base64.b64encode(picture).decode()}" if picture else match[0]

    return BARCODE.sub(drawn, document)


def separate(document: str, name: str, count: int) -> list[str]:
    """The headers (or footers) of a print, which Odoo writes in one document, in a document each.

    wkhtmltopdf reads the document again for each page: with all of them in it, a page would cost the more
    the more invoices are printed at once.

    :param str document: HTML
    :param str name: id of the element that holds them
    :param int count: how many there are; when there are none, each gets the document as it is
    :rtype: list[str]
    :raises Doubt: when they cannot be told apart with certainty
    """
    opening = f'<div id="{name}">'
    before, found, rest = document.partition(opening)
    if not found:
        raise Doubt("a layout that holds headers in another way")
    parts, depth, start, end = [], 0, 0, 0
    for tag in BOUNDARY.finditer(rest):
        if tag[1] not in ("<div", "</div"):
            raise Doubt("a header that may hold tags that are none")
        if not depth and rest[end : tag.start()].strip():
            raise Doubt("a header that is no block")
        if tag[1] == "<div":
            if not depth:
                start = tag.start()
            depth += 1
            continue
        if not depth:
            end = tag.start()
            break
        depth -= 1
        if not depth:
            end = tag.end()
            parts.append(rest[start:end])
    else:
        raise Doubt("a layout that does not end")
    if not parts:
        return [document] * count
    if len(parts) != count:
        raise Doubt("not one header for each body")
    return [f"{before}{opening}{part}{rest[end:]}" for part in parts]


def _check(document: str) -> None:
    if len(document) >= MAX_LENGTH:
        raise Doubt("a very long document")
    if PRIVATE.search(document.lower()):
        raise Doubt("an image behind a log-in")
    for attributes, body in SCRIPT.findall(document):
        if "src=" in attributes.lower() or PAGE_NUMBERS not in body or body.count("function") > 1:
            raise Doubt("a script of its own")


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


# Strokes of each letter on a grid 2 wide and 4 high.
STROKES = {
    "T": (((0, 4), (2, 4)), ((1, 4), (1, 0))),
    "E": (((2, 4), (0, 4)), ((0, 4), (0, 0)), ((0, 0), (2, 0)), ((0, 2), (1.6, 2))),
    "S": (((2, 4), (0, 4)), ((0, 4), (0, 2)), ((0, 2), (2, 2)), ((2, 2), (2, 0)), ((2, 0), (0, 0))),
}
ADVANCE = 3
RED = "0.85 0.2 0.2"
WIDTH_SHARE = 0.16  # of the page


def stamp_test(document: pikepdf.Pdf) -> None:
    """Draw the word TEST at the top of each page of an open document.

    Drawn with strokes in RGB over the page: nothing that PDF/A-3 forbids, no text that a reader could
    take for the invoice's.
    """
    for page in document.pages:
        box = [float(value) for value in page.mediabox]
        # What the page's own content does to the coordinates ends before the stamp.
        page.contents_add(pikepdf.Stream(document, b"q"), prepend=True)
        page.contents_add(pikepdf.Stream(document, b"Q " + _drawing(box)))


def _drawing(box: list[float]) -> bytes:
    left, _bottom, right, top = box
    unit = (right - left) * WIDTH_SHARE / (4 * ADVANCE - 1)
    x, y = (left + right) / 2 - unit * (4 * ADVANCE - 1) / 2, top - 6 * unit
    parts = ["q", f"{RED} RG", f"{unit * 0.6:.2f} w", "1 J 1 j"]
    for position, letter in enumerate("TEST"):
        for (x1, y1), (x2, y2) in STROKES[letter]:
            ox = x + position * ADVANCE * unit
            parts.append(
                f"{ox + x1 * unit:.2f} {y + y1 * unit:.2f} m {ox + x2 * unit:.2f} {y + y2 * unit:.2f} l S"
            )
    return "\n".join([*parts, "Q"]).encode()
