"""Read the file of a test data set of the qualification space ("matelas de données").

Of its kinds, the one of "structures et utilisateurs". The exact header is not published: separator, encoding
and columns are found out, and what cannot be told is left to a person. Nothing in the file is trusted: sizes
are bounded, formulas are texts, passwords are not kept.
"""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
MAX_COLUMNS = 100
MAX_CELL = 200

SEPARATORS = (";", ",", "\t", "|")
# Reference §6: rows are labelled Privé or Public; suppliers are private, recipients public.
SUPPLIER, RECIPIENT = "supplier", "recipient"
_SUPPLIER_WORDS = ("prive", "fournisseur")
_RECIPIENT_WORDS = ("public", "destinataire")
_NAME_HEADERS = (
    "raison sociale",
    "denomination",
    "designation",
    "libelle structure",
    "nom structure",
    "nom de la structure",
    "structure",
    "libelle",
    "nom",
)
_SECRET_HEADERS = ("mot de passe", "password", "mdp")
_SHORTENED = re.compile(r"[0-9][.,][0-9]+E\+1[0-9]", re.IGNORECASE)
_FORMULA = re.compile(r'^="?(?P<text>[^"]*)"?$')


class DataSetError(ValueError):
    """The file makes no sense as a data set. ``code`` says why:

    ``empty``, ``too_large``, ``spreadsheet`` (an .xlsx, .ods or .zip), ``not_text``, ``not_a_table``,
    ``shortened_numbers`` (a spreadsheet turned the SIRETs into 1,2E+13), ``no_siret``, ``no_recipient``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class DataSetRow:
    """One structure: ``kind`` is ``supplier`` or ``recipient``; ``siret`` has 14 digits, Luhn or not.

    ``login``: with which its manager logs in to the portal, empty where the file has none.
    """

    kind: str
    siret: str
    name: str
    login: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """What was understood. ``columns`` maps ``siret`` and ``name`` to the title (or number) of a column."""

    encoding: str
    separator: str
    columns: dict[str, str]
    rows: tuple[DataSetRow, ...]

    @property
    def suppliers(self) -> tuple[DataSetRow, ...]:
        return tuple(row for row in self.rows if row.kind == SUPPLIER)

    @property
    def recipients(self) -> tuple[DataSetRow, ...]:
        return tuple(row for row in self.rows if row.kind == RECIPIENT)


def read_data_set(content: bytes) -> DataSet:
    """Return the :class:`DataSet` of a file's bytes.

    :raises DataSetError: when it is none; nothing else is raised, whatever the bytes.
    """
    text, encoding = _decode(content)
    separator = _separator(text)
    table = _table(text, separator)
    siret_column = _siret_column(table)
    header = _header(table, siret_column)
    name_column = _name_column(table, header, siret_column)
    login_column = _login_column(header)
    rows = {}
    for cells in table:
        siret = _siret(_at(cells, siret_column))
        if siret and siret not in rows:
            name = _text(_at(cells, name_column)) if name_column is not None else ""
            login = _text(_at(cells, login_column)) if login_column is not None else ""
            rows[siret] = DataSetRow(_kind(cells), siret, name or siret, login)
    if not any(row.kind == RECIPIENT for row in rows.values()):
        raise DataSetError("no_recipient")
    columns = {"siret": _title(header, siret_column)}
    if name_column is not None:
        columns["name"] = _title(header, name_column)
    return DataSet(encoding, separator, columns, tuple(rows.values()))


def _decode(content: bytes) -> tuple[str, str]:
    if not content or not content.strip():
        raise DataSetError("empty")
    if len(content) > MAX_BYTES:
        raise DataSetError("too_large")
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"):
        raise DataSetError("spreadsheet")
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace"), encoding
    if b"\0" in content:
        raise DataSetError("not_text")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "cp1252"


def _separator(text: str) -> str:
    """The separator that cuts the first lines into several columns, most of them alike."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]

    def regularity(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        common = max(set(counts), key=counts.count, default=0)
        return (counts.count(common) if common else 0, common)

    best = max(SEPARATORS, key=regularity)
    if not regularity(best)[0]:
        raise DataSetError("not_a_table")
    return best


def _table(text: str, separator: str) -> list[list[str]]:
    rows = []
    try:
        for cells in csv.reader(io.StringIO(text.replace("\0", "")), delimiter=separator):
            if any(cell.strip() for cell in cells):
                rows.append(cells[:MAX_COLUMNS])
            if len(rows) > MAX_ROWS:
                raise DataSetError("too_large")
    except csv.Error:
        raise DataSetError("not_a_table") from None
    return rows


def _siret_column(table: list[list[str]]) -> int:
    """The column that holds most SIRETs."""
    counts: dict[int, int] = {}
    for cells in table:
        for column, cell in enumerate(cells):
            if _siret(cell):
                counts[column] = counts.get(column, 0) + 1
    if not counts:
        shortened = any(_SHORTENED.search(cell[:MAX_CELL]) for cells in table for cell in cells)
        raise DataSetError("shortened_numbers" if shortened else "no_siret")
    return max(counts, key=counts.__getitem__)


def _header(table: list[list[str]], siret_column: int) -> list[str]:
    """The cells above the first SIRET, or an empty list."""
    before = None
    for cells in table:
        if _siret(_at(cells, siret_column)):
            return before or []
        before = cells
    return []


def _name_column(table: list[list[str]], header: list[str], siret_column: int) -> int | None:
    """The column whose title speaks of a name; else the one with most letters that is no login."""
    titles = [_plain(title) for title in header]
    for words in _NAME_HEADERS:
        for column, title in enumerate(titles):
            secret = any(word in title for word in _SECRET_HEADERS)
            if words in title and column != siret_column and not secret:
                return column
    letters: dict[int, int] = {}
    for cells in table:
        if not _siret(_at(cells, siret_column)):
            continue
        for column, cell in enumerate(cells):
            if column != siret_column and "@" not in cell and " " in cell.strip():
                letters[column] = letters.get(column, 0) + sum(map(str.isalpha, cell[:MAX_CELL]))
    return max(letters, key=letters.__getitem__) if letters else None


def _login_column(header: list[str]) -> int | None:
    """The first column whose title speaks of a login, and not of a password."""
    for column, title in enumerate(map(_plain, header)):
        if "login" in title and not any(word in title for word in _SECRET_HEADERS):
            return column
    return None


def _kind(cells: list[str]) -> str:
    words = " ".join(_plain(cell) for cell in cells if "@" not in cell)
    if any(word in words for word in _SUPPLIER_WORDS) and not any(word in words for word in _RECIPIENT_WORDS):
        return SUPPLIER
    return RECIPIENT


def _siret(cell: str) -> str:
    digits = re.sub(r"[\s\u00a0\u202f]", "", _unformula(cell[:MAX_CELL]))
    return digits if re.fullmatch(r"[0-9]{14}", digits, re.ASCII) else ""


def _text(cell: str) -> str:
    """A name on one line that no spreadsheet takes for a formula."""
    clean = "".join(
        character if character.isprintable() else " " for character in _unformula(cell)[:MAX_CELL]
    )
    return " ".join(clean.lstrip("=+-@ \t").split())


def _unformula(cell: str) -> str:
    match = _FORMULA.match(cell.strip())
    return match["text"] if match else cell


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text[:MAX_CELL].casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", " ").split())


def _title(header: list[str], column: int) -> str:
    return _text(_at(header, column)) or str(column + 1)


def _at(cells: list[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""
