"""Font programs and CMaps as the maker of a PDF reads them: which glyph a code shows, and how wide it is.

OpenType with TrueType outlines is read here (OpenType 1.9), since each printed invoice has some; CFF and
Type 1 through fontTools.
"""

import re
import struct
from functools import cached_property
from io import BytesIO
from typing import Any

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.pens.basePen import NullPen
from fontTools.t1Lib import T1Font, decryptType1
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from pikepdf import Dictionary, Name, String

from .pdf_common import MAC_CODES, NOTDEF, STANDARD, Object, PdfError, character

_MICROSOFT, _SYMBOL, _MAC = (3, 1), (3, 0), (1, 0)
_SYMBOL_PAGE = 0xF000
_LAST_GLYPH = 0xFFFF


class FontDamaged(ValueError):
    """The font program cannot be read."""


class TrueType:
    """A program with TrueType outlines; widths are in thousandths of the font size."""

    def __init__(self, program: bytes) -> None:
        self.program = program
        try:
            (count,) = struct.unpack_from(">H", program, 4)
            rows = (struct.unpack_from(">4s4xLL", program, 12 + 16 * row) for row in range(count))
            self._tables: dict[bytes, tuple[int, int]] = {tag: (start, size) for tag, start, size in rows}
            if not all(start + size <= len(program) for start, size in self._tables.values()):
                raise FontDamaged("cut off")
            (units,) = struct.unpack_from(">H", program, self._start(b"head") + 18)
            (metrics,) = struct.unpack_from(">H", program, self._start(b"hhea") + 34)
            (self.glyphs,) = struct.unpack_from(">H", program, self._start(b"maxp") + 4)
            if not (units and 0 < metrics <= self.glyphs):
                raise FontDamaged("metrics")
            advances = struct.unpack_from(f">{'Hh' * metrics}", program, self._start(b"hmtx"))[::2]
        except (struct.error, KeyError) as error:
            raise FontDamaged(str(error)) from None
        self.widths: list[float] = [advance * 1000 / units for advance in advances]

    def _start(self, tag: bytes) -> int:
        return self._tables[tag][0]

    def width(self, glyph: int) -> float:
        """Return the advance of a glyph number."""
        return self.widths[min(glyph, len(self.widths) - 1)]

    @cached_property
    def maps(self) -> dict[tuple[int, int], dict[int, int]]:
        """The glyph number by code, for each (platform, encoding) of the cmap table."""
        if b"cmap" not in self._tables:
            return {}
        start, _size = self._tables[b"cmap"]
        try:
            (count,) = struct.unpack_from(">H", self.program, start + 2)
            rows = [struct.unpack_from(">HHL", self.program, start + 4 + 8 * row) for row in range(count)]
            return {
                (platform, kind): _code_map(self.program, start + place) for platform, kind, place in rows
            }
        except (struct.error, IndexError) as error:
            raise FontDamaged(str(error)) from None

    @cached_property
    def names(self) -> dict[str, int]:
        """The glyph number by the names of the post table."""
        if b"post" not in self._tables:
            return {}
        try:
            font = TTFont(BytesIO(self.program), lazy=True)
            return {name: number for number, name in enumerate(font.getGlyphOrder())}
        except Exception:  # the table is of no use then, whatever is wrong with it
            return {}

    def by_name(self, name: str) -> int:
        """Return the glyph that a name of an encoding shows (ISO 32000-1 9.6.6.4), 0 when there is none."""
        unicode = character(name)
        glyph = self.maps.get(_MICROSOFT, {}).get(ord(unicode), 0) if len(unicode) == 1 else 0
        if not glyph and name in MAC_CODES:
            glyph = self.maps.get(_MAC, {}).get(MAC_CODES[name], 0)
        return glyph or self.names.get(name, 0)

    def by_code(self, code: int) -> int:
        """Return the glyph that a code of a symbolic font shows, 0 when there is none."""
        if _SYMBOL in self.maps:
            table = self.maps[_SYMBOL]
            return next(
                (table[page + code] for page in (_SYMBOL_PAGE, 0, 0xF100, 0xF200) if page + code in table), 0
            )
        if _MAC in self.maps:
            return self.maps[_MAC].get(code, 0)
        # Not as the standard wants it; readers take the code for a character.
        return self.maps.get(_MICROSOFT, {}).get(code, 0)

    def with_codes(self, glyphs: dict[int, int]) -> bytes:
        """Return the program (bytes) with one symbolic character map, from code to glyph number."""
        try:
            font = TTFont(BytesIO(self.program), recalcBBoxes=False, recalcTimestamp=False)
            table = CmapSubtable.newSubtable(4)
            table.platformID, table.platEncID = _SYMBOL
            table.language = 0
            table.cmap = {_SYMBOL_PAGE + code: font.getGlyphName(glyph) for code, glyph in glyphs.items()}
            cmap = font["cmap"] if "cmap" in font else _new_cmap(font)
            cmap.tables = [table]
            output = BytesIO()
            font.save(output, reorderTables=None)
        except Exception as error:
            raise FontDamaged(str(error)) from None
        return output.getvalue()


