"""Annotations, forms and layers of a finished file, for the last gate alone (ISO 19005-3 6.3 to 6.5, 6.9)."""

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from .pdf_types import Broken, Object

_KINDS = frozenset(
    [
        "/Text",
        "/Link",
        "/FreeText",
        "/Line",
        "/Square",
        "/Circle",
        "/Polygon",
        "/PolyLine",
        "/Highlight",
        "/Underline",
        "/Squiggly",
        "/StrikeOut",
        "/Stamp",
        "/Caret",
        "/Ink",
        "/Popup",
        "/FileAttachment",
        "/Widget",
        "/PrinterMark",
        "/TrapNet",
        "/Watermark",
        "/Redact",
    ]
)
_PRINT, _HIDING = 4, 1 | 2 | 32 | 256
_MAX_DEPTH = 60


def document_troubles(root: Object) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for what the catalog says of scripts, forms and layers."""
    names = root.get(Name.Names)
    if isinstance(names, Dictionary):
        if Name.JavaScript in names:
            yield "6.5.1", "scripts"
        if Name.AlternatePresentations in names:
            yield "6.10", "another presentation"
    if Name.AA in root:
        yield "6.5.2", "an automatic action of the document"
    if Name.Requirements in root:
        yield "6.11", "requirements"
    if Name.NeedsRendering in root:
        yield "6.4.2", "a form that is drawn on opening"
    permissions = root.get(Name.Perms)
    if isinstance(permissions, Dictionary) and set(permissions.keys()) - {"/UR3", "/DocMDP"}:
        yield "6.1.12", "permissions"
    yield from _form(root.get(Name.AcroForm))
    yield from _layers(root.get(Name.OCProperties))


def _form(form: Object | None) -> Iterator[Broken]:
    if not isinstance(form, Dictionary):
        return
    if form.get(Name.NeedAppearances, False):
        yield "6.4.1", "a form whose fields are drawn on opening"
    if Name.XFA in form:
        yield "6.4.2", "an XFA form"
    pending, seen = [(form.get(Name.Fields), 0)], set()
    while pending:
        fields, depth = pending.pop()
        for field in fields if isinstance(fields, Array) and depth < _MAX_DEPTH else ():
            if not isinstance(field, Dictionary) or (field.is_indirect and field.objgen in seen):
                continue
            seen.add(field.objgen)
            if Name.AA in field or Name.A in field:
                yield "6.4.1", "the action of a form field"
            pending.append((field.get(Name.Kids), depth + 1))


def _layers(layers: Object | None) -> Iterator[Broken]:
    if not isinstance(layers, Dictionary):
        return
    known = {layer.objgen for layer in layers.get(Name.OCGs, [])}
    names = []
    for configuration in (layers.get(Name.D), *layers.get(Name.Configs, [])):
        if not isinstance(configuration, Dictionary):
            continue
        names.append(str(configuration.get(Name.Name, "")))
        if Name.AS in configuration:
            yield "6.9", "layers that change by themselves"
        if Name.Order in configuration and not known <= _ordered(configuration.Order):
            yield "6.9", "a list of layers that is not whole"
    if not all(names) or len(set(names)) != len(names):
        yield "6.9", "layers whose settings have no name of their own"


def _ordered(order: Object) -> set[Any]:
    found, pending = set(), [order]
    for _step in range(100_000):
        if not pending:
            break
        item = pending.pop()
        if isinstance(item, Array):
            pending += list(item)
        elif isinstance(item, Dictionary):
            found.add(item.objgen)
    return found


def page_troubles(page: Object) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for the annotations and actions of a page (dictionary)."""
    if Name.AA in page:
        yield "6.5.2", "an automatic action of a page"
    annotations = page.get(Name.Annots)
    for annotation in annotations if isinstance(annotations, Array) else ():
        if isinstance(annotation, Dictionary):
            yield from _annotation(annotation)


def _annotation(annotation: Object) -> Iterator[Broken]:
    kind = str(annotation.get(Name.Subtype))
    if kind not in _KINDS:
        yield "6.3.1", f"an annotation of kind {kind}"
        return
    flags = annotation.get(Name.F)
    is_hidden = not isinstance(flags, int) or not flags & _PRINT or flags & _HIDING
    if is_hidden and (kind != "/Popup" or flags is not None):
        yield "6.3.2", "an annotation that is not printed"
    is_widget = kind == "/Widget"
    if is_widget and (Name.A in annotation or Name.AA in annotation):
        yield "6.4.1", "the action of a form field"
    elif Name.AA in annotation:
        yield "6.5.1", "the automatic action of an annotation"
    yield from _appearance(annotation, kind)


def _appearance(annotation: Object, kind: str) -> Iterator[Broken]:
    appearance = annotation.get(Name.AP)
    if appearance is None:
        if kind not in ("/Popup", "/Link") and not _is_point(annotation.get(Name.Rect)):
            yield "6.3.3", "an annotation without appearance"
        return
    if not isinstance(appearance, Dictionary) or set(appearance.keys()) != {"/N"}:
        yield "6.3.3", "an annotation with several appearances"
        return
    normal, field = appearance.N, annotation.get(Name.FT)
    if field is None and isinstance(annotation.get(Name.Parent), Dictionary):
        field = annotation.Parent.get(Name.FT)
    if kind == "/Widget" and field == Name.Btn:
        if isinstance(normal, pikepdf.Stream) or not isinstance(normal, Dictionary) or not len(normal):
            yield "6.3.3", "a button without states"
    elif not isinstance(normal, pikepdf.Stream):
        yield "6.3.3", "an annotation with states that is no button"


def _is_point(rectangle: Object) -> bool:
    if not isinstance(rectangle, Array) or len(rectangle) != 4:
        return False
    left, bottom, right, top = (float(side) for side in rectangle)
    return left == right and bottom == top
