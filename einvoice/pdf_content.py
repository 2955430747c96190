"""Content streams of a PDF: what is drawn, with which fonts and colours.

A page of an invoice has thousands of operators, so streams of the form that wkhtmltopdf writes are searched
as bytes; others are read operator by operator.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pikepdf
from pikepdf import Name

from .pdf_types import Instruction, Instructions, Object

_SHOWS_TEXT = re.compile(rb"[\])>]\s*(?:T[jJ]|['\"])(?=[\s/\[(<]|$)")
_CURVES = re.compile(rb"(?<=[0-9.])\s+[cvy](?=\s)")
# As many curves as a few outlined words: a page that draws its letters instead of writing them.
_OUTLINED_TEXT_CURVES = 60
FONT_SET = re.compile(rb"/([^\s/\[\]<>()]+)\s+-?[\d.]+\s+Tf\b")
_NAMES = re.compile(rb"/([^\s\x00()<>\[\]{}/%]+)")
_NOT_SAVE_OR_RESTORE = bytes(set(range(256)) - set(b"qQ"))
_MAX_NESTING = 28
SHOW_OPERATORS = ("Tj", "TJ", "'", '"')
# ISO 32000-1 annex A.
OPERATORS = frozenset(
    [
        "b",
        "B",
        "b*",
        "B*",
        "BDC",
        "BI",
        "BMC",
        "BT",
        "BX",
        "c",
        "cm",
        "CS",
        "cs",
        "d",
        "d0",
        "d1",
        "Do",
        "DP",
        "EI",
        "EMC",
        "ET",
        "EX",
        "f",
        "F",
        "f*",
        "G",
        "g",
        "gs",
        "h",
        "i",
        "ID",
        "j",
        "J",
        "K",
        "k",
        "l",
        "m",
        "M",
        "MP",
        "n",
        "q",
        "Q",
        "re",
        "RG",
        "rg",
        "ri",
        "s",
        "S",
        "SC",
        "sc",
        "SCN",
        "scn",
        "sh",
        "T*",
        "Tc",
        "Td",
        "TD",
        "Tf",
        "Tj",
        "TJ",
        "TL",
        "Tm",
        "Tr",
        "Ts",
        "Tw",
        "Tz",
        "v",
        "w",
        "W",
        "W*",
        "y",
        "'",
        '"',
    ]
)
# What the printed form holds besides numbers: no text between parentheses, no inline image, nothing that an
# archive judges.
_PRINTED_WORD = re.compile(
    rb"(?:[\[\]]|/[A-Za-z][A-Za-z0-9_]{0,99}"
    rb"|(?:b\*?|B\*?|c|cm|CS|cs|d|Do|f\*?|F|G|g|gs|h|i|j|J|l|m|M|n|q|Q|re|RG|rg|s|S|SC|sc|SCN|scn|sh|T\*|Tc|Td|TD"
    rb"|Tf|Tj|TJ|TL|Tm|Tr|Ts|Tw|Tz|v|w|W\*?|y|BT|ET))*"
)
_PRINTED_CODES = re.compile(rb"<(?:[0-9A-Fa-f]{4})*>")
_UNLIKE_PRINTED = (b"(", b"%", b"{", b"BI", b"CMYK")
_TO_NOUGHTS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 10
_WITHOUT_NUMBERS = bytes.maketrans(b"0123456789.+-", b" " * 13)
_LONGEST_TOKEN = 20_000
# A string between parentheses or an inline image (to be left alone), or a string in hexadecimal digits.
_STRING = re.compile(
    rb"\((?:[^()\\]|\\.)*\)|(?<![^\s])BI\s.*?\sID\s.*?\sEI(?=\s|$)|<<|>>|<([^<>]*)>", re.DOTALL
)
_NO_DIGIT = re.compile(rb"[^0-9A-Fa-f]")
_WELL_FORMED = re.compile(rb"(?:[\s\x00]*[0-9A-Fa-f]){0,65534}[\s\x00]*")


class Content(NamedTuple):
    """One content stream: its owner (a page or form object), its resources, its bytes; ``lent`` are the
    resources of the page that leads to it."""

    owner: pikepdf.Object
    resources: pikepdf.Object
    data: bytes
    lent: Object = None


def shows_text(content: Content) -> bool:
    """Tell whether a content stream has text operators."""
    return bool(_SHOWS_TEXT.search(content.data))


def draws_letters(content: Content) -> bool:
    """Tell whether a content stream draws so many curves that its letters must be outlines."""
    return len(_CURVES.findall(content.data)) > _OUTLINED_TEXT_CURVES


def is_printed_form(data: bytes) -> bool:
    """Tell whether a content stream (bytes) holds nothing but what wkhtmltopdf writes."""
    if any(sign in data for sign in _UNLIKE_PRINTED):
        return False
    bare = _PRINTED_CODES.sub(b" ", data)
    if b"<" in bare or b">" in bare or _LONG_NUMBER in bare.translate(_TO_NOUGHTS):
        return False
    return all(map(_PRINTED_WORD.fullmatch, set(bare.translate(_WITHOUT_NUMBERS).split())))


def largest_code(data: bytes) -> int:
    """Return the largest two-byte code in the strings of a content stream of the printed form."""
    codes = b"".join(text[1:-1] for text in set(_PRINTED_CODES.findall(data)))
    return max((int(codes[place : place + 4], 16) for place in range(0, len(codes), 4)), default=0)


def names_in(data: bytes) -> set[str]:
    """Return what may be names of resources in a content stream (set of str, with the slash)."""
    return {"/" + name.decode("latin-1") for name in set(_NAMES.findall(data))}


def nests_too_deep(data: bytes) -> bool:
    """Tell whether q/Q may nest by more than 28 levels in a content stream (ISO 19005-3 6.1.13)."""
    # The letters alone, those inside texts and names too: enough to see that there is no doubt.
    deepest, lowest = _depths(data.translate(None, _NOT_SAVE_OR_RESTORE))
    return deepest - lowest > _MAX_NESTING


def instructions_nest_too_deep(instructions: Instructions) -> bool:
    """Tell the same of instructions, with certainty."""
    depth = 0
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "q":
            depth += 1
            if depth > _MAX_NESTING:
                return True
        elif operator == "Q" and depth:
            depth -= 1
    return False


def _depths(letters: bytes) -> tuple[int, int]:
    deepest = lowest = depth = 0
    for letter in letters:
        depth += 1 if letter == 113 else -1  # q
        deepest, lowest = max(deepest, depth), min(lowest, depth)
    return deepest, lowest


def with_even_strings(data: bytes) -> bytes:
    """Return a content stream (bytes) whose strings in hexadecimal digits hold digits only, and an even
    number of them (6.1.6)."""
    if b"<" not in data:
        return data
    return _STRING.sub(_even, data)


def _even(match: re.Match[bytes]) -> bytes:
    digits = match[1]
    if digits is None or (b"\n" in digits and b" " in digits and len(digits) > _LONGEST_TOKEN):
        return match[0]
    if _WELL_FORMED.fullmatch(digits) and len(digits.translate(None, b"\0\t\n\f\r ")) % 2 == 0:
        return match[0]
    bare = _NO_DIGIT.sub(b"", digits)
    return b"<" + bare + (b"0" if len(bare) % 2 else b"") + b">"


def head_of_image(instruction: Object) -> bytes:
    """Return what an inline image says about itself: the bytes between BI and ID."""
    return bytes(instruction.iimage.unparse()).partition(b"\nID\n")[0]


def with_fonts(instructions: Instructions) -> Iterator[tuple[Instruction, str | None, bool]]:
    """Yield each instruction with the name of the font that it shows text with (empty when none was set) and
    whether that is seen; ``None`` when it shows no text."""
    font = ""
    mode: Object = 0
    stack: list[tuple[str, Object]] = []
    for instruction in instructions:
        operator = str(instruction.operator)
        if operator == "Tf":
            font = str(instruction.operands[0]) if len(instruction.operands) else ""
        elif operator == "Tr":
            mode = instruction.operands[0] if len(instruction.operands) else 0
        elif operator == "q":
            stack.append((font, mode))
        elif operator == "Q" and stack:
            font, mode = stack.pop()
        yield instruction, font if operator in SHOW_OPERATORS else None, mode != 3


def fonts_of(resources: Object) -> dict[str, Object]:
    """Return the fonts of a resource dictionary by name."""
    return rows(resources, Name.Font)


def rows(resources: Object, category: Object) -> dict[str, Object]:
    """Return what a category of resources names, dictionaries and streams by name."""
    found = resources.get(category)
    return dict(found.items()) if isinstance(found, pikepdf.Dictionary) else {}
