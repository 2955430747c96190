"""Turn the PDF that a report engine renders into PDF/A-3b (ISO 19005-3), or say why it cannot be."""

from functools import cache
from importlib.resources import files

import pikepdf
from pikepdf import Array, Dictionary, Name

from . import pdf_content, pdf_fonts
from .pdf_error import PdfError

_PRINT = 4
# Invisible, Hidden, NoView, ToggleNoView (ISO 32000-1 table 165; ISO 19005-3 6.3.2).
_FORBIDDEN_FLAGS = 1 | 2 | 32 | 256
# ISO 19005-3 6.5.1 and 6.5.2, as what may stay.
_ACTIONS = frozenset({"/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"})
_NAMED_ACTIONS = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
# 6.3.1, less FileAttachment: the page's files are replaced by ours.
_ANNOTATIONS = frozenset(
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
        "/Widget",
        "/PrinterMark",
        "/TrapNet",
        "/Watermark",
        "/Redact",
    ]
)
_WITHOUT_APPEARANCE = ("/Link", "/Popup")
_CATALOG_REMOVED = (
    Name.AA, Name.AF, Name.Collection, Name.Extensions, Name.Legal, Name.NeedsRendering, Name.Perms,
    Name.PieceInfo, Name.Requirements, Name.SpiderInfo, Name.Threads, Name.Version,
)  # fmt: skip
_NAMES_REMOVED = (Name.AlternatePresentations, Name.EmbeddedFiles, Name.JavaScript)
_PAGE_REMOVED = (Name.AA, Name.AF, Name.Metadata, Name.PieceInfo, Name.PresSteps)
_GRAPHICS_STATE_REMOVED = (Name.TR, Name.TR2, Name.HT, Name.HTP, Name.HTO)
_IMAGE_REMOVED = (Name.Alternates, Name.Interpolate, Name.Metadata, Name.OPI, Name.PieceInfo)
_FORM_REMOVED = (Name.Metadata, Name.OPI, Name.PieceInfo, Name.PS, Name.Ref, Name.Subtype2)
_BLEND_MODES = frozenset(
    [
        "/Normal",
        "/Compatible",
        "/Multiply",
        "/Screen",
        "/Overlay",
        "/Darken",
        "/Lighten",
        "/ColorDodge",
        "/ColorBurn",
        "/HardLight",
        "/SoftLight",
        "/Difference",
        "/Exclusion",
        "/Hue",
        "/Saturation",
        "/Color",
        "/Luminosity",
    ]
)
_INTENTS = frozenset({"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"})


def conform(document):
    """Change an open ``pikepdf.Pdf`` in place so that it obeys PDF/A-3b, metadata and files excepted.

    Raises ``PdfError`` for what cannot be repaired without changing what the page shows: fonts that are
    not embedded, letters drawn as outlines, CMYK without profile.
    """
    _catalog(document)
    _Resources(document).conform()
    for page in document.pages:
        _page(page.obj)
    _output_intent(document)


@cache
def _srgb_profile():
    return (files(__package__) / "data" / "sRGB2014.icc").read_bytes()


def _remove(dictionary, keys):
    for key in keys:
        if key in dictionary:
            del dictionary[key]


# --- document -------------------------------------------------------------------------------------


def _catalog(document):
    root = document.Root
    _remove(root, _CATALOG_REMOVED)
    if Name.Names in root:
        _remove(root.Names, _NAMES_REMOVED)
    opening = root.get(Name.OpenAction)
    if isinstance(opening, Dictionary) and not _is_allowed_action(opening):
        del root[Name.OpenAction]
    form = root.get(Name.AcroForm)
    if form is not None:
        _remove(form, (Name.XFA, Name.NeedAppearances))
    layers = root.get(Name.OCProperties)
    if layers is not None:
        _layers(layers)
    _outlines(root.get(Name.Outlines))


def _layers(layers):
    """6.9: each configuration has a name and no automatic state."""
    configurations = [layers.get(Name.D), *layers.get(Name.Configs, [])]
    for number, configuration in enumerate(item for item in configurations if item is not None):
        _remove(configuration, (Name.AS,))
        if Name.Name not in configuration:
            configuration.Name = f"Layers {number + 1}"


