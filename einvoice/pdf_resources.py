"""What the pages of a PDF draw with: fonts, images, forms, patterns, graphics states, colour spaces.

ISO 19005-3 6.2. Each object is visited once, whatever number of pages share it.
"""

import pikepdf
from pikepdf import Array, Dictionary, Name

from . import icc, pdf_content, pdf_fonts, pdf_repair
from .pdf_error import PdfError

_GRAPHICS_STATE_REMOVED = (Name.TR, Name.TR2, Name.HT, Name.HTP, Name.HTO)
_IMAGE_REMOVED = (Name.Alternates, Name.Interpolate, Name.Metadata, Name.OPI, Name.PieceInfo)
_FORM_REMOVED = (Name.Metadata, Name.OPI, Name.PieceInfo, Name.PS, Name.Ref, Name.Subtype2)
_BLEND_MODES = (
    "Normal", "Compatible", "Multiply", "Screen", "Overlay", "Darken", "Lighten", "ColorDodge", "ColorBurn",
    "HardLight", "SoftLight", "Difference", "Exclusion", "Hue", "Saturation", "Color", "Luminosity",
)  # fmt: skip
_INTENTS = ("/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation")


class Resources:
    """Walks the resources that the pages of an open ``pikepdf.Pdf`` reach and makes them conform."""

    def __init__(self, document):
        self.document = document
        self.seen = set()
        self.forms_with_text = set()

    def conform(self):
        """Raises ``PdfError`` for what cannot be repaired without changing what is seen."""
        any_text = False
        for number, page in enumerate(self.document.pages, 1):
            own = self._page_content(page)
            contents = [own, *self._walk(own.resources)]
            for annotation in page.obj.get(Name.Annots, []):
                contents += self._appearance(annotation)
            has_text = self._has_text(own, contents)
            if not has_text and any(map(pdf_content.draws_letters, contents)):
                raise PdfError("pdf_page_without_text", page=number)
            any_text = any_text or has_text
            for content in contents:
                self.content(content)
        if not any_text:
            raise PdfError("pdf_page_without_text", page=1)

    def _has_text(self, page, contents):
        """Tell whether a page, or a form that it may share with an earlier page, shows text."""
        with_text = [content for content in contents if pdf_content.shows_text(content)]
        self.forms_with_text |= {content.owner.objgen for content in with_text if content is not page}
        forms = page.resources.get(Name.XObject, {}).values()
        return bool(with_text) or any(form.objgen in self.forms_with_text for form in forms)

    def is_new(self, item, part):
        """Tell whether a dictionary or stream is met for the first time in this ``part`` (str)."""
        if not isinstance(item, Dictionary | pikepdf.Stream):
            return False
        if item.is_indirect:
            if (part, item.objgen) in self.seen:
                return False
            self.seen.add((part, item.objgen))
        return True

    def knows(self, item, part):
        """Tell whether an indirect object was met in this ``part`` (str)."""
        return (part, item.objgen) in self.seen

    # --- contents ---------------------------------------------------------------------------------

    def _page_content(self, page):
        if isinstance(page.obj.get(Name.Contents), Array):
            page.contents_coalesce()
        if Name.Resources not in page.obj:
            # 6.2.2: inherited resources do not count.
            page.obj.Resources = page.resources
        stream = page.obj.get(Name.Contents)
        return pdf_content.Content(page.obj, page.obj.Resources, b"" if stream is None else read(stream))

    def content(self, content):
        """Conform one content stream with its fonts; raises ``PdfError``."""
        for font in content.resources.get(Name.Font, {}).values():
            if pdf_fonts.is_embedded(font):
                self.font(font)
        replaced = pdf_repair.repaired(content)
        if replaced is not None:
            content = content._replace(data=replaced)
            if isinstance(content.owner, pikepdf.Stream):
                content.owner.write(replaced)
            else:
                content.owner.Contents = self.document.make_stream(replaced)
        # What stays is judged as it will be read.
        if pdf_content.uses_cmyk(content):
            raise PdfError("pdf_colour", detail="DeviceCMYK")
        if pdf_content.nests_too_deep(content):
            raise PdfError("pdf_feature", detail="more than 28 nested graphics states")
        if pdf_content.has_lzw_inline_image(content):
            raise PdfError("pdf_feature", detail="an inline image with LZW")
        for name in pdf_fonts.missing(content):
            raise PdfError("pdf_font_not_embedded", font=name)

    def font(self, font):
        """Conform an embedded font; raises ``PdfError``."""
        if font.get(Name.Subtype) == Name.Type3 or not self.is_new(font, "font"):
            return
        self.is_new(pdf_fonts.with_program(font), "font")
        try:
            pdf_fonts.conform(font)
        except pdf_fonts.FontDamaged:
            raise PdfError("pdf_font_damaged", font=pdf_fonts.name_of(font)) from None

    # --- resources --------------------------------------------------------------------------------

    def _walk(self, resources):
        """Conform what resources name; return the contents of the forms and patterns among them."""
        if not self.is_new(resources, "resources"):
            return []
        contents = []
        for state in resources.get(Name.ExtGState, {}).values():
            if self.is_new(state, "state"):
                contents += self._graphics_state(state, resources)
        for space in resources.get(Name.ColorSpace, {}).values():
            _colour_space(space)
        for shading in resources.get(Name.Shading, {}).values():
            _colour_space(shading.get(Name.ColorSpace))
        for pattern in resources.get(Name.Pattern, {}).values():
            contents += self._pattern(pattern, resources)
        for xobject in resources.get(Name.XObject, {}).values():
            contents += self.xobject(xobject, resources)
        for font in resources.get(Name.Font, {}).values():
            if font.get(Name.Subtype) == Name.Type3 and self.is_new(font, "glyphs"):
                contents += self._walk(self._own_resources(font, resources))
        return contents

    def _own_resources(self, stream, inherited):
        """Return the resources of a form or pattern, made explicit when it borrows its page's (6.2.2)."""
        if Name.Resources not in stream:
            # As an object of its own: a font written inside the resources would hold itself without end.
            if not inherited.is_indirect:
                inherited = self.document.make_indirect(inherited)
            stream.Resources = inherited
        return stream.Resources

    def _graphics_state(self, state, resources):
        remove(state, _GRAPHICS_STATE_REMOVED)
        modes = state.get(Name.BM)
        for mode in modes if isinstance(modes, Array) else [modes]:
            if mode is not None and str(mode)[1:] not in _BLEND_MODES:
                raise PdfError("pdf_feature", detail=f"the blend mode {mode}")
        if Name.RI in state and str(state.RI) not in _INTENTS:
            del state[Name.RI]
        if Name.Font in state:
            raise PdfError("pdf_feature", detail="a font in a graphics state")
        mask = state.get(Name.SMask)
        return self.xobject(mask.get(Name.G), resources) if isinstance(mask, Dictionary) else []

    def _pattern(self, pattern, inherited):
        if not self.is_new(pattern, "pattern"):
            return []
        if isinstance(pattern, pikepdf.Stream):
            resources = self._own_resources(pattern, inherited)
            return [pdf_content.Content(pattern, resources, read(pattern)), *self._walk(resources)]
        shading = pattern.get(Name.Shading)
        if shading is not None:
            _colour_space(shading.get(Name.ColorSpace))
        return []

    def xobject(self, xobject, inherited):
        """Conform an image or form; return the contents that it leads to. Raises ``PdfError``."""
        kind = str(xobject.get(Name.Subtype))
        if not self.is_new(xobject, kind):
            return []
        if kind == "/Image":
            self._image(xobject)
            return []
        if kind != "/Form":
            raise PdfError("pdf_feature", detail=f"an object of kind {kind}")
        remove(xobject, _FORM_REMOVED)
        group = xobject.get(Name.Group)
        if isinstance(group, Dictionary):
            _colour_space(group.get(Name.CS))
        resources = self._own_resources(xobject, inherited)
        return [pdf_content.Content(xobject, resources, read(xobject)), *self._walk(resources)]

    def _image(self, image):
        remove(image, _IMAGE_REMOVED)
        _colour_space(image.get(Name.ColorSpace))
        if Name.Intent in image and str(image.Intent) not in _INTENTS:
            del image[Name.Intent]
        filters = image.get(Name.Filter)
        filters = list(filters) if isinstance(filters, Array) else [filters]
        if Name.JPXDecode in filters:
            raise PdfError("pdf_feature", detail="a JPEG 2000 image")
        if Name.LZWDecode in filters:
            image.write(read(image))
        for key in (Name.SMask, Name.Mask):
            mask = image.get(key)
            if isinstance(mask, pikepdf.Stream) and self.is_new(mask, "/Image"):
                self._image(mask)

    def _appearance(self, annotation):
        """Return the contents of an annotation's normal appearances."""
        appearance = annotation.get(Name.AP) if isinstance(annotation, Dictionary) else None
        normal = appearance.get(Name.N) if isinstance(appearance, Dictionary) else None
        if normal is None:
            return []
        states = [normal] if isinstance(normal, pikepdf.Stream) else normal.values()
        return [content for state in states for content in self.xobject(state, Dictionary())]


def remove(dictionary, keys):
    """Delete the keys that a dictionary has."""
    for key in keys:
        if key in dictionary:
            del dictionary[key]


def _colour_space(space):
    """6.2.4.3: DeviceCMYK needs a CMYK output intent, and ours is RGB."""
    pending, seen = [space], set()
    while pending:
        space = pending.pop()
        if space == Name.DeviceCMYK:
            raise PdfError("pdf_colour", detail="DeviceCMYK")
        if not isinstance(space, Array) or (space.is_indirect and space.objgen in seen):
            continue
        seen.add(space.objgen)
        if len(space) > 1 and space[0] == Name.ICCBased:
            if not isinstance(space[1], pikepdf.Stream) or not icc.is_input_profile(read(space[1])):
                raise PdfError("pdf_colour", detail="ICC")
        else:
            pending += [item for item in space if isinstance(item, Name | Array)]


def read(stream):
    """Return the decoded bytes of a stream; raises ``PdfError``."""
    try:
        return stream.read_bytes()
    except pikepdf.PdfError as error:
        raise PdfError("pdf_unreadable", detail=str(error)[:80]) from None
