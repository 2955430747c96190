"""The readers take what can be understood and never raise."""

from datetime import date
from decimal import Decimal

import pytest

from chorus_api import readers
from chorus_api.readers import (
    Unreadable,
    amount,
    clean,
    day,
    decompress,
    flag,
    identifier,
    integer,
    items,
    moment,
    read_object,
    registration,
    text,
    word,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2019-03-27T11:12:24.777+01:00", "2019-03-27T10:12:24.777000+00:00"),
        ("2019-03-27T11:12:24.777+0100", "2019-03-27T10:12:24.777000+00:00"),
        ("2019-03-27T11:12:24+01", "2019-03-27T10:12:24+00:00"),
        ("2019-03-27T11:12:24Z", "2019-03-27T11:12:24+00:00"),
        ("2019-03-27T11:12:24.777+01:00[Europe/Paris]", "2019-03-27T10:12:24.777000+00:00"),
        ("2019-03-27T11:12:24.123456789", "2019-03-27T10:12:24.123456+00:00"),
        ("2016-10-25 17:42", "2016-10-25T15:42:00+00:00"),
        ("2026-01-15", "2026-01-14T23:00:00+00:00"),
        ("15/01/2026", "2026-01-14T23:00:00+00:00"),
        ("15/07/2026 14:30:10", "2026-07-15T12:30:10+00:00"),
        (1700000000000, "2023-11-14T22:13:20+00:00"),
        # The hour that exists twice is read as the first, the one that does not exist as if it did.
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00+00:00"),
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00+00:00"),
    ],
)
def test_moments(value, expected):
    assert moment(value).isoformat() == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        True,
        5,
        [],
        {},
        "2026-13-01",
        "2026-02-30",
        "2026-01-01T25:00",
        "0000-00-00",
        "9999-99-99",
        "2026-01-01T10:00:00+99:99",
        10**30,
        Decimal("NaN"),
        "１２/01/2026",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        # Sentinels and slips of the pen: no invoice was touched then.
        "9999-12-31T00:00:00",
        "9999-12-31",
        "2199-01-01T10:00:00+01:00",
        "1989-12-31",
        "31/12/2999",
        253402210800000,
    ],
)
def test_what_is_no_moment(value):
    assert moment(value) is None
    assert day(value) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-09-14", date(2026, 9, 14)),
        ("2026-09-14T00:00:00.000+02:00", date(2026, 9, 14)),
        ("2026-09-13T22:00:00Z", date(2026, 9, 14)),
        ("14/09/2026", date(2026, 9, 14)),
        ("9999-12-31T23:30:00Z", None),
    ],
)
def test_days_are_those_of_france(value, expected):
    assert day(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("120.10"), Decimal("120.10")),
        (120, Decimal(120)),
        ("1 234,50", Decimal("1234.50")),
        ("1\u202f234,50", Decimal("1234.50")),
        (-5, Decimal(-5)),
        ("", None),
        (None, None),
        (True, None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999999", None),
        (Decimal("1e-400"), None),
        (10**40, None),
        ("12,3,4", None),
        ([], None),
        ({}, None),
    ],
)
def test_amounts(value, expected):
    assert amount(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        ("5", 5),
        (" 5 ", 5),
        ("5.0", 5),
        (Decimal("5.0"), 5),
        (-3, -3),
        (0, 0),
        (Decimal("5.5"), None),
        ("5.5", None),
        (True, None),
        (None, None),
        ("", None),
        ("x", None),
        ("٥", None),
        (2**63 - 1, 2**63 - 1),
        (2**63, None),
        (10**500, None),
        ("9" * 5000, None),
        (Decimal("1e400"), None),
        ([], None),
    ],
)
def test_integers(value, expected):
    assert integer(value) == expected