def _outlines(outline):
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


def _is_allowed_action(action):
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


def _output_intent(document):
    """6.2.3: one output intent with an RGB profile; one that is there already stays."""
    intents = [
        intent
        for intent in document.Root.get(Name.OutputIntents, [])
        if intent.get(Name.S) == Name.GTS_PDFA1
        and isinstance(intent.get(Name.DestOutputProfile), pikepdf.Stream)
        and intent.DestOutputProfile.get(Name.N) == 3
    ]
    if len(intents) == 1:
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


# --- pages ----------------------------------------------------------------------------------------


def _page(page):
    _remove(page, _PAGE_REMOVED)
    annotations = page.get(Name.Annots)
    if annotations is None:
        return
    kept = [item for item in annotations if isinstance(item, Dictionary) and _annotation(item)]
    if kept:
        page.Annots = Array(kept)
    else:
        del page[Name.Annots]


def _annotation(annotation):
    """6.3: give an annotation its flags; return whether it may stay."""
    kind = str(annotation.get(Name.Subtype))
    if kind not in _ANNOTATIONS:
        return False
    if kind != "/Popup":
        annotation.F = (int(annotation.get(Name.F, 0)) | _PRINT) & ~_FORBIDDEN_FLAGS
    _remove(annotation, (Name.AA,))
    if kind == "/Widget" or not _is_allowed_action(annotation.get(Name.A)):
        _remove(annotation, (Name.A,))
    if kind in _WITHOUT_APPEARANCE:
        return True
    appearance = annotation.get(Name.AP)
    if not isinstance(appearance, Dictionary) or Name.N not in appearance:
        return False
    for key in list(appearance.keys()):
        if key != "/N":
            del appearance[key]
    return True


# --- resources ------------------------------------------------------------------------------------


