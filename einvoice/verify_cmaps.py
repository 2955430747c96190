"""CMaps of composite fonts, for the last gate alone (ISO 19005-3 6.2.11.3, ISO 32000-1 9.7.5)."""

from collections.abc import Iterator
from typing import Any

from pikepdf import Dictionary, Name, Stream

from .pdf_types import Broken, Object
from .verify_tokens import Text, operations

_IDENTITY = ("/Identity-H", "/Identity-V")
_LARGEST_CID = 65535


class Identity:
    """Two bytes that are the CID."""

    @staticmethod
    def cids(text: Text) -> set[int]:
        """Return the CIDs of a string (bytes)."""
        if len(text) % 2:
            text = Text(text + b"\0")
        return {high << 8 | low for high, low in zip(text[::2], text[1::2], strict=True)}


class Embedded:
    """A CMap inside the file."""

    def __init__(self, data: bytes) -> None:
        self.spaces: list[tuple[Any, Any]] = []
        self.ranges: list[tuple[int, int, int, int]] = []
        self.system: dict[bytes, Any] = {}
        self.wmode = 0
        self.uses: str | None = None
        self.largest = 0
        for operator, operands, _image in operations(data, []):
            self._take(operator, operands)

    def _take(self, operator: bytes, operands: list[Any]) -> None:
        if operator == b"endcodespacerange":
            self.spaces += [pair for pair in zip(operands[::2], operands[1::2], strict=False) if _texts(pair)]
        elif operator == b"endcidrange":
            for low, high, cid in zip(operands[::3], operands[1::3], operands[2::3], strict=False):
                self._range(low, high, cid)
        elif operator == b"endcidchar":
            for code, cid in zip(operands[::2], operands[1::2], strict=False):
                self._range(code, code, cid)
        elif operator == b"usecmap":
            self.uses = operands[-1].decode("latin-1") if operands else ""
        elif operator == b"def" and len(operands) > 1:
            key, value = operands[-2:]
            if key == b"/WMode":
                self.wmode = int(value)
            elif key in (b"/Registry", b"/Ordering", b"/Supplement"):
                self.system[key] = value
            elif key == b"/CIDSystemInfo" and isinstance(value, dict):
                self.system.update(value)

    def _range(self, low: Any, high: Any, number: Any) -> None:
        if not _texts((low, high)):
            return
        first, last, cid = int.from_bytes(low, "big"), int.from_bytes(high, "big"), int(number)
        self.largest = max(self.largest, cid + last - first)
        self.ranges.append((len(low), first, last, cid))

    def cids(self, text: Text) -> set[int]:
        """Return the CIDs of a string (bytes)."""
        found, place = set(), 0
        while place < len(text):
            size = self._size(text, place)
            code = int.from_bytes(text[place : place + size], "big")
            found.add(
                next(
                    (
                        cid + code - first
                        for length, first, last, cid in self.ranges
                        if length == size and first <= code <= last
                    ),
                    0,
                )
            )
            place += size
        return found

    def _size(self, text: Text, place: int) -> int:
        for low, high in self.spaces:
            part = text[place : place + len(low)]
            if len(part) == len(low) and all(a <= b <= c for a, b, c in zip(low, part, high, strict=False)):
                return len(low)
        return min((len(low) for low, _high in self.spaces), default=1)


def _texts(items: tuple[Any, Any]) -> bool:
    return all(isinstance(item, Text) for item in items)


def read(encoding: Object) -> Embedded | type[Identity] | None:
    """Return what reads the codes of /Encoding, ``None`` when that is not known."""
    if isinstance(encoding, Name):
        return Identity if str(encoding) in _IDENTITY else None
    return Embedded(encoding.read_bytes()) if isinstance(encoding, Stream) else None


def troubles(cmap: Embedded | type[Identity] | None, encoding: Object, system: Object) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for what ``read`` gave, /Encoding and the descendant's /CIDSystemInfo."""
    if cmap is None:
        yield (
            "6.2.11.3.3",
            f"has the CMap {encoding if isinstance(encoding, Name) else ''}, which is not embedded",
        )
        return
    if not isinstance(cmap, Embedded):
        return
    if cmap.largest > _LARGEST_CID:
        yield "6.1.13", "has a CMap with numbers above 65,535"
    if cmap.uses is not None or encoding.get(Name.UseCMap) is not None:
        yield "6.2.11.3.3", "has a CMap that refers to another one"
    if int(encoding.get(Name.WMode, 0)) != cmap.wmode:
        yield "6.2.11.3.3", "has a CMap that says two writing directions"
    told = encoding.get(Name.CIDSystemInfo)
    if not isinstance(system, Dictionary) or not isinstance(told, Dictionary):
        yield "6.2.11.3.1", "does not say the character collection of its CMap"
        return
    for key in (Name.Registry, Name.Ordering):
        if bytes(system.get(key, b"")) != bytes(told.get(key, b"")):
            yield "6.2.11.3.1", "has another character collection than its CMap"
    if int(system.get(Name.Supplement, 0)) > int(told.get(Name.Supplement, 0)):
        yield "6.2.11.3.1", "has a newer character collection than its CMap"
