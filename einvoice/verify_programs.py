"""Font programs read for the last gate alone: which glyphs they have, and how wide these are.

Apart from the maker's readers: metrics of OpenType (maps and names through fontTools), CFF (Adobe Technical
Notes 5176, 5177) and Type 1 (Adobe Type 1 Font Format) here.
"""

import re
import struct
from collections.abc import Sequence
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import Any

from fontTools.cffLib import cffStandardStrings
from fontTools.ttLib import TTFont

from .pdf_common import NOTDEF, STANDARD

_PS_OUTLINES = b"OTTO"
_VERSIONS = (b"\x00\x01\x00\x00", b"true", _PS_OUTLINES)


class Unreadable(ValueError):
    """The font program cannot be read."""


class TrueType:
    """An OpenType program with TrueType outlines; widths in thousandths of the font size."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        try:
            places = _directory(data)
            (units,) = struct.unpack_from(">H", data, places[b"head"] + 18)
            (metrics,) = struct.unpack_from(">H", data, places[b"hhea"] + 34)
            (self.glyphs,) = struct.unpack_from(">H", data, places[b"maxp"] + 4)
            advances = struct.unpack_from(f">{'Hh' * metrics}", data, places[b"hmtx"])[::2]
        except (struct.error, KeyError) as error:
            raise Unreadable(str(error)) from None
        if not units or not advances:
            raise Unreadable("metrics")
        self._widths: list[float] = [advance * 1000 / units for advance in advances]

    @cached_property
    def _font(self) -> TTFont:
        return TTFont(BytesIO(self._data), lazy=True, recalcBBoxes=False, recalcTimestamp=False)

    def width(self, glyph: int) -> float:
        """Return the advance of a glyph number."""
        return self._widths[min(glyph, len(self._widths) - 1)]

    @cached_property
    def maps(self) -> dict[tuple[int, int], dict[int, int]]:
        """The glyph number by code, for each (platform, encoding) of the cmap table."""
        try:
            if "cmap" not in self._font:
                return {}
            number = self._font.getGlyphID
            return {
                (table.platformID, table.platEncID): {code: number(name) for code, name in table.cmap.items()}
                for table in self._font["cmap"].tables
                if hasattr(table, "cmap")
            }
        except Exception:
            raise Unreadable("cmap") from None

    @cached_property
    def names(self) -> dict[str, int]:
        """The glyph number by the names of the post table."""
        try:
            if "post" not in self._font or self._font["post"].formatType not in (1.0, 2.0):
                return {}
            return {name: number for number, name in enumerate(self._font.getGlyphOrder())}
        except Exception:
            return {}


def _directory(data: bytes) -> dict[bytes, int]:
    """Return where each table of an OpenType program begins; all of them are whole."""
    if data[:4] not in _VERSIONS:
        raise Unreadable("of no known version")
    (count,) = struct.unpack_from(">H", data, 4)
    rows = list(struct.iter_unpack(">4s4xLL", data[12 : 12 + 16 * count]))
    if len(rows) < count or any(start + size > len(data) for _tag, start, size in rows):
        raise Unreadable("cut off")
    return {tag: start for tag, start, _size in rows}


def compact(data: bytes) -> "Compact":
    """Return the ``Compact`` program of CFF bytes, or of an OpenType program that holds one."""
    if data[:4] == _PS_OUTLINES:
        try:
            data = TTFont(BytesIO(data), lazy=True).reader["CFF "]
        except Exception as error:
            raise Unreadable(str(error)) from None
    try:
        return Compact(data)
    except (struct.error, IndexError, KeyError, ValueError, TypeError) as error:
        raise Unreadable(str(error)) from None


class Compact:
    """A CFF program."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        _names, place = _index(data, data[2])
        tops, place = _index(data, place)
        self._strings, place = _index(data, place)
        self._subroutines, _place = _index(data, place)
        top = _dictionary(tops[0])
        self._charstrings, _place = _index(data, top[17][0])
        self.glyphs = len(self._charstrings)
        self.by_cid = (12, 30) in top
        self._scale = float(top.get((12, 7), [0.001])[0]) * 1000
        charset = self._charset(top.get(15, [0])[0])
        if self.by_cid:
            self.glyph_of: dict[Any, int] = {cid: glyph for glyph, cid in enumerate(charset)}
            rows, _place = _index(data, top[(12, 36)][0])
            self._parts = [self._private(_dictionary(row)) for row in rows]
            self._part_of: Sequence[int] | None = self._parts_of_glyphs(top[(12, 37)][0])
            self.encoding: dict[int, str] = {}
        else:
            names = [NOTDEF, *(self._string(number) for number in charset[1:])]
            self.glyph_of = {name: glyph for glyph, name in reversed(list(enumerate(names)))}
            self._parts, self._part_of = [self._private(top)], None
            self.encoding = self._encoding(top.get(16, [0])[0], names)

    def width(self, glyph: int) -> float:
        """Return the advance of a glyph number."""
        default, nominal, subroutines = self._parts[self._part_of[glyph] if self._part_of else 0]
        extra = _first_width(self._charstrings[glyph], subroutines, self._subroutines)
        return float((default if extra is None else nominal + extra) * self._scale)

    def _string(self, number: int) -> str:
        if number < len(cffStandardStrings):
            return str(cffStandardStrings[number])
        return self._strings[number - len(cffStandardStrings)].decode("latin-1")

    def _private(self, dictionary: dict[Any, list[Any]]) -> tuple[int, int, list[bytes]]:
        size, start = (int(value) for value in dictionary.get(18, (0, 0)))
        private = _dictionary(self._data[start : start + size])
        subroutines = _index(self._data, start + int(private[19][0]))[0] if 19 in private else []
        return private.get(20, [0])[0], private.get(21, [0])[0], subroutines

    def _charset(self, place: int) -> list[int]:
        if place <= 2:
            return list(range(self.glyphs))  # the predefined ones, whose numbers are names' numbers
        data, kind, found = self._data, self._data[place], [0]
        place += 1
        while len(found) < self.glyphs:
            (first,) = struct.unpack_from(">H", data, place)
            place += 2
            left = 0
            if kind == 1:
                left, place = data[place], place + 1
            elif kind == 2:
                (left,) = struct.unpack_from(">H", data, place)
                place += 2
            found += range(first, first + left + 1)
        return found[: self.glyphs]

    def _encoding(self, place: int, names: list[str]) -> dict[int, str]:
        if place <= 1:
            return {code: name for code, name in enumerate(STANDARD) if name in self.glyph_of}
        data, kind, count = self._data, self._data[place], self._data[place + 1]
        place, codes = place + 2, []
        if kind & 0x7F == 0:
            codes = list(data[place : place + count])
            place += count
        else:
            for _range in range(count):
                codes += range(data[place], data[place] + data[place + 1] + 1)
                place += 2
        found = dict(zip(codes, names[1:], strict=False))
        if kind & 0x80:
            for row in range(data[place]):
                code, number = struct.unpack_from(">BH", data, place + 1 + 3 * row)
                found[code] = self._string(number)
        return found

    def _parts_of_glyphs(self, place: int) -> Sequence[int]:
        data = self._data
        if data[place] == 0:
            return data[place + 1 : place + 1 + self.glyphs]
        (count,) = struct.unpack_from(">H", data, place + 1)
        rows = [struct.unpack_from(">HB", data, place + 3 + 3 * row) for row in range(count)]
        ends = [first for first, _part in rows[1:]] + [self.glyphs]
        return [part for (first, part), end in zip(rows, ends, strict=True) for _glyph in range(first, end)]


