"""What the file of all public recipients says of some of them.

AIFE publishes the route and that it answers a zip in base64; what the zip holds is published nowhere. Known
are the columns of the spreadsheet with the same name that AIFE offers on its pages, one sheet of structures
and one of services, as two public import programs read them with ``;`` between the columns: ``Identifiant``,
``RaisonSociale``, ``GestionStatutMiseEnPaiement``, ``GestionEngagement``, ``GestionService``,
``GestionServiceEngagement``, ``EstMOAUniquement``, ``StructureActive``; ``Identifiant``, ``Code``, ``Nom``,
``GestionEGMT``, ``ServiceActif``. That there is also an XML of about 200 MB is reported, its elements are
not. So the names below beyond those are guesses, matched whatever their case, accents and separators, in a
CSV or in an XML of any shape; whoever uses the result must not believe it more than that. What is none of
this raises :class:`RecipientsUnreadable`.

Everything is read piece by piece: memory grows with the structures that are asked about, not with the file.
"""

import codecs
import csv
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import IO
from xml.parsers import expat

from .readers import flag, plain_registration, word

MAX_MEMBERS = 50
MAX_BYTES = 640 * 1024**2  # of all members together, unpacked: three times what is reported
MAX_LINE = 256 * 1024  # characters
MAX_SERVICES = 50_000  # of one structure
MAX_DEPTH, MAX_FIELDS, MAX_VALUE = 40, 200, 1000
CHUNK = 64 * 1024
# Lines before the one that names the columns: a title, a date.
HEADER_LINES = 10
# Chorus Pro began to run; a date before is that of a zip without dates.
FIRST_YEAR = 2016

_STRUCTURE = {
    "identifier": "identifiant identifiantstructure identifiantdestinataire siret siretstructure numerosiret",
    "name": "raisonsociale raisonsocialestructure designation designationstructure libellestructure",
    "active": "structureactive estactive active actif statut statutstructure etatstructure",
    "needs_engagement": "gestionengagement gestionegmt gestionnumeroej numeroejdoitetrerenseigne"
    " engagementobligatoire numeroengagementobligatoire",
    "needs_service": "gestionservice gestioncodeservice codeservicedoitetrerenseigne serviceobligatoire"
    " codeserviceobligatoire",
    "needs_service_or_engagement": "gestionserviceengagement gestionserviceouengagement"
    " gestionnumeroejoucodeservice gestionnumeroejouservice serviceouengagementobligatoire",
    "works_owner_only": "estmoauniquement moauniquement moaunique",
    "reports_payment": "gestionstatutmiseenpaiement statutmiseenpaiement",
}
_SERVICE = {
    "code": "codeservice codeserviceexecutant code",
    "name": "nomservice libelleservice nom libelle",
    "active": "serviceactif estactif actif active statutservice statut",
    "needs_engagement": "gestionegmt gestionengagement numeroengagement engagementobligatoire",
}
_YES, _NO = {"vrai", "actif", "active", "x"}, {"faux", "inactif", "inactive"}


# What the reader of zips raises besides its own: a name that is no letters, an empty one, a place before the
# beginning of the file.
_DAMAGED = (ValueError, LookupError, ArithmeticError)


class RecipientsUnreadable(ValueError):
    """The file says nothing that is understood; ``code``: ``broken`` (no zip, or a damaged one),
    ``too_large``, ``unknown_form``, ``out_of_time``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} ({detail})" if detail else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service in the file; None is what the file does not say."""

    code: str
    name: str
    active: bool | None
    needs_engagement: bool | None


@dataclass(frozen=True, slots=True)
class ListedStructure:
    """A structure in the file; None is what the file does not say, ``services`` None: of no structure."""

    identifier: str
    name: str
    active: bool | None
    needs_service: bool | None
    needs_engagement: bool | None
    needs_service_or_engagement: bool | None
    works_owner_only: bool | None
    reports_payment: bool | None
    services: dict[str, ListedService] | None


@dataclass(frozen=True, slots=True)
class RecipientsList:
    """What the file says of the structures asked about, by SIRET. ``written_at``: when it was made, of its
    parts the oldest, by the clock of whoever made it, whose time zone a zip does not tell; None when it tells
    nothing of one of them. ``counted``: structures in the whole file."""

    structures: dict[str, ListedStructure]
    written_at: datetime | None
    counted: int


