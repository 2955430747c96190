"""Content streams of a PDF: what is drawn, with which fonts and colours."""

import re
from typing import NamedTuple

import pikepdf
from pikepdf import Name

from . import pdf_fonts

_SHOWS_TEXT = re.compile(rb"[\])>]\s*(?:T[jJ]|['\"])(?=[\s/\[(<]|$)")
_CURVES = re.compile(rb"(?<=[0-9.])\s+[cvy](?=\s)")
_CMYK = re.compile(rb"[0-9.]\s+[kK](?=\s|$)|/DeviceCMYK\b|/CMYK\b")
_SAVES = re.compile(rb"(?<![^\s\])>])[qQ](?![^\s/\[(<])")
_MAX_NESTING = 28
_LZW = re.compile(rb"/LZW(?:Decode)?\b")
_ODD_HEX = re.compile(rb"(?<!<)<(?:[0-9A-Fa-f]{2})*[0-9A-Fa-f]>")
_SMOOTHED = re.compile(rb"(/I|/Interpolate)\s+true\b")
# Glyph 0 in a two-byte string, written in hexadecimal or in octal and raw bytes.
_MAYBE_NOTDEF = re.compile(rb"<(?:[0-9A-Fa-f]{4})*0000|\\000\\000|\x00\x00|<[0-9A-Fa-f]*\s[0-9A-Fa-f\s]*>")
# As many curves as a few outlined words: a page that draws its letters instead of writing them.
_OUTLINED_TEXT_CURVES = 60
_SHOW_OPERATORS = ("Tj", "TJ", "'", '"')


class Content(NamedTuple):
    """One content stream: its owner (a page or form object), its resources, its bytes."""

    owner: pikepdf.Object
    resources: pikepdf.Object
    data: bytes


def shows_text(content):
    """Tell whether a content stream has text operators."""
    return bool(_SHOWS_TEXT.search(content.data))


def draws_letters(content):
    """Tell whether a content stream draws so many curves that its letters must be outlines."""
    return len(_CURVES.findall(content.data)) > _OUTLINED_TEXT_CURVES


def uses_cmyk(content):
    """Tell whether a content stream sets a DeviceCMYK colour or holds such an inline image."""
    return bool(_CMYK.search(content.data))


def nests_too_deep(content):
    """Tell whether q/Q nest by more than 28 levels (ISO 19005-3 6.1.13)."""
    deepest = depth = 0
    for sign in _SAVES.findall(content.data):
        depth += 1 if sign == b"q" else -1
        deepest = max(deepest, depth)
    return deepest > _MAX_NESTING


def fonts_in_use(content):
    """Return the names of the fonts with which a content stream shows text."""
    used, current, stack = set(), None, []
    for instruction in pikepdf.parse_content_stream(content.owner):
        operator = str(instruction.operator)
        if operator == "Tf":
            current = str(instruction.operands[0])
        elif operator == "q":
            stack.append(current)
        elif operator == "Q" and stack:
            current = stack.pop()
        elif operator in _SHOW_OPERATORS:
            used.add(current)
    return used


def has_lzw_inline_image(content):
    """Tell whether an inline image uses the filter that ISO 19005-3 6.1.10 forbids."""
    return bool(_LZW.search(content.data))


def repaired(content):
    """Return the stream as ISO 19005-3 wants it, or ``None`` when it is already so.

    * 6.1.6: a hexadecimal string has an even number of digits;
    * 6.2.8: an inline image is not smoothed;
    * 6.2.11.8: the .notdef glyph is not shown. wkhtmltopdf writes it for each character that no font of
      the server has (emoji, Chinese…). The empty box it draws becomes a blank of the same width; the XML
      keeps the character.
    """
    wrong_form = _ODD_HEX.search(content.data) or _SMOOTHED.search(content.data)
    if not wrong_form and not _MAYBE_NOTDEF.search(content.data):
        return None
    instructions, replaced = _without_missing_glyphs(content)
    if not wrong_form and not replaced:
        return None
    return _SMOOTHED.sub(rb"\1 false", pikepdf.unparse_content_stream(instructions))


def _without_missing_glyphs(content):
    """Return the instructions of a stream without glyph 0, and whether there was one."""
    fonts = content.resources.get(Name.Font, {})
    two_byte = {name: font for name, font in fonts.items() if pdf_fonts.is_two_byte(font)}
    current, stack, instructions, found = None, [], [], False
    for instruction in pikepdf.parse_content_stream(content.owner):
        sign = str(instruction.operator)
        replaced = None
        if sign == "Tf":
            current = two_byte.get(str(instruction.operands[0]))
        elif sign == "q":
            stack.append(current)
        elif sign == "Q" and stack:
            current = stack.pop()
        elif sign in _SHOW_OPERATORS and current is not None:
            replaced = _without_notdef(instruction.operands, sign, current)
        instructions += replaced or [instruction]
        found = found or bool(replaced)
    return instructions, found


def _without_notdef(operands, sign, font):
    """Return the instructions that show the same text without glyph 0, or ``None`` if it has none."""
    items = list(operands[0]) if sign == "TJ" else [operands[-1]]
    if not any(_has_notdef(item) for item in items):
        return None
    move = -pdf_fonts.notdef_width(font)
    shown = []
    for item in items:
        if not _has_notdef(item):
            shown.append(item)
            continue
        codes = bytes(item)
        run = b""
        for place in range(0, len(codes) - 1, 2):
            code = codes[place : place + 2]
            if code != b"\0\0":
                run += code
                continue
            if run:
                shown.append(pikepdf.String(run))
            shown.append(move)
            run = b""
        if run:
            shown.append(pikepdf.String(run))
    before = []
    if sign in ("'", '"'):
        if sign == '"':
            before += [([operands[0]], pikepdf.Operator("Tw")), ([operands[1]], pikepdf.Operator("Tc"))]
        before.append(([], pikepdf.Operator("T*")))
    return [*before, ([pikepdf.Array(shown)], pikepdf.Operator("TJ"))]


def _has_notdef(item):
    if not isinstance(item, pikepdf.String):
        return False
    codes = bytes(item)
    return any(codes[place : place + 2] == b"\0\0" for place in range(0, len(codes) - 1, 2))
