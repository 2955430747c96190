"""Structural assertions of PDF/A-3b and Factur-X on a finished file, read back from its bytes.

Written apart from ``pdf_conform``: it looks at every object of the file instead of walking the pages,
and trusts nothing that was written. It is no substitute for veraPDF, which has the final word.
"""

import re

import pikepdf
from lxml import etree
from pikepdf import Array, Dictionary, Name

from . import icc, pdf_content, pdf_fonts, pdf_repair, read_cii, xmp
from .findings import finding

_HEADER = re.compile(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}")
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_EXTENSION_SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}namespaceURI"
_FORBIDDEN_ACTIONS = (
    "/GoToR", "/GoToE", "/Thread", "/SubmitForm", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData",
    "/Hide", "/SetOCGState", "/Rendition", "/Trans", "/GoTo3DView", "/JavaScript",
)  # fmt: skip
_FORBIDDEN_ANNOTATIONS = frozenset({"/Sound", "/Movie", "/Screen", "/3D", "/RichMedia", "/FileAttachment"})
_PRINT, _HIDING = 4, 1 | 2 | 32 | 256
_FONT_FILES = (Name.FontFile, Name.FontFile2, Name.FontFile3)
_WIDTH_TOLERANCE = 1  # thousandths of the font size, ISO 19005-3 6.2.11.5


def find(document, content):
    """Return the findings on an open ``pikepdf.Pdf`` and the bytes it was read from."""
    return [
        finding("file_not_pdfa", clause=clause, detail=detail)
        for clause, detail in [*_file(document, content), *_catalog(document), *_objects(document)]
    ]


def conformance_level(document):
    """Return fx:ConformanceLevel of the XMP packet, ``None`` when there is none."""
    return _properties(document).get(f"{{{xmp.FX_NAMESPACE}}}ConformanceLevel")


def _file(document, content):
    if not _HEADER.match(content):
        yield "6.1.2", "the file header"
    identifier = document.trailer.get(Name.ID)
    if not isinstance(identifier, Array) or len(identifier) != 2 or not bytes(identifier[0]):
        yield "6.1.3", "the file identifier is missing"
    if Name.Encrypt in document.trailer:
        yield "6.1.3", "the file is encrypted"


def _catalog(document):
    root = document.Root
    yield from _output_intent(root.get(Name.OutputIntents))
    yield from _metadata(document)
    yield from _associated_files(root)
    names = root.get(Name.Names, {})
    if Name.JavaScript in names or Name.AA in root:
        yield "6.5", "scripts"
    if Name.Requirements in root or Name.NeedsRendering in root:
        yield "6.10", "requirements"


def _output_intent(intents):
    profiles = [
        intent.get(Name.DestOutputProfile) for intent in intents or () if intent.get(Name.S) == Name.GTS_PDFA1
    ]
    if len(profiles) != 1 or not isinstance(profiles[0], pikepdf.Stream):
        yield "6.2.3", "there is not one output intent with a profile"
        return
    if profiles[0].get(Name.N) != 3 or not icc.is_output_profile(profiles[0].read_bytes(), b"RGB "):
        yield "6.2.3", "the profile of the output intent is not an RGB profile"


def _metadata(document):
    stream = document.Root.get(Name.Metadata)
    if not isinstance(stream, pikepdf.Stream) or stream.get(Name.Subtype) != Name.XML:
        yield "6.6.2.1", "no metadata"
        return
    if Name.Filter in stream:
        yield "6.6.2.1", "the metadata are compressed"
    found = _properties(document)
    expected = {
        f"{{{xmp.PDFAID_NAMESPACE}}}part": xmp.PART,
        f"{{{xmp.PDFAID_NAMESPACE}}}conformance": xmp.CONFORMANCE,
        f"{{{xmp.FX_NAMESPACE}}}DocumentType": "INVOICE",
        f"{{{xmp.FX_NAMESPACE}}}DocumentFileName": "factur-x.xml",
        f"{{{xmp.FX_NAMESPACE}}}Version": "1.0",
        _EXTENSION_SCHEMA: xmp.FX_NAMESPACE,
    }
    for name, value in expected.items():
        if found.get(name) != value:
            yield "6.6", f"the metadata say {found.get(name)} for {etree.QName(name).localname}"


def _properties(document):
    """Return the simple properties of the XMP packet, by qualified name (elements and attributes)."""
    stream = document.Root.get(Name.Metadata)
    if not isinstance(stream, pikepdf.Stream):
        return {}
    try:
        root = read_cii.parse(stream.read_bytes())
    except (etree.XMLSyntaxError, ValueError):
        return {}
    found = {}
    for element in root.iter(f"{_RDF}Description"):
        found.update(element.attrib)
        found.update({child.tag: child.text for child in element if child.text})
    uri = next(root.iter(_EXTENSION_SCHEMA), None)
    if uri is not None:
        found[_EXTENSION_SCHEMA] = uri.text
    return found


