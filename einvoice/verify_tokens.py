"""Content streams and CMaps read token by token, for the last gate alone (ISO 32000-1 7.2, 7.8.2, 9.7.5).

Shares nothing with what writes the file: what the maker's tokenizer overlooks is seen here. Pages of the form
that wkhtmltopdf writes are read at once; anything else in one, or any doubt, and it is read token by token.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pikepdf import Dictionary, Name, Stream

from .pdf_common import Broken, Object

# Runs of what most of a page is made of: drawing with numbers, and short texts in hexadecimal digits. Taken
# at once; only the names and the texts in them matter to an archive.
_RUN = (
    rb"(?:(?:(?:[-+.\d]+[\s\x00]+)*"
    rb"(?:[mlhcvySsnFwJjMi]|re|cm|f\*?|[Bb]\*?|W\*?|sc|SC|scn|SCN|g|G|rg|RG|T[dDmcwzLs]|T\*|BT|ET)"
    rb"|/[^\s\x00()<>\[\]{}/%#]{1,100}[\s\x00]+(?:cs|CS|gs)|<[0-9A-Fa-f]*>[\s\x00]*Tj)(?=[\s\x00]|$)[\s\x00]*)+"
)
_RUN_NAME = re.compile(rb"(/[^\s\x00]+)[\s\x00]+(cs|CS|gs)")
_RUN_TEXT = re.compile(rb"<[^>]*>")
_RUN_NUMBER = re.compile(rb"(?<![^\s\x00])[-+.\d]+(?![^\s\x00])")
_TOKEN = re.compile(
    rb"[\s\x00]*(?:"
    rb"(?P<run>" + _RUN + rb")"
    rb"|(?P<numbers>[-+.\d]+(?:[\s\x00]+[-+.\d]+)*)"
    rb"|(?P<operator>[A-Za-z'\"][A-Za-z0-9'\"*]*)"
    rb"|(?P<name>/[^\s\x00()<>\[\]{}/%]*)"
    rb"|(?P<open><<|>>|[\[\]{}])"
    rb"|(?P<hex><[^>]*>?)"
    rb"|(?P<text>\()"
    rb"|(?P<comment>%[^\r\n]*)"
    rb"|(?P<other>[^\s\x00])"
    rb")"
)
_TEXT_PART = re.compile(rb"[()]|\\.", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|[\s\S]))")
_ESCAPED = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}
_NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_IMAGE_END = re.compile(rb"[\s\x00]EI(?=[\s\x00]|$)")
_BINARY = re.compile(rb"[^\t\n\f\r -~]")
_VALUES = (b"true", b"false", b"null")
_HEX_DIGITS = re.compile(rb"[^0-9A-Fa-f\s\x00]")
_BLANKS = b"\x00\t\n\f\r "
_LONGEST_STRING, _LONGEST_NAME = 32767, 127
_SMALLEST, _LARGEST = -(2**31), 2**31 - 1
_LONG_NUMBER = re.compile(rb"\d{10}|\.0{30}")
_LARGEST_REAL, _SMALLEST_REAL = 3.403e38, 1.175e-38


class Text(bytes):
    """The bytes of a string."""

    __slots__ = ()


# Operator, operands, and the dictionary of an inline image.
Operation = tuple[bytes, list[Any], dict[bytes, Any] | None]


class Trouble(NamedTuple):
    """What a token breaks: the clause of ISO 19005-3 and the words."""

    clause: str
    detail: str


def operations(data: bytes, troubles: list[Any]) -> Iterator[Operation]:
    """Yield ``(operator, operands, image)`` for what a content stream (bytes) does, but for what only draws
    with numbers; add what tokens break to the list ``troubles``.

    Operands are ``bytes`` of names (with the slash) and numbers as written, ``Text``, ``list`` for arrays and
    ``dict`` for dictionaries; ``image`` is the dictionary of an inline image.
    """
    stack: list[tuple[bytes, list[Any]]] = []
    operands: list[Any] = []
    strings: dict[bytes, Text] = {}
    position = 0
    match_token, length = _TOKEN.match, len(data)
    may_be_long = _LONG_NUMBER.search(data)
    while position < length:
        match = match_token(data, position)
        if match is None:
            return
        position = match.end()
        kind = match.lastgroup or ""
        word = match[kind]
        if kind == "run":
            if may_be_long:
                troubles += _numbers(_RUN_NUMBER.findall(word))
            yield from _run(word, strings, troubles)
            operands = []
            continue
        if kind == "operator":
            if word in _VALUES:
                operands.append(word)
                continue
            image = None
            if word == b"BI":
                image, position = _image(data, position, troubles)
            yield word, operands, image
            operands, stack = [], []
        elif kind == "hex":
            operands.append(_cached(word, strings, troubles))
        elif kind == "numbers":
            if may_be_long:
                troubles += _numbers(word.split())
            operands += word.split()
        elif kind == "name":
            operands.append(_name(word, troubles))
        elif kind == "text":
            text, position = _text(data, position)
            if len(text) > _LONGEST_STRING:
                troubles.append(Trouble("6.1.13", "a string of more than 32,767 bytes"))
            operands.append(Text(text))
        elif kind == "open":
            operands = _bracket(word, operands, stack)
        elif kind == "other":
            yield word, operands, None
            operands = []


def _run(word: bytes, strings: dict[bytes, Text], troubles: list[Any]) -> Iterator[Operation]:
    if b"/" in word:
        for name, operator in dict.fromkeys(_RUN_NAME.findall(word)):
            yield operator, [_name(name, troubles)], None
    if b"<" in word:
        yield b"Tj", [_cached(text, strings, troubles) for text in set(_RUN_TEXT.findall(word))], None


def _cached(word: bytes, strings: dict[bytes, Text], troubles: list[Any]) -> Text:
    text = strings.get(word)
    if text is None:
        text = strings[word] = _hex(word, troubles)
    return text


def _bracket(word: bytes, operands: list[Any], stack: list[tuple[bytes, list[Any]]]) -> list[Any]:
    """Open or close an array or dictionary; return the operands that follow are added to."""
    if word in (b"[", b"<<", b"{"):
        stack.append((word, operands))
        return []
    if not stack:
        return operands
    opening, outer = stack.pop()
    outer.append(_dictionary(operands) if opening == b"<<" else operands)
    return outer


def _dictionary(items: list[Text | bytes]) -> dict[bytes, Text | bytes]:
    return {key: value for key, value in zip(items[::2], items[1::2], strict=False) if isinstance(key, bytes)}


def number_troubles(words: list[bytes]) -> list[Trouble]:
    """Return the ``Trouble`` of numbers as written (ISO 19005-3 6.1.13)."""
    return _numbers(words)


def _numbers(words: list[bytes]) -> list[Trouble]:
    found = []
    for word in words:
        try:
            value = float(word)
        except ValueError:
            continue
        if b"." not in word and not _SMALLEST <= value <= _LARGEST:
            found.append(Trouble("6.1.13", f"the whole number {word[:40].decode('latin-1')}"))
        elif abs(value) > _LARGEST_REAL or 0 < abs(value) < _SMALLEST_REAL:
            found.append(Trouble("6.1.13", f"the number {word[:20].decode('latin-1')}"))
    return found


def _name(word: bytes, troubles: list[Any]) -> bytes:
    if b"#" in word:
        word = _NAME_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), word)
    if len(word) - 1 > _LONGEST_NAME:
        troubles.append(Trouble("6.1.13", "a name of more than 127 bytes"))
    return word


def _hex(word: bytes, troubles: list[Any]) -> Text:
    digits = word[1:-1] if word.endswith(b">") else word[1:]
    if _HEX_DIGITS.search(digits):
        troubles.append(Trouble("6.1.6", "a hexadecimal string with other signs than digits"))
        digits = _HEX_DIGITS.sub(b"", digits)
    digits = digits.translate(None, _BLANKS)
    if len(digits) % 2:
        troubles.append(Trouble("6.1.6", "a hexadecimal string of an odd number of digits"))
        digits += b"0"
    if len(digits) > 2 * _LONGEST_STRING:
        troubles.append(Trouble("6.1.13", "a string of more than 32,767 bytes"))
    return Text(bytes.fromhex(digits.decode()))


def _text(data: bytes, start: int) -> tuple[bytes, int]:
    """Return the bytes of a string between parentheses that opened just before ``start``, and its end."""
    depth, end = 1, len(data)
    for part in _TEXT_PART.finditer(data, start):
        depth += {b"(": 1, b")": -1}.get(part[0], 0)
        if not depth:
            end = part.start()
            break
    raw = data[start:end]
    return (_ESCAPE.sub(_unescaped, raw) if b"\\" in raw else raw), end + 1


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    return _ESCAPED.get(match[2], match[2])


def _image(data: bytes, position: int, troubles: list[Any]) -> tuple[dict[bytes, Any], int]:
    """Return what an inline image says about itself, by key, and where it ends."""
    start = data.find(b"ID", position)
    head = None
    while start >= 0:
        # "ID" may stand inside a name; the operator stands alone.
        if (
            data[start - 1 : start] in (b" ", b"\n", b"\r", b"\t", b"]", b">")
            and data[start + 2 : start + 3].isspace()
        ):
            head = data[position:start]
            break
        start = data.find(b"ID", start + 2)
    if head is None:
        return {}, len(data)
    items = []
    for operator, operands, _image_in_it in operations(head + b" end", troubles):
        # What looks like an operator here is a value of the wrong form.
        items += [*operands, *([operator] if operator != b"end" else ())]
    end = len(data)
    for match in _IMAGE_END.finditer(data, start + 2):
        if not _BINARY.search(data[match.end() : match.end() + 24]):
            end = match.end()
            break
    return _dictionary(items), end


_IDENTITY = ("/Identity-H", "/Identity-V")
_LARGEST_CID = 65535


class IdentityCMap:
    """Two bytes that are the CID."""

    @staticmethod
    def cids(text: Text) -> set[int]:
        """Return the CIDs of a string (bytes)."""
        if len(text) % 2:
            text = Text(text + b"\0")
        return {high << 8 | low for high, low in zip(text[::2], text[1::2], strict=True)}


class EmbeddedCMap:
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


def read_cmap(encoding: Object) -> EmbeddedCMap | type[IdentityCMap] | None:
    """Return what reads the codes of /Encoding, ``None`` when that is not known."""
    if isinstance(encoding, Name):
        return IdentityCMap if str(encoding) in _IDENTITY else None
    return EmbeddedCMap(encoding.read_bytes()) if isinstance(encoding, Stream) else None


def cmap_troubles(
    cmap: EmbeddedCMap | type[IdentityCMap] | None, encoding: Object, system: Object
) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for what ``read`` gave, /Encoding and the descendant's /CIDSystemInfo."""
    if cmap is None:
        yield (
            "6.2.11.3.3",
            f"has the CMap {encoding if isinstance(encoding, Name) else ''}, which is not embedded",
        )
        return
    if not isinstance(cmap, EmbeddedCMap):
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