def _index(data: bytes, place: int) -> tuple[list[bytes], int]:
    """Return the items of an INDEX and the place after it."""
    (count,) = struct.unpack_from(">H", data, place)
    if not count:
        return [], place + 2
    size = data[place + 2]
    offsets = [
        int.from_bytes(data[place + 3 + size * row : place + 3 + size * (row + 1)], "big")
        for row in range(count + 1)
    ]
    base = place + 2 + size * (count + 1)
    return [data[base + start : base + end] for start, end in pairwise(offsets)], base + offsets[-1]


_REAL = "0123456789.EE -"


def _dictionary(data: bytes) -> dict[Any, list[Any]]:
    """Return the operands of each operator of a DICT; two-byte operators are (12, n)."""
    found: dict[Any, list[Any]] = {}
    operands: list[Any] = []
    place = 0
    while place < len(data):
        first = data[place]
        place += 1
        if first <= 21:
            key: Any = first
            if first == 12:
                key, place = (12, data[place]), place + 1
            found[key], operands = operands, []
        elif first == 28:
            operands += struct.unpack_from(">h", data, place)
            place += 2
        elif first == 29:
            operands += struct.unpack_from(">i", data, place)
            place += 4
        elif first == 30:
            text = ""
            while place < len(data):
                pair = (data[place] >> 4, data[place] & 15)
                place += 1
                for nibble in pair:
                    text += "E-" if nibble == 12 else _REAL[nibble] if nibble < 15 else ""
                if 15 in pair:
                    break
            operands.append(float(text))
        elif first <= 246:
            operands.append(first - 139)
        elif first <= 250:
            operands.append((first - 247) * 256 + data[place] + 108)
            place += 1
        else:
            operands.append(-(first - 251) * 256 - data[place] - 108)
            place += 1
    return found


_STEMS, _MASKS, _MOVES = (1, 3, 18, 23), (19, 20), {21: 2, 22: 1, 4: 1}
_MAX_CALLS = 10


