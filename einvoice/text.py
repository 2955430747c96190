"""Text as XML, PDF metadata and Chorus Pro can carry it: cleaned, never cut."""

import re
import unicodedata

# Not XML 1.0 characters (W3C XML 1.0 §2.2), plus the C1 controls, which no reader shows.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# Invisible marks that a copy from a web page or a word processor leaves behind. Bidirectional marks
# stay: right-to-left text needs them.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_LINE_BREAK = re.compile("\r\n|[\r\x85\u2028\u2029\x0b\x0c]")
_BLANKS = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
# Where cleaning has something to do: most texts have nothing of it.
_UNTIDY = re.compile(f"{_FORBIDDEN.pattern}|{_INVISIBLE.pattern}|{_NONCHARACTER.pattern}|[^\\S ]|  ")


def clean_text(text: object, multiline: bool = False) -> str:
    """Return ``text`` (any object, ``None`` gives ``""``) without what cannot travel.

    Control characters, lone surrogates and Unicode non-characters go; letters are composed (NFC); runs
    of blanks become one space. Line breaks are kept when ``multiline``, else they become spaces. Emoji
    and every script stay: XML carries them, and only the page's font decides whether they are drawn.
    """
    if text is None:
        return ""
    text = text if isinstance(text, str) else str(text)
    if text.isascii() and text.isprintable():
        # The only blank among these signs is the space.
        text = text.strip(" ")
        return _BLANKS.sub(" ", text) if "  " in text else text
    if not _UNTIDY.search(text) and unicodedata.is_normalized("NFC", text):
        return text.strip(" ")
    text = _LINE_BREAK.sub("\n", text)
    if not multiline:
        text = text.replace("\n", " ")
    text = _INVISIBLE.sub("", _FORBIDDEN.sub("", text))
    text = unicodedata.normalize("NFC", _NONCHARACTER.sub("", text))
    if "\n" not in text:
        return _squeeze(text)
    lines = (_squeeze(line) for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def clean_code(value: object) -> str:
    """A code, number or reference as it is sent: one line, plain spaces, no sign that nobody sees.

    Pasted from a page or a table, a code carries non-breaking spaces, tabs, zero-width and bidirectional
    marks, full-width digits; none of them is meant.

    >>> clean_code("\u200b EJ\u00a012 \t345\ufeff")
    'EJ 12 345'
    """
    text = "" if value is None else str(value)
    if text.isascii() and text.isprintable():
        return _squeeze(text)
    letters = unicodedata.normalize("NFKC", text)
    return clean_text("".join(sign for sign in letters if unicodedata.category(sign) != "Cf"))


def compact_code(value: object) -> str:
    """A SIRET, VAT number or account number as it is sent: as ``clean_code``, without blanks, in capitals.

    >>> compact_code(" fr 12\u202f345 ")
    'FR12345'
    """
    return clean_code(value).replace(" ", "").upper()


def visible(text: str) -> str:
    """``text`` with its blanks and invisible signs shown, for a sentence that quotes it.

    >>> visible("FA  1\u200b2")
    'FA␣␣1⟨U+200B⟩2'
    """
    return "".join(
        "␣" if sign == " " else sign if sign.isprintable() else f"⟨U+{ord(sign):04X}⟩" for sign in text
    )


def split_text(text: object, limit: int) -> list[str]:
    """Clean ``text`` and cut it into pieces of at most ``limit`` characters, between words where it can.

    Nothing is lost but the blanks at the cuts. Used where a term has a maximum length and the rest can
    go to another term (BT-154 to BT-127, one BT-22 to several).
    """
    # Composed first: some letters become longer by it.
    pieces, text = [], clean_text(text, multiline=True)
    while len(text) > limit:
        window = text[: limit + 1]
        cut = max(window.rfind("\n"), window.rfind(" "))
        if cut < limit // 2:
            cut = limit
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text else pieces


def _squeeze(text: str) -> str:
    return _BLANKS.sub(" ", text).strip()
