"""Cross Industry Invoice (D16B, Factur-X) → plain facts, as the simulator understands them.

The result is a dict of strings, lists and dicts (it is stored as JSON): amounts stay the text that was
written, so that rules can judge the writing too.
"""

from lxml import etree

NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
ROOT = f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


class NotXml(Exception):
    """The text is not well-formed; carries message, line and column."""


def parse(xml):
    """Bytes → root element."""
    try:
        return etree.fromstring(xml, _PARSER)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise NotXml(error.msg, line, column) from None


def facts(root):
    """Root element of a CrossIndustryInvoice → facts. Absent terms are None."""
    document = _find(root, "rsm:ExchangedDocument")
    trade = _find(root, "rsm:SupplyChainTradeTransaction")
    agreement = _find(trade, "ram:ApplicableHeaderTradeAgreement")
    settlement = _find(trade, "ram:ApplicableHeaderTradeSettlement")
    summation = _find(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    preceding = _find(settlement, "ram:InvoiceReferencedDocument")
    return {
        "guideline": _text(
            root, "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
        ),
        "process": _text(
            root, "rsm:ExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"
        ),
        "number": _text(document, "ram:ID"),
        "type_code": _text(document, "ram:TypeCode"),
        "issue_date": _date(_find(document, "ram:IssueDateTime")),
        "currency": _text(settlement, "ram:InvoiceCurrencyCode"),
        "tax_currency": _text(settlement, "ram:TaxCurrencyCode"),
        "currencies": sorted(set(root.xpath("//@currencyID"))),
        "seller": _party(_find(agreement, "ram:SellerTradeParty")),
        "buyer": _party(_find(agreement, "ram:BuyerTradeParty")),
        "service": _text(agreement, "ram:BuyerReference"),
        "engagement": _text(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
        "contract": _text(agreement, "ram:ContractReferencedDocument/ram:IssuerAssignedID"),
        "documents": [
            {
                "id": _text(node, "ram:IssuerAssignedID"),
                "type": _text(node, "ram:TypeCode"),
                "binary": bool(_text(node, "ram:AttachmentBinaryObject")),
            }
            for node in _all(agreement, "ram:AdditionalReferencedDocument")
        ],
        "preceding": _text(preceding, "ram:IssuerAssignedID"),
        "payment_means": [
            _payment(node) for node in _all(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
        ],
        "due_date": _date(_find(settlement, "ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime")),
        "notes": [_text(node, "ram:Content") for node in _all(document, "ram:IncludedNote")],
        "totals": {
            **{name: _text(summation, path) for name, path in _TOTALS.items()},
            "vat": _vat_total(summation, _text(settlement, "ram:InvoiceCurrencyCode")),
        },
        "vat": [
            {name: _text(node, path) for name, path in _VAT.items()}
            for node in _all(settlement, "ram:ApplicableTradeTax")
        ],
        "lines": [_line(node) for node in _all(trade, "ram:IncludedSupplyChainTradeLineItem")],
    }


_TOTALS = {
    "lines": "ram:LineTotalAmount",
    "charges": "ram:ChargeTotalAmount",
    "allowances": "ram:AllowanceTotalAmount",
    "net": "ram:TaxBasisTotalAmount",
    "rounding": "ram:RoundingAmount",
    "gross": "ram:GrandTotalAmount",
    "prepaid": "ram:TotalPrepaidAmount",
    "payable": "ram:DuePayableAmount",
}
_VAT = {
    "amount": "ram:CalculatedAmount",
    "reason": "ram:ExemptionReason",
    "base": "ram:BasisAmount",
    "category": "ram:CategoryCode",
    "reason_code": "ram:ExemptionReasonCode",
    "due_type": "ram:DueDateTypeCode",
    "rate": "ram:RateApplicablePercent",
}
_LINE_PRICE = "ram:SpecifiedLineTradeAgreement/ram:{}PriceProductTradePrice"
_LINE = {
    "number": "ram:AssociatedDocumentLineDocument/ram:LineID",
    "name": "ram:SpecifiedTradeProduct/ram:Name",
    "reference": "ram:SpecifiedTradeProduct/ram:SellerAssignedID",
    "standard_id": "ram:SpecifiedTradeProduct/ram:GlobalID",
    "quantity": "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity",
    "net_price": _LINE_PRICE.format("Net") + "/ram:ChargeAmount",
    "gross_price": _LINE_PRICE.format("Gross") + "/ram:ChargeAmount",
    "price_discount": _LINE_PRICE.format("Gross") + "/ram:AppliedTradeAllowanceCharge/ram:ActualAmount",
    "category": "ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
    "rate": "ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:RateApplicablePercent",
    "amount": "ram:SpecifiedLineTradeSettlement/"
    "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
}


def _vat_total(summation, currency):
    """BT-110: of the (at most two) totals, the one in the invoice's currency."""
    totals = _all(summation, "ram:TaxTotalAmount")
    chosen = next((node for node in totals if node.get("currencyID") in (None, currency)), None)
    return None if chosen is None else (chosen.text or "").strip() or None


def _line(node):
    line = {name: _text(node, path) for name, path in _LINE.items()}
    quantity = _find(node, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    line["unit"] = None if quantity is None else quantity.get("unitCode")
    line["gross_price_group"] = _find(node, _LINE_PRICE.format("Gross")) is not None
    return line


def _party(node):
    legal = _find(node, "ram:SpecifiedLegalOrganization/ram:ID")
    return {
        "name": _text(node, "ram:Name"),
        "legal_id": None if legal is None else (legal.text or "").strip(),
        "ids": [(child.text or "").strip() for child in _all(node, "ram:GlobalID") + _all(node, "ram:ID")],
        "vat": next(
            (
                (child.text or "").strip()
                for child in _all(node, "ram:SpecifiedTaxRegistration/ram:ID")
                if child.get("schemeID") == "VA"
            ),
            None,
        ),
        "country": _text(node, "ram:PostalTradeAddress/ram:CountryID"),
    }


def _payment(node):
    return {
        "code": _text(node, "ram:TypeCode"),
        "iban": _text(node, "ram:PayeePartyCreditorFinancialAccount/ram:IBANID"),
        "other_account": _text(node, "ram:PayeePartyCreditorFinancialAccount/ram:ProprietaryID"),
        "bic": _text(node, "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID"),
    }


def _find(node, path):
    return None if node is None else node.find(path, NAMESPACES)


def _all(node, path):
    return [] if node is None else node.findall(path, NAMESPACES)


def _text(node, path):
    found = _find(node, path)
    text = None if found is None else (found.text or "").strip()
    return text or None


def _date(node):
    """``20260914`` (format 102) → ``2026-09-14``; anything else as written."""
    text = _text(node, "udt:DateTimeString")
    if text and len(text) == 8 and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text