class _Resources:
    """Walks the fonts, images, forms and graphics states that the pages reach, each once."""

    def __init__(self, document):
        self.document = document
        self.seen = set()

    def conform(self):
        for number, page in enumerate(self.document.pages, 1):
            contents = [self._page_content(page)]
            contents += self._walk(contents[0].resources)
            for annotation in page.obj.get(Name.Annots, []):
                self._appearance(annotation)
            if not any(map(pdf_content.shows_text, contents)) and any(
                map(pdf_content.draws_letters, contents)
            ):
                raise PdfError("pdf_page_without_text", page=number)
            for content in contents:
                self._content(content)

    def _new(self, item):
        """Tell whether a dictionary or stream is met for the first time."""
        if not isinstance(item, Dictionary | pikepdf.Stream):
            return False
        if item.is_indirect:
            if item.objgen in self.seen:
                return False
            self.seen.add(item.objgen)
        return True

    def _page_content(self, page):
        if isinstance(page.obj.get(Name.Contents), Array):
            page.contents_coalesce()
        stream = page.obj.get(Name.Contents)
        data = _read(stream) if stream is not None else b""
        return pdf_content.Content(page.obj, page.obj.get(Name.Resources) or page.resources, data)

    def _content(self, content):
        if pdf_content.uses_cmyk(content):
            raise PdfError("pdf_colour", detail="DeviceCMYK")
        self._fonts(content)
        replaced = pdf_content.without_missing_glyphs(content)
        if replaced is not None:
            if isinstance(content.owner, pikepdf.Stream):
                content.owner.write(replaced)
            else:
                content.owner.Contents = self.document.make_stream(replaced)

    def _fonts(self, content):
        fonts = content.resources.get(Name.Font) if content.resources is not None else None
        missing = {}
        for name, font in fonts.items() if fonts is not None else ():
            if not pdf_fonts.is_embedded(font):
                missing[name] = font
            elif self._new(font) and font.get(Name.Subtype) != Name.Type3:
                try:
                    pdf_fonts.conform(font)
                except pdf_fonts.FontDamaged:
                    raise PdfError("pdf_font_damaged", font=pdf_fonts.name_of(font)) from None
        if missing:
            for name in pdf_content.fonts_in_use(content) & missing.keys():
                raise PdfError("pdf_font_not_embedded", font=pdf_fonts.name_of(missing[name]))

    def _walk(self, resources):
        """Conform what resources name and return the contents of the forms among them, nested too."""
        contents = []
        if resources is None:
            return contents
        for state in resources.get(Name.ExtGState, {}).values():
            if self._new(state):
                contents += self._graphics_state(state)
        for space in resources.get(Name.ColorSpace, {}).values():
            _colour_space(space)
        for pattern in resources.get(Name.Pattern, {}).values():
            contents += self._pattern(pattern)
        for shading in resources.get(Name.Shading, {}).values():
            _colour_space(shading.get(Name.ColorSpace))
        for xobject in resources.get(Name.XObject, {}).values():
            contents += self._xobject(xobject)
        for font in resources.get(Name.Font, {}).values():
            if font.get(Name.Subtype) == Name.Type3 and self._new(font):
                contents += self._walk(font.get(Name.Resources))
        return contents

    def _graphics_state(self, state):
        _remove(state, _GRAPHICS_STATE_REMOVED)
        modes = state.get(Name.BM)
        modes = list(modes) if isinstance(modes, Array) else [modes] if modes is not None else []
        if any(str(mode) not in _BLEND_MODES for mode in modes):
            raise PdfError("pdf_feature", detail=f"blend mode {modes[0]}")
        if Name.RI in state and str(state.RI) not in _INTENTS:
            del state[Name.RI]
        mask = state.get(Name.SMask)
        return self._xobject(mask.get(Name.G)) if isinstance(mask, Dictionary) else []

    def _pattern(self, pattern):
        if not self._new(pattern):
            return []
        if isinstance(pattern, pikepdf.Stream):
            resources = pattern.get(Name.Resources)
            return [pdf_content.Content(pattern, resources, _read(pattern)), *self._walk(resources)]
        shading = pattern.get(Name.Shading)
        if shading is not None:
            _colour_space(shading.get(Name.ColorSpace))
        return []

    def _xobject(self, xobject):
        if not self._new(xobject):
            return []
        kind = str(xobject.get(Name.Subtype))
        if kind == "/Image":
            self._image(xobject)
            return []
        if kind != "/Form":
            raise PdfError("pdf_feature", detail=f"an object of kind {kind}")
        _remove(xobject, _FORM_REMOVED)
        group = xobject.get(Name.Group)
        if isinstance(group, Dictionary):
            _colour_space(group.get(Name.CS))
        resources = xobject.get(Name.Resources)
        return [pdf_content.Content(xobject, resources, _read(xobject)), *self._walk(resources)]

    def _image(self, image):
        _remove(image, _IMAGE_REMOVED)
        _colour_space(image.get(Name.ColorSpace))
        if Name.Intent in image and str(image.Intent) not in _INTENTS:
            del image[Name.Intent]
        filters = image.get(Name.Filter)
        filters = list(filters) if isinstance(filters, Array) else [filters]
        if Name.JPXDecode in filters:
            raise PdfError("pdf_feature", detail="JPEG 2000")
        if Name.LZWDecode in filters:
            image.write(image.read_bytes())
        for key in (Name.SMask, Name.Mask):
            mask = image.get(key)
            if isinstance(mask, pikepdf.Stream) and self._new(mask):
                self._image(mask)

    def _appearance(self, annotation):
        appearance = annotation.get(Name.AP) if isinstance(annotation, Dictionary) else None
        normal = appearance.get(Name.N) if isinstance(appearance, Dictionary) else None
        if normal is None:
            return
        states = [normal] if isinstance(normal, pikepdf.Stream) else list(normal.values())
        for state in states:
            for content in self._xobject(state):
                self._content(content)


def _colour_space(space, depth=0):
    """6.2.4.3: DeviceCMYK needs a CMYK output intent, and ours is RGB."""
    if space is None or depth > 8:
        return
    if space == Name.DeviceCMYK:
        raise PdfError("pdf_colour", detail="DeviceCMYK")
    if isinstance(space, Array):
        for item in list(space)[: 8 if depth else 4]:
            if isinstance(item, Name | Array):
                _colour_space(item, depth + 1)


def _read(stream):
    try:
        return stream.read_bytes()
    except pikepdf.PdfError as error:
        raise PdfError("pdf_unreadable", detail=str(error)[:80]) from None
