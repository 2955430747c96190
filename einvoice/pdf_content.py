"""Content streams of a PDF: what is drawn, and how it becomes what ISO 19005-3 wants.

A page of an invoice has thousands of operators, so streams of the form that wkhtmltopdf writes are searched
as bytes; others are read operator by operator. wkhtmltopdf shows glyph 0 for each character that no font of
the server has (emoji, Chinese…), which 6.2.11.8 forbids: the empty box becomes a blank of the same width, and
the XML keeps the character.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import pikepdf
from pikepdf import Array, Name, Operator, String

from .pdf_common import Instruction, Instructions, Object, PdfError
from .pdf_fonts import Changes

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


@dataclass(frozen=True, eq=False)
class Content:
    """One content stream: its owner (a page or form object), its resources, its bytes; ``lent`` are the
    resources of the page that leads to it."""

    owner: pikepdf.Object
    resources: pikepdf.Object
    data: bytes
    lent: Object = None

    @cached_property
    def codes(self) -> frozenset[bytes]:
        """Of one of the printed form: its strings in hexadecimal digits, with their brackets, each once."""
        return frozenset(_PRINTED_CODES.findall(self.data))


def shows_text(content: Content) -> bool:
    """Tell whether a content stream has text operators."""
    return bool(_SHOWS_TEXT.search(content.data))


def draws_letters(content: Content) -> bool:
    """Tell whether a content stream draws so many curves that its letters must be outlines."""
    return len(_CURVES.findall(content.data)) > _OUTLINED_TEXT_CURVES


def is_printed_form(data: bytes) -> bool:
    """Tell whether a content stream (bytes) holds nothing but what wkhtmltopdf writes."""
    # With all digits alike, most lines of a page are the same few.
    lines = b"\n".join(set(data.translate(_TO_NOUGHTS).split(b"\n")))
    bare = _PRINTED_CODES.sub(b" ", lines)
    if _LONG_NUMBER in bare or b"CMYK" in bare:
        return False
    return all(map(_PRINTED_WORD.fullmatch, set(bare.translate(_WITHOUT_NUMBERS).split())))


def largest_code(content: Content) -> int:
    """Return the largest two-byte code in the strings of a content stream of the printed form."""
    codes = b"".join(text[1:-1] for text in content.codes)
    return max((int(codes[place : place + 4], 16) for place in range(0, len(codes), 4)), default=0)


def names_in(data: bytes) -> set[str]:
    """Return what may be names of resources in a content stream (set of str, with the slash)."""
    return {"/" + name.decode("latin-1") for name in set(_NAMES.findall(data))}


def nests_too_deep(data: bytes) -> bool:
    """Tell whether q/Q may nest by more than 28 levels in a content stream (ISO 19005-3 6.1.13)."""
    # The letters alone, those inside texts and names too: enough to see that there is no doubt.
    letters = rest = data.translate(None, _NOT_SAVE_OR_RESTORE)
    for _level in range(_MAX_NESTING):
        rest = rest.replace(b"qQ", b"")
    if not rest:
        return False
    deepest, lowest = _depths(letters)
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


INTENTS = frozenset({"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"})
_IMAGE_FILTERS = frozenset(
    b"ASCIIHexDecode ASCII85Decode FlateDecode RunLengthDecode CCITTFaxDecode DCTDecode"
    b" AHx A85 Fl RL CCF DCT".split()
)
_SMOOTHED = re.compile(rb"(/I|/Interpolate)\s+true\b")
_IMAGE_INTENT = re.compile(rb"/Intent\s*/([^\s/\[\]<>()]*)")
_IMAGE_FILTER = re.compile(rb"/(?:F|Filter)\s*(/[^\s/\[\]<>()]*|\[[^\]]*\])")
_IMAGE_BITS = re.compile(rb"/(?:BPC|BitsPerComponent)\s+(-?\d+)")
_IMAGE_MASK = re.compile(rb"/(?:IM|ImageMask)\s+true\b")
_CMYK_SPACE = re.compile(rb"/(?:DeviceCMYK|CMYK)\b")
_CMYK = ("/DeviceCMYK", "/CMYK")
_LARGEST, _SMALLEST_REAL = 2**31 - 1, 1.175e-38
_LONGEST_STRING, _LONGEST_NAME = 32767, 127
_ZERO_SHOWN = re.compile(rb"<((?:(?!0000)[0-9A-Fa-f]{4})*0000(?:[0-9A-Fa-f]{4})*)>\s*Tj\b")
_ZERO_IN_ARRAY = re.compile(rb"<(?:[0-9A-Fa-f]{4})*0000(?:[0-9A-Fa-f]{4})*>")
# How far before a string its font is looked for; only the width of a blank depends on it.
_FONT_WINDOW = 20_000
_UNKNOWN_WIDTH = 1000


# --- the form in which wkhtmltopdf writes, changed without reading every operator -------------------
def without_zero_codes(content: Content, widths: dict[str, int]) -> bytes | None:
    """Return a content stream of the printed form without glyph 0, ``None`` when it can only be told by
    reading every operator. ``widths`` are the advances of glyph 0 by font name."""
    data = content.data
    if not any(map(_ZERO_IN_ARRAY.fullmatch, content.codes)):
        return data
    data = _ZERO_SHOWN.sub(lambda match: _without_zero_code(match, data, widths), data)
    return None if _ZERO_IN_ARRAY.search(data) else data


def _without_zero_code(match: re.Match[bytes], data: bytes, widths: dict[str, int]) -> bytes:
    codes = match[1]
    groups = [codes[place : place + 4] for place in range(0, len(codes), 4)]
    names = FONT_SET.findall(data, max(0, match.start() - _FONT_WINDOW), match.start())
    name = "/" + names[-1].decode("latin-1") if names else ""
    move = b"%d" % -widths.get(name, _UNKNOWN_WIDTH)
    parts = (move if group == b"0000" else b"<" + group + b">" for group in groups)
    return b"[" + b" ".join(parts) + b"] TJ"


# --- any other form ---------------------------------------------------------------------------------
def known(instructions: Instructions) -> tuple[Instructions, bool]:
    """Return the instructions that ISO 32000-1 knows (6.2.2, 6.2.6), and whether one was left out or changed.

    Raises ``PdfError`` for colours and images that an archive forbids.
    """
    kept: Instructions = []
    is_changed = False
    for instruction in instructions:
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            _judge_image(instruction)
            kept.append(instruction)
            is_changed = is_changed or _is_odd(instruction)
            continue
        operator, operands = str(instruction.operator), instruction.operands
        if operator not in OPERATORS:
            is_changed = True
            continue
        if operator == "ri" and (not len(operands) or str(operands[0]) not in INTENTS):
            is_changed = True
            continue
        if operator in ("k", "K") or (
            operator in ("cs", "CS") and any(str(item) in _CMYK for item in operands)
        ):
            raise PdfError("pdf_colour", detail="DeviceCMYK")
        limited = _limited(operands)
        if limited is not None:
            instruction = pikepdf.ContentStreamInstruction(limited, instruction.operator)
            is_changed = True
        kept.append(instruction)
    return kept, is_changed


def _limited(operands: Iterable[Object]) -> list[Object] | None:
    """6.1.13: return operands within the limits of numbers, ``None`` when they are; raises ``PdfError``."""
    changed = False
    found: list[Object] = []
    for item in operands:
        value = item
        if isinstance(item, String):
            if len(bytes(item)) > _LONGEST_STRING:
                raise PdfError("pdf_feature", detail="a text of more than 32,767 characters at once")
        elif isinstance(item, pikepdf.Name):
            if len(str(item).encode()) - 1 > _LONGEST_NAME:
                raise PdfError("pdf_feature", detail="a name of more than 127 characters")
        elif not isinstance(item, pikepdf.Object | bool) and item is not None:
            value = _number(item)
            changed = changed or value != item
        found.append(value)
    return found if changed else None


def _number(value: Object) -> Object:
    if abs(value) > _LARGEST:
        return _LARGEST if value > 0 else -_LARGEST
    return 0 if 0 < abs(value) < _SMALLEST_REAL else value


def _judge_image(image: pikepdf.ContentStreamInlineImage) -> None:
    head = head_of_image(image)
    filters = _IMAGE_FILTER.search(head)
    for name in re.findall(rb"/([^\s/\[\]<>()]+)", filters[1]) if filters else ():
        if name not in _IMAGE_FILTERS:
            raise PdfError("pdf_feature", detail=f"an inline image with {name[:20].decode('latin-1')}")
    if _CMYK_SPACE.search(head):
        raise PdfError("pdf_colour", detail="DeviceCMYK")
    bits = _IMAGE_BITS.search(head)
    if bits and int(bits[1]) not in ((1,) if _IMAGE_MASK.search(head) else (1, 2, 4, 8, 16)):
        raise PdfError("pdf_feature", detail="an image with an odd number of bits")


def _is_odd(image: pikepdf.ContentStreamInlineImage) -> bool:
    head = head_of_image(image)
    return _improved(head) != head


def _improved(head: bytes) -> bytes:
    """6.2.6, 6.2.8: the head of an inline image that is not smoothed and has a known intent."""
    head = _SMOOTHED.sub(rb"\1 false", head)
    return _IMAGE_INTENT.sub(
        lambda match: (
            match[0] if "/" + match[1].decode("latin-1") in INTENTS else b"/Intent /RelativeColorimetric"
        ),
        head,
    )


def written(instructions: Instructions) -> bytes:
    """Return the bytes of instructions, their inline images improved."""
    parts: list[bytes] = []
    for is_odd, group in groupby(
        instructions, lambda item: isinstance(item, pikepdf.ContentStreamInlineImage) and _is_odd(item)
    ):
        if is_odd:
            for image in group:
                head = head_of_image(image)
                parts.append(_improved(head) + pikepdf.unparse_content_stream([image])[len(head) :])
        else:
            parts.append(pikepdf.unparse_content_stream(list(group)))
    return b"\n".join(parts)


def texts_of(instruction: Instruction) -> list[bytes]:
    """Return the strings (bytes) that an instruction shows."""
    operands = instruction.operands
    if not len(operands):
        return []
    shown = operands[0] if str(instruction.operator) == "TJ" else [operands[-1]]
    return [
        bytes(item)
        for item in (shown if isinstance(shown, Array | list) else [shown])
        if isinstance(item, String)
    ]


def with_changes(
    instructions: Instructions, changes: Mapping[str, Changes | None]
) -> tuple[Instructions, bool]:
    """Return the instructions with the texts of some fonts changed, and whether one was.

    ``changes`` are ``pdf_fonts.Changes`` by font name.
    """
    found: Instructions = []
    is_changed = False
    for instruction, name, _is_seen in with_fonts(instructions):
        change = changes.get(name) if name else None
        parts = _shown(instruction, change) if change else None
        if parts is None:
            found.append(instruction)
        else:
            found += parts
            is_changed = True
    return found, is_changed


def _shown(instruction: Instruction, change: Changes) -> Instructions | None:
    """Return the instructions that show a text as ``change`` asks, ``None`` when it stays as it is."""
    operator, operands = str(instruction.operator), instruction.operands
    if operator not in SHOW_OPERATORS or not len(operands):
        return None
    items = operands[0] if operator == "TJ" else [operands[-1]]
    shown: list[Object] = []
    is_changed = False
    for item in items if isinstance(items, Array | list) else [items]:
        if not isinstance(item, String):
            shown.append(item)
            continue
        parts = _parts(bytes(item), change)
        is_same = len(parts) == 1 and isinstance(parts[0], String) and bytes(parts[0]) == bytes(item)
        is_changed = is_changed or not is_same
        shown += parts
    if not is_changed:
        return None
    before: list[tuple[list[Object], Operator]] = []
    if operator == '"' and len(operands) > 2:
        before += [([operands[0]], Operator("Tw")), ([operands[1]], Operator("Tc"))]
    if operator in ("'", '"'):
        before.append(([], Operator("T*")))
    rows = [*before, ([Array(shown)], Operator("TJ"))]
    return [pikepdf.ContentStreamInstruction(*row) for row in rows]


def _parts(text: bytes, change: Changes) -> list[Object]:
    """Return the strings and moves (numbers) that show a text."""
    parts: list[Object] = []
    run, move = b"", 0.0
    for piece, code in change.split(text):
        if code in change.moves:
            if run:
                parts, run = [*parts, String(run)], b""
            move -= change.moves[code]
            continue
        if move:
            parts, move = [*parts, _rounded(move)], 0.0
        run += piece
        if code in change.shifts:
            parts, run, move = [*parts, String(run)], b"", change.shifts[code]
    if run:
        parts.append(String(run))
    if move:
        parts.append(_rounded(move))
    return parts or [String(b"")]


def _rounded(move: float) -> float:
    rounded = round(move, 2)
    return int(rounded) if rounded == int(rounded) else rounded