def test_an_identifier_is_positive():
    assert [identifier(value) for value in (7, "7", 0, -7, None, True)] == [7, 7, None, None, None, None]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("true", True),
        ("OUI", True),
        (1, True),
        (False, False),
        ("NON", False),
        (0, False),
        (None, None),
        ("", None),
        ("maybe", None),
        (2, None),
        ([], None),
    ],
)
def test_flags(value, expected):
    assert flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Il manque\r\nle bon\x00 \x07", "Il manque\nle bon"),
        ("\u202eCPP\u200b1\ufeff", "CPP1"),
        ("\ud800x", "x"),
        (12345678200051, "12345678200051"),
        (None, ""),
        (True, ""),
        ([], ""),
        ({}, ""),
        (Decimal("1.50"), "1.50"),
        ("<b>é</b>", "<b>é</b>"),
    ],
)
def test_texts(value, expected):
    assert text(value) == expected


def test_a_text_is_bounded():
    assert len(text("x" * 10**6)) == readers.MAX_TEXT
    assert len(word("x" * 10**6)) == 200


def test_a_word_is_on_one_line():
    assert word(" IN_RECU\n\t x ") == "IN_RECU x"
    assert word(" IN_RECU  x ") == "IN_RECU x"


def test_lists():
    assert items(None) == items([]) == items("x") == items(5) == items([1, "x", None]) == []
    assert items({"a": 1}) == items([{"a": 1}, 2]) == [{"a": 1}]


def test_texts_are_cleaned_throughout():
    assert clean({"a\x00": ["b\x00", {"c": "d\x00", "e": 1}], "f": None}) == {
        "a": ["b", {"c": "d", "e": 1}],
        "f": None,
    }


def test_objects():
    body = b'\xef\xbb\xbf{"a": 1.10, "b": NaN, "c": -Infinity, "d": %s, "e": "\\ud800", "f": 1e400000000}' % (
        b"9" * 9999
    )
    assert read_object(body) == {
        "a": Decimal("1.10"),
        "b": None,
        "c": None,
        "d": None,
        "e": "\ud800",
        "f": Decimal("1e400000000"),
    }
    assert str(read_object(b'{"a": 1.10}')["a"]) == "1.10"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"5",
        b"<html>",
        b'{"a": 1',
        b'{"a": 1} x',
        b'{"a": }',
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        b'{"a":' * 100 + b"1" + b"}" * 100,
        b'{"a":' * 100_000,
        b'{"a":[' + b"[" * 99_999 + b"]" * 99_999 + b"]}",
    ],
)
def test_what_is_no_object(body):
    with pytest.raises(Unreadable):
        read_object(body)


def test_letters_that_are_not_utf8_do_not_hide_the_answer():
    assert read_object('{"codeRetour": 0, "libelle": "r\xe9ussi"}'.encode("latin-1"))["codeRetour"] == 0


@pytest.mark.parametrize(
    ("body", "comment"),
    [
        ('{"a": "Rejetée – à revoir"}'.encode("cp1252"), "Rejetée – à revoir"),
        ('{"a": "Rejetée"}'.encode(), "Rejetée"),
        ('{"a": "Rejetée à'.encode()[:-1] + b'"}', "Rejetée \ufffd"),
        (b'{"a": "\x81"}', "\ufffd"),
    ],
)
def test_the_letters_of_french_systems(body, comment):
    assert read_object(body) == {"a": comment}


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (12345678200051, "SIRET", "12345678200051"),
        (542107651, "SIRET", "00000542107651"),
        (5421076500012, "", "05421076500012"),
        (5421076500012, None, "05421076500012"),
        (5421076500012, "HORS_UE", "5421076500012"),
        ("05421076500012", "SIRET", "05421076500012"),
        (" FR 12 ", "UE_HORS_FRANCE", "FR 12"),
        (True, "SIRET", ""),
        (None, "", ""),
        (-5, "SIRET", "-5"),
    ],
)
def test_a_siret_told_as_a_number_gets_its_zeros_back(value, kind, expected):
    assert registration(value, kind) == expected


@pytest.mark.parametrize("body", [b"", b"junk", b"\x1f\x8b\x08junk"])
def test_what_cannot_be_decompressed(body):
    with pytest.raises(Unreadable):
        read_object(decompress(body, 1000))
