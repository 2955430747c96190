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


def without_missing_glyphs(content):
    """Return the stream with each reference to glyph 0 replaced by a move of the same width, or ``None``
    when it has none.

    ISO 19005-3 6.2.11.8 forbids the .notdef glyph, which wkhtmltopdf writes for each character that no
    font of the server has (emoji, Chinese…). The empty box it draws is lost; the XML keeps the character.
    """
    if not _MAYBE_NOTDEF.search(content.data):
        return None
    fonts = content.resources.get(Name.Font, {})
    two_byte = {name: font for name, font in fonts.items() if pdf_fonts.is_two_byte(font)}
    if not two_byte:
        return None
    changed, current, stack, instructions = False, None, [], []
    for operands, operator in pikepdf.parse_content_stream(content.owner):
        sign = str(operator)
        if sign == "Tf":
            current = two_byte.get(str(operands[0]))
        elif sign == "q":
            stack.append(current)
        elif sign == "Q" and stack:
            current = stack.pop()
        elif sign in _SHOW_OPERATORS and current is not None:
            replaced = _without_notdef(operands, sign, current)
            if replaced:
                instructions += replaced
                changed = True
                continue
        instructions.append((operands, operator))
    return pikepdf.unparse_content_stream(instructions) if changed else None


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