_WORD = re.compile(
    rb"(?:/[A-Za-z][A-Za-z0-9_]{0,99}|\[|\]|[mlhcvySsnFfqQwJjMidgGbBW]|[bBfW]\*|re|cm|cs|CS|scn|SCN|gs|Do|rg|RG"
    rb"|BT|ET|T[dDmcwzLfjJ]|T\*)*"
)
_CODES = re.compile(rb"<(?:[0-9A-Fa-f]{4})*>")
_DIGITS_TO_NOUGHTS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NOUGHTS = b"0" * 10
_NUMBERS_TO_BLANKS = bytes.maketrans(b"0123456789.+-", b" " * 13)
_FONT_SET = re.compile(rb"(/[^\s/\[\]<>]+)\s+[-+.\d]+\s+Tf(?=\s)")
_SHOWN = re.compile(rb"<([0-9A-Fa-f]*)>")
_RESTORED = re.compile(rb"(?:^|\s)Q(?=\s|$)")
_ALL_BUT_NESTING = bytes(set(range(256)) - set(b"qQ"))
_MAX_NESTING = 28


class Run(NamedTuple):
    """What is shown from where a font is set, or a text ends, to the next such place: the font's name (with
    the slash), the hexadecimal digits of each string."""

    font: bytes
    texts: list[bytes]


