"""The findings are complete: what the checks let pass, no later judge refuses."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
from einvoice_strategy import invoices, middle_run
from hypothesis import given
from hypothesis import strategies as st

import einvoice
from einvoice import gate
from lib.samples import invoices as make
from lib.samples.schematron import Judge

# What a careless person or mapping may put into any term.
SLIPS = (
    None, "", "  ", "\x00", "\ud800", "x", "&<>", "x" * 60, "x" * 1100, "0", "FR", "ZZ", "380", "381", "A2",
    "S", "E", "O", "K", "AE", "G", "Z", "30", "20", "58", "123", "95", "AEO", "C62", "HUR", "VATEX-EU-AE",
    make.BUYER_SIRET, make.IBAN, "FR11332540215", Decimal(0), Decimal("0.01"), Decimal(-1), Decimal("1.005"),
    Decimal(20), Decimal("1E+10"), Decimal("0.0000001"), date(2026, 1, 1), date(2027, 1, 1), True, False, (),
)  # fmt: skip


def slipped(draw, value):
    """Change one term of a group, or one item of a list."""
    if isinstance(value, tuple) and value:
        place = draw(st.integers(0, len(value) - 1))
        kind = draw(st.sampled_from(("drop", "double", "change", "change", "change")))
        if kind == "drop":
            return value[:place] + value[place + 1 :]
        if kind == "double":
            return (*value, value[place])
        return (*value[:place], slipped(draw, value[place]), *value[place + 1 :])
    if is_dataclass(value):
        name = draw(st.sampled_from([item.name for item in fields(value)]))
        return replace(value, **{name: slipped(draw, getattr(value, name))})
    return draw(st.sampled_from(SLIPS))


@st.composite
def nearly_right(draw):
    invoice = draw(invoices())
    for _slip in range(draw(st.integers(1, 2))):
        invoice = slipped(draw, invoice)
    return invoice


@pytest.fixture(scope="module")
def judge():
    with Judge() as judge:
        yield judge


@middle_run
@given(nearly_right())
def test_what_the_checks_pass_no_later_judge_refuses(judge, invoice):
    if einvoice.blocking(einvoice.check(invoice, today=make.TODAY)):
        return
    xml = einvoice.build_xml(invoice)
    assert gate.verify_xml(xml, invoice, "EN 16931") == []
    assert judge.broken(xml) == []
