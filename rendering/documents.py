"""HTML documents made ready for a fast print: their stylesheets pruned and put inside."""

import re
from collections.abc import Callable

from .stylesheet import Doubt, Provide, Rules, prune, tokens

LINK = re.compile(r"<link\b[^>]*?\brel=[\"']stylesheet[\"'][^>]*?>", re.IGNORECASE)
HREF = re.compile(r"\bhref=[\"']([^\"']+)[\"']", re.IGNORECASE)
MEDIA = re.compile(r"\bmedia=", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)
# Where blocks begin and end, and what could hold something that only looks like it.
BOUNDARY = re.compile(r"(<div\b|</div\b|<!--|<script\b|<style\b|<textarea\b|<title\b)[^>]*>?", re.IGNORECASE)
# An image that only a logged-in session may read; in small letters.
PRIVATE = re.compile(r"src=[\"']/(?!\w+/static/)")
# Odoo's own script in headers and footers, which puts the page numbers in.
PAGE_NUMBERS = "function subst()"
MAX_LENGTH = 4 * 1024 * 1024  # Odoo cuts the tables of longer bodies


def inline(documents: list[str], load: Callable[[str], Rules], provide: Provide | None = None) -> list[str]:
    """``documents`` with what their stylesheets can say about them inside, instead of links.

    Documents of one kind (the bodies of one print, its headers) go together: they share one stylesheet.

    :param list[str] documents: HTML
    :param load: address of a stylesheet → its rules (``stylesheet.parse``)
    :param provide: makes a font family local, see ``stylesheet.prune``
    :raises Doubt: when a document is not of the form that is known to be safe
    """
    for document in documents:
        _check(document)
    present = tokens(*documents)
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
