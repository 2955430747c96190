"""Read what the server sent without believing any of it.

The published contract is broken by the real server here and there (an object for an array, a number for a
string, a plain date for a date-time), so each reader takes what can be understood and answers None, "" or
an empty list for the rest. No reader raises.
"""

import json
import re
import unicodedata
import zlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

# A JSON object as it was read; what it holds is anything.
Json = dict[str, Any]

PARIS = ZoneInfo("Europe/Paris")

MAX_DEPTH = 64
MAX_TEXT = 20_000
MAX_ID = 2**63 - 1
SIRET_DIGITS = 14

# Chorus Pro's predecessor began later; a date beyond the other end is a sentinel such as 9999-12-31.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(days=731)

_LONG_NUMBER = 64  # characters; more is noise, and converting it may take very long
_SPACES = str.maketrans("", "", " \t\n\r\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")

# Control characters but tab and newline, lone surrogates, and the marks that change the reading direction:
# none belongs into a label or a comment, all can spoil a screen, a file or a database.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)

_MOMENT = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
    r"(?:[T ](?P<H>\d\d):(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"\s*(?P<tz>Z|[+-]\d\d:?(?:\d\d)?)?(?:\[[\w/]+\])?",
    re.ASCII,
)
_FRENCH_DAY = re.compile(r"(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4})(?P<rest>[T ].*)?", re.ASCII | re.DOTALL)


class Unreadable(Exception):
    """The body is not one JSON object; ``code`` is ``unreadable_answer`` or ``answer_too_large``."""

    def __init__(self, code: str = "unreadable_answer") -> None:
        super().__init__(code)
        self.code = code


def decompress(body: bytes, limit: int) -> bytes:
    """The bytes of a gzip or deflate body, at most ``limit``; raises :class:`Unreadable`."""
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        engine = zlib.decompressobj(window)
        try:
            plain = engine.decompress(body, limit)
        except zlib.error:
            continue
        if engine.unconsumed_tail:
            raise Unreadable("answer_too_large")
        return plain
    raise Unreadable


def read_object(body: bytes) -> Json:
    """The JSON object in ``body`` (bytes), as a dict with Decimal for fractions; raises :class:`Unreadable`.

    The charset and the content type announced are ignored: a body of which nothing is UTF-8 is read as
    Windows-1252, the other charset of French systems; letters damaged in a comment must not hide the answer.
    """
    try:
        value = json.loads(
            _letters(body),
            parse_int=_integer_literal,
            parse_float=_decimal_literal,
            parse_constant=lambda name: None,
        )
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable from None
    if not isinstance(value, dict) or _deeper_than(value, MAX_DEPTH):
        raise Unreadable
    return value


def _letters(body: bytes) -> str:
    words = body.decode("utf-8-sig", errors="replace")
    if "\ufffd" not in words:
        return words
    accents = {letter for letter in words if not letter.isascii()}
    # Accents beside the damage: it is UTF-8 all the same, cut within a letter.
    return body.decode("cp1252", errors="replace") if accents == {"\ufffd"} else words


def _integer_literal(literal: str) -> int | None:
    return int(literal) if len(literal) <= _LONG_NUMBER else None


def _decimal_literal(literal: str) -> Decimal | None:
    if len(literal) > _LONG_NUMBER:
        return None
    try:
        return Decimal(literal)
    except InvalidOperation:
        return None


def _deeper_than(value: Json, limit: int) -> bool:
    level: list[Any] = [value]
    for _depth in range(limit):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def text(value: object, limit: int = MAX_TEXT) -> str:
    """A clean str of at most ``limit`` characters; "" for what is not a text or a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return ""
    plain = value if isinstance(value, str) else str(value)
    return _UNWANTED.sub("", plain[: limit * 2].replace("\r\n", "\n").replace("\r", "\n")).strip()[:limit]


def word(value: object, limit: int = 200) -> str:
    """A clean str on one line: a code, a number, a name."""
    if isinstance(value, str) and len(value) <= limit and value.isascii() and value.isprintable():
        return " ".join(value.split()) if " " in value else value
    return " ".join(text(value, limit).split())


def integer(value: object) -> int | None:
    """An int that fits into a database's bigint, from a number or its digits; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.translate(_SPACES)
        if not re.fullmatch(r"[+-]?[0-9]{1,19}(?:\.0+)?", digits[:_LONG_NUMBER], re.ASCII):
            return None
        value = int(digits[:_LONG_NUMBER].partition(".")[0])
    elif isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 20 or value != value.to_integral_value():
            return None
        value = int(value)
    elif not isinstance(value, int):
        return None
    return value if -MAX_ID <= value <= MAX_ID else None


def identifier(value: object) -> int | None:
    """A positive int that can name a record; else None."""
    number = integer(value)
    return number if number and number > 0 else None


