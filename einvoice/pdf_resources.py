"""What is drawn in a PDF, and with what: contents, resources, fonts (ISO 19005-3 6.2).

First all contents are found and read, then the fonts are conformed for what they show, then the contents are
written anew where a font or a clause asks for it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from . import pdf_content, pdf_fonts
from .pdf_common import Instructions, Object, PdfError
from .pdf_content import Content
from .pdf_fonts import Changes
from .pdf_glyphs import FontDamaged
from .pdf_objects import read

# What tells a font from others: its number in the file, or its bytes.
Key = tuple[int, int] | bytes
Result = TypeVar("Result")

_CATEGORIES = (
    Name.ExtGState, Name.ColorSpace, Name.Pattern, Name.Shading, Name.XObject, Name.Font, Name.Properties,
)  # fmt: skip


class Resources:
    """The contents of an open ``pikepdf.Pdf``, made to conform.

    ``objects`` are those that the file holds, see ``pdf_objects.reached``.
    """

    def __init__(self, document: Pdf, objects: list[tuple[str, Object]]) -> None:
        self.document = document
        self._objects = objects
        self._seen: set[tuple[Any, ...]] = set()
        self._forms_with_text: set[Any] = set()
        self._usages: dict[Key, tuple[Object, pdf_fonts.Usage]] = {}

    def conform(self) -> bool:
        """Tell whether all is of the form that wkhtmltopdf writes.

        Raises ``PdfError`` for what cannot be repaired without changing what is seen.
        """
        printed: list[Content] = []
        others: list[Content] = []
        for content in [*self._pages(), *self._elsewhere()]:
            (printed if self._is_printed(content) else others).append(content)
        facts = self._conform_printed_fonts(printed)
        parsed = []
        for content in printed:
            data = self._repaired(content, facts)
            if data is None:
                others.append(content)
            elif data is not content.data:
                self._write(content, data)
        parsed = [self._parsed(content) for content in others]
        changes = {}
        for key, (font, usage) in self._usages.items():
            changes[key] = self._undamaged(font, pdf_fonts.conform, self.document, font, usage)
        for row in parsed:
            self._finish(*row, changes)
        return not others

    # --- finding contents -------------------------------------------------------------------------

    def _pages(self) -> list[Content]:
        found, any_text = [], False
        for number, page in enumerate(self.document.pages, 1):
            own = self._page_content(page)
            contents = [own, *self._walk(own.resources, own.resources)]
            annotations = page.obj.get(Name.Annots)
            for annotation in annotations if isinstance(annotations, Array) else ():
                contents += self._appearance(annotation)
            has_text = self._has_text(own, contents)
            if not has_text and any(pdf_content.draws_letters(content) for content in contents):
                raise PdfError("pdf_page_without_text", page=number)
            any_text = any_text or has_text
            found += contents
        if not any_text:
            raise PdfError("pdf_page_without_text", page=1)
        return found

    def _elsewhere(self) -> list[Content]:
        """Return the contents that the file holds and no page leads to."""
        found = []
        for _key, item in self._objects:
            if isinstance(item, Array):
                continue
            keys = item.keys()
            if isinstance(item, pikepdf.Stream):
                if "/Subtype" in keys and item.get("/Subtype") == Name.Form:
                    found += self._form(item, Dictionary())
                elif "/PatternType" in keys and item.get("/PatternType") == 1:
                    found += self._pattern(item, Dictionary())
            elif "/CharProcs" in keys and item.get("/Subtype") == Name.Type3:
                found += self._drawn_font(item, Dictionary())
        return found

    def _has_text(self, page: Content, contents: list[Content]) -> bool:
        """Tell whether a page, or a form that it may share with an earlier page, shows text."""
        with_text = [content for content in contents if pdf_content.shows_text(content)]
        self._forms_with_text |= {content.owner.objgen for content in with_text if content is not page}
        forms = pdf_content.rows(page.resources, Name.XObject).values()
        return bool(with_text) or any(form.objgen in self._forms_with_text for form in forms)

    def _is_new(self, item: Object, part: str) -> bool:
        """Tell whether a dictionary or stream is met for the first time in this ``part`` (str)."""
        if not isinstance(item, Dictionary | pikepdf.Stream):
            return False
        if item.is_indirect:
            if (part, item.objgen) in self._seen:
                return False
            self._seen.add((part, item.objgen))
        return True

    def _page_content(self, page: pikepdf.Page) -> Content:
        if isinstance(page.obj.get(Name.Contents), Array):
            page.contents_coalesce()
        if Name.Resources not in page.obj:
            # 6.2.2: inherited resources do not count.
            page.obj.Resources = page.resources
        stream = page.obj.get(Name.Contents)
        return Content(page.obj, page.obj.Resources, b"" if stream is None else read(stream))

    def _walk(self, resources: Object, lent: Object) -> list[Content]:
        """Return the contents that resources lead to; ``lent`` are those of the page."""
        if not self._is_new(resources, "resources"):
            return []
        contents = []
        for state in pdf_content.rows(resources, Name.ExtGState).values():
            mask = state.get(Name.SMask) if isinstance(state, Dictionary) else None
            if isinstance(mask, Dictionary):
                contents += self._form(mask.get(Name.G), lent)
        for pattern in pdf_content.rows(resources, Name.Pattern).values():
            contents += self._pattern(pattern, lent)
        for xobject in pdf_content.rows(resources, Name.XObject).values():
            contents += self._form(xobject, lent)
        for font in pdf_content.rows(resources, Name.Font).values():
            if isinstance(font, Dictionary) and font.get(Name.Subtype) == Name.Type3:
                contents += self._drawn_font(font, lent)
        return contents

    def _form(self, form: Object, lent: Object) -> list[Content]:
        kind = form.get(Name.Subtype) if isinstance(form, pikepdf.Stream) else None
        if kind == Name.Image or form is None or not self._is_new(form, "form"):
            return []
        if kind != Name.Form:
            raise PdfError("pdf_feature", detail=f"an object of kind {kind}")
        return self._content(form, lent)

    def _pattern(self, pattern: Object, lent: Object) -> list[Content]:
        if not isinstance(pattern, pikepdf.Stream) or not self._is_new(pattern, "pattern"):
            return []
        return self._content(pattern, lent)

    def _content(self, stream: Object, lent: Object) -> list[Content]:
        data = read(stream)
        if not isinstance(stream.get(Name.Resources), Dictionary):
            stream.Resources = _needed(lent, [data])
        resources = stream.Resources
        return [Content(stream, resources, data, lent), *self._walk(resources, lent)]

    def _drawn_font(self, font: Object, lent: Object) -> list[Content]:
        """Return the contents that are the signs of a Type 3 font."""
        if not self._is_new(font, "glyphs"):
            return []
        procedures = font.get(Name.CharProcs)
        streams = [
            item
            for item in (procedures.values() if isinstance(procedures, Dictionary) else ())
            if isinstance(item, pikepdf.Stream) and self._is_new(item, "sign")
        ]
        data = [read(stream) for stream in streams]
        own = font.get(Name.Resources)
        if not isinstance(own, Dictionary) or _leads_to(own, font):
            # Not all of the page's: reading a font that leads to itself would never end.
            font.Resources = _needed(own if isinstance(own, Dictionary) else lent, data)
            if _leads_to(font.Resources, font):
                raise PdfError("pdf_feature", detail="a font that is drawn with itself")
        resources = font.Resources
        return [
            *(Content(stream, resources, one, lent) for stream, one in zip(streams, data, strict=True)),
            *self._walk(resources, lent),
        ]

    def _appearance(self, annotation: Object) -> list[Content]:
        """Return the contents of an annotation's normal appearances."""
        appearance = annotation.get(Name.AP) if isinstance(annotation, Dictionary) else None
        normal = appearance.get(Name.N) if isinstance(appearance, Dictionary) else None
        if normal is None:
            return []
        states = [normal] if isinstance(normal, pikepdf.Stream) else normal.values()
        return [content for state in states for content in self._form(state, Dictionary())]

    # --- reading and writing ----------------------------------------------------------------------

    def _is_printed(self, content: Content) -> bool:
        fonts = pdf_content.fonts_of(content.resources).values()
        if not all(isinstance(font, Dictionary) and pdf_fonts.is_printed_form(font) for font in fonts):
            return False
        if not fonts and pdf_content.shows_text(content):
            return False
        if not pdf_content.is_printed_form(content.data) or pdf_content.nests_too_deep(content.data):
            return False
        set_fonts = {"/" + name.decode("latin-1") for name in set(pdf_content.FONT_SET.findall(content.data))}
        return set_fonts <= set(pdf_content.fonts_of(content.resources)) and not _lacking(content)

    def _parsed(self, content: Content) -> tuple[Content, Instructions, bool]:
        """Return a content with its instructions, and whether one was changed; note what fonts show."""
        self._lend(content)
        data = pdf_content.with_even_strings(content.data)
        is_changed = data != content.data
        if is_changed:
            self._write(content, data)
        instructions, is_less = pdf_content.known(pikepdf.parse_content_stream(content.owner))
        if pdf_content.instructions_nest_too_deep(instructions):
            raise PdfError("pdf_feature", detail="more than 28 nested graphics states")
        self._note(content, instructions)
        return content, instructions, is_less

    def _note(self, content: Content, instructions: Instructions) -> None:
        fonts = pdf_content.fonts_of(content.resources)
        for instruction, name, is_seen in pdf_content.with_fonts(instructions):
            if not name:
                continue
            texts = pdf_content.texts_of(instruction)
            font = fonts.get(name)
            if not isinstance(font, Dictionary):
                if any(texts):
                    raise PdfError("pdf_font_not_embedded", font=name.lstrip("/"))
                continue
            usage = self._usages.setdefault(_identity(font), (font, pdf_fonts.Usage()))[1]
            (usage.visible if is_seen else usage.hidden).update(texts)

    def _lend(self, content: Content) -> None:
        """6.2.2: give a stream what it takes from the page's resources."""
        for category, names in _lacking(content).items():
            if not isinstance(content.resources.get(category), Dictionary):
                content.resources[category] = Dictionary()
            for name in names:
                content.resources[category][name] = content.lent[category][name]

    def _conform_printed_fonts(self, printed: list[Content]) -> dict[Key, tuple[int, int]]:
        """Return the advance of glyph 0 and the number of glyphs of each font of the printed form."""
        facts = {}
        for content in printed:
            for font in pdf_content.fonts_of(content.resources).values():
                key = _identity(font)
                if key not in facts:
                    facts[key] = self._undamaged(font, pdf_fonts.conform_printed, font)
        return facts

    def _repaired(self, content: Content, facts: dict[Key, tuple[int, int]]) -> bytes | None:
        """Return the bytes of a content of the printed form without glyph 0, ``None`` in doubt."""
        fonts = {
            name: facts[_identity(font)] for name, font in pdf_content.fonts_of(content.resources).items()
        }
        glyphs = max((count for _width, count in fonts.values()), default=0)
        if pdf_content.largest_code(content) >= max(glyphs, 1):
            return None
        return pdf_content.without_zero_codes(content, {name: width for name, (width, _n) in fonts.items()})

    @staticmethod
    def _undamaged(font: Object, conform: Callable[..., Result], *arguments: Any) -> Result:
        try:
            return conform(*arguments)
        except FontDamaged:
            raise PdfError("pdf_font_damaged", font=pdf_fonts.name_of(font)) from None

    def _finish(
        self,
        content: Content,
        instructions: Instructions,
        is_changed: bool,
        changes: dict[Key, Changes | None],
    ) -> None:
        fonts = pdf_content.fonts_of(content.resources)
        wanted = {
            name: changes.get(_identity(font)) for name, font in fonts.items() if isinstance(font, Dictionary)
        }
        wanted = {name: change for name, change in wanted.items() if change}
        if wanted:
            instructions, is_other = pdf_content.with_changes(instructions, wanted)
            is_changed = is_changed or is_other
        if is_changed:
            self._write(content, pdf_content.written(instructions))

    def _write(self, content: Content, data: bytes) -> None:
        if isinstance(content.owner, pikepdf.Stream):
            content.owner.write(data)
        else:
            content.owner.Contents = self.document.make_stream(data)


