"""The XMP packet of a Factur-X file: PDF/A-3b, Dublin Core, dates, and the Factur-X extension schema."""

from datetime import datetime
from xml.sax.saxutils import escape

from .text import clean_text

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


def packet(title: str, author: str, subject: str, guideline: str, filename: str, now: datetime) -> bytes:
    """Return the XMP packet (UTF-8 bytes). ``now`` is an aware UTC ``datetime``.

    Raises ``KeyError`` for a guideline that is not in ``CONFORMANCE_LEVELS``.
    """
    return _PACKET.format(
        pdfaid=PDFAID_NAMESPACE,
        part=PART,
        conformance=CONFORMANCE,
        title=_xml(title),
        author=_xml(author),
        subject=_xml(subject),
        producer=PRODUCER,
        date=now.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        fx=FX_NAMESPACE,
        properties=_PROPERTIES,
        filename=_xml(filename),
        level=CONFORMANCE_LEVELS[guideline],
    ).encode()


def _xml(text: object) -> str:
    return escape(clean_text(text))