def _new_cmap(font: Any) -> Any:
    font["cmap"] = newTable("cmap")
    font["cmap"].tableVersion = 0
    return font["cmap"]


def _code_map(data: bytes, start: int) -> dict[int, int]:
    """Return the glyph number by code of one cmap subtable; formats that no PDF writer uses are empty."""
    (kind,) = struct.unpack_from(">H", data, start)
    if kind == 0:
        return {code: glyph for code, glyph in enumerate(data[start + 6 : start + 262]) if glyph}
    if kind == 6:
        first, count = struct.unpack_from(">HH", data, start + 6)
        return dict(enumerate(struct.unpack_from(f">{count}H", data, start + 10), first))
    if kind == 12:
        (groups,) = struct.unpack_from(">L", data, start + 12)
        found: dict[int, int] = {}
        for row in range(min(groups, _LAST_GLYPH)):
            first, last, glyph = struct.unpack_from(">LLL", data, start + 16 + 12 * row)
            found.update(enumerate(range(glyph, glyph + min(last - first, _LAST_GLYPH) + 1), first))
        return found
    return _segments(data, start) if kind == 4 else {}


def _segments(data: bytes, start: int) -> dict[int, int]:
    (double,) = struct.unpack_from(">H", data, start + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", data, start + 14)
    starts = struct.unpack_from(f">{count}H", data, start + 16 + double)
    deltas = struct.unpack_from(f">{count}H", data, start + 16 + 2 * double)
    place = start + 16 + 3 * double
    offsets = struct.unpack_from(f">{count}H", data, place)
    found: dict[int, int] = {}
    for row, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(first, last + 1):
            glyph = code
            if offset:
                where = place + 2 * row + offset + 2 * (code - first)
                if where + 2 > len(data):
                    continue
                (glyph,) = struct.unpack_from(">H", data, where)
                if not glyph:
                    continue
            found[code] = (glyph + delta) & 0xFFFF
    return found


class Compact:
    """A CFF program, alone or inside OpenType."""

    def __init__(self, program: bytes) -> None:
        try:
            if program[:4] == b"OTTO":
                program = TTFont(BytesIO(program), lazy=True).reader["CFF "]
            fonts = CFFFontSet()
            fonts.decompile(BytesIO(program), None)
            self._top = fonts[0]
            self._shapes = self._top.CharStrings
            self.order = list(self._top.charset)
            self.is_by_cid = hasattr(self._top, "ROS")
        except Exception as error:
            raise FontDamaged(str(error)) from None
        self._scale = float(getattr(self._top, "FontMatrix", [0.001])[0]) * 1000
        self._glyphs = set(self.order)

    @cached_property
    def encoding(self) -> dict[int, str]:
        """The glyph name by code."""
        encoding = getattr(self._top, "Encoding", "StandardEncoding")
        names = STANDARD if isinstance(encoding, str) else encoding
        return {code: name for code, name in enumerate(names) if name != NOTDEF and name in self._glyphs}

    def has(self, name: str) -> bool:
        """Tell whether the program has a glyph of this name."""
        return name in self._glyphs

    def width(self, name: str) -> float:
        """Return the advance of a glyph by name."""
        return _drawn_width(self._shapes[name]) * self._scale

    def glyph_of_cid(self, cid: int) -> str | None:
        """Return the name of the glyph of a CID, ``None`` when there is none."""
        if self.is_by_cid:
            name = f"cid{cid:05d}"
            return name if cid and name in self._glyphs else None
        return self.order[cid] if 0 < cid < len(self.order) else None


class Type1:
    """A Type 1 program."""

    def __init__(self, program: bytes) -> None:
        try:
            font = T1Font.__new__(T1Font)
            font.data, font.encoding = decryptType1(program), "ascii"
            font.parse()
            self._shapes = font["CharStrings"]
            encoding = font["Encoding"]
            matrix = font.font.get("FontMatrix", [0.001])
        except Exception as error:
            raise FontDamaged(str(error)) from None
        self._scale = float(matrix[0]) * 1000
        names = STANDARD if isinstance(encoding, str) else encoding
        self.encoding = {code: name for code, name in enumerate(names) if name != NOTDEF}

    def has(self, name: str) -> bool:
        """Tell whether the program has a glyph of this name."""
        return name in self._shapes

    def width(self, name: str) -> float:
        """Return the advance of a glyph by name."""
        return _drawn_width(self._shapes[name]) * self._scale


def _drawn_width(shape: Any) -> float:
    try:
        shape.draw(NullPen())
        return float(shape.width)
    except Exception as error:
        raise FontDamaged(str(error)) from None


_IDENTITY = ("/Identity-H", "/Identity-V")
_LARGEST_CID = 65535
_BLOCK = re.compile(
    rb"begin(codespacerange|cidrange|cidchar)(.*?)end(?:codespacerange|cidrange|cidchar)", re.DOTALL
)
_ITEM = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\d+)")
_WMODE = re.compile(rb"/WMode\s+(\d)")
_USES = re.compile(rb"/\S+\s+usecmap\b")


