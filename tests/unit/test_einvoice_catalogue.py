"""The catalogue of findings is complete and readable."""

import re

import pytest

import einvoice
from einvoice import findings
from einvoice.findings import finding

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("code", einvoice.CATALOGUE)
def test_a_row_of_the_catalogue_is_whole(code):
    row = einvoice.CATALOGUE[code]
    assert row.code == code and re.fullmatch(r"[a-z]+(_[a-z]+)+", code)
    assert row.severity in ("block", "warn", "info")
    assert row.rule and row.term
    assert re.fullmatch(r"[a-z]+(\.[a-z_]+)?", row.field)


@pytest.mark.parametrize("code", einvoice.CATALOGUE)
def test_a_sentence_takes_its_placeholders_and_ends(code):
    sentence = einvoice.CATALOGUE[code].message_en
    params = dict.fromkeys(_PLACEHOLDER.findall(sentence), "«x»")
    said = sentence % params
    assert said.endswith((".", "?", ")", "«x»")) and said[0].isupper()
    assert "%(" not in said and "%%" not in said and "  " not in said


def test_codes_are_unique():
    assert len({row[0] for row in findings._ROWS}) == len(findings._ROWS) == len(einvoice.CATALOGUE)


def test_a_finding_tells_its_sentence_and_its_place():
    told = finding("number_too_long", number="F" * 21, length=21)
    assert (told.severity, told.term, told.rule, told.field) == (
        "block",
        "BT-1",
        "AIFE G1.05",
        "invoice.number",
    )
    assert "21 characters" in told.message


def test_blocking_keeps_what_stops_a_deposit():
    stop, tell = finding("number_missing"), finding("total_zero")
    assert einvoice.blocking([tell, stop]) == [stop]
