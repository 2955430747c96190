"""Other readers see in the XML what the semantic invoice says: factur-x, and the simulator's own."""

from decimal import Decimal

import facturx
import pytest

import einvoice
from einvoice.codes import PAYMENT_CODE_SENT
from einvoice.text import clean_text
from lib.samples.facturx_samples import KINDS
from simulator import cii

HEADER = {
    "BT-1": "number",
    "BT-3": "type_code",
    "BT-5": "currency",
    "BT-10": "buyer_reference",
    "BT-12": "contract_reference",
    "BT-13": "order_reference",
    "BT-14": "sales_order_reference",
    "BT-19": "buyer_accounting",
    "BT-20": "payment_terms",
    "BT-23": "process",
    "BT-83": "payment_reference",
}
TOTALS = {
    "BT-106": "lines",
    "BT-107": "allowances",
    "BT-108": "charges",
    "BT-109": "tax_basis",
    "BT-110": "tax",
    "BT-112": "grand",
    "BT-113": "prepaid",
    "BT-114": "rounding",
    "BT-115": "payable",
}
LINE = {
    "BT-126": "number",
    "BT-129": "quantity",
    "BT-130": "unit",
    "BT-131": "net_amount",
    "BT-146": "net_price",
    "BT-148": "gross_price",
    "BT-149": "base_quantity",
    "BT-153": "name",
    "BT-154": "description",
}


def same(value, expected):
    """Tell whether a reader's text says what the invoice says."""
    if isinstance(expected, Decimal):
        return Decimal(value or 0) == expected
    return (value or "") == clean_text(expected)


@pytest.mark.parametrize("name", KINDS)
def test_factur_x_reads_every_term(name):
    invoice = KINDS[name]
    found = facturx.parse_ubl_cii_xml(einvoice.build_xml(invoice))
    for terms, holder in ((HEADER, invoice), (TOTALS, invoice.totals)):
        for term, attribute in terms.items():
            assert same(found.get(term), getattr(holder, attribute)), term
    assert found["BG-4"]["legal_identifier"] == invoice.seller.siret
    assert found["BG-7"]["legal_identifier"] == invoice.buyer.siret
    for read, line in zip(found["BG-25"], invoice.lines, strict=True):
        for term, attribute in LINE.items():
            assert same(read.get(term), getattr(line, attribute)), (term, line)
    for read, group in zip(found["BG-23"], invoice.breakdown, strict=True):
        assert (read["BT-118"], Decimal(read["BT-116"])) == (group.vat.category, group.base)
        assert same(read.get("BT-120"), group.vat.reason)
        assert same(read.get("BT-121"), group.vat.reason_code)


@pytest.mark.parametrize("name", KINDS)
def test_the_simulator_reads_the_same(name):
    invoice = KINDS[name]
    facts = cii.facts(cii.parse(einvoice.build_xml(invoice)))
    assert (facts["number"], facts["process"]) == (invoice.number, invoice.process)
    assert facts["seller"]["legal_id"] == facts["seller"]["ids"][0] == invoice.seller.siret
    assert facts["buyer"]["legal_id"] == facts["buyer"]["ids"][0] == invoice.buyer.siret
    sent = PAYMENT_CODE_SENT.get(invoice.payment.code, invoice.payment.code)
    accounts = [account.number for account in invoice.payment.accounts] or [None]
    assert [(mean["code"], mean["iban"]) for mean in facts["payment_means"]] == [
        (sent, number) for number in accounts
    ]
    assert Decimal(facts["totals"]["payable"]) == invoice.totals.payable
    assert [Decimal(line["amount"]) for line in facts["lines"]] == [line.net_amount for line in invoice.lines]
    discounts = [line["price_discount"] for line in facts["lines"]]
    assert all(map(same, discounts, (line.price_discount for line in invoice.lines)))
    assert facts["preceding"] == (invoice.preceding[0].number if invoice.preceding else None)
