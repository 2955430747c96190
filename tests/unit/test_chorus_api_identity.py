"""Which invoice is which: five facts, all of which must agree."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from chorus_api import InvoiceIdentity, plain_registration
from chorus_api.readers import registration

OURS = InvoiceIdentity("73282932000074", "12345678200051", "FAC/2026/1", date(2026, 11, 20), 120.0)
THEIRS = {
    "supplier": "73282932000074",
    "recipient": "12345678200051",
    "number": "FAC/2026/1",
    "issued_on": date(2026, 11, 20),
    "total": Decimal("120.00"),
}


def found(**values):
    return SimpleNamespace(**THEIRS | values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"total": Decimal("-120")},
        {"supplier": "732 829 320 00074"},
        {"recipient": "12345678200051\N{ZERO WIDTH SPACE}"},
    ],
)
def test_the_same_invoice(values):
    assert OURS.differences(found(**values)) == ()
    assert OURS.is_same(found(**values))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"supplier": "73282932000082"}, "seller"),
        ({"supplier": ""}, "seller"),
        ({"recipient": "12345678200028"}, "buyer"),
        ({"number": "FAC/2026/2"}, "number"),
        ({"number": "fac/2026/1"}, "number"),
        ({"issued_on": date(2026, 11, 21)}, "date"),
        ({"issued_on": None}, "date"),
        ({"total": Decimal("120.01")}, "total"),
        ({"total": None}, "total"),
    ],
)
def test_another_invoice(values, name):
    (difference,) = OURS.differences(found(**values))
    assert difference.name == name
    assert not OURS.is_same(found(**values))


def test_no_number_is_no_identity():
    nothing = InvoiceIdentity("", "", "", None, 0.0)
    same = SimpleNamespace(supplier="", recipient="", number="", issued_on=None, total=Decimal(0))
    assert not nothing.is_same(same)


@pytest.mark.parametrize(
    "typed",
    ["12345678200051", "123 456 782 00051", "123\N{NO-BREAK SPACE}456\N{NARROW NO-BREAK SPACE}78200051",
     "\N{ZERO WIDTH SPACE}12345678200051\N{LEFT-TO-RIGHT MARK}", "1234567820005\N{SOFT HYPHEN}1\t\n"],
)  # fmt: skip
def test_writings_of_one_siret(typed):
    assert plain_registration(typed) == "12345678200051"
    assert registration(typed) == "12345678200051"


def test_nothing_is_nothing():
    assert plain_registration(None) == plain_registration(False) == plain_registration("") == ""
