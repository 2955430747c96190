"""CMaps of composite fonts: reading those inside the file, and their agreement with the font (6.2.11.3)."""

import re
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, String

from .pdf_error import PdfError
from .pdf_types import Object

_IDENTITY = ("/Identity-H", "/Identity-V")
_LARGEST_CID = 65535
_BLOCK = re.compile(
    rb"begin(codespacerange|cidrange|cidchar)(.*?)end(?:codespacerange|cidrange|cidchar)", re.DOTALL
)
_ITEM = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\d+)")
_WMODE = re.compile(rb"/WMode\s+(\d)")
_USES = re.compile(rb"/\S+\s+usecmap\b")


class Identity:
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


class Embedded:
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


def read(font: Object, descendant: Object) -> Embedded | Identity:
    """Return what splits the texts of a composite font, and make its CMap agree with its descendant.

    Raises ``PdfError`` when the CMap is not in the file, or refers to another one.
    """
    encoding = font.get(Name.Encoding)
    if isinstance(encoding, Name) and str(encoding) in _IDENTITY:
        return Identity(str(encoding).endswith("V"))
    if not isinstance(encoding, pikepdf.Stream):
        raise PdfError("pdf_feature", detail="a font whose character map is not in the file")
    data = encoding.read_bytes()
    if _USES.search(data) or Name.UseCMap in encoding:
        raise PdfError("pdf_feature", detail="a font whose character map is not in the file")
    cmap = Embedded(data)
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
