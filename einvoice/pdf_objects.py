"""The objects that a PDF holds, whoever leads to them.

A page reaches what it draws with through its resources. A file may hold more, reached through keys that no
page needs; an archive forbids there what it forbids elsewhere.
"""

import pikepdf
from pikepdf import Array, Dictionary, Name

from . import pdf_fonts
from .pdf_error import PdfError
from .pdf_resources import read, remove

# ISO 19005-3 6.5.1, and what else starts something.
_FORBIDDEN_ACTIONS = (
    "/GoToR", "/GoToE", "/Thread", "/SubmitForm", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData",
    "/Hide", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView", "/JavaScript",
)  # fmt: skip
_DRAWN = (Name.Form, Name.Image, Name.PS)
_FORBIDDEN_FILTERS = (Name.LZWDecode, Name.Crypt)
_TRANSFER = (Name.TR, Name.TR2, Name.HTP)


def conform(resources):
    """Make every object of a file obey, after its pages do (``resources`` is their ``Resources``).

    Raises ``PdfError`` for what cannot be repaired.
    """
    doubtful = [item for item in list(resources.document.objects) if _is_doubtful(item, resources)]
    held = _held(resources.document) if doubtful else ()
    for item in doubtful:
        if item.objgen in held:
            _object(item, resources)


def _is_doubtful(item, resources):
    """Repair what needs no more than looking at; tell whether an object may need more."""
    if isinstance(item, pikepdf.Stream):
        # 6.1.7.1: what a stream holds is in the file itself.
        if Name.F in item:
            raise PdfError("pdf_feature", detail="a stream in another file")
        remove(item, (Name.FFilter, Name.FDecodeParms))
        return _is_drawn(item, resources) or _has_forbidden_filter(item)
    if not isinstance(item, Dictionary):
        return False
    if str(item.get(Name.S)) in _FORBIDDEN_ACTIONS:
        del item[Name.S]
    # 6.2.5; a soft mask, which has a group, may have a transfer function.
    if Name.G not in item:
        remove(item, _TRANSFER)
    return (
        item.get(Name.Type) == Name.Font and pdf_fonts.is_embedded(item) and not resources.knows(item, "font")
    )


def _is_drawn(stream, resources):
    """Tell whether a stream is something to draw with that no page led to."""
    kind = stream.get(Name.Subtype)
    return kind in _DRAWN and not resources.knows(stream, str(kind))


def _object(item, resources):
    if not isinstance(item, pikepdf.Stream):
        resources.font(item)
        return
    if _is_drawn(item, resources):
        for content in resources.xobject(item, Dictionary()):
            resources.content(content)
    if _has_forbidden_filter(item):
        item.write(read(item))


def _has_forbidden_filter(stream):
    """6.1.7.2."""
    filters = stream.get(Name.Filter)
    filters = list(filters) if isinstance(filters, Array) else [filters]
    return any(item in filters for item in _FORBIDDEN_FILTERS)


def _held(document):
    """Return the ``objgen`` of the objects that the file will hold: those that its root leads to."""
    trailer = document.trailer
    pending = [trailer[key] for key in trailer if key != "/Info"]
    held = set()
    while pending:
        item = pending.pop()
        if not isinstance(item, Dictionary | pikepdf.Stream | Array):
            continue
        if item.is_indirect:
            if item.objgen in held:
                continue
            held.add(item.objgen)
        pending += list(item) if isinstance(item, Array) else [item[key] for key in item]
    return held
