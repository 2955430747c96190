"""Read the few terms of a CII that the last gate compares. Entities, DTDs and the network are off."""

from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from .cii_elements import NAMESPACES

# A parser is not safe to share between threads, its settings are: one parser for each document.
_SETTINGS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}

_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
_TOTALS = f"{SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
LINES = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"

# Terms that a person compares first, each with its place.
PATHS = {
    "BT-1": "rsm:ExchangedDocument/ram:ID",
    "BT-3": "rsm:ExchangedDocument/ram:TypeCode",
    "BT-10": f"{_AGREEMENT}/ram:BuyerReference",
    "BT-12": f"{_AGREEMENT}/ram:ContractReferencedDocument/ram:IssuerAssignedID",
    "BT-13": f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
    "BT-23": ("rsm:ExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"),
    "BT-24": "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
    "BT-30": f"{_AGREEMENT}/ram:SellerTradeParty/ram:SpecifiedLegalOrganization/ram:ID",
    "BT-47": f"{_AGREEMENT}/ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:ID",
    "BT-5": f"{SETTLEMENT}/ram:InvoiceCurrencyCode",
    "BT-81": f"{SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode",
}
AMOUNT_PATHS = {
    "BT-106": f"{_TOTALS}/ram:LineTotalAmount",
    "BT-107": f"{_TOTALS}/ram:AllowanceTotalAmount",
    "BT-108": f"{_TOTALS}/ram:ChargeTotalAmount",
    "BT-109": f"{_TOTALS}/ram:TaxBasisTotalAmount",
    "BT-110": f"{_TOTALS}/ram:TaxTotalAmount",
    "BT-112": f"{_TOTALS}/ram:GrandTotalAmount",
    "BT-113": f"{_TOTALS}/ram:TotalPrepaidAmount",
    "BT-114": f"{_TOTALS}/ram:RoundingAmount",
    "BT-115": f"{_TOTALS}/ram:DuePayableAmount",
}


def parse(xml: bytes) -> etree._Element:
    """Return the root element; raises ``etree.XMLSyntaxError``, also for a document with a DOCTYPE."""
    root = etree.fromstring(xml, etree.XMLParser(**_SETTINGS))
    document: Any = root.getroottree()
    if document.docinfo.doctype:
        error: Any = etree.XMLSyntaxError
        raise error("a DOCTYPE is not allowed", 0, 0, 0)
    return root


def text(root: etree._Element, path: str) -> str | None:
    """Return the stripped text at a path, ``None`` when absent."""
    value = root.findtext(path, namespaces=NAMESPACES)
    return value.strip() if value else None


def amounts(root: etree._Element, path: str) -> list[Decimal]:
    """Return the ``Decimal`` at each match of a path; an unreadable one is ``NaN``."""
    return [_decimal(element.text) for element in root.findall(path, NAMESPACES)]


def _decimal(value: str | None) -> Decimal:
    try:
        return Decimal((value or "").strip())
    except InvalidOperation:
        return Decimal("NaN")