def _associated_files(root):
    specs = list(root.get(Name.AF, []))
    names = [str(spec.get(Name.UF, "")) for spec in specs]
    if names.count("factur-x.xml") != 1:
        yield "6.8", "factur-x.xml is not an associated file of the document"
    tree = root.get(Name.Names, {}).get(Name.EmbeddedFiles)
    embedded = list(pikepdf.NameTree(tree).values()) if isinstance(tree, Dictionary) else []
    if len(embedded) != len(specs):
        yield "6.8", "embedded files and associated files are not the same"
    for spec in embedded:
        files = spec.get(Name.EF, {})
        stream = files.get(Name.F)
        if Name.F not in spec or Name.UF not in spec or Name.AFRelationship not in spec:
            yield "6.8", "a file specification lacks F, UF or AFRelationship"
        elif not isinstance(stream, pikepdf.Stream) or Name.Subtype not in stream:
            yield "6.8", f"the file {spec.UF} has no type"
        elif not isinstance(stream.get(Name.Params, {}).get(Name.Size), int):
            yield "6.8", f"the file {spec.UF} has no size"


def _objects(document):
    """Look at every object of the file, and at the annotations inside the pages."""
    for page in document.pages:
        if Name.AA in page.obj:
            yield "6.5.2", "an automatic action of a page"
        for annotation in page.obj.get(Name.Annots, []):
            yield from _annotation(annotation)
        yield from _page_content(page)
    for item in document.objects:
        if not isinstance(item, Dictionary | pikepdf.Stream):
            continue
        if isinstance(item, pikepdf.Stream):
            yield from _stream(item)
        kind, subtype = item.get(Name.Type), item.get(Name.Subtype)
        if kind == Name.Font:
            yield from _font(item, str(subtype))
        elif _may_be_graphics_state(item) and (
            Name.TR in item or Name.HTP in item or item.get(Name.TR2, Name.Default) != Name.Default
        ):
            yield "6.2.5", "a transfer function"
        if str(item.get(Name.S)) in _FORBIDDEN_ACTIONS:
            yield "6.5.1", f"the action {item.S}"


def _may_be_graphics_state(item):
    # A soft mask (it has a group) may have a transfer function.
    return isinstance(item, Dictionary) and Name.G not in item


def _page_content(page):
    stream = page.obj.get(Name.Contents)
    if isinstance(stream, pikepdf.Stream):
        resources = page.obj.get(Name.Resources, Dictionary())
        yield from _content(pdf_content.Content(page.obj, resources, stream.read_bytes()))


def _content(content):
    """Look at what a page or form shows."""
    if pdf_repair.repaired(content) is not None:
        yield "6.2.11.8", "a character without glyph, or a string or image of the wrong form"
    if pdf_content.uses_cmyk(content):
        yield "6.2.4.3", "a colour in DeviceCMYK"
    if pdf_content.nests_too_deep(content):
        yield "6.1.13", "more than 28 nested graphics states"
    for name in pdf_fonts.missing(content):
        yield "6.2.11.4.1", f"the font {name} is not embedded"


def _stream(stream):
    filters = stream.get(Name.Filter)
    filters = list(filters) if isinstance(filters, Array) else [filters]
    if Name.LZWDecode in filters or Name.Crypt in filters:
        yield "6.1.7.2", f"the filter {filters[0]}"
    if Name.F in stream or Name.FFilter in stream:
        yield "6.1.7.1", "a stream in another file"
    if stream.get(Name.Subtype) == Name.Image:
        if stream.get(Name.Interpolate, False):
            yield "6.2.8", "an interpolated image"
        if stream.get(Name.ColorSpace) == Name.DeviceCMYK:
            yield "6.2.4.3", "an image in DeviceCMYK"
    elif stream.get(Name.Subtype) == Name.Form:
        if Name.Ref in stream:
            yield "6.2.9", "a reference object"
        if Name.Resources not in stream:
            yield "6.2.2", "a form with inherited resources"
        else:
            yield from _content(pdf_content.Content(stream, stream.Resources, stream.read_bytes()))
    elif stream.get(Name.Subtype) == Name.PS:
        yield "6.2.9", "a PostScript object"


def _font(font, subtype):
    descriptor = font.get(Name.FontDescriptor)
    if subtype in ("/Type0", "/Type3"):
        return
    if descriptor is None or not any(key in descriptor for key in _FONT_FILES):
        return  # told by the pages that show it
    if Name.CIDSet in descriptor:
        yield "6.2.11.4.2", f"a partial list of the glyphs of {pdf_fonts.name_of(font)}"
    if subtype == "/CIDFontType2":
        if Name.CIDToGIDMap not in font:
            yield "6.2.11.3.2", f"{pdf_fonts.name_of(font)} has no glyph map"
        elif pdf_fonts.worst_width_error(font) > _WIDTH_TOLERANCE:
            yield "6.2.11.5", f"the widths of {pdf_fonts.name_of(font)} differ from its program"


def _annotation(annotation):
    kind = str(annotation.get(Name.Subtype))
    flags = int(annotation.get(Name.F, 0))
    if kind in _FORBIDDEN_ANNOTATIONS:
        yield "6.3.1", f"an annotation of kind {kind}"
    if kind != "/Popup" and (not flags & _PRINT or flags & _HIDING):
        yield "6.3.2", "an annotation that is not printed"
    action = annotation.get(Name.A)
    if Name.AA in annotation or (
        isinstance(action, Dictionary) and str(action.get(Name.S)) in _FORBIDDEN_ACTIONS
    ):
        yield "6.5.1", "the action of an annotation"
