"""What the maker of a PDF and its last gate both know: types, error, ICC header, XMP packet, glyph names."""

from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from fontTools.agl import UV2AGL, toUnicode
from fontTools.encodings.MacRoman import MacRoman
from fontTools.encodings.StandardEncoding import StandardEncoding
from pikepdf import ContentStreamInlineImage, ContentStreamInstruction, Dictionary, Name, Pdf

from .findings import finding
from .text import clean_text

# What a file holds at some place: a dictionary, a number, nothing … Whoever wrote the file decided. Readers
# ask with isinstance, and callers catch what a wrong type leads to (``WRONG_OBJECTS``).
Object = Any

Instruction = ContentStreamInstruction | ContentStreamInlineImage
Instructions = list[Instruction]

# Clause of ISO 19005-3, and words.
Broken = tuple[str, str]


class PdfError(ValueError):
    """``code`` is a row of the catalogue, ``finding`` the finding with its parameters."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.finding = finding(code, **params)
        super().__init__(self.finding.message)


_HEADER_BYTES = 128
_MAX_VERSION = 4
_OUTPUT_CLASSES = (b"prtr", b"mntr")
_INPUT_CLASSES = (b"prtr", b"mntr", b"scnr", b"spac")
_COLOURS = (b"RGB ", b"CMYK", b"GRAY", b"LAB ")


def is_output_profile(profile: bytes, colours: bytes) -> bool:
    """Tell whether profile bytes describe a printer or monitor in the 4-byte colour space ``colours``."""
    return _is_profile(profile, _OUTPUT_CLASSES) and profile[16:20] == colours


def is_input_profile(profile: bytes) -> bool:
    """Tell whether profile bytes may define an ICCBased colour space."""
    return _is_profile(profile, _INPUT_CLASSES) and profile[16:20] in _COLOURS


def _is_profile(profile: bytes, classes: tuple[bytes, ...]) -> bool:
    return (
        len(profile) > _HEADER_BYTES
        and profile[36:40] == b"acsp"
        and profile[8] <= _MAX_VERSION
        and profile[12:16] in classes
    )


# Name of the profile in XMP by the guideline in BT-24 (Factur-X 1.09 §6.2.2): one table for both.
CONFORMANCE_LEVELS = {"urn:cen.eu:en16931:2017": "EN 16931"}
FX_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
PDFAID_NAMESPACE = "http://www.aiim.org/pdfa/ns/id/"
PART, CONFORMANCE = "3", "B"
PRODUCER = "l10n_fr_chorus_pro"

# The extension schema is word for word that of the Factur-X specification.
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:pdfaid="{pdfaid}">
   <pdfaid:part>{part}</pdfaid:part>
   <pdfaid:conformance>{conformance}</pdfaid:conformance>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:format>application/pdf</dc:format>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
   <pdf:Producer>{producer}</pdf:Producer>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
   <xmp:CreatorTool>{producer}</xmp:CreatorTool>
   <xmp:CreateDate>{date}</xmp:CreateDate>
   <xmp:ModifyDate>{date}</xmp:ModifyDate>
   <xmp:MetadataDate>{date}</xmp:MetadataDate>
  </rdf:Description>
  <rdf:Description rdf:about=""
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
   <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>{fx}</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>fx</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq>{properties}
    </rdf:Seq></pdfaSchema:property>
   </rdf:li></rdf:Bag></pdfaExtension:schemas>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:fx="{fx}">
   <fx:DocumentType>INVOICE</fx:DocumentType>
   <fx:DocumentFileName>{filename}</fx:DocumentFileName>
   <fx:Version>1.0</fx:Version>
   <fx:ConformanceLevel>{level}</fx:ConformanceLevel>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
_PROPERTY = """
     <rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>{}</pdfaProperty:name>
      <pdfaProperty:valueType>Text</pdfaProperty:valueType>
      <pdfaProperty:category>external</pdfaProperty:category>
      <pdfaProperty:description>{}</pdfaProperty:description>
     </rdf:li>"""
_PROPERTIES = "".join(
    _PROPERTY.format(name, description)
    for name, description in (
        ("DocumentFileName", "name of the embedded XML invoice file"),
        ("DocumentType", "INVOICE"),
        ("Version", "The actual version of the Factur-X XML schema"),
        ("ConformanceLevel", "The conformance level of the embedded Factur-X data"),
    )
)


def xmp_packet(title: str, author: str, subject: str, guideline: str, filename: str, now: datetime) -> bytes:
    """Return the XMP packet (UTF-8 bytes). ``now`` is an aware UTC ``datetime``.

    Raises ``KeyError`` for a guideline that is not in ``CONFORMANCE_LEVELS``.
    """
    return _PACKET.format(
        pdfaid=PDFAID_NAMESPACE,
        part=PART,
        conformance=CONFORMANCE,
        title=_escaped(title),
        author=_escaped(author),
        subject=_escaped(subject),
        producer=PRODUCER,
        date=now.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        fx=FX_NAMESPACE,
        properties=_PROPERTIES,
        filename=_escaped(filename),
        level=CONFORMANCE_LEVELS[guideline],
    ).encode()


def _escaped(text: object) -> str:
    return escape(clean_text(text))


NOTDEF = ".notdef"
_FIRST_PRINTED = 32
# ISO 32000-1 table D.2, note 1: unused codes above 40 octal show a bullet; three signs stand twice.
_WIN_ANSI = {0x7F: "bullet", 0x81: "bullet", 0x8D: "bullet", 0x8F: "bullet", 0x90: "bullet", 0x9D: "bullet",
             0xA0: "space", 0xAD: "hyphen", 0xB2: "twosuperior", 0xB3: "threesuperior",
             0xB9: "onesuperior"}  # fmt: skip
# What Mac OS added to its own encoding, and PDF did not take over; PDF has a second space.
_NOT_IN_MAC_ROMAN = frozenset(
    {127, 173, 176, 178, 179, 182, 183, 184, 185, 186, 189, 195, 197, 198, 215, 240}
)
_MAC_SPACE = 202


def _win_ansi() -> tuple[str, ...]:
    names = []
    for code in range(256):
        character = bytes([code]).decode("cp1252", "ignore")
        name = UV2AGL.get(ord(character), NOTDEF) if character and code >= _FIRST_PRINTED else NOTDEF
        names.append(_WIN_ANSI.get(code, name))
    return tuple(names)


def _mac_roman() -> tuple[str, ...]:
    names = [
        NOTDEF if code < _FIRST_PRINTED or code in _NOT_IN_MAC_ROMAN else name
        for code, name in enumerate(MacRoman)
    ]
    names[_MAC_SPACE] = "space"
    return tuple(names)


STANDARD = tuple(StandardEncoding)
BY_NAME = {"/WinAnsiEncoding": _win_ansi(), "/MacRomanEncoding": _mac_roman()}
MAC_CODES = {
    name: code for code, name in reversed(list(enumerate(BY_NAME["/MacRomanEncoding"]))) if name != NOTDEF
}
MAC_CODES |= {MacRoman[code]: code for code in _NOT_IN_MAC_ROMAN}


@cache
def character(name: str) -> str:
    """Return the characters that a glyph name stands for (Adobe Glyph List), empty when it is not in it."""
    return str(toUnicode(name))


@cache
def is_listed(name: str) -> bool:
    """Tell whether a glyph name is in the Adobe Glyph List or of its uniXXXX form."""
    return bool(toUnicode(name))


FACTURX_FILENAME = "factur-x.xml"
# What reading a PDF whose objects are not of the types they should be leads to.
WRONG_OBJECTS = (
    pikepdf.PdfError, TypeError, KeyError, AttributeError, IndexError, ValueError, RuntimeError,
)  # fmt: skip
_MAX_DETAIL = 120


def embedded_files(document: Pdf) -> list[tuple[str, bytes]]:
    """Return ``(name, bytes)`` of each file in the name tree of an open PDF."""
    names = document.Root.get(Name.Names)
    tree = names.get(Name.EmbeddedFiles) if isinstance(names, Dictionary) else None
    if not isinstance(tree, Dictionary):
        return []
    found = []
    for _key, spec in pikepdf.NameTree(tree).items():
        name = str(spec.get(Name.UF, spec.get(Name.F, "")))
        found.append((name, spec.EF.F.read_bytes()))
    return found


def open_pdf(pdf: bytes) -> Pdf:
    """Open PDF bytes as a ``pikepdf.Pdf`` (a context manager) with at least a page.

    Raises ``PdfError``: ``pdf_unreadable``, ``pdf_encrypted`` or ``pdf_without_pages``.
    """
    try:
        document = pikepdf.open(BytesIO(pdf), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise PdfError("pdf_encrypted") from None
    except Exception as error:
        raise PdfError("pdf_unreadable", detail=error_detail(error)) from None
    if document.is_encrypted:
        raise PdfError("pdf_encrypted")
    try:
        pages = len(document.pages)
    except Exception as error:
        raise PdfError("pdf_unreadable", detail=error_detail(error)) from None
    if not pages:
        raise PdfError("pdf_without_pages")
    return document


def error_detail(error: BaseException) -> str:
    """What an error says, in a few words."""
    return f"{type(error).__name__}: {error}"[:_MAX_DETAIL]
