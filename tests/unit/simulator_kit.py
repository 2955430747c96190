"""One builder of invoices and one way to start the simulator, for its tests.

The XML and the PDF are made here by hand, not by the packages that send: the simulator is judged alone.
"""

import base64
import io
import threading
from contextlib import contextmanager

import pytest
import requests
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject

from simulator.__main__ import DEFAULTS
from simulator.app import Application
from simulator.server import Server
from simulator.tiny_pdf import tiny_pdf
from simulator.world import Chorus

SELLER = "33254021516357"
FREE, ENGAGEMENT, SERVICE, BOTH = "12345678200051", "12345678200036", "12345678200028", "12345678200044"
EITHER, STATE, TOWN = "12345678200069", "11000201100044", "21999999900014"
IBAN = "FR7630006000011234567890189"

_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"


def cii(
    number="F2026-001",
    *,
    seller=SELLER,
    buyer=FREE,
    process="A1",
    type_code="380",
    date="20260914",
    payment="30",
    iban=IBAN,
    service=None,
    engagement=None,
    contract=None,
    net="100.00",
    vat="20.00",
    gross="120.00",
    payable="120.00",
    extra_agreement="",
    gross_price="",
    seller_legal=None,
    buyer_legal=None,
    preceding=None,
    currency="EUR",
    quantity="1",
    lines=1,
    line_name="Objet",
    decimal_noise="",
):
    """A minimal EN 16931 invoice as CII bytes; every argument is the text that goes into the XML."""

    def optional(text, template):
        return "" if text is None else template.format(text)

    means = (
        ""
        if payment is None
        else (
            f"<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>{payment}</ram:TypeCode>"
            + optional(
                iban,
                "<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{}</ram:IBANID>"
                "</ram:PayeePartyCreditorFinancialAccount>",
            )
            + "</ram:SpecifiedTradeSettlementPaymentMeans>"
        )
    )
    line_items = "".join(
        f"""
  <ram:IncludedSupplyChainTradeLineItem>
   <ram:AssociatedDocumentLineDocument><ram:LineID>{position}</ram:LineID></ram:AssociatedDocumentLineDocument>
   <ram:SpecifiedTradeProduct><ram:Name>{line_name}</ram:Name></ram:SpecifiedTradeProduct>
   <ram:SpecifiedLineTradeAgreement>{gross_price}
    <ram:NetPriceProductTradePrice><ram:ChargeAmount>{net}</ram:ChargeAmount></ram:NetPriceProductTradePrice>
   </ram:SpecifiedLineTradeAgreement>
   <ram:SpecifiedLineTradeDelivery>
    <ram:BilledQuantity unitCode="C62">{quantity}</ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
   <ram:SpecifiedLineTradeSettlement>
    <ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode><ram:CategoryCode>S</ram:CategoryCode>
     <ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax>
    <ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>{net}</ram:LineTotalAmount>
    </ram:SpecifiedTradeSettlementLineMonetarySummation>
   </ram:SpecifiedLineTradeSettlement>
  </ram:IncludedSupplyChainTradeLineItem>"""
        for position in range(1, lines + 1)
    )
    legal = (
        '<ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">{}</ram:ID></ram:SpecifiedLegalOrganization>'
    )
    parameter = "BusinessProcessSpecifiedDocumentContextParameter"
    process_group = optional(process, f"<ram:{parameter}><ram:ID>{{}}</ram:ID></ram:{parameter}>")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
  xmlns:ram="{_RAM}" xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
 <rsm:ExchangedDocumentContext>{process_group}
  <ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>urn:cen.eu:en16931:2017</ram:ID>
  </ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
 <rsm:ExchangedDocument><ram:ID>{number}</ram:ID><ram:TypeCode>{type_code}</ram:TypeCode>
  <ram:IssueDateTime><udt:DateTimeString format="102">{date}</udt:DateTimeString></ram:IssueDateTime>
 </rsm:ExchangedDocument>
 <rsm:SupplyChainTradeTransaction>{line_items}
  <ram:ApplicableHeaderTradeAgreement>{optional(service, "<ram:BuyerReference>{}</ram:BuyerReference>")}
   <ram:SellerTradeParty><ram:GlobalID schemeID="0009">{seller}</ram:GlobalID><ram:Name>Vendeur</ram:Name>
    {legal.format(seller if seller_legal is None else seller_legal)}
    <ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>
    <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR00332540215</ram:ID></ram:SpecifiedTaxRegistration>
   </ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:GlobalID schemeID="0009">{buyer}</ram:GlobalID><ram:Name>Acheteur</ram:Name>
    {legal.format(buyer if buyer_legal is None else buyer_legal)}
    <ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress></ram:BuyerTradeParty>
   {
        optional(
            engagement,
            "<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>{}</ram:IssuerAssignedID>"
            "</ram:BuyerOrderReferencedDocument>",
        )
    }
   {
        optional(
            contract,
            "<ram:ContractReferencedDocument><ram:IssuerAssignedID>{}</ram:IssuerAssignedID>"
            "</ram:ContractReferencedDocument>",
        )
    }{extra_agreement}
  </ram:ApplicableHeaderTradeAgreement>
  <ram:ApplicableHeaderTradeDelivery/>
  <ram:ApplicableHeaderTradeSettlement>
   <ram:InvoiceCurrencyCode>{currency}</ram:InvoiceCurrencyCode>{means}
   <ram:ApplicableTradeTax><ram:CalculatedAmount>{vat}</ram:CalculatedAmount><ram:TypeCode>VAT</ram:TypeCode>
    <ram:BasisAmount>{net}</ram:BasisAmount><ram:CategoryCode>S</ram:CategoryCode>
    <ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax>
   <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
    <ram:LineTotalAmount>{net}</ram:LineTotalAmount><ram:TaxBasisTotalAmount>{net}</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="{currency}">{vat}</ram:TaxTotalAmount>
    <ram:GrandTotalAmount>{gross}{decimal_noise}</ram:GrandTotalAmount>
    <ram:DuePayableAmount>{payable}</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
   {
        optional(
            preceding,
            "<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{}</ram:IssuerAssignedID>"
            "</ram:InvoiceReferencedDocument>",
        )
    }
  </ram:ApplicableHeaderTradeSettlement>
 </rsm:SupplyChainTradeTransaction>
