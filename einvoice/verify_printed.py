"""Pages of the form that wkhtmltopdf writes, read at once instead of token by token, for the last gate alone.

Anything else in the content stream, or any doubt, and the gate reads it token by token.
"""

import re

_WORD = re.compile(
    rb"(?:/[A-Za-z][A-Za-z0-9_]{0,99}|\[|\]|[mlhcvySsnFfqQwJjMidgGbBW]|[bBfW]\*|re|cm|cs|CS|scn|SCN|gs|Do|rg|RG"
    rb"|BT|ET|T[dDmcwzLfjJ]|T\*)*"
)
_CODES = re.compile(rb"<(?:[0-9A-Fa-f]{4})*>")
_OTHER_SIGNS = (b"(", b"%", b"{", b"BI", b"CMYK")
_DIGITS_TO_NOUGHTS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 10
_NUMBERS_TO_BLANKS = bytes.maketrans(b"0123456789.+-", b" " * 13)
_FONT_SET = re.compile(rb"(/[^\s/\[\]<>]+)\s+[-+.\d]+\s+Tf(?=\s)")
_SHOWN = re.compile(rb"<([0-9A-Fa-f]*)>")
_RESTORED = re.compile(rb"(?:^|\s)Q(?=\s|$)")
_ALL_BUT_NESTING = bytes(set(range(256)) - set(b"qQ"))
_MAX_NESTING = 28


def texts(data: bytes) -> dict[bytes, set[bytes]] | None:
    """Return ``{font name: {hexadecimal digits}}`` for what a page (bytes) shows, ``None`` in doubt.

    Font names are bytes with the slash. Not ``None``: there are no operators, numbers, names, strings or
    nesting in it that ISO 19005-3 6.1.6, 6.1.13, 6.2.2, 6.2.4.3 or 6.2.6 object to.
    """
    if any(sign in data for sign in _OTHER_SIGNS) or b" Tr" in data:
        return None
    bare = _CODES.sub(b" ", data)
    if b"<" in bare or b">" in bare or _LONG_NUMBER in bare.translate(_DIGITS_TO_NOUGHTS):
        return None
    if not all(map(_WORD.fullmatch, set(bare.translate(_NUMBERS_TO_BLANKS).split()))):
        return None
    depth = deepest = 0
    for letter in data.translate(None, _ALL_BUT_NESTING):
        depth += 1 if letter == 0x71 else -1
        deepest = max(deepest, depth)
        if depth < 0:
            return None
    if deepest > _MAX_NESTING:
        return None
    parts = _FONT_SET.split(data)
    if _SHOWN.search(parts[0]):
        return None
    found: dict[bytes, set[bytes]] = {}
    for name, part in zip(parts[1::2], parts[2::2], strict=True):
        if b"Q" in part[: part.rfind(b"<")]:
            restored = _RESTORED.search(part)
            if restored and _SHOWN.search(part, restored.end()):
                return None  # with the font that was set before
        found.setdefault(name, set()).update(_SHOWN.findall(part))
    return found