def _identity(font: Object) -> Key:
    return tuple(font.objgen) if font.is_indirect else bytes(font.unparse())


def _needed(resources: Object, data: list[bytes]) -> Object:
    """Return the part of resources (of a page) that content streams (list of bytes) may name."""
    names = set().union(*map(pdf_content.names_in, data)) if data else set()
    found = Dictionary()
    for category in _CATEGORIES:
        for name, item in pdf_content.rows(resources, category).items():
            if name in names:
                if category not in found:
                    found[category] = Dictionary()
                found[category][name] = item
    return found


def _lacking(content: Content) -> dict[Object, set[str]]:
    """Return, by category, the names that a stream may use, lacks, and finds in the page's resources."""
    if content.lent is None or content.lent is content.resources:
        return {}
    names = pdf_content.names_in(content.data)
    found = {}
    for category in _CATEGORIES:
        own, lent = (pdf_content.rows(item, category) for item in (content.resources, content.lent))
        if lacking := (names & set(lent)) - set(own):
            found[category] = lacking
    return found


def _leads_to(resources: Object, font: Object) -> bool:
    """Tell whether resources lead to a font."""
    pending, seen = [resources], set()
    while pending:
        item = pending.pop()
        if isinstance(item, Array):
            pending += list(item)
        elif isinstance(item, Dictionary | pikepdf.Stream):
            if item.is_indirect:
                if item.objgen == font.objgen:
                    return True
                if item.objgen in seen:
                    continue
                seen.add(item.objgen)
            pending += [value for key, value in item.items() if key not in ("/Parent", "/P")]
    return False
