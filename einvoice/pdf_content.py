"""Content streams of a PDF: what is drawn, with which fonts and colours.

A page of an invoice has thousands of operators, so streams are searched as bytes first; they are read
operator by operator only where that leaves a doubt.
"""

import re
from typing import NamedTuple

import pikepdf

_SHOWS_TEXT = re.compile(rb"[\])>]\s*(?:T[jJ]|['\"])(?=[\s/\[(<]|$)")
_CURVES = re.compile(rb"(?<=[0-9.])\s+[cvy](?=\s)")
# As many curves as a few outlined words: a page that draws its letters instead of writing them.
_OUTLINED_TEXT_CURVES = 60
_CMYK_SIGNS = (b" k", b"\nk", b"\rk", b" K", b"\nK", b"\rK", b"/DeviceCMYK", b"/CMYK")
_CMYK = re.compile(rb"[0-9.]\s+[kK](?=\s|$)|/DeviceCMYK\b|/CMYK\b")
_CMYK_SPACE = re.compile(rb"/(?:DeviceCMYK|CMYK)\b")
_LZW = re.compile(rb"/LZW(?:Decode)?\b")
FONT_SET = re.compile(rb"/([^\s/\[\]<>()]+)\s+-?[\d.]+\s+Tf\b")
_NOT_SAVE_OR_RESTORE = bytes(set(range(256)) - set(b"qQ"))
_MAX_NESTING = 28
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
    if not any(sign in content.data for sign in _CMYK_SIGNS) or not _CMYK.search(content.data):
        return False
    # "5 k" may stand in a text too.
    return any(map(_sets_cmyk, pikepdf.parse_content_stream(content.owner)))


def _sets_cmyk(instruction):
    if isinstance(instruction, pikepdf.ContentStreamInlineImage):
        return bool(_CMYK_SPACE.search(head_of_image(instruction)))
    operator, operands = str(instruction.operator), instruction.operands
    return operator in ("k", "K") or (operator in ("cs", "CS") and pikepdf.Name.DeviceCMYK in list(operands))


def head_of_image(instruction):
    """Return what an inline image says about itself: the bytes between BI and ID."""
    return instruction.iimage.unparse().partition(b"\nID\n")[0]


def has_lzw_inline_image(content):
    """Tell whether an inline image uses the filter that ISO 19005-3 6.1.10 forbids."""
    return bool(_LZW.search(content.data)) and any(
        _LZW.search(head_of_image(instruction))
        for instruction in pikepdf.parse_content_stream(content.owner)
        if isinstance(instruction, pikepdf.ContentStreamInlineImage)
    )


def nests_too_deep(content):
    """Tell whether q/Q nest by more than 28 levels (ISO 19005-3 6.1.13)."""
    # The letters alone, those inside texts and names too: enough to see that there is no doubt.
    letters = content.data.translate(None, _NOT_SAVE_OR_RESTORE)
    deepest, lowest = _depths(letters)
    if deepest - lowest <= _MAX_NESTING:
        return False
    operators = (str(instruction.operator) for instruction in pikepdf.parse_content_stream(content.owner))
    return _depths(b"".join(sign.encode() for sign in operators if sign in ("q", "Q")))[0] > _MAX_NESTING


def _depths(letters):
    deepest = lowest = depth = 0
    for letter in letters:
        depth += 1 if letter == 113 else -1  # q
        deepest, lowest = max(deepest, depth), min(lowest, depth)
    return deepest, lowest


def may_use_other_fonts(content, names):
    """Tell whether a content stream sets a font that is not among ``names`` (``/F1``), used or not."""
    return not {"/" + name.decode("latin-1") for name in set(FONT_SET.findall(content.data))} <= set(names)


def fonts_in_use(content):
    """Return the names of the fonts that a content stream sets and shows text with."""
    return {font for _instruction, font in with_fonts(content) if font}


def with_fonts(content):
    """Yield each instruction of a stream with the name of the font that it shows text with (empty when none
    was set), ``None`` when it shows no text."""
    current, stack = "", []
    for instruction in pikepdf.parse_content_stream(content.owner):
        operator = str(instruction.operator)
        if operator == "Tf":
            current = str(instruction.operands[0])
        elif operator == "q":
            stack.append(current)
        elif operator == "Q" and stack:
            current = stack.pop()
        yield instruction, current if operator in _SHOW_OPERATORS else None