class Runs(NamedTuple):
    """The strings in hexadecimal digits of a page, in their order; the names of all fonts that are set;
    whether a string is shown with a font that a ``Q`` may have brought back."""

    rows: list[Run]
    fonts: list[bytes]
    may_restore: bool


def read_runs(data: bytes) -> Runs | None:
    """Return the ``Runs`` of a page (bytes), ``None`` when a string comes before any font."""
    before, *parts = _FONT_SET.split(data)
    if _SHOWN.search(before):
        return None
    rows: list[Run] = []
    may_restore = False
    for name, part in zip(parts[::2], parts[1::2], strict=True):
        last = part.rfind(b"<")
        if last > 0 and part.find(b"Q", 0, last) >= 0 and not may_restore:
            restored = _RESTORED.search(part)
            may_restore = bool(restored and _SHOWN.search(part, restored.end()))
        for piece in part.split(b"ET"):
            if b"<" in piece and (texts := _SHOWN.findall(piece)):
                rows.append(Run(name, texts))
    return Runs(rows, list(dict.fromkeys(parts[::2])), may_restore)


def printed_texts(data: bytes, runs: Runs | None) -> dict[bytes, set[bytes]] | None:
    """Return ``{font name: {hexadecimal digits}}`` for what a page (bytes) with its ``runs`` shows, ``None``
    in doubt.

    Font names are bytes with the slash. Not ``None``: there are no operators, numbers, names, strings or
    nesting in it that ISO 19005-3 6.1.6, 6.1.13, 6.2.2, 6.2.4.3 or 6.2.6 object to.
    """
    if runs is None or runs.may_restore or not _is_plain(data) or _nests_too_deep(data):
        return None
    found: dict[bytes, set[bytes]] = {name: set() for name in runs.fonts}
    for name, texts in runs.rows:
        found[name].update(texts)
    return found


def _is_plain(data: bytes) -> bool:
    """Tell whether a page holds nothing but strings of two-byte codes, ordinary numbers and known words."""
    # With all digits alike, most lines of a page are the same few.
    lines = b"\n".join(set(data.translate(_DIGITS_TO_NOUGHTS).split(b"\n")))
    bare = _CODES.sub(b" ", lines)
    if _LONG_NOUGHTS in bare or b"CMYK" in bare:
        return False
    return all(map(_WORD.fullmatch, set(bare.translate(_NUMBERS_TO_BLANKS).split())))


def _nests_too_deep(data: bytes) -> bool:
    """Tell whether q and Q nest by more than 28 levels, or a Q has no q."""
    letters = rest = data.translate(None, _ALL_BUT_NESTING)
    # Pairs are taken out from the inside, a level at once.
    for _level in range(_MAX_NESTING):
        rest = rest.replace(b"qQ", b"")
    depth = deepest = 0
    for letter in letters if rest else b"":
        depth += 1 if letter == 0x71 else -1
        deepest = max(deepest, depth)
        if depth < 0:
            return True
    return deepest > _MAX_NESTING