def read_recipients(
    archive: bytes, wanted: Collection[str], go_on: Callable[[], bool] = lambda: True
) -> RecipientsList:
    """What the file of :meth:`structures.StructureOperations.recipients_file` says of some structures.

    :param bytes archive: the zip
    :param wanted: SIRETs of 14 digits; one that the file names twice with different words is left out
    :param go_on: asked again and again; False ends the reading
    :raises RecipientsUnreadable: the whole file counts for nothing then
    """
    found = _Found(frozenset(wanted))
    budget = _Budget(go_on)
    moments = []
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > MAX_MEMBERS:
                raise RecipientsUnreadable("too_large", f"{len(members)} members")
            for member in members:
                # Others reserve memory as the member asks for it.
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise RecipientsUnreadable("broken", "packing")
                with opened.open(member) as raw:
                    if _read_member(budget.pieces(raw), found):
                        moments.append(_moment(member.date_time))
    except RecipientsUnreadable:
        raise
    except (expat.ExpatError, csv.Error) as error:
        raise RecipientsUnreadable("unknown_form", word(str(error))) from None
    except (NotImplementedError, RuntimeError):
        # Packed in a way that is not known here, or with a password.
        raise RecipientsUnreadable("broken", "packing") from None
    except (*_DAMAGED, zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error) as error:
        raise RecipientsUnreadable("broken", type(error).__name__) from None
    if not found.counted:
        raise RecipientsUnreadable("unknown_form", "no structures")
    written = [moment for moment in moments if moment]
    return RecipientsList(
        found.result(), min(written) if len(written) == len(moments) else None, found.counted
    )


def _moment(told: tuple[int, int, int, int, int, int]) -> datetime | None:
    try:
        moment = datetime(*told)
    except ValueError:
        return None
    sensible = moment.year >= FIRST_YEAR and moment.date() <= date.today() + timedelta(days=1)
    return moment if sensible else None


class _Budget:
    """Bounds what is unpacked, whatever sizes the zip announces, and the time that it takes."""

    def __init__(self, go_on: Callable[[], bool]) -> None:
        self._left = MAX_BYTES
        self._go_on = go_on

    def pieces(self, raw: IO[bytes]) -> Iterator[bytes]:
        while piece := raw.read(CHUNK):
            self._left -= len(piece)
            if self._left < 0:
                raise RecipientsUnreadable("too_large", "unpacked")
            if not self._go_on():
                raise RecipientsUnreadable("out_of_time")
            yield piece


def _read_member(pieces: Iterator[bytes], found: "_Found") -> bool:
    """Read one member; return whether it told of structures or services."""
    head = next(pieces, b"")
    if not (encoding := _encoding(head)):
        return False  # a picture, a document, a spreadsheet
    before = found.told
    text = _letters(chain([head], pieces), encoding)
    first = next(text, "")
    text = chain([first], text)
    if first.lstrip().startswith("<"):
        _Xml(found).read(text)
    else:
        _read_csv(_lines(text), found)
    return found.told > before


# -- letters ------------------------------------------------------------------------------------------


