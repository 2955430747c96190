"""What a finished file draws, annotations and layers, for the last gate alone (ISO 19005-3 6.2 to 6.9)."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from . import verify_tokens
from .pdf_common import Broken, Object
from .verify_tokens import Text, Trouble, operations

# ISO 32000-1 annex A.
OPERATORS = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP"
    b" n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
INTENTS = frozenset({"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"})
_MAX_NESTING = 28
_INVISIBLE = b"3"
_IMAGE_FILTERS = frozenset(
    b"/ASCIIHexDecode /ASCII85Decode /FlateDecode /RunLengthDecode /CCITTFaxDecode /DCTDecode"
    b" /AHx /A85 /Fl /RL /CCF /DCT".split()
)
_CMYK = (b"/DeviceCMYK", b"/CMYK")
_BITS = (b"1", b"2", b"4", b"8", b"16")
# The category of resources that an operator's name belongs to.
_NAMED = {b"Do": "/XObject", b"sh": "/Shading"}


_SHOW = (b"'", b'"')


# What is referred to, by category.
Names = defaultdict[str, set[Any]]


class Page:
    """A page of a file (``item``, its dictionary), whose content is read once for all who look at it."""

    def __init__(self, item: Object) -> None:
        self.item = item

    @property
    def resources(self) -> Object:
        """The resources of its own, a dictionary."""
        return resources_of(self.item)

    @cached_property
    def content(self) -> bytes:
        """The decoded bytes of its content."""
        return bytes_of(self.item.get(Name.Contents))

    @cached_property
    def runs(self) -> verify_tokens.Runs | None:
        """What it shows in hexadecimal digits, see ``verify_tokens.read_runs``."""
        return verify_tokens.read_runs(self.content)


def pages_of(document: pikepdf.Pdf) -> list[Page]:
    """Return the pages of an open file."""
    return [Page(page.obj) for page in document.pages]


def resources_of(item: Object) -> Object:
    """Return the resources (pikepdf dictionary, maybe empty) of a page, form or font."""
    found = item.get(Name.Resources)
    return found if isinstance(found, Dictionary) else Dictionary()


class Contents:
    """Reads content streams; remembers what each font shows.

    ``pages`` are those of the file.
    """

    def __init__(self, pages: list[Page]) -> None:
        self._page_names: Names = defaultdict(set)
        for page in pages:
            for category, rows in page.resources.items():
                if isinstance(rows, Dictionary):
                    self._page_names[category] |= set(rows.keys())
        self.shown: dict[Any, tuple[Object, str, dict[bool, set[Text]]]] = {}
        # Whether a form shows text before it sets a font, and whether one is set where a form is drawn.
        self._is_borrowed = self._is_lent = False

    @property
    def borrows_fonts(self) -> bool:
        """Whether a text may be shown with a font that is set elsewhere."""
        return self._is_borrowed and self._is_lent

    def troubles(self, data: bytes, resources: Object, page: "Page | None" = None) -> Iterator[Broken]:
        """Yield ``(clause, words)`` for a content stream (bytes) with its resources; ``page`` whose it is."""
        fonts, states = _rows(resources, Name.Font), None
        is_page, printed = page is not None, None
        if page is not None and not _states_set_fonts(resources):
            printed = verify_tokens.printed_texts(data, page.runs)
        if printed is not None:
            for name, texts in printed.items():
                self._texts(fonts, name, b"0").update(Text(bytes.fromhex(text.decode())) for text in texts)
            return
        found: list[Trouble] = []
        names: Names = defaultdict(set)
        stack: list[tuple[bytes | None, bytes, set[Text] | None]] = []
        # What is shown goes to ``shown``: it changes with the font and with the text rendering mode.
        font: bytes | None = None
        mode = b"0"
        shown: set[Text] | None = None
        for operator, operands, image in operations(data, found):
            if operator == b"Tj" or operator == b"TJ" or operator in _SHOW:
                if shown is None:
                    self._is_borrowed |= not is_page and font is None and _has_text(operands)
                    continue
                for operand in operands:
                    if operand.__class__ is Text:
                        shown.add(operand)
                    elif operand.__class__ is list:
                        shown.update(item for item in operand if item.__class__ is Text)
            elif operator == b"q":
                stack.append((font, mode, shown))
                if len(stack) == _MAX_NESTING + 1:
                    yield "6.1.13", "more than 28 nested graphics states"
            elif operator == b"Q":
                if stack:
                    font, mode, shown = stack.pop()
            elif operator == b"cs" or operator == b"CS":
                space = _first(operands)
                if space in _CMYK:
                    yield "6.2.4.3", "a colour in DeviceCMYK"
                names["/ColorSpace"].add(space)
            elif operator == b"gs":
                name = _first(operands)
                names["/ExtGState"].add(name)
                states = _rows(resources, Name.ExtGState) if states is None else states
                if Name.Font in states.get(_text(name), ()):
                    yield "6.2.11.4.1", "a font in a graphics state"
            elif operator == b"Tf":
                font = _first(operands)
                names["/Font"].add(font)
                shown = self._texts(fonts, font, mode)
            elif operator == b"Tr":
                mode = _first(operands)
                shown = None if font is None else self._texts(fonts, font, mode)
            elif operator in _NAMED:
                self._is_lent |= font is not None
                names[_NAMED[operator]].add(_first(operands))
            elif operator == b"scn" or operator == b"SCN":
                if operands and operands[-1][:1] == b"/":
                    names["/Pattern"].add(operands[-1])
            elif operator == b"k" or operator == b"K":
                yield "6.2.4.3", "a colour in DeviceCMYK"
            elif operator == b"ri":
                if _text(_first(operands)) not in INTENTS:
                    yield "6.2.6", "an unknown rendering intent"
            elif image is not None:
                names["/ColorSpace"].add(image.get(b"/CS", image.get(b"/ColorSpace", b"")))
                yield from _image(image)
            elif operator not in OPERATORS:
                yield "6.2.2", f"the operator {operator[:20].decode('latin-1')}, which is none"
        for trouble in dict.fromkeys(found):
            yield trouble.clause, trouble.detail
        yield from self._resources(resources, names, fonts)

    def _texts(self, fonts: dict[str, Object], name: bytes, mode: bytes) -> set[Text]:
        """Return the set that the texts shown with a font (by name) are added to."""
        font = fonts.get(_text(name))
        key = name if font is None else _identity(font)
        row = self.shown.setdefault(key, (font, _text(name), {False: set(), True: set()}))
        return row[2][mode == _INVISIBLE]

    def _resources(self, resources: Object, names: Names, fonts: dict[str, Object]) -> Iterator[Broken]:
        """6.2.2: what a stream refers to is in its own resources."""
        for category, used in names.items():
            own = fonts if category == "/Font" else _rows(resources, category)
            lent = {_text(name) for name in used} - set(own)
            for name in sorted(lent & self._page_names[category]):
                yield "6.2.2", f"{name} of the page's resources, used by a stream with resources of its own"


def _states_set_fonts(resources: Object) -> bool:
    states = _rows(resources, Name.ExtGState).values()
    return any(isinstance(state, Dictionary) and Name.Font in state for state in states)


def _has_text(operands: list[Text]) -> bool:
    return any(isinstance(item, Text | list) and item for item in operands)


def _rows(resources: Object, category: Object | str) -> dict[str, Object]:
    rows = resources.get(category) if isinstance(resources, Dictionary) else None
    return dict(rows.items()) if isinstance(rows, Dictionary) else {}


def _first(operands: list[bytes]) -> bytes:
    return operands[0] if operands and isinstance(operands[0], bytes) else b""


def _text(name: bytes) -> str:
    # Names are bytes in the file, text in the objects.
    return name.decode("utf-8", "surrogateescape")


def _identity(font: Object) -> Any:
    return font.objgen if font.is_indirect else font.unparse()


def _image(image: dict[bytes, Any]) -> Iterator[Broken]:
    """6.1.10, 6.2.4.3, 6.2.6, 6.2.8: what an inline image says about itself."""
    filters = image.get(b"/F", image.get(b"/Filter", []))
    for item in filters if isinstance(filters, list) else [filters]:
        if item not in _IMAGE_FILTERS:
            yield "6.1.10", f"an inline image with the filter {item[:20].decode('latin-1')}"
    if image.get(b"/I", image.get(b"/Interpolate")) == b"true":
        yield "6.2.8", "an interpolated inline image"
    space = image.get(b"/CS", image.get(b"/ColorSpace"))
    if space in _CMYK or (isinstance(space, list) and any(item in _CMYK for item in space)):
        yield "6.2.4.3", "an inline image in DeviceCMYK"
    intent = image.get(b"/Intent")
    if intent is not None and _text(intent) not in INTENTS:
        yield "6.2.6", "an unknown rendering intent"
    bits = image.get(b"/BPC", image.get(b"/BitsPerComponent"))
    is_mask = image.get(b"/IM", image.get(b"/ImageMask")) == b"true"
    if bits is not None and bits not in ((b"1",) if is_mask else _BITS):
        yield "6.2.8", "an inline image with an odd number of bits"


def bytes_of(item: Object) -> bytes:
    """Return the decoded bytes of a stream, or of an array of streams, as one content stream."""
    if isinstance(item, pikepdf.Stream):
        return item.read_bytes()
    if isinstance(item, Array):
        return b"\n".join(part.read_bytes() for part in item if isinstance(part, pikepdf.Stream))
    return b""


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
