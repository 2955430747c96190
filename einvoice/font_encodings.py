"""Glyph names of the simple fonts' encodings (ISO 32000-1 annex D) and the characters that they stand for."""

from functools import cache

from fontTools.agl import UV2AGL, toUnicode
from fontTools.encodings.MacRoman import MacRoman
from fontTools.encodings.StandardEncoding import StandardEncoding

NOTDEF = ".notdef"
_FIRST_PRINTED = 32
# ISO 32000-1 table D.2, note 1: unused codes above 40 octal show a bullet; three signs stand twice.
_WIN_ANSI = {0x7F: "bullet", 0x81: "bullet", 0x8D: "bullet", 0x8F: "bullet", 0x90: "bullet", 0x9D: "bullet",
             0xA0: "space", 0xAD: "hyphen", 0xB2: "twosuperior", 0xB3: "threesuperior",
             0xB9: "onesuperior"}  # fmt: skip
# What Mac OS added to its own encoding, and PDF did not take over; PDF has a second space.
_NOT_IN_MAC_ROMAN = frozenset(
    {127, 173, 176, 178, 179, 182, 183, 184, 185, 186, 189, 195, 197, 198, 215, 240}
)
_MAC_SPACE = 202


def _win_ansi() -> tuple[str, ...]:
    names = []
    for code in range(256):
        character = bytes([code]).decode("cp1252", "ignore")
        name = UV2AGL.get(ord(character), NOTDEF) if character and code >= _FIRST_PRINTED else NOTDEF
        names.append(_WIN_ANSI.get(code, name))
    return tuple(names)


def _mac_roman() -> tuple[str, ...]:
    names = [
        NOTDEF if code < _FIRST_PRINTED or code in _NOT_IN_MAC_ROMAN else name
        for code, name in enumerate(MacRoman)
    ]
    names[_MAC_SPACE] = "space"
    return tuple(names)


STANDARD = tuple(StandardEncoding)
MAC_OS = tuple(MacRoman)
BY_NAME = {"/WinAnsiEncoding": _win_ansi(), "/MacRomanEncoding": _mac_roman()}
MAC_CODES = {
    name: code for code, name in reversed(list(enumerate(BY_NAME["/MacRomanEncoding"]))) if name != NOTDEF
}
MAC_CODES |= {MacRoman[code]: code for code in _NOT_IN_MAC_ROMAN}


@cache
def character(name: str) -> str:
    """Return the characters that a glyph name stands for (Adobe Glyph List), empty when it is not in it."""
    return str(toUnicode(name))


@cache
def is_listed(name: str) -> bool:
    """Tell whether a glyph name is in the Adobe Glyph List or of its uniXXXX form."""
    return bool(toUnicode(name))