def _first_width(
    charstring: bytes,
    local: list[bytes],
    shared: list[bytes],
    stack: list[Any] | None = None,
    depth: int = 0,
) -> Any:
    """Return the width that begins a Type 2 charstring, ``None`` when it has none (5177, chapter 3.1)."""
    stack, place = [] if stack is None else stack, 0
    while place < len(charstring):
        first = charstring[place]
        place += 1
        if first == 28:
            stack += struct.unpack_from(">h", charstring, place)
            place += 2
        elif first == 255:
            stack.append(struct.unpack_from(">i", charstring, place)[0] / 65536)
            place += 4
        elif first >= 32:
            value, place = _small(charstring, first, place)
            stack.append(value)
        elif first in (10, 29):
            rows = local if first == 10 else shared
            bias = 107 if len(rows) < 1240 else 1131 if len(rows) < 33900 else 32768
            number = int(stack.pop()) + bias
            if depth > _MAX_CALLS or not 0 <= number < len(rows):
                raise Unreadable("subroutine")
            result = _first_width(rows[number], local, shared, stack, depth + 1)
            if result is not _RETURNED:
                return result
        elif first == 11:
            return _RETURNED
        elif first in _STEMS or first in _MASKS:
            return stack[0] if len(stack) % 2 else None
        elif first in _MOVES:
            return stack[0] if len(stack) > _MOVES[first] else None
        elif first == 14:
            return stack[0] if len(stack) in (1, 5) else None
        else:
            return None
    return _RETURNED if depth else None


_RETURNED = object()


def _small(charstring: bytes, first: int, place: int) -> tuple[int, int]:
    if first <= 246:
        return first - 139, place
    if first <= 250:
        return (first - 247) * 256 + charstring[place] + 108, place + 1
    return -(first - 251) * 256 - charstring[place] - 108, place + 1


# --- Type 1 -----------------------------------------------------------------------------------------

_EEXEC_KEY, _CHARSTRING_KEY = 55665, 4330
_GLYPH = re.compile(rb"/(\S+)\s+(\d+)\s+(?:RD|-\||\S+)\s")
_LEN_IV = re.compile(rb"/lenIV\s+(\d+)")
_CODE = re.compile(rb"dup\s+(\d+|8#[0-7]+|16#[0-9A-Fa-f]+)\s*/(\S+)\s+put")
_MATRIX = re.compile(rb"/FontMatrix\s*\[\s*([-+.\dEe]+)")
_HEX_START = re.compile(rb"[0-9A-Fa-f\s]{8}")


class Type1:
    """A Type 1 program: glyphs by name."""

    def __init__(self, data: bytes) -> None:
        clear, found, rest = data.partition(b"eexec")
        if not found:
            raise Unreadable("eexec")
        rest = rest.lstrip(b" \t\r\n")
        if _HEX_START.match(rest):
            digits = re.sub(rb"[^0-9A-Fa-f]", b"", rest)
            rest = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        private = _decrypt(rest, _EEXEC_KEY)[4:]
        skipped = _LEN_IV.search(private)
        self._skipped = int(skipped[1]) if skipped else 4
        matrix = _MATRIX.search(clear)
        self._scale = float(matrix[1]) * 1000 if matrix else 1
        self._charstrings = _charstrings(private)
        if not self._charstrings:
            raise Unreadable("charstrings")
        self.encoding = _type1_encoding(clear)

    def has(self, name: str) -> bool:
        """Tell whether the program has a glyph of this name (str)."""
        return name in self._charstrings

    def width(self, name: str) -> float | None:
        """Return the advance of a glyph by name."""
        code = _decrypt(self._charstrings[name], _CHARSTRING_KEY)[self._skipped :]
        stack: list[float] = []
        place = 0
        while place < len(code):
            first = code[place]
            place += 1
            if first == 255:
                stack += struct.unpack_from(">i", code, place)
                place += 4
            elif first >= 32:
                value, place = _small(code, first, place)
                stack.append(value)
            elif first == 13:
                return stack[1] * self._scale
            elif first == 12:
                second, place = code[place], place + 1
                if second == 7:
                    return stack[2] * self._scale
                if second != 12:
                    break
                divisor = stack.pop()
                stack.append(stack.pop() / divisor)
            else:
                break
        raise Unreadable("charstring")


def _decrypt(data: bytes, key: int) -> bytes:
    plain = bytearray()
    for byte in data:
        plain.append(byte ^ key >> 8)
        key = (byte + key) * 52845 + 22719 & 0xFFFF
    return bytes(plain)


def _charstrings(private: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    place = private.find(b"/CharStrings")
    while place >= 0 and (match := _GLYPH.search(private, place)):
        if private[place : match.start()].strip().startswith(b"end") and found:
            break
        size = int(match[2])
        if match[1] != b"CharStrings":
            found[match[1].decode("latin-1")] = private[match.end() : match.end() + size]
            place = match.end() + size
        else:
            place = match.start() + 1
    return found


def _type1_encoding(clear: bytes) -> dict[int, str]:
    if b"/Encoding StandardEncoding" in clear:
        return {code: name for code, name in enumerate(STANDARD) if name != NOTDEF}
    return {
        int(code, 0)
        if b"#" not in code
        else int(code.partition(b"#")[2], int(code.partition(b"#")[0])): name.decode("latin-1")
        for code, name in _CODE.findall(clear)
    }