def reference(value: object) -> str:
    """The name of a record given by the other side: a text, or a positive int; else ""."""
    return word(value) if isinstance(value, str) else str(identifier(value) or "")


def plain_registration(text: str | None) -> str:
    """A SIRET as its digits, whatever blanks or invisible signs were typed or pasted between them.

    >>> plain_registration("123 456\N{ZERO WIDTH SPACE}78900012")
    '12345678900012'
    """
    text = text or ""
    if not (text.isascii() and text.isalnum()):
        text = "".join(sign for sign in text if unicodedata.category(sign)[0] not in "ZC")
    return text.upper()


def registration(value: object, kind: object = "") -> str:
    """The identifier of a structure, as a word. A SIRET given as a number (seen on AIFE's pages) has lost its
    leading zeros: it gets them back; one with blanks in it loses them. ``kind``: the identifier's type as
    told; "" counts as SIRET."""
    number = identifier(value) if not isinstance(value, str) else None
    if number and word(kind).upper() in ("", "SIRET"):
        return str(number).zfill(SIRET_DIGITS)
    plain = word(value)
    digits = plain_registration(plain)
    return digits if len(digits) == SIRET_DIGITS and digits.isdecimal() else plain


def amount(value: object) -> Decimal | None:
    """A finite Decimal of a plausible size, from a number or a text such as ``1 234,50``; else None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    try:
        if isinstance(value, str):
            value = value[:_LONG_NUMBER].translate(_SPACES).replace(",", ".")
        number = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    exponent = number.as_tuple().exponent  # a letter for what is not finite
    if not isinstance(exponent, int) or number.adjusted() > 15 or exponent < -10:
        return None
    return number


def flag(value: object) -> bool | None:
    """True, False, or None when the value says neither."""
    if isinstance(value, bool):
        return value
    return {
        "true": True,
        "oui": True,
        "1": True,
        "o": True,
        "false": False,
        "non": False,
        "0": False,
        "n": False,
    }.get(word(value, 10).lower())


def moment(value: object) -> datetime | None:
    """An aware UTC datetime from ISO-8601 with or without offset, a plain date, DD/MM/YYYY, or milliseconds
    since 1970; a time without offset is Paris time. Else None, as for what lies before 1990 or more than two
    years ahead: such a date is none."""
    at = _moment(value)
    return at if at and EARLIEST <= at <= datetime.now(UTC) + FARTHEST else None


def _moment(value: object) -> datetime | None:
    try:
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            millis = integer(value)
            return datetime.fromtimestamp(millis / 1000, UTC) if millis and millis > 10**11 else None
        plain = word(value, 64)
        french = _FRENCH_DAY.fullmatch(plain)
        if french:
            plain = f"{french['y']}-{french['m']}-{french['d']}{french['rest'] or ''}"
        match = _MOMENT.fullmatch(plain)
        if not match:
            return None
        local = datetime(
            int(match["y"]),
            int(match["m"]),
            int(match["d"]),
            int(match["H"] or 0),
            int(match["M"] or 0),
            int(match["S"] or 0),
            int((match["f"] or "")[:6].ljust(6, "0")),
            tzinfo=PARIS,
        )
        return _with_offset(local, match["tz"]).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _with_offset(local: datetime, offset: str | None) -> datetime:
    if not offset:
        return local
    if offset == "Z":
        return local.replace(tzinfo=UTC)
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return datetime.fromisoformat(
        f"{local.replace(tzinfo=None).isoformat(timespec='microseconds')}{offset[0]}{digits[:2]}:{digits[2:]}"
    )


def day(value: object) -> date | None:
    """The date in France of what :func:`moment` reads; else None."""
    at = moment(value)
    try:
        return at.astimezone(PARIS).date() if at else None
    except OverflowError:
        return None


def items(value: object) -> list[Json]:
    """The dicts of an array; a lone object counts as an array of one (seen live); else an empty list."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def section(value: object) -> Json:
    """A dict, or an empty one."""
    return value if isinstance(value, dict) else {}


def clean(value: Any) -> Any:
    """The same structure with every text and key cleaned; fractions stay Decimal."""
    if isinstance(value, dict):
        return {text(key): clean(child) for key, child in value.items()}
    if isinstance(value, list):
        return [clean(child) for child in value]
    return text(value) if isinstance(value, str) else value


def write_moment(at: datetime) -> str:
    """An aware datetime as the server writes its own: ``2019-03-27T11:12:24.777+01:00``, Paris time."""
    return at.astimezone(PARIS).isoformat(timespec="milliseconds")


def write_day(on: date, end: bool = False) -> str:
    """A date as the date-time the contract declares: its first, or last, millisecond in Paris."""
    hour = (23, 59, 59, 999_000) if end else (0, 0, 0, 0)
    return datetime(on.year, on.month, on.day, *hour, tzinfo=PARIS).isoformat(timespec="milliseconds")
