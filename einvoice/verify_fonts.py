"""Fonts of a finished file, for the last gate alone: ISO 19005-3 6.2.11, with readers of its own.

Looks at what is shown: each code of each text, its glyph, its width in the dictionary and in the program.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from . import verify_programs, verify_tokens
from .pdf_common import BY_NAME, MAC_CODES, NOTDEF, STANDARD, Broken, Object, character, is_listed
from .verify_programs import Unreadable
from .verify_tokens import Text, operations

# Of a code: is its glyph the one for missing characters, is there a glyph, how wide is it.
Look = Callable[[Any], tuple[bool, bool, float | None]]

_KINDS = ("/Type1", "/MMType1", "/TrueType", "/Type3", "/Type0", "/CIDFontType0", "/CIDFontType2")
_STANDARD_FONTS = frozenset(
    f"/{family}{style}"
    for family, styles in (
        ("Courier", ("", "-Bold", "-Oblique", "-BoldOblique")),
        ("Helvetica", ("", "-Bold", "-Oblique", "-BoldOblique")),
        ("Times", ("-Roman", "-Bold", "-Italic", "-BoldItalic")),
        ("Symbol", ("",)),
        ("ZapfDingbats", ("",)),
    )
    for style in styles
)
_PROGRAMS = (Name.FontFile, Name.FontFile2, Name.FontFile3)
_PROGRAM_KINDS = ("/Type1C", "/CIDFontType0C", "/OpenType")
_SYMBOLIC, _NONSYMBOLIC = 4, 32
_TOLERANCE = 1  # thousandths of the font size (6.2.11.5)
# Numbers as written differ from those of the program in their last decimals.
_ROUNDING = 0.001
_NUMBERS_ONLY = re.compile(rb"[-+.\d\s\[\]]*")
_W_TOKEN = re.compile(rb"[\[\]]|[-+.\d]+")
_MAC, _MICROSOFT, _SYMBOL = (1, 0), (3, 1), (3, 0)


def troubles(font: Object, visible: set[Text], hidden: set[Text]) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for a font dictionary that shows the strings ``visible`` (bytes) and, in text
    rendering mode 3, ``hidden``."""
    name = str(font.get(Name.BaseFont, font.get(Name.Name, "?"))).lstrip("/")
    try:
        for clause, words in _font(font, visible, hidden):
            yield clause, f"the font {name} {words}"
    except Unreadable as error:
        yield "6.2.11.2", f"the font {name} cannot be read ({str(error)[:60]})"
    except (
        pikepdf.PdfError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        ValueError,
        RuntimeError,
    ) as error:
        yield "6.2.11.2", f"the font {name} has parts of the wrong form ({type(error).__name__})"