def _by_windows(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 is read as Windows-1252, the other charset of French systems."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error("chorus_windows", _by_windows)
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_WINDOWS = {"iso8859-1", "iso8859-15", "cp1252"}


def _encoding(head: bytes) -> str:
    """The encoding of a text, or "" for what is none."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head:
        return ""
    if declared := _DECLARED.match(head):
        try:
            if codecs.lookup(declared[1].decode("ascii")).name in _WINDOWS:
                return "cp1252"
        except LookupError:
            return ""
    return "utf-8-sig"


def _letters(pieces: Iterator[bytes], encoding: str) -> Iterator[str]:
    errors = "chorus_windows" if encoding == "utf-8-sig" else "replace"
    decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode(b"", True)


def _lines(pieces: Iterator[str]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        *whole, rest = (rest + piece).split("\n")
        if len(rest) > MAX_LINE:
            raise RecipientsUnreadable("unknown_form", "a line without end")
        for line in whole:
            yield line + "\n"
    if rest:
        yield rest


# -- names --------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    """A column's or element's name without prefix, accents, case and separators."""
    local = name.rpartition("}")[2].rpartition(":")[2]
    plain = unicodedata.normalize("NFKD", local[:MAX_VALUE]).casefold()
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


def _names(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {meaning: tuple(names.split()) for meaning, names in table.items()}


_STRUCTURE_NAMES, _SERVICE_NAMES = _names(_STRUCTURE), _names(_SERVICE)
_IDENTIFIERS = _STRUCTURE_NAMES["identifier"]
# What tells a service's "code" from that of a country.
_SERVICE_SIGNS = frozenset(_SERVICE_NAMES["active"] + _SERVICE_NAMES["needs_engagement"])
_SERVICE_CODES = frozenset(_SERVICE_NAMES["code"][:2])
_STRUCTURE_SIGNS = frozenset(
    name for meaning, names in _STRUCTURE_NAMES.items() if meaning != "identifier" for name in names
)


def _tells_service(keys: Collection[str]) -> bool:
    return not _SERVICE_CODES.isdisjoint(keys) or ("code" in keys and not _SERVICE_SIGNS.isdisjoint(keys))


def _tells_structure(keys: Collection[str]) -> bool:
    return not _STRUCTURE_SIGNS.isdisjoint(keys)


def _value(row: dict[str, str], names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _flag(row: dict[str, str], names: tuple[str, ...]) -> bool | None:
    value = _value(row, names)
    plain = _key(value)
    return True if plain in _YES else False if plain in _NO else flag(value)


# -- what was found -----------------------------------------------------------------------------------


@dataclass
class _Found:
    wanted: frozenset[str]
    counted: int = 0
    told: int = 0
    with_services: bool = False
    structures: dict[str, ListedStructure] = field(default_factory=dict)
    services: dict[str, dict[str, ListedService]] = field(default_factory=dict)
    # Named twice with different words: what is true of them, the file does not say.
    unclear: set[str] = field(default_factory=set)

    def structure(self, identifier: str, row: dict[str, str]) -> None:
        self.counted += 1
        self.told += 1
        siret = plain_registration(identifier)
        if siret not in self.wanted:
            return
        flags = {
            meaning: _flag(row, names)
            for meaning, names in _STRUCTURE_NAMES.items()
            if meaning not in ("identifier", "name")
        }
        listed = ListedStructure(siret, word(_value(row, _STRUCTURE_NAMES["name"])), services=None, **flags)
        if self.structures.setdefault(siret, listed) != listed:
            self.unclear.add(siret)

    def service(self, identifier: str, row: dict[str, str]) -> None:
        self.told += 1
        self.with_services = True
        siret = plain_registration(identifier)
        code = word(_value(row, _SERVICE_NAMES["code"]))
        if siret not in self.wanted or not code:
            return
        listed = ListedService(
            code,
            word(_value(row, _SERVICE_NAMES["name"])),
            _flag(row, _SERVICE_NAMES["active"]),
            _flag(row, _SERVICE_NAMES["needs_engagement"]),
        )
        services = self.services.setdefault(siret, {})
        if len(services) >= MAX_SERVICES:
            raise RecipientsUnreadable("too_large", "services")
        if services.setdefault(code, listed) != listed:
            self.unclear.add(siret)

    def result(self) -> dict[str, ListedStructure]:
        return {
            siret: ListedStructure(
                **{name: getattr(listed, name) for name in ListedStructure.__slots__ if name != "services"},
                services=self.services.get(siret, {}) if self.with_services else None,
            )
            for siret, listed in self.structures.items()
            if siret not in self.unclear
        }


# -- CSV ----------------------------------------------------------------------------------------------


def _read_csv(lines: Iterator[str], found: _Found) -> None:
    for _number, line in zip(range(HEADER_LINES), lines, strict=False):
        delimiter = max(";,\t|", key=line.count)
        keys = [_key(name) for name in next(csv.reader([line], delimiter=delimiter), [])]
        identifier = next((name for name in _IDENTIFIERS if name in keys), None)
        if not identifier:
            continue
        tell = found.service if _tells_service(keys) else found.structure if _tells_structure(keys) else None
        if not tell:
            continue
        for cells in csv.reader(lines, delimiter=delimiter):
            # More cells than columns: a separator within a cell has moved the others.
            if cells and not any(cells[len(keys) :]):
                row = dict(zip(keys, cells, strict=False))
                if row.get(identifier):
                    tell(row[identifier], row)
        return


# -- XML ----------------------------------------------------------------------------------------------


class _Xml:
    """Reads an XML of which only the names of the fields are guessed, not how they are nested.

    What has an identifier and a field of a structure is one; a block within it without an identifier
    belongs to it. A document type, the only source of entities, is refused.
    """

    def __init__(self, found: _Found) -> None:
        self._found = found
        self._open: list[_Element] = []
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse

    def read(self, pieces: Iterator[str]) -> None:
        for piece in pieces:
            self._parser.Parse(piece, False)
        self._parser.Parse("", True)

    def _refuse(self, *_declaration: object) -> None:
        raise RecipientsUnreadable("unknown_form", "document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise RecipientsUnreadable("unknown_form", "depth")
        if self._open:
            self._open[-1].nested = True
        element = _Element(name)
        for attribute, value in attributes.items():
            element.put(_key(attribute), value)
        self._open.append(element)

    def _characters(self, text: str) -> None:
        element = self._open[-1]
        if not element.nested and len(element.text) < MAX_VALUE:
            element.text += text[:MAX_VALUE]

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if not self._open:
            return
        if not element.nested and (text := element.text.strip()):
            self._open[-1].put(_key(element.name), text)
        elif element.fields or element.services:
            self._close(element, self._open[-1])

    def _close(self, element: "_Element", parent: "_Element") -> None:
        row = element.fields
        identifier = _value(row, _IDENTIFIERS)
        if _tells_service(row):
            if identifier:
                self._found.service(identifier, row)
            else:
                parent.keep([row])
        elif identifier and _tells_structure(row):
            self._found.structure(identifier, row)
            for service in element.services:
                self._found.service(identifier, service)
        elif len(self._open) > 1:
            parent.keep(element.services)
            if not identifier:
                for name, value in row.items():
                    parent.put(name, value)


class _Element:
    """An element that is open: the texts of its children by key, and the services without identifier."""

    __slots__ = ("fields", "name", "nested", "services", "text")

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = ""
        self.nested = False
        self.fields: dict[str, str] = {}
        self.services: list[dict[str, str]] = []

    def put(self, key: str, value: str) -> None:
        if len(self.fields) < MAX_FIELDS:
            self.fields.setdefault(key, value[:MAX_VALUE])

    def keep(self, services: list[dict[str, str]]) -> None:
        if len(self.services) + len(services) > MAX_SERVICES:
            raise RecipientsUnreadable("too_large", "services")
        self.services += services
