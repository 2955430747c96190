"""What Chorus Pro or EN 16931 refuses, finding by finding.

Each row makes one mistake in a correct invoice and names the findings that must appear, no more and no
less than them among those that the correct invoice does not have.
"""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest
from finding_cases import CASES, DIRECTORY_CASES, GOOD, TODAY, changed, codes, first_line, new

import einvoice
from einvoice.terms import PaymentMeans, Recipient


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_found(name):
    invoice, expected = CASES[name]
    assert new(invoice) == expected


@pytest.mark.parametrize("name", DIRECTORY_CASES)
def test_the_duties_that_the_directory_tells_are_checked(name):
    invoice, recipient, expected = DIRECTORY_CASES[name]
    assert new(invoice, recipient) - {"buyer_siret_checksum"} == expected


def test_a_correct_invoice_has_no_finding_that_blocks():
    assert codes(GOOD, severity="block") == set()


def test_every_finding_of_the_checks_has_its_case():
    of_files = {code for code in einvoice.CATALOGUE if code.startswith(("pdf_", "file_", "page_"))}
    tried = {code for _invoice, expected in CASES.values() for code in expected}
    tried |= {code for *_row, expected in DIRECTORY_CASES.values() for code in expected}
    # Told with every invoice of the data set, on odd data, or beyond what a test can build.
    elsewhere = {"seller_siret_checksum", "content_unreadable", "lines_too_many"}
    assert set(einvoice.CATALOGUE) - of_files - tried == elsewhere


def test_a_million_lines_are_too_many():
    from einvoice.checks import lines

    class Million(tuple):
        def __len__(self):
            return 1_000_000

    invoice = SimpleNamespace(lines=Million(GOOD.lines), allowances=())
    assert "lines_too_many" in {item.code for item in lines.find(invoice, TODAY)}


def test_all_problems_come_at_once():
    invoice = replace(
        first_line(name="", unit="HOURS"),
        number="x" * 30,
        buyer=replace(GOOD.buyer, siret="1"),
        payment=PaymentMeans(None),
    )
    assert new(invoice) == {
        "line_name_missing", "line_unit_unknown", "number_too_long", "buyer_siret_wrong", "payment_missing",
    }  # fmt: skip


def test_the_same_mistake_on_many_lines_is_told_once():
    lines = tuple(replace(GOOD.lines[0], number=str(place), unit="HOURS") for place in range(1, 13))
    (found,) = [item for item in einvoice.check(changed(lines=lines)) if item.code == "line_unit_unknown"]
    assert found.params["line"] == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10… (12)"
    assert found.params["lines"] == tuple(str(place) for place in range(1, 13))
    assert "HOURS" in found.message and found.field == "line.unit"


def test_a_date_with_a_time_is_a_date():
    assert new(changed(issue_date=datetime(2026, 11, 20, 23, 59))) == set()


def test_rules_of_the_reform_inform():
    assert "reform_note_missing" in codes(changed(notes=()), severity="info")


def test_a_structure_that_is_unknown_hides_its_duties():
    assert new(GOOD, Recipient(known=False, needs_service=True)) == {"structure_unknown"}
