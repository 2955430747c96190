"""Fonts of a PDF: embedded or not, and glyph widths equal to those of the font program.

wkhtmltopdf with patched Qt writes in /W widths that differ from the embedded font's hmtx table, which
PDF/A forbids (ISO 19005-3 6.2.11.5). They are rewritten from the font program.
"""

import struct

import pikepdf
from pikepdf import Name

from . import pdf_content

_LAST_GLYPH = 0xFFFF  # ISO 32000-1 table C.1: a larger one only costs memory
_FONT_FILES = (Name.FontFile2, Name.FontFile3, Name.FontFile)


class FontDamaged(ValueError):
    """The font program cannot be read."""


def name_of(font):
    """Return the readable name of a font dictionary."""
    return str(font.get(Name.BaseFont, font.get(Name.Name, "?"))).lstrip("/").rpartition("+")[2]


def is_embedded(font):
    """Tell whether the program of a font (simple, composite or Type 3) is inside the PDF."""
    if font.get(Name.Subtype) == Name.Type3:
        return True
    descriptor = _descriptor(font)
    return descriptor is not None and any(key in descriptor for key in _FONT_FILES)


def missing(content):
    """Return the readable names of the fonts that a content stream shows text with and that are not embedded,
    or not even among its resources (6.2.2, 6.2.11.4.1)."""
    fonts = content.resources.get(Name.Font, {})
    embedded = {name for name, font in fonts.items() if is_embedded(font)}
    # A report library may declare a font that the page never shows: only use counts.
    if len(embedded) == len(fonts) and not pdf_content.may_use_other_fonts(content, embedded):
        return []
    names = sorted(pdf_content.fonts_in_use(content) - embedded)
    return [name_of(fonts[name]) if name in fonts else name.lstrip("/") for name in names]


def conform(font):
    """Make an embedded font obey ISO 19005-3 6.2.11 (widths, glyph map, no partial glyph lists).

    Raises ``FontDamaged`` when its program cannot be read.
    """
    descriptor = _descriptor(font)
    if descriptor is None:
        return
    font = with_program(font)
    # 6.2.11.4.2: a list of the glyphs, if there is one, must be complete. It need not be there.
    for key in (Name.CIDSet, Name.CharSet):
        if key in descriptor:
            del descriptor[key]
    if font.get(Name.Subtype) != Name.CIDFontType2:
        return
    if Name.CIDToGIDMap not in font:
        font.CIDToGIDMap = Name.Identity
    if not isinstance(font.get(Name.DW, 0), int):
        del font[Name.DW]
    if font.CIDToGIDMap == Name.Identity and Name.FontFile2 in descriptor:
        font.W = pikepdf.Object.parse(_widths(bytes(descriptor.FontFile2.read_bytes())))


def with_program(font):
    """Return the dictionary that has the descriptor: of a composite font its descendant, if it has one."""
    if font.get(Name.Subtype) != Name.Type0:
        return font
    descendants = font.get(Name.DescendantFonts)
    return descendants[0] if descendants is not None and len(descendants) else None


def worst_width_error(descendant):
    """Return the largest difference between /W (or /DW) and the program of a CIDFontType2, in
    thousandths of the font size; 0 when there is no program to compare with."""
    descriptor = descendant.get(Name.FontDescriptor)
    if descendant.get(Name.CIDToGIDMap) != Name.Identity or Name.FontFile2 not in descriptor:
        return 0
    expected = pikepdf.Object.parse(_widths(bytes(descriptor.FontFile2.read_bytes())))
    told = _told_widths(descendant)
    default = int(descendant.get(Name.DW, 1000))
    return max(abs(told.get(glyph, default) - int(width)) for glyph, width in enumerate(expected[1]))


def _told_widths(descendant):
    """Return the widths of /W by glyph (ISO 32000-1 9.7.4.3: ``c [w…]`` or ``first last w``)."""
    items = list(descendant.get(Name.W, []))
    told, place = {}, 0
    while place + 1 < len(items):
        first, second = int(items[place]), items[place + 1]
        if isinstance(second, pikepdf.Array):
            told.update(enumerate((float(width) for width in second), first))
            place += 2
        else:
            last = min(int(second), _LAST_GLYPH)
            told.update(dict.fromkeys(range(first, last + 1), float(items[place + 2])))
            place += 3
    return told


def notdef_width(font):
    """Return the advance of glyph 0 of a two-byte font, in thousandths of the font size (1000 if unknown)."""
    descriptor = None if font is None else _descriptor(font)
    if descriptor is None or Name.FontFile2 not in descriptor:
        return 1000
    return int(_widths(bytes(descriptor.FontFile2.read_bytes())).split(b" ", 2)[1].lstrip(b"["))


def is_two_byte(font):
    """Tell whether the codes of a font are two bytes equal to glyph numbers (Identity-H, Identity-V)."""
    return font.get(Name.Subtype) == Name.Type0 and font.get(Name.Encoding) in (
        Name("/Identity-H"),
        Name("/Identity-V"),
    )


def _descriptor(font):
    font = with_program(font)
    return None if font is None else font.get(Name.FontDescriptor)


def _widths(program):
    """Return the /W array of an OpenType font program as PDF source: ``[0 [600 278 …]]``."""
    try:
        tables = _tables(program)
        (units_per_em,) = struct.unpack_from(">H", program, tables[b"head"] + 18)
        (metrics,) = struct.unpack_from(">H", program, tables[b"hhea"] + 34)
        (glyphs,) = struct.unpack_from(">H", program, tables[b"maxp"] + 4)
        if not (units_per_em and 0 < metrics <= glyphs):
            raise FontDamaged("metrics")
        advances = struct.unpack_from(f">{'Hh' * metrics}", program, tables[b"hmtx"])[::2]
    except (struct.error, KeyError) as error:
        raise FontDamaged(str(error)) from None
    scaled = [str(round(advance * 1000 / units_per_em)) for advance in advances]
    scaled += scaled[-1:] * (glyphs - metrics)
    return f"[0 [{' '.join(scaled)}]]".encode()


def _tables(program):
    """Return the offset of each table (OpenType 1.9, table directory)."""
    (count,) = struct.unpack_from(">H", program, 4)
    rows = (struct.unpack_from(">4s4xL4x", program, 12 + 16 * row) for row in range(count))
    return dict(rows)