</rsm:CrossIndustryInvoice>""".encode()


def facturx(xml=None, *, name="factur-x.xml", password=None, attachments=(), **terms):
    """A PDF with the XML inside; ``xml=b""`` leaves it out."""
    xml = cii(**terms) if xml is None else xml
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(tiny_pdf(["Facture"]))))
    for file_name, content in (*([(name, xml)] if xml else []), *attachments):
        writer.add_attachment(file_name, content)
    tree = writer.root_object.get("/Names")
    if tree is not None:
        names = tree.get_object()["/EmbeddedFiles"]["/Names"]
        writer.root_object[NameObject("/AF")] = ArrayObject(names[1::2])
    if password:
        writer.encrypt(password)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


class Client:
    """What any client of Chorus Pro does, plus the control panel."""

    def __init__(self, address):
        self.address = address
        self.http = requests.Session()
        self._token = None

    def token(self, client_id=DEFAULTS["client_id"], secret=DEFAULTS["client_secret"]):
        answer = self.http.post(
            f"{self.address}/api/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": secret,
                "scope": "openid",
            },
        )
        assert answer.status_code == 200, answer.text
        self._token = answer.json()["access_token"]
        return self._token

    def headers(self, login=DEFAULTS["login"], password=DEFAULTS["password"]):
        account = base64.b64encode(f"{login}:{password}".encode()).decode()
        return {
            "Authorization": f"Bearer {self._token or self.token()}",
            "cpro-account": account,
            "Content-Type": "application/json;charset=utf-8",
        }

    def post(self, route, body=None, headers=None, timeout=60, **more):
        return self.http.post(
            f"{self.address}/cpro/{route}",
            json={} if body is None else body,
            headers=headers or self.headers(),
            timeout=timeout,
            **more,
        )

    def call(self, route, body=None):
        """The answer of a call that must come back as 200 JSON."""
        answer = self.post(route, body)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def ok(self, route, body=None):
        answer = self.call(route, body)
        assert answer["codeRetour"] == 0, answer
        return answer

    def control(self, path, order=None, method=None):
        method = method or ("GET" if order is None else "POST")
        answer = self.http.request(method, f"{self.address}/control/{path}", json=order)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    def advance(self, seconds):
        self.control("clock", {"advance": seconds})
        self._token = None  # it may have expired on the way

    def at(self, instant):
        self.control("clock", {"now": instant})
        self._token = None

    def deposit(self, content=None, filename="facture.pdf", syntax="IN_DP_E2_CII_FACTURX", **terms):
        """Deposits and returns the flow number."""
        content = facturx(**terms) if content is None else content
        return self.ok("factures/v1/deposer/flux", deposit_body(content, filename, syntax))["numeroFluxDepot"]

    def report(self, flow_number):
        return self.call("transverses/v1/consulterCRDetaille", {"numeroFluxDepot": flow_number})

    def verdict(self, *args, **terms):
        """Deposits, waits (on the simulator's clock) and returns the report."""
        flow_number = self.deposit(*args, **terms)
        self.advance(60)
        return self.report(flow_number)

    def integrated(self, **terms):
        """Deposits an invoice and returns its entry in rechercher/fournisseur, at MISE_A_DISPOSITION."""
        flow_number = self.deposit(**terms)
        self.advance(3600)
        return self.ok("factures/v1/rechercher/fournisseur", {"numeroFluxDepot": flow_number})[
            "listeFactures"
        ][0]

    def search(self, **criteria):
        return self.call("factures/v1/rechercher/fournisseur", criteria)

    def set_status(self, invoice, status, comment=None):
        self.control(
            f"invoices/{invoice['identifiantFactureCPP']}/status", {"status": status, "comment": comment}
        )


def deposit_body(content, filename="facture.pdf", syntax="IN_DP_E2_CII_FACTURX"):
    return {
        "fichierFlux": base64.b64encode(content).decode(),
        "nomFichier": filename,
        "syntaxeFlux": syntax,
        "avecSignature": False,
    }


@contextmanager
def running(folder, clock="manual"):
    """The simulator in threads of this process; stopped and closed at the end."""
    chorus = Chorus(folder, clock, DEFAULTS)
    application = Application(chorus)
    server = Server(("127.0.0.1", 0), application, chorus.faults)
    application.server = server
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Client(f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        server.drain(2)
        thread.join()
        chorus.store.close()


@pytest.fixture
def simulator(tmp_path):
    with running(tmp_path) as client:
        client.control("clock", {"now": "2026-09-15T10:00:00+02:00"})
        yield client
