"""Fuzz target "dataset": the file of a test data set that a person uploads."""

from dataclasses import astuple

from chorus_api.data_set import RECIPIENT, SUPPLIER, DataSetError, read_data_set

SOURCES = ("chorus_api/data_set.py",)

_ROWS = (
    ("Type", "Raison sociale", "SIRET", "Login compte GP", "Mot de passe Compte GP"),
    ("Privé", "Fournisseur 33254021516357", "33254021516357", "gp@example.org", "MARKER-PASSWORD"),
    ("Public", "Destinataire à l'étranger", "12345678200051", "", ""),
    ("Public", '="Destinataire ""Etat"""', "11000201100044", "", ""),
)
_PIECES = (
    b";",
    b",",
    b"\t",
    b"|",
    b'"',
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
    b"12345678200051",
    b'="12345678200051"',
    b"1,23457E+13",
    b"1.2E+13",
    b"=cmd|' /C calc'!A0",
    b"MARKER-PASSWORD",
    b"Mot de passe",
    b"SIRET",
    b"\xe9",
    "é".encode(),
    "\u202e".encode(),
    b";" * 300,
    b"x" * 5000,
    b"\n" * 6000,
    b'"' * 7,
    b"0" * 14,
)


def samples():
    """The same table with each separator, quoting and encoding."""
    for separator in ";,\t|":
        for quote in ("", '"'):
            lines = (separator.join(f"{quote}{cell}{quote}" for cell in row) for row in _ROWS)
            text = "\r\n".join(lines)
            for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
                yield text.encode(encoding)


def mutate(rng, sample):
    """The sample with one to six pieces put in, taken out, moved or doubled."""
    content = bytearray(sample)
    for _ in range(rng.choice((1, 1, 2, 6))):
        place = rng.randrange(len(content) + 1)
        action = rng.randrange(5)
        if action == 0:
            content[place:place] = rng.choice(_PIECES)
        elif action == 1:
            del content[place : place + rng.choice((1, 8, 60))]
        elif action == 2:
            content[place : place + 1] = bytes([rng.randrange(256)])
        elif action == 3:
            start = rng.randrange(len(content) + 1)
            content[place:place] = content[start : start + rng.choice((5, 50, 200))]
        else:
            del content[place:]
    return bytes(content[:40_000])


def execute(content):
    """Read the file: a sound data set, or the reader's own error."""
    try:
        found = read_data_set(content)
    except DataSetError as error:
        return error.code
    assert found.recipients
    for row in found.rows:
        assert row.kind in (SUPPLIER, RECIPIENT, None, "")
        assert len(row.siret) == 14 and row.siret.isdecimal() and row.siret.isascii()
        for text in astuple(row):
            (text or "").encode()
            assert "\x00" not in (text or "")
    return found.encoding, found.separator, len(found.rows), tuple(found.columns), len(found.suppliers)
