"""Fonts of a PDF made to obey ISO 19005-3 6.2.11: embedded, of known kinds, as wide as their programs say.

Where a width of the dictionary changes, or a code shows no glyph, the texts that show it must change with it:
``conform`` says how (``Changes``), so that every other sign stays where it was.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from . import pdf_glyphs
from .pdf_common import BY_NAME, NOTDEF, STANDARD, Object, PdfError, character, is_listed
from .pdf_glyphs import Compact, FontDamaged, TrueType, Type1

# Gives the bytes and the code of each sign of a string.
Split = Callable[[bytes], list[tuple[bytes, Any]]]
# The width of a code, as the dictionary tells it; as the program has it, None where it has no glyph.
Told = Callable[[int], float]
Width = Callable[[int], float | None]

_FONT_FILES = (Name.FontFile2, Name.FontFile3, Name.FontFile)
_SYMBOLIC, _NONSYMBOLIC = 4, 32
_TOLERANCE = 1  # thousandths of the font size (6.2.11.5)
_MICROSOFT, _SYMBOL = (3, 1), (3, 0)
_IDENTITY = (Name("/Identity-H"), Name("/Identity-V"))
_OPENTYPE = b"OTTO"
_THOUSANDTH = 0.001
# Standard fonts that need not say their widths, as long as nobody sees what they show.
_STANDARD_FAMILIES = ("Courier", "Helvetica", "Times", "Symbol", "ZapfDingbats")


class Usage:
    """The strings (bytes) that a font shows: ``visible``, and ``hidden`` in text rendering mode 3."""

    def __init__(self) -> None:
        self.visible: set[bytes] = set()
        self.hidden: set[bytes] = set()


class Changes(NamedTuple):
    """What must change in the texts of a font.

    ``split`` gives the ``(bytes, code)`` of a string, ``moves`` the room (thousandths of the font size) that
    takes the place of a code, ``shifts`` by how much the next sign moves back after a code.
    """

    split: Split
    moves: dict[Any, float]
    shifts: dict[Any, float]


def name_of(font: Object) -> str:
    """Return the readable name of a font dictionary."""
    return str(font.get(Name.BaseFont, font.get(Name.Name, "?"))).lstrip("/").rpartition("+")[2]


def with_program(font: Object) -> Object:
    """Return the dictionary that has the descriptor: of a composite font its descendant, if it has one."""
    if font.get(Name.Subtype) != Name.Type0:
        return font
    descendants = font.get(Name.DescendantFonts)
    if not isinstance(descendants, Array) or not len(descendants):
        return None
    return descendants[0] if isinstance(descendants[0], Dictionary) else None


def is_printed_form(font: Object) -> bool:
    """Tell whether a font is as wkhtmltopdf writes it: codes of two bytes equal to glyph numbers."""
    if font.get(Name.Subtype) != Name.Type0 or font.get(Name.Encoding) not in _IDENTITY:
        return False
    descendant = with_program(font)
    return (
        descendant is not None
        and descendant.get(Name.Subtype) == Name.CIDFontType2
        and descendant.get(Name.CIDToGIDMap, Name.Identity) == Name.Identity
        and isinstance(_descriptor(descendant).get(Name.FontFile2), pikepdf.Stream)
    )


def conform_printed(font: Object) -> tuple[int, int]:
    """Conform a font of the printed form: all widths are written anew from the program.

    wkhtmltopdf with patched Qt writes in /W widths that differ from the embedded font's hmtx table. Returns
    the advance of glyph 0 and the number of glyphs. Raises ``FontDamaged``.
    """
    descendant = with_program(font)
    _dictionary(font)
    _dictionary(descendant)
    descriptor = _descriptor(descendant)
    _drop_lists(descriptor)
    descendant.CIDToGIDMap = Name.Identity
    if not isinstance(descendant.get(Name.DW, 0), int):
        del descendant[Name.DW]
    program = TrueType(bytes(descriptor.FontFile2.read_bytes()))
    scaled = [str(round(width)) for width in program.widths]
    scaled += scaled[-1:] * (program.glyphs - len(scaled))
    descendant.W = pikepdf.Object.parse(f"[0 [{' '.join(scaled)}]]".encode())
    return round(program.widths[0]), program.glyphs


def conform(document: Pdf, font: Object, usage: Usage) -> Changes | None:
    """Conform a font of an open ``pikepdf.Pdf`` that shows ``usage``; return the ``Changes`` of its texts, or
    ``None``.

    Raises ``FontDamaged`` when its program cannot be read, ``PdfError`` for what cannot be repaired.
    """
    _dictionary(font)
    kind = font.get(Name.Subtype)
    if kind == Name.Type3:
        return _drawings(font, usage)
    if kind == Name.Type0:
        return _composite(font, usage)
    program = _program(font)
    if program is None:
        return _not_embedded(font, usage)
    _drop_lists(_descriptor(font))
    key, stream = program
    if key == Name.FontFile2:
        font.Subtype = Name.TrueType
        return _truetype(document, font, usage, stream)
    font.Subtype = Name.MMType1 if kind == Name.MMType1 else Name.Type1
    if key == Name.FontFile:
        return _type1(font, usage, Type1(bytes(stream.read_bytes())))
    data = bytes(stream.read_bytes())
    stream.Subtype = Name.OpenType if data[:4] == _OPENTYPE else Name.Type1C
    return _type1(font, usage, Compact(data))


# --- dictionaries -----------------------------------------------------------------------------------


def _descriptor(font: Object | None) -> Object:
    found = font.get(Name.FontDescriptor) if font is not None else None
    return found if isinstance(found, Dictionary) else Dictionary()


def _program(font: Object) -> tuple[Object, Object] | None:
    descriptor = _descriptor(font)
    return next(
        ((key, descriptor[key]) for key in _FONT_FILES if isinstance(descriptor.get(key), pikepdf.Stream)),
        None,
    )


def _dictionary(font: Object) -> None:
    """6.2.11.2: what every font dictionary has."""
    font.Type = Name.Font
    if font.get(Name.Subtype) != Name.Type3 and not isinstance(font.get(Name.BaseFont), Name):
        font.BaseFont = _descriptor(with_program(font)).get(Name.FontName, Name.Unnamed)


def _drop_lists(descriptor: Object) -> None:
    # 6.2.11.4.2: a list of the glyphs, if there is one, must be complete. It need not be there.
    for key in (Name.CIDSet, Name.CharSet):
        if key in descriptor:
            del descriptor[key]


def _not_embedded(font: Object, usage: Usage) -> Changes | None:
    """6.2.11.4.1: only a font whose text nobody sees may stay outside (the text layer of a scan)."""
    if any(usage.visible):
        raise PdfError("pdf_font_not_embedded", font=name_of(font))
    codes = _codes(usage)
    if font.Subtype == Name.TrueType:
        font.Encoding = font.get(Name.Encoding) if font.get(Name.Encoding) in _NAMED else Name.WinAnsiEncoding
        descriptor = font.get(Name.FontDescriptor)
        if isinstance(descriptor, Dictionary):
            descriptor.Flags = _NONSYMBOLIC
    names, told = _names(font), _told(font)
    if not name_of(font).startswith(_STANDARD_FAMILIES) or font.Subtype != Name.Type1:
        _write_widths(font, {code: told(code) for code in codes} or {0: 0})
    missing = {code for code in codes if names.get(code) == NOTDEF or (code == 0 and not names.get(code))}
    return _changes(_bytes, {code: told(code) for code in missing}, {})


_NAMED = (Name.WinAnsiEncoding, Name.MacRomanEncoding)


def _codes(usage: Usage) -> set[int]:
    return {code for text in (*usage.visible, *usage.hidden) for code in text}


def _bytes(text: bytes) -> list[tuple[bytes, int]]:
    return [(bytes([code]), code) for code in text]


def _changes(split: Split, moves: dict[Any, float], shifts: dict[Any, float]) -> Changes | None:
    shifts = {code: shift for code, shift in shifts.items() if abs(shift) > _TOLERANCE}
    return Changes(split, moves, shifts) if moves or shifts else None


def _names(font: Object) -> dict[int, str]:
    """Return the glyph names by code that /Encoding gives."""
    encoding = font.get(Name.Encoding)
    if isinstance(encoding, Name):
        return dict(enumerate(BY_NAME.get(str(encoding), ())))
    if not isinstance(encoding, Dictionary):
        return {}
    names = dict(enumerate(BY_NAME.get(str(encoding.get(Name.BaseEncoding)), ())))
    code = 0
    for item in encoding.get(Name.Differences, []):
        if isinstance(item, Name):
            names[code] = str(item)[1:]
            code += 1
        else:
            code = int(item)
    return names


def _told(font: Object) -> Told:
    """Return the function that gives the width of a code as the dictionary says it."""
    first, widths = font.get(Name.FirstChar), font.get(Name.Widths)
    known = {}
    if isinstance(first, int) and isinstance(widths, Array):
        known = {first + place: float(width) for place, width in enumerate(widths)}
    default = float(_descriptor(font).get(Name.MissingWidth, 0))
    return lambda code: known.get(code, default)


def _write_widths(font: Object, right: dict[int, float]) -> None:
    """Write /FirstChar, /LastChar and /Widths (6.2.11.2, 6.2.11.5): ``right`` holds the widths of the codes
    that are shown; the others keep theirs."""
    told, first, last = _told(font), font.get(Name.FirstChar), font.get(Name.LastChar)
    widths = font.get(Name.Widths)
    is_whole = (
        isinstance(first, int) and isinstance(last, int) and isinstance(widths, Array)
        and len(widths) == last - first + 1
    )  # fmt: skip
    if is_whole and all(first <= code <= last and told(code) == width for code, width in right.items()):
        return
    first = min([*right, *([first] if is_whole else ())], default=0)
    last = max([*right, *([last] if is_whole else ())], default=0)
    font.FirstChar, font.LastChar = first, last
    font.Widths = Array([_number(right.get(code, told(code))) for code in range(first, last + 1)])


def _number(width: float) -> float:
    rounded = round(width, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def _fit(font: Object, codes: Iterable[int], width_of: Callable[[int], float]) -> dict[int, float]:
    """Give the codes the widths of the program; return by how much each grew, but for what nobody sees."""
    told, right, shifts = _told(font), {}, {}
    for code in codes:
        width = width_of(code)
        differs = abs(width - told(code)) > _TOLERANCE
        right[code] = width if differs else told(code)
        if differs:
            shifts[code] = width - told(code)
    _write_widths(font, right)
    return shifts


# --- simple fonts -----------------------------------------------------------------------------------


def _truetype(document: Pdf, font: Object, usage: Usage, stream: Object) -> Changes | None:
    program = TrueType(bytes(stream.read_bytes()))
    names, codes = _names(font), _codes(usage)
    descriptor = font.FontDescriptor
    flags = int(descriptor.get(Name.Flags, 0))
    is_symbolic = bool(flags & _SYMBOLIC) and not flags & _NONSYMBOLIC
    by_name = bool(names) and (not is_symbolic or font.Encoding in _NAMED)
    glyphs = {}
    for code in codes:
        name = names.get(code) or STANDARD[code]
        glyph = program.by_name(name) if by_name and name != NOTDEF else 0
        if not glyph and not (by_name and names.get(code) == NOTDEF):
            glyph = program.by_code(code)
        if 0 < glyph < program.glyphs:
            glyphs[code] = glyph
    told = _told(font)
    moves = {code: told(code) for code in codes - set(glyphs)}
    if not _maps_well(font, program, is_symbolic, names, glyphs):
        _map_anew(document, font, program, flags, names, glyphs)
    return _changes(_bytes, moves, _fit(font, glyphs, lambda code: program.width(glyphs[code])))


def _maps_well(
    font: Object, program: TrueType, is_symbolic: bool, names: dict[int, str], glyphs: dict[int, int]
) -> bool:
    """6.2.11.6: tell whether the encoding may stay, and leads every reader to the same glyphs."""
    maps, encoding = program.maps, font.get(Name.Encoding)
    if is_symbolic:
        is_right = encoding is None and (len(maps) == 1 or _SYMBOL in maps)
        return is_right and all(program.by_code(code) == glyph for code, glyph in glyphs.items())
    base = encoding.get(Name.BaseEncoding) if isinstance(encoding, Dictionary) else encoding
    if base not in _NAMED or not maps or (len(maps) == 1 and _SYMBOL in maps):
        return False
    if isinstance(encoding, Dictionary) and Name.Differences in encoding:
        named = [str(item)[1:] for item in encoding.Differences if isinstance(item, Name)]
        if _MICROSOFT not in maps or not all(map(is_listed, named)):
            return False
    return all(program.by_name(names.get(code, NOTDEF)) == glyph for code, glyph in glyphs.items())


def _map_anew(
    document: Pdf, font: Object, program: TrueType, flags: int, names: dict[int, str], glyphs: dict[int, int]
) -> None:
    """Make the font symbolic, with one character map from the codes to the glyphs that they show."""
    texts = {code: character(names.get(code) or STANDARD[code]) for code in glyphs}
    texts = {code: text for code, text in texts.items() if text}
    if Name.ToUnicode not in font and texts:
        font.ToUnicode = document.make_stream(pdf_glyphs.to_unicode(texts))
    if Name.Encoding in font:
        del font[Name.Encoding]
    data = program.with_codes(glyphs) if glyphs else program.program
    # Another font may share descriptor and program, with codes of its own.
    descriptor = Dictionary(font.FontDescriptor)
    descriptor.Flags = (flags | _SYMBOLIC) & ~_NONSYMBOLIC
    descriptor.FontFile2 = document.make_stream(data, Length1=len(data))
    font.FontDescriptor = document.make_indirect(descriptor)


def _type1(font: Object, usage: Usage, program: Compact | Type1) -> Changes | None:
    names, codes, told = _names(font), _codes(usage), _told(font)
    glyphs = {}
    for code in codes:
        name = names.get(code) or program.encoding.get(code)
        if name is not None and name != NOTDEF and program.has(name):
            glyphs[code] = name
    moves = {code: told(code) for code in codes - set(glyphs)}
    return _changes(_bytes, moves, _fit(font, glyphs, lambda code: program.width(glyphs[code])))


def _drawings(font: Object, usage: Usage) -> Changes | None:
    """6.2.11.2, 6.2.11.5 of a Type 3 font: the drawing of a sign begins with its width."""
    names, codes, told = _names(font), _codes(usage), _told(font)
    procedures = font.get(Name.CharProcs)
    procedures = procedures if isinstance(procedures, Dictionary) else Dictionary()
    matrix = font.get(Name.FontMatrix)
    scale = float(matrix[0]) / _THOUSANDTH if isinstance(matrix, Array) and len(matrix) else 1
    drawn = {code: procedures.get("/" + names[code]) for code in codes if code in names}
    drawn = {code: stream for code, stream in drawn.items() if isinstance(stream, pikepdf.Stream)}
    moves = {code: told(code) * scale for code in codes - set(drawn)}
    shifts = _fit(font, drawn, lambda code: drawn_width(drawn[code], told(code)))
    return _changes(_bytes, moves, {code: shift * scale for code, shift in shifts.items()})


def drawn_width(stream: Object, told: float) -> float:
    """Return the width that the drawing of a sign says; a drawing that says none gets the one of the font."""
    for instruction in pikepdf.parse_content_stream(stream):
        if str(instruction.operator) in ("d0", "d1"):
            return float(instruction.operands[0])
        break
    stream.write(b"%s 0 d0 " % str(_number(told)).encode() + stream.read_bytes())
    return told


# --- composite fonts --------------------------------------------------------------------------------


def _composite(font: Object, usage: Usage) -> Changes | None:
    descendant = with_program(font)
    if descendant is None:
        raise FontDamaged("no descendant")
    _dictionary(descendant)
    cmap = pdf_glyphs.read_cmap(font, descendant)
    program = _program(descendant)
    if program is None:
        if any(usage.visible):
            raise PdfError("pdf_font_not_embedded", font=name_of(font))
        return None
    _drop_lists(_descriptor(descendant))
    key, stream = program
    codes = {code: cid for text in (*usage.visible, *usage.hidden) for _part, code, cid in cmap.split(text)}
    width_of = (_cid_truetype if key == Name.FontFile2 else _cid_compact)(descendant, key, stream)
    told = _cid_told(descendant)
    moves, right, shifts = {}, {}, {}
    for code, cid in codes.items():
        width = width_of(cid)
        if width is None:
            moves[code] = told(cid)
            continue
        differs = abs(width - told(cid)) > _TOLERANCE
        right[cid] = width if differs else told(cid)
        if differs and not cmap.is_vertical:
            shifts[code] = width - told(cid)
    _write_cid_widths(descendant, right, told)
    return _changes(partial(_cid_split, cmap), moves, shifts)


def _cid_split(
    cmap: pdf_glyphs.IdentityCMap | pdf_glyphs.EmbeddedCMap, text: bytes
) -> list[tuple[bytes, Any]]:
    return [(part, code) for part, code, _cid in cmap.split(text)]


def _cid_truetype(descendant: Object, _key: Object, stream: Object) -> Width:
    descendant.Subtype = Name.CIDFontType2
    program = TrueType(bytes(stream.read_bytes()))
    mapping = descendant.get(Name.CIDToGIDMap)
    if not isinstance(mapping, pikepdf.Stream):
        descendant.CIDToGIDMap = Name.Identity
    rows = mapping.read_bytes() if isinstance(mapping, pikepdf.Stream) else None

    def width_of(cid: int) -> float | None:
        glyph = cid if rows is None else int.from_bytes(rows[2 * cid : 2 * cid + 2], "big")
        return program.width(glyph) if cid and 0 < glyph < program.glyphs else None

    return width_of


def _cid_compact(descendant: Object, key: Object, stream: Object) -> Width:
    data = bytes(stream.read_bytes())
    if key != Name.FontFile3 or descendant.get(Name.Subtype) != Name.CIDFontType0:
        raise FontDamaged("a program of another kind")
    stream.Subtype = Name.OpenType if data[:4] == _OPENTYPE else Name.CIDFontType0C
    program = Compact(data)

    def width_of(cid: int) -> float | None:
        name = program.glyph_of_cid(cid)
        return None if name is None else program.width(name)

    return width_of


def _cid_told(descendant: Object) -> Told:
    """Return the width of a CID by /W and /DW (ISO 32000-1 9.7.4.3: ``c [w…]`` or ``first last w``)."""
    default = descendant.get(Name.DW, 1000)
    default = float(default) if isinstance(default, int) or _is_decimal(default) else 1000.0
    known: dict[int, float] = {}
    ranges: list[tuple[int, int, float]] = []
    items = descendant.get(Name.W)
    items = list(items) if isinstance(items, Array) else []
    place = 0
    while place + 1 < len(items):
        first, second = int(items[place]), items[place + 1]
        if isinstance(second, Array):
            known.update(enumerate((float(width) for width in second), first))
            place += 2
        else:
            if place + 2 >= len(items):
                break
            ranges.append((first, int(second), float(items[place + 2])))
            place += 3

    def told(cid: int) -> float:
        if cid in known:
            return known[cid]
        return next((width for first, last, width in ranges if first <= cid <= last), default)

    return told


def _is_decimal(value: Any) -> bool:
    return (not isinstance(value, pikepdf.Object) and hasattr(value, "as_tuple")) or isinstance(value, float)


def _write_cid_widths(descendant: Object, right: dict[int, float], told: Told) -> None:
    if isinstance(descendant.get(Name.DW, 0), int) and all(
        told(cid) == width for cid, width in right.items()
    ):
        return
    if not isinstance(descendant.get(Name.DW, 0), int):
        del descendant[Name.DW]
    rows = []
    for cid in sorted(right):
        rows += [cid, Array([_number(right[cid])])]
    descendant.W = Array(rows)
