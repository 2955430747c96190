"""Nothing that comes in makes the package raise anything but what it documents."""

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from einvoice_strategy import short_run
from hypothesis import given
from hypothesis import strategies as st

import einvoice
from einvoice import gate
from einvoice.terms import Recipient
from lib.samples import invoices as make
from lib.samples.facturx_samples import KINDS

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
INVOICE = make.invoice([make.line("Travaux", "3", "1250.00")])
XML = einvoice.build_xml(INVOICE)
FILE = einvoice.build_pdf((DATA / "page_unpatched_qt.pdf").read_bytes(), XML, INVOICE, now=NOW)

odd_values = st.sampled_from(
    (
        None, "", "x" * 100_000, "\x00\ud800", 0, -1, 1.5, float("nan"), True, b"bytes", (), [], (None,), {},
        Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+999999"), Decimal("1E-999999"),
        Decimal("-0"), date(1, 1, 1), date.max, datetime.max, object(), INVOICE, INVOICE.lines[0],
        INVOICE.seller, ("text",), Recipient(),
    )
)  # fmt: skip
rich = st.sampled_from(list(KINDS.values()))


def spoil(draw, value, depth=0):
    """Replace some of the terms of a group, and of the groups inside it, by odd values."""
    if draw(st.integers(0, 9)) == 0:
        return draw(odd_values)
    if isinstance(value, tuple) and value:
        return tuple(spoil(draw, item, depth + 1) for item in value[:3])
    if not is_dataclass(value) or depth > 4:
        return value
    names = draw(st.lists(st.sampled_from([item.name for item in fields(value)]), max_size=4, unique=True))
    return replace(value, **{name: spoil(draw, getattr(value, name), depth + 1) for name in names})


@st.composite
def spoiled(draw):
    return spoil(draw, draw(rich))


@short_run
@given(spoiled(), st.one_of(st.none(), st.just(Recipient(services={}))))
def test_the_checks_never_raise(invoice, recipient):
    for item in einvoice.check(invoice, recipient, date(2026, 11, 22)):
        assert len(item.message) < 600


@st.composite
def damaged(draw, content):
    data = bytearray(content)
    for _hit in range(draw(st.integers(1, 12))):
        place = draw(st.integers(0, len(data) - 1))
        kind = draw(st.integers(0, 2))
        if kind == 0:
            data[place] = draw(st.integers(0, 255))
        elif kind == 1:
            del data[place : place + draw(st.integers(1, 400))]
        else:
            data[place:place] = draw(
                st.sampled_from((b" /", b"<<", b">>", b"[", b"0 R", b"null", b"stream\n", b"-1"))
            )
        if not data:
            break
    return bytes(data)


@pytest.mark.parametrize("name", ["page_patched_qt.pdf", "page_unpatched_qt.pdf"])
def test_a_damaged_page_is_built_or_refused(name):
    content = (DATA / name).read_bytes()

    @short_run
    @given(damaged(content))
    def build(page):
        try:
            einvoice.build_pdf(page, XML, INVOICE, now=NOW)
        except einvoice.PdfError as error:
            assert error.code in einvoice.CATALOGUE

    build()


@short_run
@given(damaged(FILE))
def test_a_damaged_file_is_verified_without_raising(content):
    for item in einvoice.verify(content, INVOICE):
        assert item.message


@short_run
@given(damaged(FILE))
def test_reading_the_xml_of_a_damaged_file_gives_it_or_a_reason(content):
    try:
        einvoice.read_xml(content)
    except einvoice.PdfError as error:
        assert error.code in einvoice.CATALOGUE


@short_run
@given(damaged(XML))
def test_a_damaged_xml_is_verified_without_raising(xml):
    for item in gate.verify_xml(xml, INVOICE, "EN 16931"):
        assert item.message


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>',
        b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
        b"<x>" * 5000,
        b"",
    ],
)
def test_entities_and_the_network_are_off(xml):
    (found,) = gate.verify_xml(xml)
    assert found.code == "file_xml_invalid"
