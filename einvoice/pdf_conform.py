"""Turn the PDF that a report engine renders into PDF/A-3b (ISO 19005-3), or say why it cannot be."""

from functools import cache
from importlib.resources import files

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from . import icc, pdf_objects
from .pdf_objects import remove
from .pdf_resources import Resources
from .pdf_types import Object

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
    Name.AA, Name.AF, Name.Collection, Name.DSS, Name.Extensions, Name.Legal, Name.Metadata,
    Name.NeedsRendering, Name.Perms, Name.PieceInfo, Name.Requirements, Name.SpiderInfo, Name.Threads,
    Name.Version,
)  # fmt: skip
_NAMES_REMOVED = (Name.AlternatePresentations, Name.EmbeddedFiles, Name.JavaScript)
_PAGE_REMOVED = (Name.AA, Name.AF, Name.Metadata, Name.PieceInfo, Name.PresSteps)


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
    return (files(__package__) / "data" / "sRGB2014.icc").read_bytes()


# --- document -------------------------------------------------------------------------------------


def _catalog(document: Pdf) -> None:
    root = document.Root
    remove(root, _CATALOG_REMOVED)
    if Name.Names in root:
        remove(root.Names, _NAMES_REMOVED)
    opening = root.get(Name.OpenAction)
    if isinstance(opening, Dictionary) and not _is_allowed_action(opening):
        del root[Name.OpenAction]
    form = root.get(Name.AcroForm)
    if form is not None:
        remove(form, (Name.XFA, Name.NeedAppearances, Name.SigFlags))
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
            remove(field, (Name.A, Name.AA))
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
        remove(configuration, (Name.AS, Name.Order))
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
        remove(intents[0], (Name.DestOutputProfileRef,))
        document.Root.OutputIntents = Array(intents)
        return
    profile = document.make_stream(_srgb_profile(), N=3)
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
    return profile.get(Name.N) == 3 and icc.is_output_profile(profile.read_bytes(), b"RGB ")


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
    remove(annotation, (Name.AA,))
    _unsign(annotation)
    if kind == "Widget" or not _is_allowed_action(annotation.get(Name.A)):
        remove(annotation, (Name.A,))
    if kind in _WITHOUT_APPEARANCE:
        return True
    appearance = annotation.get(Name.AP)
    if not isinstance(appearance, Dictionary) or Name.N not in appearance:
        return False
    # 6.3.3: only the normal appearance, which has states for a button and none for anything else.
    remove(appearance, (Name.D, Name.R))
    is_button = kind == "Widget" and annotation.get(Name.FT) == Name.Btn
    return isinstance(appearance.N, pikepdf.Stream) != is_button
