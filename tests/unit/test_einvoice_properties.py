"""Every correct invoice passes our checks, the schema and the published rules."""

import pytest
from einvoice_strategy import full_run, invoices, short_run
from hypothesis import given

import einvoice
from einvoice import gate
from lib.samples import invoices as make
from lib.samples.schematron import Judge

# What a direct deposit breaks of the reform's rules by its very layout (BT-23 is a Chorus code, BT-30 a
# SIRET, no electronic addresses), or by terms that our own findings report as warnings.
_REFORM_ONLY = (
    "BR-FR-02", "BR-FR-05", "BR-FR-06", "BR-FR-08", "BR-FR-09", "BR-FR-10", "BR-FR-12", "BR-FR-13",
    "BR-FR-32", "BR-FR-CO-04", "BR-FR-CO-05",
)  # fmt: skip


@pytest.fixture(scope="module")
def judge():
    with Judge() as judge:
        yield judge


@full_run
@given(invoices())
def test_a_correct_invoice_is_accepted_by_every_judge(judge, invoice):
    assert einvoice.blocking(einvoice.check(invoice, today=make.TODAY)) == []
    xml = einvoice.build_xml(invoice)
    assert gate.verify_xml(xml, invoice, "EN 16931") == []
    assert judge.broken(xml) == []


@short_run
@given(invoices())
def test_the_reform_rules_break_only_where_the_direct_layout_differs(judge, invoice):
    broken = {name for name, _text in judge.broken(einvoice.build_xml(invoice), "br-fr")}
    assert {name for name in broken if not name.startswith(_REFORM_ONLY)} == set()


@short_run
@given(invoices())
def test_the_same_invoice_gives_the_same_bytes(invoice):
    assert einvoice.build_xml(invoice) == einvoice.build_xml(invoice)
