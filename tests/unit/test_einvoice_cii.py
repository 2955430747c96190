"""The XML has the layout that accepted deposits had, and nothing that Chorus Pro refuses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from lxml import etree

import einvoice
from einvoice import gate
from einvoice.cii_groups import NAMESPACES
from einvoice.terms import Address, BankAccount, Party, PaymentMeans, Preceding
from lib.samples import invoices as make
from lib.samples.facturx_samples import KINDS

WORK = make.line("Travaux", "3", "1250.00")
AGREEMENT = "//ram:ApplicableHeaderTradeAgreement"
SETTLEMENT = "//ram:ApplicableHeaderTradeSettlement"


def found(invoice, path):
    """The texts (or attribute values) at an XPath of the invoice's XML."""
    root = etree.fromstring(einvoice.build_xml(invoice))
    nodes = root.xpath(path, namespaces=NAMESPACES)
    return [node if isinstance(node, str) else node.text for node in nodes]


def one(line, **terms):
    return make.invoice([line], **terms)


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_sample_is_correct(name):
    invoice = KINDS[name]
    assert einvoice.blocking(einvoice.check(invoice, today=date(2026, 11, 22))) == []
    assert gate.verify_xml(einvoice.build_xml(invoice), invoice, "EN 16931") == []


def test_both_parties_are_named_by_their_siret_in_both_places():
    for role, siret in (("Seller", make.SELLER_SIRET), ("Buyer", make.BUYER_SIRET)):
        party = f"{AGREEMENT}/ram:{role}TradeParty"
        invoice = one(WORK)
        assert found(invoice, f"{party}/ram:GlobalID[@schemeID='0009']") == [siret]
        assert found(invoice, f"{party}/ram:SpecifiedLegalOrganization/ram:ID[@schemeID='0002']") == [siret]
        assert len(found(invoice, f"{party}/ram:GlobalID")) == 1


def test_references_appear_only_when_they_are_given():
    paths = {
        "buyer_reference": f"{AGREEMENT}/ram:BuyerReference",
        "order_reference": f"{AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
        "contract_reference": f"{AGREEMENT}/ram:ContractReferencedDocument/ram:IssuerAssignedID",
    }
    for name, path in paths.items():
        assert found(one(WORK), path) == []
        assert found(one(WORK, **{name: "  "}), path) == []
        assert found(one(WORK, **{name: "X-1"}), path) == ["X-1"]


def test_no_additional_document_is_ever_announced():
    for invoice in KINDS.values():
        assert found(invoice, "//ram:AdditionalReferencedDocument") == []


def test_a_gross_price_comes_with_its_discount_or_not_at_all():
    assert found(one(WORK), "//ram:GrossPriceProductTradePrice") == []
    half = replace(WORK, gross_price=D("1300.00"))
    assert found(one(half), "//ram:GrossPriceProductTradePrice") == []
    line = make.discounted("Chaise", "1", "80.00", "25")
    amounts = found(one(line), "//ram:GrossPriceProductTradePrice//ram:ActualAmount")
    assert amounts == ["20"]


@pytest.mark.parametrize(("code", "sent"), [("30", "30"), ("58", "30"), ("59", "49"), ("20", "20")])
def test_payment_means_are_always_sent_in_the_form_that_chorus_knows(code, sent):
    invoice = one(WORK, payment=PaymentMeans(code))
    assert found(invoice, f"{SETTLEMENT}//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode") == [sent]


def test_each_account_has_its_group():
    accounts = (BankAccount(make.IBAN, make.BIC, "Atelier"), BankAccount("DE89370400440532013000"))
    invoice = one(WORK, payment=PaymentMeans("30", None, accounts))
    assert found(invoice, "//ram:IBANID") == [make.IBAN, "DE89370400440532013000"]
    assert found(invoice, "//ram:BICID") == [make.BIC]
    assert found(invoice, "//ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode") == ["30", "30"]


