"""Content streams as ISO 19005-3 wants them: no missing glyph, no odd string, no smoothed inline image.

wkhtmltopdf shows glyph 0 for each character that no font of the server has (emoji, Chinese…), which 6.2.11.8
forbids. The empty box it draws becomes a blank of the same width; the XML keeps the character.
"""

import re
from itertools import groupby

import pikepdf
from pikepdf import Name

from . import pdf_fonts
from .pdf_content import FONT_SET, head_of_image, with_fonts

_ODD_HEX = re.compile(rb"<(?:[0-9A-Fa-f]{2})*[0-9A-Fa-f]>")
_SMOOTHED = re.compile(rb"(/I|/Interpolate)\s+true\b")
_ZERO_CODE = re.compile(rb"<(?:[0-9A-Fa-f]{4})*0000")
_SPACED_HEX = re.compile(rb"<[0-9A-Fa-f]+\s")
# How glyph 0 may begin in a string between parentheses.
_RAW_ZEROS = (b"\x00\x00", b"\\0")
# Up to the first zero no code may be one: there is one way to match, also in a string of zeros only.
_ZERO_SHOWN = re.compile(rb"<((?:(?!0000)[0-9A-Fa-f]{4})*0000(?:[0-9A-Fa-f]{4})*)>\s*Tj\b")
# How far before a string its font is looked for; only the width of a blank depends on it.
_FONT_WINDOW = 20_000
_ZERO = b"\0\0"


def repaired(content):
    """Return the bytes of a ``pdf_content.Content`` as they must be, or ``None`` when they are so already.

    * 6.1.6: a hexadecimal string has an even number of digits;
    * 6.2.8: an inline image is not smoothed;
    * 6.2.11.8: the .notdef glyph of a two-byte font is not shown.
    """
    data = content.data
    may_be_odd, may_be_smoothed = _ODD_HEX.search(data), _SMOOTHED.search(data)
    if not may_be_odd and not may_be_smoothed:
        if not _may_show_zero(data):
            return None
        if _is_simple(content):
            return _ZERO_SHOWN.sub(lambda match: _without_zero_code(match, content), data)
    instructions, found = _without_missing_glyphs(content)
    if not found and not may_be_odd and not any(map(_is_smoothed, instructions)):
        return None
    # "<1>" may stand in a text too: then the strings are written as they were.
    written = _written(instructions)
    return None if written == data else written


def _may_show_zero(data):
    return _ZERO_CODE.search(data) or any(sign in data for sign in _RAW_ZEROS) or _SPACED_HEX.search(data)


def _is_smoothed(instruction):
    return isinstance(instruction, pikepdf.ContentStreamInlineImage) and bool(
        _SMOOTHED.search(head_of_image(instruction))
    )


def _written(instructions):
    """Return the bytes of the instructions, the inline images not smoothed."""
    parts = []
    for smoothed, group in groupby(instructions, _is_smoothed):
        if smoothed:
            parts += map(_unsmoothed, group)
        else:
            parts.append(pikepdf.unparse_content_stream(list(group)))
    return b"\n".join(parts)


def _unsmoothed(image):
    head = head_of_image(image)
    return _SMOOTHED.sub(rb"\1 false", head) + pikepdf.unparse_content_stream([image])[len(head) :]


# --- the form in which wkhtmltopdf writes, changed without reading every operator -------------------


def _is_simple(content):
    """Tell whether glyph 0 can only be in hexadecimal strings shown by Tj with two-byte fonts."""
    # In a text between parentheses or an inline image the same bytes mean something else.
    if b"(" in content.data or b"BI" in content.data:
        return False
    return _has_only_two_byte(content) and not _may_show_zero(_ZERO_SHOWN.sub(b"", content.data))


def _has_only_two_byte(content):
    fonts = list(content.resources.get(Name.Font, {}).values())
    return bool(fonts) and all(map(pdf_fonts.is_two_byte, fonts))


def _without_zero_code(match, content):
    codes = match[1]
    groups = [codes[place : place + 4] for place in range(0, len(codes), 4)]
    names = FONT_SET.findall(content.data, max(0, match.start() - _FONT_WINDOW), match.start())
    font = content.resources.Font.get("/" + names[-1].decode("latin-1")) if names else None
    move = b"%d" % -pdf_fonts.notdef_width(font)
    parts = (move if group == b"0000" else b"<" + group + b">" for group in groups)
    return b"[" + b" ".join(parts) + b"] TJ"


# --- any other form ---------------------------------------------------------------------------------


def _without_missing_glyphs(content):
    """Return the instructions of a stream without glyph 0, and whether there was one."""
    fonts = content.resources.get(Name.Font, {})
    two_byte = {name: font for name, font in fonts.items() if pdf_fonts.is_two_byte(font)}
    # A text without font, or with one that the resources do not have, counts as the others.
    only_two_byte = _has_only_two_byte(content)
    instructions, found = [], False
    for instruction, name in with_fonts(content):
        counts = name in two_byte or (only_two_byte and name is not None)
        replaced = _shown_without_zero(instruction, two_byte.get(name)) if counts else None
        instructions += replaced or [instruction]
        found = found or bool(replaced)
    return instructions, found


def _shown_without_zero(instruction, font):
    """Return the instructions that show the same text without glyph 0, or ``None`` if it has none."""
    sign, operands = str(instruction.operator), instruction.operands
    items = list(operands[0]) if sign == "TJ" else [operands[-1]]
    if not any(map(_has_zero, items)):
        return None
    move = -pdf_fonts.notdef_width(font)
    shown = []
    for item in items:
        shown += _parts(bytes(item), move) if _has_zero(item) else [item]
    before = []
    if sign == '"':
        before += [([operands[0]], pikepdf.Operator("Tw")), ([operands[1]], pikepdf.Operator("Tc"))]
    if sign in ("'", '"'):
        before.append(([], pikepdf.Operator("T*")))
    return [*before, ([pikepdf.Array(shown)], pikepdf.Operator("TJ"))]


def _parts(codes, move):
    """Yield the strings between the zero codes of a text, and a move for each zero code."""
    run = b""
    for place in range(0, len(codes) - 1, 2):
        code = codes[place : place + 2]
        if code != _ZERO:
            run += code
            continue
        if run:
            yield pikepdf.String(run)
        yield move
        run = b""
    if run:
        yield pikepdf.String(run)


def _has_zero(item):
    if not isinstance(item, pikepdf.String):
        return False
    codes = bytes(item)
    return any(codes[place : place + 2] == _ZERO for place in range(0, len(codes) - 1, 2))