def structure_troubles(item: Object) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for a dictionary that is a font whose parts are missing, shown or not."""
    kind = item.get(Name.Subtype)
    if (
        kind == Name.Type0
        and (Name.Encoding not in item or not isinstance(item.get(Name.DescendantFonts), Array))
    ) or (kind == Name.Type3 and not isinstance(item.get(Name.CharProcs), Dictionary)):
        yield "6.2.11.2", "a font without its parts"


def _font(font: Object, visible: set[Text], hidden: set[Text]) -> Iterator[Broken]:
    kind = str(font.get(Name.Subtype))
    if font.get(Name.Type) != Name.Font or kind not in _KINDS:
        yield "6.2.11.2", "is of no known kind"
        return
    if kind != "/Type3" and not isinstance(font.get(Name.BaseFont), Name):
        yield "6.2.11.2", "has no name"
    if kind == "/Type0":
        yield from _composite(font, visible, hidden)
        return
    standard = str(font.get(Name.BaseFont)) in _STANDARD_FONTS and _program(font) is None
    if not (standard and kind == "/Type1"):
        yield from _simple_metrics(font)
    glyphs = {"/Type3": _drawn, "/TrueType": _truetype}.get(kind, _type1)
    yield from _codes(glyphs(font, bool(visible)), visible, hidden, _simple_width(font), lambda text: text)


def _codes(
    reader: Generator[Broken, None, Look | None],
    visible: set[Text],
    hidden: set[Text],
    told: Callable[[int], float],
    codes_of: Callable[[Any], Iterable[int]],
) -> Iterator[Broken]:
    """Judge each code with ``reader``: it yields troubles, returns code → (is_notdef, is_there, width)."""
    look = None
    while True:
        try:
            yield next(reader)
        except StopIteration as stop:
            look = stop.value
            break
    if look is None:
        return
    seen = {code for text in visible for code in codes_of(text)}
    missing, absent, wide = [], [], []
    for code in seen | {code for text in hidden for code in codes_of(text)}:
        is_notdef, is_there, width = look(code)
        if is_notdef:
            missing.append(code)
        if code not in seen:
            continue
        if not is_there and not is_notdef:
            absent.append(code)
        elif width is not None and not abs(width - told(code)) <= _TOLERANCE + _ROUNDING:
            wide.append(code)
    if missing:
        yield "6.2.11.8", f"shows its sign for missing characters (code {min(missing)})"
    if absent:
        yield "6.2.11.4.1", f"has no glyph for a character that is shown (code {min(absent)})"
    if wide:
        yield "6.2.11.5", f"has other widths than its program (code {min(wide)})"


# --- dictionaries -----------------------------------------------------------------------------------


def _descriptor(font: Object) -> Object:
    found = font.get(Name.FontDescriptor)
    return found if isinstance(found, Dictionary) else Dictionary()


def _program(font: Object) -> tuple[Object, Object] | None:
    """Return the key and the stream of the program inside the file, or ``None``."""
    descriptor = _descriptor(font)
    for key in _PROGRAMS:
        if isinstance(descriptor.get(key), pikepdf.Stream):
            return key, descriptor[key]
    return None


def _embedded(font: Object, visible: bool) -> Generator[Broken, None, tuple[Object, str, bytes] | None]:
    """Yield what is wrong with the program; return ``(key, subtype, bytes)`` or ``None``."""
    found = _program(font)
    if found is None:
        if visible:
            yield "6.2.11.4.1", "is not embedded"
        return None
    key, stream = found
    subtype = str(stream.get(Name.Subtype, ""))
    if key == Name.FontFile3 and subtype not in _PROGRAM_KINDS:
        yield "6.2.11.2", "has a program of no known kind"
    if Name.CIDSet in _descriptor(font):
        yield "6.2.11.4.2", "has a list of its glyphs that may not be whole"
    if Name.CharSet in _descriptor(font):
        yield "6.2.11.4.2", "has a list of its glyphs that may not be whole"
    return key, subtype, bytes(stream.read_bytes())


def _simple_metrics(font: Object) -> Iterator[Broken]:
    first, last, widths = (font.get(key) for key in (Name.FirstChar, Name.LastChar, Name.Widths))
    if not isinstance(first, int) or not isinstance(last, int) or not isinstance(widths, Array):
        yield "6.2.11.2", "does not say its widths"
    elif len(widths) != last - first + 1:
        yield "6.2.11.2", "says another number of widths than it has characters"


def _simple_width(font: Object) -> Callable[[int], float]:
    first, widths = font.get(Name.FirstChar), font.get(Name.Widths)
    known = {}
    if isinstance(first, int) and isinstance(widths, Array):
        known = {first + place: float(width) for place, width in enumerate(widths)}
    default = float(_descriptor(font).get(Name.MissingWidth, 0))
    return lambda code: known.get(code, default)


def _names(font: Object) -> tuple[dict[int, str], str | None]:
    """Return the glyph name by code that /Encoding gives, and whether it is a base encoding with a name."""
    encoding = font.get(Name.Encoding)
    if isinstance(encoding, Name):
        return dict(enumerate(BY_NAME.get(str(encoding), ()))), str(encoding)
    if not isinstance(encoding, Dictionary):
        return {}, None
    base = str(encoding.get(Name.BaseEncoding))
    names = dict(enumerate(BY_NAME.get(base, ())))
    code = 0
    for item in encoding.get(Name.Differences, []):
        if isinstance(item, Name):
            names[code] = str(item)[1:]
            code += 1
        else:
            code = int(item)
    return names, base


# --- simple fonts -----------------------------------------------------------------------------------


def _truetype(font: Object, visible: bool) -> Generator[Broken, None, Look | None]:
    found = yield from _embedded(font, visible)
    names, base = _names(font)
    if found is None:
        return lambda code: (names.get(code) == NOTDEF or code == 0, True, None)
    key, _subtype, data = found
    if key == Name.FontFile3:
        yield "6.2.11.2", "has a program of another kind than its dictionary says"
        return None
    program = verify_programs.TrueType(data)
    flags = int(_descriptor(font).get(Name.Flags, 0))
    is_symbolic = bool(flags & _SYMBOLIC) and not flags & _NONSYMBOLIC
    maps, encoding = program.maps, font.get(Name.Encoding)
    if is_symbolic:
        if encoding is not None:
            yield "6.2.11.6", "is symbolic and has an encoding"
        if len(maps) != 1 and _SYMBOL not in maps:
            yield "6.2.11.6", "is symbolic and has several character maps, none of them symbolic"
    else:
        if base not in BY_NAME:
            yield "6.2.11.6", "has neither the Windows nor the Mac encoding"
        if isinstance(encoding, Dictionary) and Name.Differences in encoding:
            named = [str(item)[1:] for item in encoding.Differences if isinstance(item, Name)]
            if _MICROSOFT not in maps or not all(map(is_listed, named)):
                yield "6.2.11.6", "has an encoding with names that its program does not know"
        if not maps or (len(maps) == 1 and _SYMBOL in maps):
            yield "6.2.11.6", "has no character map for its encoding"

    def look(code: int) -> tuple[bool, bool, float | None]:
        name = names.get(code)
        if name == NOTDEF or (name is None and code == 0):
            return True, True, None
        by_code = is_symbolic or not names
        glyph = _symbolic_glyph(maps, code) if by_code else _named_glyph(program, name, code)
        return False, 0 < glyph < program.glyphs, program.width(glyph)

    return look


def _symbolic_glyph(maps: dict[tuple[int, int], dict[int, int]], code: int) -> int:
    if _SYMBOL in maps:
        table = maps[_SYMBOL]
        high = next(iter(table), 0) & 0xFF00
        return table.get(high + code, table.get(code, 0))
    if _MAC in maps:
        return maps[_MAC].get(code, 0)
    return 0


def _named_glyph(program: verify_programs.TrueType, name: str | None, code: int) -> int:
    name = name or STANDARD[code]
    unicode = character(name)
    glyph = program.maps.get(_MICROSOFT, {}).get(ord(unicode), 0) if len(unicode) == 1 else 0
    if not glyph and name in MAC_CODES:
        glyph = program.maps.get(_MAC, {}).get(MAC_CODES[name], 0)
    return glyph or program.names.get(name, 0)


def _type1(font: Object, visible: bool) -> Generator[Broken, None, Look | None]:
    found = yield from _embedded(font, visible)
    names, _base = _names(font)
    if found is None:
        return lambda code: (names.get(code) == NOTDEF, True, None)
    key, _subtype, data = found
    if key == Name.FontFile2:
        yield "6.2.11.2", "has a program of another kind than its dictionary says"
        return None
    program = verify_programs.Type1(data) if key == Name.FontFile else verify_programs.compact(data)

    def look(code: int) -> tuple[bool, bool, float | None]:
        name = names.get(code) or program.encoding.get(code)
        if name is None or name == NOTDEF:
            return True, True, None
        if isinstance(program, verify_programs.Compact):
            glyph = program.glyph_of.get(name)
            return False, glyph is not None, None if glyph is None else program.width(glyph)
        return False, program.has(name), program.width(name) if program.has(name) else None

    return look


def _drawn(font: Object, _visible: bool) -> Generator[Broken, None, Look | None]:
    if _leads_to_itself(font):
        yield "6.2.11.2", "is drawn with itself"
        return None
    names, _base = _names(font)
    procedures = font.get(Name.CharProcs)
    if not isinstance(procedures, Dictionary):
        procedures = Dictionary()

    def look(code: int) -> tuple[bool, bool, float | None]:
        name = "/" + names.get(code, NOTDEF)
        procedure = procedures.get(name)
        if not isinstance(procedure, pikepdf.Stream):
            return True, True, None
        for operator, operands, _image in operations(procedure.read_bytes(), []):
            if operator in (b"d0", b"d1"):
                return False, True, float(operands[0])
            break
        return False, True, None

    return look


def _leads_to_itself(font: Object) -> bool:
    """Tell whether the resources of a font of drawings lead to it again: reading it would never end."""
    pending, seen = [font.get(Name.Resources)], set()
    while pending:
        item = pending.pop()
        if isinstance(item, Array):
            pending += list(item)
            continue
        if not isinstance(item, Dictionary | pikepdf.Stream):
            continue
        if item.is_indirect:
            if item.objgen == font.objgen:
                return True
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        pending += [value for key, value in item.items() if key not in ("/Parent", "/P", "/FontDescriptor")]
    return False


# --- composite fonts --------------------------------------------------------------------------------


def _composite(font: Object, visible: set[Text], hidden: set[Any]) -> Iterator[Broken]:
    descendants = font.get(Name.DescendantFonts)
    descendant = descendants[0] if isinstance(descendants, Array) and len(descendants) else None
    if not isinstance(descendant, Dictionary):
        yield "6.2.11.2", "has no descendant"
        return
    kind = str(descendant.get(Name.Subtype))
    if descendant.get(Name.Type) != Name.Font or kind not in ("/CIDFontType0", "/CIDFontType2"):
        yield "6.2.11.2", "has a descendant of no known kind"
        return
    if not isinstance(descendant.get(Name.BaseFont), Name):
        yield "6.2.11.2", "has a descendant without name"
    cmap = verify_tokens.read_cmap(font.get(Name.Encoding))
    yield from verify_tokens.cmap_troubles(cmap, font.get(Name.Encoding), descendant.get(Name.CIDSystemInfo))
    if cmap is None:
        return
    glyphs = _cid_truetype if kind == "/CIDFontType2" else _cid_compact
    yield from _codes(glyphs(descendant, bool(visible)), visible, hidden, _cid_width(descendant), cmap.cids)


def _cid_truetype(font: Object, visible: bool) -> Generator[Broken, None, Look | None]:
    found = yield from _embedded(font, visible)
    if found is None:
        return None
    key, _subtype, data = found
    if key != Name.FontFile2:
        yield "6.2.11.2", "has a program of another kind than its dictionary says"
        return None
    mapping = font.get(Name.CIDToGIDMap)
    if mapping != Name.Identity and not isinstance(mapping, pikepdf.Stream):
        yield "6.2.11.3.2", "has no glyph map"
    program = verify_programs.TrueType(data)
    if isinstance(mapping, pikepdf.Stream):
        rows = mapping.read_bytes()
        glyph_of: Callable[[int], int] = lambda cid: int.from_bytes(rows[2 * cid : 2 * cid + 2], "big")  # noqa: E731
    else:
        glyph_of = lambda cid: cid  # noqa: E731

    def look(cid: int) -> tuple[bool, bool, float | None]:
        glyph = glyph_of(cid)
        return not cid or not 0 < glyph < program.glyphs, True, program.width(glyph)

    return look


def _cid_compact(font: Object, visible: bool) -> Generator[Broken, None, Look | None]:
    found = yield from _embedded(font, visible)
    if found is None:
        return None
    key, _subtype, data = found
    if key != Name.FontFile3:
        yield "6.2.11.2", "has a program of another kind than its dictionary says"
        return None
    program = verify_programs.compact(data)

    def look(cid: int) -> tuple[bool, bool, float | None]:
        glyph = program.glyph_of.get(cid) if program.by_cid else cid
        if not glyph or glyph >= program.glyphs:
            return True, True, None
        return False, True, program.width(glyph)

    return look


def _cid_width(font: Object) -> Callable[[int], float]:
    """Return the function that gives the width of a CID (ISO 32000-1 9.7.4.3)."""
    default = font.get(Name.DW, 1000)
    known: dict[int, float] = {}
    ranges: list[tuple[int, int, float]] = []
    for first, second, widths in _w_rows(font.get(Name.W)):
        if widths is None:
            known.update(enumerate(second, first))
        else:
            ranges.append((first, second, widths))

    def told(cid: int) -> float:
        if cid in known:
            return known[cid]
        return next((width for first, last, width in ranges if first <= cid <= last), float(default))

    return told


def _w_rows(array: Object) -> Iterator[tuple[int, Any, float | None]]:
    """Yield ``(first, [widths], None)`` and ``(first, last, width)`` of a /W array."""
    if not isinstance(array, Array):
        return
    written = array.unparse()
    if _NUMBERS_ONLY.fullmatch(written):
        tokens = _W_TOKEN.findall(written)
        stack: list[list[Any]] = []
        for token in tokens:
            if token == b"[":
                stack.append([])
            elif token == b"]":
                closed = stack.pop()
                if not stack:
                    items = closed
                    break
                stack[-1].append(closed)
            else:
                stack[-1].append(float(token))
    else:
        items = [
            [float(width) for width in item] if isinstance(item, Array) else float(item) for item in array
        ]
    place = 0
    while place + 1 < len(items):
        first, second = int(items[place]), items[place + 1]
        if isinstance(second, list):
            yield first, second, None
            place += 2
        elif place + 2 < len(items):
            yield first, int(second), items[place + 2]
            place += 3
        else:
            return
