"""Content streams as ISO 19005-3 wants them: known operators, whole strings, no sign without glyph.

wkhtmltopdf shows glyph 0 for each character that no font of the server has (emoji, Chinese…), which 6.2.11.8
forbids. The empty box it draws becomes a blank of the same width; the XML keeps the character.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

import pikepdf
from pikepdf import Array, Operator, String

from .pdf_content import FONT_SET, OPERATORS, SHOW_OPERATORS, head_of_image, with_fonts
from .pdf_error import PdfError
from .pdf_fonts import Changes
from .pdf_types import Instruction, Instructions, Object

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


def without_zero_codes(data: bytes, widths: dict[str, int]) -> bytes | None:
    """Return a content stream of the printed form without glyph 0, ``None`` when it can only be told by
    reading every operator. ``widths`` are the advances of glyph 0 by font name."""
    if b"0000" not in data:
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
