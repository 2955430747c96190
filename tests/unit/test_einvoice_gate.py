"""The last gate sees what is wrong with a finished file."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D
from io import BytesIO
from pathlib import Path

import facturx
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

import einvoice
from einvoice import gate
from lib.samples import invoices as make

PAGE = (Path(__file__).parent / "data" / "page_patched_qt.pdf").read_bytes()
INVOICE = make.invoice([make.line("Travaux", "3", "1250.00")], buyer_reference="SERVICE_1")
XML = einvoice.build_xml(INVOICE)
GOOD = einvoice.build_pdf(PAGE, XML, INVOICE, now=datetime(2026, 11, 22, tzinfo=UTC))


def codes(content, invoice=INVOICE):
    return [item.code for item in einvoice.verify(content, invoice)]


def clauses(change):
    """The clauses of PDF/A-3 that the gate reports after `change(document)`."""
    output = BytesIO()
    with pikepdf.open(BytesIO(GOOD)) as document:
        change(document)
        document.save(
            output,
            static_id=True,
            fix_metadata_version=False,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
        )
    return {
        item.params["clause"] for item in einvoice.verify(output.getvalue()) if item.code == "file_not_pdfa"
    }


def _without(*path):
    def change(document):
        item = document.Root
        for name in path[:-1]:
            item = item[name]
        del item[path[-1]]

    return change


def _metadata(before, after):
    def change(document):
        packet = document.Root.Metadata.read_bytes()
        assert before in packet
        document.Root.Metadata.write(packet.replace(before, after))

    return change


def _gray_profile(document):
    document.Root.OutputIntents[0].DestOutputProfile.N = 1


def _link(**terms):
    def change(document):
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], F=4)
        link.update(Dictionary(**terms))
        document.pages[0].obj.Annots = Array([link])

    return change


def _widths(document):
    for font in document.pages[0].obj.Resources.Font.values():
        font.DescendantFonts[0].W = Array([0, Array([500] * 5)])


def _widths_of_a_huge_range(document):
    for font in document.pages[0].obj.Resources.Font.values():
        font.DescendantFonts[0].W = Array([0, 2**31 - 1, 500])


def _glyph_list(document):
    for font in document.pages[0].obj.Resources.Font.values():
        font.DescendantFonts[0].FontDescriptor.CIDSet = document.make_stream(b"\xff")


def _no_glyph_map(document):
    for font in document.pages[0].obj.Resources.Font.values():
        del font.DescendantFonts[0][Name.CIDToGIDMap]


def _lzw(document):
    packed = pikepdf.Stream(document, b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01")
    packed.Filter = Name.LZWDecode
    document.pages[0].obj.Odd = packed


def _image(**terms):
    def change(document):
        image = document.make_stream(bytes(4), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
        image.update(Dictionary(**{"BitsPerComponent": 8, "ColorSpace": Name.DeviceGray, **terms}))
        document.pages[0].obj.Resources.XObject.Im99 = image

    return change


def _postscript(document):
    script = document.make_stream(b"", Type=Name.XObject, Subtype=Name.PS)
    document.pages[0].obj.Resources.XObject.X99 = script


def _transfer(document):
    state = document.make_indirect(Dictionary(Type=Name.ExtGState, TR=Name.Identity))
    document.pages[0].obj.Resources.ExtGState.G99 = state


def _launch(document):
    document.Root.OpenAction = document.make_indirect(Dictionary(S=Name.Launch))


def _no_relationship(document):
    del document.Root.AF[0][Name.AFRelationship]


def _no_type_of_file(document):
    del document.Root.AF[0].EF.F[Name.Subtype]


def _size_is_a_name(document):
    document.Root.AF[0].EF.F.Params.Size = Name("/42")


def _another_file(document):
    document.attachments["x.txt"] = b"x"


def _missing_glyph(document):
    page = document.pages[0].obj
    page.Contents = document.make_stream(page.Contents.read_bytes().replace(b"<0001>", b"<0000>"))


def _helvetica(document):
    page = document.pages[0].obj
    page.Resources.Font.H = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Contents = document.make_stream(page.Contents.read_bytes() + b" BT /H 9 Tf (a) Tj ET")


def _page(data):
    """What a page draws besides."""

    def change(document):
        page = document.pages[0].obj
        page.Contents = document.make_stream(page.Contents.read_bytes() + b"\n" + data)

    return change


def _cut_font(document):
    program = document.pages[0].obj.Resources.Font.F7.DescendantFonts[0].FontDescriptor.FontFile2
    program.write(program.read_bytes()[:-500])


def _drawing(data, **terms):
    def change(document):
        form = document.make_stream(data, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        form.update(Dictionary(**terms))
        document.pages[0].obj.Resources.XObject.F99 = form

    return change


CASES = {
    "a font that is not embedded": (_helvetica, {"6.2.11.4.1"}),
    "a form without resources": (_drawing(b""), {"6.2.2"}),
    "a form in CMYK": (_drawing(b"0 0 0 1 k", Resources=Dictionary()), {"6.2.4.3"}),
    "a deep form": (_drawing(b"q " * 29 + b"Q " * 29, Resources=Dictionary()), {"6.1.13"}),
    "a reference form": (_drawing(b"", Resources=Dictionary(), Ref=Dictionary()), {"6.2.9"}),
    "no output intent": (_without(Name.OutputIntents), {"6.2.3"}),
    "profile of one component": (_gray_profile, {"6.2.3"}),
    "no metadata": (_without(Name.Metadata), {"6.6.2.1"}),
    "PDF/A-1": (_metadata(b"part>3<", b"part>1<"), {"6.6"}),
    "conformance A": (_metadata(b"conformance>B<", b"conformance>A<"), {"6.6"}),
    "another file name": (_metadata(b">factur-x.xml<", b">invoice.xml<"), {"6.6"}),
    "broken metadata": (_metadata(b"</rdf:RDF>", b""), {"6.6"}),
    "not associated": (_without(Name.AF), {"6.8"}),
    "no relationship": (_no_relationship, {"6.8"}),
    "no type of a file": (_no_type_of_file, {"6.8"}),
    "size as a name": (_size_is_a_name, {"6.8"}),
    "a file more": (_another_file, {"6.8"}),
    "hidden link": (_link(F=6), {"6.3.2"}),
    "unprinted link": (_link(F=0), {"6.3.2"}),
    "launching link": (_link(A=Dictionary(S=Name.Launch)), {"6.5.1"}),
    "film": (_link(Subtype=Name.Movie), {"6.3.1"}),
    "launching document": (_launch, {"6.5.1"}),
    "widths": (_widths, {"6.2.11.5"}),
    "widths of a huge range": (_widths_of_a_huge_range, {"6.2.11.5"}),
    "partial glyph list": (_glyph_list, {"6.2.11.4.2"}),
    "no glyph map": (_no_glyph_map, {"6.2.11.3.2"}),
    "missing glyph": (_missing_glyph, {"6.2.11.8"}),
    "LZW": (_lzw, {"6.1.7.2"}),
    "smoothed image": (_image(Interpolate=True), {"6.2.8"}),
    "CMYK image": (_image(ColorSpace=Name.DeviceCMYK), {"6.2.4.3"}),
    "PostScript": (_postscript, {"6.2.9"}),
    "transfer function": (_transfer, {"6.2.5"}),
    "requirements": (lambda document: document.Root.__setattr__("Requirements", Array([])), {"6.11"}),
    "a font that is set and not there": (_page(b"/F99 9 Tf\n"), {"6.2.11.4.1"}),
    "a page in CMYK": (_page(b"/DeviceCMYK cs"), {"6.2.4.3"}),
    "a deep page": (_page(b"q " * 29 + b"Q " * 29), {"6.1.13"}),
    "a long number": (_page(b"12345678901 0 m"), {"6.1.13"}),
    "an operator that is none": (_page(b"1 0 xy"), {"6.2.2"}),
    "codes of three digits": (_page(b"BT /F7 9 Tf <000> Tj ET"), {"6.1.6", "6.2.11.8"}),
    "a font that is cut off": (_cut_font, {"6.2.11.2"}),
    "nothing": (lambda document: None, set()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_clause_of_pdfa_that_is_broken_is_named(name):
    change, expected = CASES[name]
    assert clauses(change) == expected


def test_a_file_without_identifier_or_binary_mark_is_seen():
    assert codes(GOOD.replace(b"/ID [", b"/XX [")) == ["file_not_pdfa"]
    assert "file_not_pdfa" in codes(GOOD.replace(b"%\xbf\xf7\xa2\xfe", b"%abcd"))


def test_45_an_attachment_without_metadata_is_no_factur_x():
    output = BytesIO()
    with pikepdf.open(BytesIO(PAGE)) as document:
        document.attachments["factur-x.xml"] = XML
        document.save(output)
    assert "file_not_pdfa" in codes(output.getvalue())


def test_46_the_metadata_must_announce_the_profile_of_the_xml():
    output = BytesIO()
    with pikepdf.open(BytesIO(GOOD)) as document:
        _metadata(b"ConformanceLevel>EN 16931<", b"ConformanceLevel>EXTENDED<")(document)
        document.save(output, static_id=True)
    assert codes(output.getvalue()) == ["file_profile_differs"]


def test_47_a_plain_pdf_is_no_factur_x():
    assert "file_xml_missing" in codes(PAGE)


def test_a_factur_x_without_conversion_is_seen():
    plain = facturx.generate_from_binary(PAGE, XML, flavor="factur-x", level="en16931")
    found = einvoice.verify(plain, INVOICE)
    assert {item.code for item in found} == {"file_not_pdfa"}
    assert {item.params["clause"] for item in found} == {
        "6.1.2", "6.1.3", "6.2.3", "6.6.2.1", "6.3.2", "6.2.11.5", "6.2.11.8",
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"x" * 1000])
def test_what_is_no_pdf_gives_one_finding(content):
    assert codes(content) == ["pdf_unreadable"]


# --- the XML --------------------------------------------------------------------------------------


def xml_codes(before, after, invoice=None):
    assert before in XML
    return [item.code for item in gate.verify_xml(XML.replace(before, after, 1), invoice, "EN 16931")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"<ram:LineTotalAmount>3750.00", b"<ram:LineTotalAmount>3751.00", ["file_arithmetic"]),
        (b"<ram:DuePayableAmount>4500.00", b"<ram:DuePayableAmount>4501.00", ["file_arithmetic"]),
        (b'"EUR">750', b'"EUR">751', ["file_arithmetic"] * 2),
        (b"<ram:Name>Travaux</ram:Name>", b"", ["file_xml_invalid"]),
        (b"</rsm:CrossIndustryInvoice>", b"", ["file_xml_invalid"]),
        (b"<rsm:Cross", b"<!DOCTYPE x [<!ENTITY e 'x'>]><rsm:Cross", ["file_xml_invalid"]),
        (b"urn:cen.eu:en16931:2017", b"urn:factur-x.eu:1p0:minimum", ["file_profile_differs"]),
    ],
)  # fmt: skip
def test_a_wrong_xml_is_seen(before, after, expected):
    assert xml_codes(before, after) == expected


@pytest.mark.parametrize(
    ("term", "change"),
    [
        ("BT-1", {"number": "OTHER"}),
        ("BT-3", {"type_code": "384"}),
        ("BT-10", {"buyer_reference": None}),
        ("BT-13", {"order_reference": "E1"}),
        ("BT-23", {"process": "A2"}),
        ("BT-47", {"buyer": replace(INVOICE.buyer, siret="12345678200036")}),
        ("BT-112", {"totals": replace(INVOICE.totals, grand=D("1.00"))}),
    ],
)
def test_a_file_of_another_invoice_is_seen(term, change):
    found = einvoice.verify(GOOD, replace(INVOICE, **change))
    assert [(item.code, item.term) for item in found] == [("file_differs", term)]


def test_a_good_file_has_no_finding():
    assert einvoice.verify(GOOD, INVOICE) == []
    assert einvoice.verify(GOOD) == []
