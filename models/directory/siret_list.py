"""A list of SIRETs and services that somebody keeps in a spreadsheet, read as CSV. Plain Python."""

import codecs
import csv
import io
import re
from typing import NamedTuple

from ..base.chorus_identity import is_siret

MAX_BYTES = 2_000_000
MAX_ROWS = 5000
# Words in the heading of a column, in French and English.
_HEADINGS = {
    "siret": ("siret",),
    "service": ("service",),
    "name": ("nom", "name", "raison", "libell", "client"),
}
_NUMBER_OF_A_SPREADSHEET = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)


class Row(NamedTuple):
    """``service`` and ``name`` may be empty."""

    siret: str
    service: str
    name: str


class SiretListError(ValueError):
    """Why a file cannot be read: its first argument is a key."""


def read_list(content):
    """Rows of a CSV file with a column of SIRETs, and perhaps one of service codes and one of names.

    A first line with headings names the columns; without one, the first column is the SIRET, the second the
    service.

    :param bytes content:
    :return: (list of Row without doubles, list of int: lines that hold no SIRET of 14 digits)
    :raises SiretListError: ``too_large``, ``no_siret``, or ``shortened`` (by a spreadsheet)
    """
    if len(content) > MAX_BYTES:
        raise SiretListError("too_large")
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        # No text of a spreadsheet: another kind of file, or a quote that never ends.
        raise SiretListError("no_siret") from error
    if len(lines) > MAX_ROWS + 1:
        raise SiretListError("too_large")
    columns = _columns(lines[0][1]) if lines else {}
    first = 1 if columns else 0
    columns = columns or {"siret": 0, "service": 1}
    rows, wrong = {}, []
    for number, line in lines[first:]:
        values = {name: line[index].strip() if index < len(line) else "" for name, index in columns.items()}
        if _NUMBER_OF_A_SPREADSHEET.search(values["siret"]):
            raise SiretListError("shortened")
        siret = re.sub(r"[\s.'’]", "", values["siret"])
        if is_siret(siret):
            rows[Row(siret, values.get("service", ""), values.get("name", ""))] = None
        else:
            wrong.append(number)
    if not rows:
        raise SiretListError("no_siret")
    return list(rows), wrong


def _decoded(content):
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # What a spreadsheet calls "Unicode text".
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _delimiter(text):
    heading = text.lstrip("\r\n ").partition("\n")[0]
    return max(";\t,", key=heading.count)


def _columns(heading):
    found = {}
    for name, words in _HEADINGS.items():
        for index, title in enumerate(heading):
            if index not in found.values() and any(word in title.casefold() for word in words):
                found[name] = index
                break
    return found if "siret" in found else {}
