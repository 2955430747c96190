"""HTML documents made ready for a fast print: their stylesheets pruned and put inside."""

import re

from .stylesheet import Doubt, prune, tokens

LINK = re.compile(r"<link\b[^>]*?\brel=[\"']stylesheet[\"'][^>]*?>", re.IGNORECASE)
HREF = re.compile(r"\bhref=[\"']([^\"']+)[\"']", re.IGNORECASE)
MEDIA = re.compile(r"\bmedia=", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)
# An image that only a logged-in session may read.
PRIVATE = re.compile(r"\bsrc=[\"']/(?!\w+/static/)", re.IGNORECASE)
# Odoo's own script in headers and footers, which puts the page numbers in.
PAGE_NUMBERS = "function subst()"
MAX_LENGTH = 4 * 1024 * 1024  # Odoo cuts the tables of longer bodies


def inline(documents, load, provide=None):
    """``documents`` with what their stylesheets can say about them inside, instead of links.

    All the documents of one print (bodies, header, footer) go together: they share one small stylesheet.

    :param list[str] documents: HTML
    :param load: address of a stylesheet → its rules (``stylesheet.parse``)
    :param provide: makes a font family local, see ``stylesheet.prune``
    :raises Doubt: when a document is not of the form that is known to be safe
    """
    for document in documents:
        _check(document)
    present = tokens(*documents)
    styles = {}

    def style(match):
        address = HREF.search(match[0])
        if not address or MEDIA.search(match[0]):
            raise Doubt("a stylesheet with conditions")
        href = address[1]
        if href not in styles:
            styles[href] = prune(load(href), present, *documents, provide=provide)
        return f"<style>{styles[href]}</style>"

    return [LINK.sub(style, document) for document in documents]


def _check(document):
    if len(document) >= MAX_LENGTH:
        raise Doubt("a very long document")
    if PRIVATE.search(document):
        raise Doubt("an image behind a log-in")
    for attributes, body in SCRIPT.findall(document):
        if "src=" in attributes.lower() or PAGE_NUMBERS not in body or body.count("function") > 1:
            raise Doubt("a script of its own")