def test_a_credit_note_names_its_original():
    invoice = one(WORK, type_code="381", preceding=(Preceding("FAC/1", date(2026, 3, 9)),))
    path = f"{SETTLEMENT}/ram:InvoiceReferencedDocument"
    assert found(invoice, f"{path}/ram:IssuerAssignedID") == ["FAC/1"]
    assert found(invoice, f"{path}//qdt:DateTimeString[@format='102']") == ["20260309"]


def test_an_invoice_out_of_scope_has_neither_rate_nor_vat_number():
    invoice = make.invoice(
        [make.line("Don", "1", "5.00", make.OUT_OF_SCOPE)],
        vats=(make.OUT_OF_SCOPE,),
        buyer=replace(make.BUYER, vat_number="FR40123456782"),
    )
    assert found(invoice, "//ram:RateApplicablePercent") == []
    assert found(invoice, "//ram:SpecifiedTaxRegistration") == []


def test_without_a_place_goods_go_to_the_buyer():
    invoice = one(WORK, ship_to=None, delivery_date=None)
    assert found(invoice, "//ram:ShipToTradeParty/ram:Name") == [make.BUYER.name]
    dated = one(WORK, ship_to=None)
    assert found(dated, "//ram:ShipToTradeParty") == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1250", "1250.00"),
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("12.3", "12.30"),
        ("1E+3", "1000.00"),
        ("12.345", "12.345"),
        ("12.3400", "12.34"),
        ("-0.10", "-0.10"),
    ],
)
def test_amounts_are_written_to_the_cent_and_never_rounded_away(value, written):
    invoice = replace(one(WORK), totals=replace(one(WORK).totals, payable=D(value)))
    assert found(invoice, "//ram:DuePayableAmount") == [written]


@pytest.mark.parametrize(("value", "written"), [("0.123456", "0.123456"), ("10.00", "10"), ("1E+2", "100")])
def test_prices_keep_their_decimals(value, written):
    assert found(one(make.line("x", "1", value)), "//ram:NetPriceProductTradePrice/ram:ChargeAmount") == [
        written
    ]


def test_parties_carry_all_their_terms():
    seller = Party(
        "A", siret=make.SELLER_SIRET, trading_name="B", vat_number="FR11332540215", tax_id="332540215",
        legal_info="SAS", address=Address("FR", "1", "2", "3", "Lyon", "69001", "Rhône"),
    )  # fmt: skip
    path = f"{AGREEMENT}/ram:SellerTradeParty"
    invoice = one(WORK, seller=seller)
    assert found(invoice, f"{path}//ram:TradingBusinessName") == ["B"]
    assert found(invoice, f"{path}/ram:Description") == ["SAS"]
    assert found(invoice, f"{path}//ram:ID[@schemeID='FC']") == ["332540215"]
    address = found(invoice, f"{path}/ram:PostalTradeAddress/*")
    assert address == ["69001", "1", "2", "3", "Lyon", "FR", "Rhône"]


def test_a_party_without_siret_keeps_its_register_number():
    buyer = Party("Ville", legal_id="X 42", address=make.BUYER.address)
    legal = f"{AGREEMENT}/ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:ID"
    assert found(one(WORK, buyer=buyer), legal) == ["X 42"]


def test_totals_of_discounts_charges_prepayment_and_rounding_appear_when_there_are_some():
    names = ("ChargeTotalAmount", "AllowanceTotalAmount", "RoundingAmount", "TotalPrepaidAmount")
    invoice = make.invoice(
        [WORK],
        allowances=[make.charge("5.00", vat=make.S20), make.discount("2.00", vat=make.S20)],
        prepaid="10.00",
        rounding="0.02",
    )
    assert [found(invoice, f"//ram:{name}") for name in names] == [["5.00"], ["2.00"], ["0.02"], ["10.00"]]
    assert [found(one(WORK), f"//ram:{name}") for name in names] == [[], [], [], []]
