"""`dev/facturx-samples` writes files that its judges accept, and says when they do not."""

from pathlib import Path

import pytest

from lib import cmd_facturx_samples as command
from lib.samples.facturx_samples import KINDS
from lib.samples.schematron import Judge

PAGE = (Path(__file__).parent / "data" / "page_patched_qt.pdf").read_bytes()


def test_there_are_at_least_forty_kinds_with_numbers_of_their_own():
    assert len(KINDS) >= 40
    assert len({invoice.number for invoice in KINDS.values()}) == len(KINDS)


def test_files_are_written_and_accepted(tmp_path, capsys):
    assert command.main(None, [str(tmp_path / "out"), "-k", "attachment"]) == 0
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["attachment.pdf", "three-attachments.pdf"]
    assert "2 files" in capsys.readouterr().out


@pytest.fixture(scope="module")
def judge():
    with Judge() as judge:
        yield judge


def test_a_page_of_another_invoice_is_reported(judge):
    _content, problems = command.make(KINDS["service-and-engagement"], PAGE, judge)
    assert "the page does not show SERVICE_1" in problems
    assert "the page does not show 1512345678" in problems


def test_the_published_rules_are_asked(judge):
    import einvoice

    xml = einvoice.build_xml(KINDS["invoice"]).replace(b"<ram:DuePayableAmount>", b"<ram:DuePayableAmount>9")
    assert [rule for rule, _text in judge.broken(xml)] == ["BR-CO-16"]