class IdentityCMap:
    """Two bytes that are the CID."""

    def __init__(self, is_vertical: bool) -> None:
        self.is_vertical = is_vertical

    @staticmethod
    def split(text: bytes) -> list[tuple[bytes, Any, int]]:
        """Return ``(bytes, code, cid)`` of each sign of a string."""
        pairs = (text[place : place + 2] for place in range(0, len(text), 2))
        return [
            (pair, int.from_bytes(pair, "big"), int.from_bytes(pair.ljust(2, b"\0"), "big")) for pair in pairs
        ]


class EmbeddedCMap:
    """A CMap inside the file."""

    def __init__(self, data: bytes) -> None:
        wmode = _WMODE.search(data)
        self.wmode = int(wmode[1]) if wmode else 0
        self.is_vertical = bool(self.wmode)
        self.spaces: list[tuple[Any, Any]] = []
        self.ranges: list[tuple[Any, Any, Any]] = []
        for kind, block in _BLOCK.findall(data):
            items = [
                bytes.fromhex(digits.decode()) if not number else int(number)
                for digits, number in _ITEM.findall(block)
            ]
            if kind == b"codespacerange":
                self.spaces += zip(items[::2], items[1::2], strict=False)
            elif kind == b"cidrange":
                self.ranges += zip(items[::3], items[1::3], items[2::3], strict=False)
            else:
                self.ranges += [(code, code, cid) for code, cid in zip(items[::2], items[1::2], strict=False)]

    def split(self, text: bytes) -> list[tuple[bytes, Any, int]]:
        """Return ``(bytes, code, cid)`` of each sign of a string."""
        found, place = [], 0
        while place < len(text):
            size = next(
                (
                    len(low)
                    for low, high in self.spaces
                    if _is_within(text[place : place + len(low)], low, high)
                ),
                min((len(low) for low, _high in self.spaces), default=1),
            )
            part = text[place : place + size]
            found.append((part, (len(part), part), self._cid(part)))
            place += size
        return found

    def _cid(self, part: bytes) -> int:
        code = int.from_bytes(part, "big")
        for low, high, cid in self.ranges:
            first = int.from_bytes(low, "big")
            if len(low) == len(part) and first <= code <= int.from_bytes(high, "big"):
                return int(cid + code - first)
        return 0


def _is_within(part: bytes, low: bytes, high: bytes) -> bool:
    return len(part) == len(low) and all(a <= b <= c for a, b, c in zip(low, part, high, strict=False))


def read_cmap(font: Object, descendant: Object) -> EmbeddedCMap | IdentityCMap:
    """Return what splits the texts of a composite font, and make its CMap agree with its descendant.

    Raises ``PdfError`` when the CMap is not in the file, or refers to another one.
    """
    encoding = font.get(Name.Encoding)
    if isinstance(encoding, Name) and str(encoding) in _IDENTITY:
        return IdentityCMap(str(encoding).endswith("V"))
    if not isinstance(encoding, pikepdf.Stream):
        raise PdfError("pdf_feature", detail="a font whose character map is not in the file")
    data = encoding.read_bytes()
    if _USES.search(data) or Name.UseCMap in encoding:
        raise PdfError("pdf_feature", detail="a font whose character map is not in the file")
    cmap = EmbeddedCMap(data)
    if any(cid + len(high) > _LARGEST_CID for _low, high, cid in cmap.ranges):
        raise PdfError("pdf_feature", detail="a font with too many characters")
    encoding.WMode = cmap.wmode
    system = descendant.get(Name.CIDSystemInfo)
    if not isinstance(system, Dictionary) or any(
        not isinstance(system.get(key), String) for key in (Name.Registry, Name.Ordering)
    ):
        system = Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0)
        descendant.CIDSystemInfo = system
    # 6.2.11.3.1: both say the same collection; what a code shows does not depend on its name.
    encoding.CIDSystemInfo = Dictionary(
        Registry=system.Registry, Ordering=system.Ordering, Supplement=int(system.get(Name.Supplement, 0))
    )
    return cmap


def to_unicode(texts: dict[int, str]) -> bytes:
    """Return a ToUnicode CMap (bytes) of one-byte codes from ``{code: characters}``."""
    rows = [
        b"<%02x> <%s>" % (code, text.encode("utf-16-be").hex().encode())
        for code, text in sorted(texts.items())
    ]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    parts = [b"%d beginbfchar\n%s\nendbfchar" % (len(block), b"\n".join(block)) for block in blocks]
    return b"\n".join(
        [
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            b"1 begincodespacerange <00> <ff> endcodespacerange",
            *parts,
            b"endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    )
