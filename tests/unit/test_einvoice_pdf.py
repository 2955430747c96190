"""Pages of every origin become PDF/A-3b Factur-X files."""

import random
import re
from datetime import timedelta
from io import BytesIO

import facturx
import pikepdf
import pytest
from pdf_kit import DATA, INVOICE, NOW, RENDERED, XML, build, changed, drawn
from pikepdf import Array, Dictionary, Name
from pypdf import PdfReader
from reportlab.lib.utils import ImageReader

import einvoice
from einvoice.terms import Attachment
from lib.samples import invoices as make

# --- good pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RENDERED)
def test_rendered_pages_pass_the_gate(name):
    content = build((DATA / name).read_bytes())
    assert einvoice.verify(content, INVOICE) == []
    assert einvoice.read_xml(content) == XML


def test_a_page_of_another_library_passes_the_gate():
    assert einvoice.verify(build(drawn(pages=2)), INVOICE) == []


@pytest.mark.parametrize("name", RENDERED)
def test_factur_x_reads_the_same_xml(name):
    filename, xml = facturx.get_xml_from_pdf(build((DATA / name).read_bytes()))
    assert (filename, xml) == ("factur-x.xml", XML)


@pytest.mark.parametrize("name", RENDERED)
def test_the_text_of_the_pages_stays(name):
    before = (DATA / name).read_bytes()
    assert _words(build(before)) == _words(before)


def _words(pdf):
    # Glyph 0 has no meaning in either reader; it is what the conversion removes.
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return re.sub(r"[\s\x00\ufffd]", "", text)


def test_links_stay_and_are_printed():
    with pikepdf.open(BytesIO(build((DATA / RENDERED[0]).read_bytes()))) as document:
        links = [note for page in document.pages for note in page.obj.get(Name.Annots, [])]
    assert [str(link.A.URI) for link in links] == ["https://example.org/conditions"]
    assert [int(link.F) for link in links] == [4]


def test_the_same_input_gives_the_same_bytes():
    page = (DATA / RENDERED[0]).read_bytes()
    attachments = (Attachment("bon.txt", b"42", "text/plain"),)
    assert build(page, attachments) == build(page, attachments)


def test_only_dates_and_the_identifier_depend_on_the_clock():
    page = (DATA / RENDERED[0]).read_bytes()
    today, tomorrow = build(page), build(page, now=NOW + timedelta(days=1))
    assert today != tomorrow
    assert _without_dates(today) == _without_dates(tomorrow)


def _without_dates(content):
    content = re.sub(rb"2026-11-2[23]T|D:2026112[23]", b"", content)
    return re.sub(rb"/ID \[.*?\]", b"", content, flags=re.S)


def test_missing_glyphs_leave_a_gap_of_the_same_width():
    page = (DATA / RENDERED[0]).read_bytes()
    assert re.search(rb"<0000> Tj", _contents(page))
    content = _contents(build(page))
    assert not re.search(rb"<(?:[0-9a-fA-F]{4})*0000", content)
    assert re.search(rb"\[ ?-\d+ ?\] ?TJ", content)


def _contents(pdf):
    with pikepdf.open(BytesIO(pdf)) as document:
        return b"\n".join(page.obj.Contents.read_bytes() for page in document.pages)


def test_inherited_resources_become_explicit():
    def inherit(document):
        page = document.pages[0].obj
        page.Parent.Resources = page.Resources
        del page[Name.Resources]

    content = build(changed(drawn(), inherit))
    with pikepdf.open(BytesIO(content)) as document:
        assert Name.Font in document.pages[0].obj.Resources
    assert einvoice.verify(content, INVOICE) == []


def test_a_declared_font_that_shows_nothing_is_no_obstacle():
    def declare(document):
        document.pages[0].obj.Resources.Font.F99 = Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica
        )

    assert einvoice.verify(build(changed(drawn(), declare)), INVOICE) == []


def test_a_page_that_is_only_a_picture_is_accepted():
    def picture(document):
        image = document.make_stream(
            bytes(3), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8,
            ColorSpace=Name.DeviceRGB,
        )  # fmt: skip
        page = document.pages[1].obj
        page.Resources = Dictionary(XObject=Dictionary(Im0=image))
        page.Contents = document.make_stream(b"q 100 0 0 100 0 0 cm /Im0 Do Q")

    assert einvoice.verify(build(changed(drawn(pages=2), picture)), INVOICE) == []


def test_a_text_that_two_pages_share_counts_for_both():
    def share(document):
        first, second = (page.obj for page in document.pages)
        text = document.make_stream(first.Contents.read_bytes(), Type=Name.XObject, Subtype=Name.Form)
        text.update(Dictionary(BBox=[0, 0, 600, 800], Resources=first.Resources))
        for page in (first, second):
            page.Resources = Dictionary(XObject=Dictionary(F0=text))
            page.Contents = document.make_stream(b"/F0 Do " + b"1 1 m 2 2 3 3 4 4 c " * 200 + b"f")

    assert einvoice.verify(build(changed(drawn(pages=2), share)), INVOICE) == []


# --- what the page brought and must lose ----------------------------------------------------------


def _script(document):
    document.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([])))


def _automatic_actions(document):
    document.Root.AA = Dictionary(WC=Dictionary(S=Name.JavaScript, JS=""))
    document.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch))


def _launching_link(document):
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.Launch, F="x")
    )
    document.pages[0].obj.Annots = Array([link])


def _chained_script(document):
    action = Dictionary(S=Name.URI, URI="https://example.org", Next=Dictionary(S=Name.JavaScript, JS=""))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].obj.Annots = Array([link])


def _hidden_link(document):
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], F=2)
    document.pages[0].obj.Annots = Array([link])


def _film(document):
    document.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Movie, Rect=[0, 0, 9, 9])])


def _stamp_without_appearance(document):
    document.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 9, 9])])


def _form(document):
    field = Dictionary(T="a", FT=Name.Tx, AA=Dictionary(K=Dictionary(S=Name.JavaScript, JS="")))
    document.Root.AcroForm = Dictionary(
        Fields=Array([document.make_indirect(field)]), NeedAppearances=True, XFA="x"
    )


def _bookmark_script(document):
    item = document.make_indirect(Dictionary(Title="x", A=Dictionary(S=Name.JavaScript, JS="")))
    document.Root.Outlines = document.make_indirect(
        Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1)
    )


def _transfer_function(document):
    document.pages[0].obj.Resources.ExtGState = Dictionary(
        G=Dictionary(Type=Name.ExtGState, TR=Name.Identity)
    )


def _smoothed_lzw_image(document):
    image = document.make_stream(b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01")  # LZW, from ISO 32000-1 7.4.4.2
    image.update(
        Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=3, Height=3, BitsPerComponent=8, Interpolate=True,
            ColorSpace=Name.DeviceGray, Filter=Name.LZWDecode,
        )
    )  # fmt: skip
    document.pages[0].obj.Resources.XObject = Dictionary(Im0=image)


def _layers(document):
    states = Array([Dictionary(Event=Name.View)])
    document.Root.OCProperties = Dictionary(OCGs=Array([]), D=Dictionary(AS=states))


def _way_to_another_file(document):
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.GoToR, F="x")
    )
    document.pages[0].obj.Annots = Array([link])


def _buttons_of_the_wrong_kind(document):
    picture = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
    one = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 9, 9], AP=Dictionary(N=Dictionary(On=picture))
    )
    two = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Btn,
        Rect=[0, 0, 9, 9],
        AP=Dictionary(N=picture, D=picture),
    )
    document.pages[0].obj.Annots = Array([one, two])


def _strings_of_odd_length(document):
    page = document.pages[0].obj
    page.Contents = document.make_stream(page.Contents.read_bytes() + b" BT 1 Tr <2> Tj ET")


def _smoothed_inline_image(document):
    page = document.pages[0].obj
    image = b" q BI /W 1 /H 1 /BPC 8 /CS /G /I true ID \x00 EI Q"
    page.Contents = document.make_stream(page.Contents.read_bytes() + image)


def _printing_profile(document):
    profile = document.make_stream(bytes(200), N=4)
    intent = Dictionary(S=Name.GTS_PDFA1, DestOutputProfile=profile, OutputConditionIdentifier="x")
    document.Root.OutputIntents = Array([intent, Dictionary(S=Name.GTS_PDFX)])


def _odd_filter_elsewhere(document):
    fonts = document.pages[0].obj.Resources.Font
    next(iter(fonts.values())).ToUnicode = document.make_stream(b"", FFilter=Name.LZWDecode)


def _old_file(document):
    document.attachments["old.txt"] = b"old"


@pytest.mark.filterwarnings("ignore:This document has .* form widget")
@pytest.mark.parametrize(
    "change",
    [
        _script, _automatic_actions, _launching_link, _chained_script, _hidden_link, _film, _form,
        _stamp_without_appearance, _bookmark_script, _transfer_function, _smoothed_lzw_image, _layers,
        _old_file, _way_to_another_file, _buttons_of_the_wrong_kind, _strings_of_odd_length,
        _smoothed_inline_image, _printing_profile, _odd_filter_elsewhere,
    ],
)  # fmt: skip
def test_what_an_archive_forbids_is_removed(change):
    content = build(changed(drawn(), change))
    assert einvoice.verify(content, INVOICE) == []
    with pikepdf.open(BytesIO(content)) as document:
        everything = "".join(repr(item) for item in document.objects)
    for word in (
        "JavaScript",
        "/Launch",
        "/Movie",
        "/XFA",
        "old.txt",
        "/Interpolate",
        "/LZW",
        "/TR",
        "/AS",
        "/GoToR",
        "/AP",
        "PDFX",
        "/FFilter",
    ):
        assert word not in everything


@pytest.mark.filterwarnings("ignore:This document has .* form widget")
def test_a_signed_page_keeps_what_it_shows_and_loses_the_signature_that_no_longer_holds():
    def sign(document):
        value = Dictionary(Type=Name.Sig, ByteRange=Array([0, 9, 99, 9]), Contents=b"x")
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T="a", V=document.make_indirect(value),
            Rect=Array([0, 0, 9, 9]), AP=Dictionary(N=document.make_stream(b"", Subtype=Name.Form)),
        )  # fmt: skip
        signature, not_in_the_form = document.make_indirect(field), document.make_indirect(Dictionary(field))
        document.pages[0].obj.Annots = Array([signature, not_in_the_form])
        document.Root.AcroForm = Dictionary(SigFlags=3, Fields=Array([signature]))
        document.Root.Perms = Dictionary(DocMDP=value)
        document.Root.DSS = Dictionary(Certs=Array([]))

    content = build(changed(drawn(), sign))
    assert einvoice.verify(content, INVOICE) == []
    with pikepdf.open(BytesIO(content)) as document:
        assert len(document.pages[0].obj.Annots) == 2
        assert Name.DSS not in document.Root and Name.SigFlags not in document.Root.AcroForm
        assert "/ByteRange" not in "".join(repr(item) for item in document.objects)


def test_a_soft_mask_may_have_a_transfer_function():
    def change(document):
        form = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
        mask = Dictionary(S=Name.Luminosity, G=form, TR=Name.Identity)
        document.pages[0].obj.Resources.ExtGState = Dictionary(G=Dictionary(SMask=mask))

    content = build(changed(drawn(), change))
    assert einvoice.verify(content, INVOICE) == []
    with pikepdf.open(BytesIO(content)) as document:
        assert Name.TR in document.pages[0].obj.Resources.ExtGState.G.SMask


def test_a_note_neither_zooms_nor_turns():
    def note(document):
        picture = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        text = Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=[0, 0, 9, 9], AP=Dictionary(N=picture))
        document.pages[0].obj.Annots = Array([text])

    content = build(changed(drawn(), note))
    with pikepdf.open(BytesIO(content)) as document:
        assert int(document.pages[0].obj.Annots[0].F) == 4 + 8 + 16
    assert einvoice.verify(content, INVOICE) == []


def test_a_page_that_was_converted_before_keeps_its_profile():
    once = build(drawn())
    twice = build(once)
    assert einvoice.verify(twice, INVOICE) == []
    with pikepdf.open(BytesIO(twice)) as document:
        assert len(document.Root.OutputIntents) == 1 and len(document.Root.AF) == 1


def test_glyph_drawings_name_their_resources():
    def drawn_font(document):
        glyph = document.make_stream(b"500 0 d0 0 0 400 400 re f")
        font = Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=[0, 0, 9, 9], FontMatrix=[0.001, 0, 0, 0.001, 0, 0],
            CharProcs=Dictionary(a=glyph), Encoding=Dictionary(Differences=Array([97, Name.a])), FirstChar=97,
            LastChar=97, Widths=Array([500]),
        )  # fmt: skip
        page = document.pages[0].obj
        page.Resources.Font.T3 = document.make_indirect(font)
        page.Contents = document.make_stream(page.Contents.read_bytes() + b" BT /T3 9 Tf (a) Tj ET")

    content = build(changed(drawn(), drawn_font))
    with pikepdf.open(BytesIO(content)) as document:
        assert Name.Resources in document.pages[0].obj.Resources.Font.T3


def test_an_earlier_factur_x_is_replaced():
    other = einvoice.build_xml(make.invoice([make.line("Autre", "1", "1.00")], number="OLD/1"))
    earlier = facturx.generate_from_binary(drawn(), other, flavor="factur-x", level="en16931")
    content = build(earlier)
    assert einvoice.read_xml(content) == XML
    assert einvoice.verify(content, INVOICE) == []


# --- attachments ----------------------------------------------------------------------------------


def test_attachments_travel_whole_with_their_type_and_size():
    attachments = (
        Attachment("état n° 2.csv", b"a;b\n", "text/csv", "Détail"),
        Attachment("bon/7.bin", b"\0\1", "not a type", "x" * 50_000),
    )
    content = build(drawn(), attachments)
    assert einvoice.verify(content, INVOICE) == []
    with pikepdf.open(BytesIO(content)) as document:
        specs = {str(spec.UF): spec for spec in document.Root.AF}
        names = [bytes(name) for name in list(document.Root.Names.EmbeddedFiles.Names)[::2]]
        assert names == sorted(names)
        assert list(specs) == ["factur-x.xml", "état n° 2.csv", "bon-7.bin"]
        assert [str(spec.AFRelationship) for spec in specs.values()] == [
            "/Data",
            "/Supplement",
            "/Supplement",
        ]
        csv = specs["état n° 2.csv"]
        assert (csv.EF.F.read_bytes(), csv.EF.F.Params.Size) == (b"a;b\n", 4)
        assert (str(csv.EF.F.Subtype), str(csv.Desc)) == ("/text/csv", "Détail")
        assert str(specs["bon-7.bin"].EF.F.Subtype) == "/application/octet-stream"


def test_metadata_and_document_information_say_the_same():
    with pikepdf.open(BytesIO(build(drawn()))) as document:
        metadata = document.Root.Metadata.read_bytes().decode()
        title, date = str(document.docinfo.Title), str(document.docinfo.ModDate)
    assert f">{title}<" in metadata and title == "Facture FAC/2026/00001"
    assert date == "D:20261122090005+00'00'" and "<xmp:ModifyDate>2026-11-22T09:00:05+00:00<" in metadata
    assert "<fx:ConformanceLevel>EN 16931<" in metadata


def test_pictures_of_report_libraries_are_accepted(tmp_path):
    from PIL import Image

    picture = Image.new("RGBA", (4, 4), (200, 10, 10, 128))
    content = build(drawn(lambda page: page.drawImage(ImageReader(picture), 10, 10, mask="auto")))
    assert einvoice.verify(content, INVOICE) == []


@pytest.mark.parametrize("name", RENDERED)
def test_the_file_is_written_as_an_archive_asks(name):
    content = build((DATA / name).read_bytes(), (Attachment("noise.zip", random.Random(2).randbytes(5000)),))
    assert re.match(rb"%PDF-1\.7\n%[\x80-\xff]{4}\n", content)
    assert content.endswith(b"%%EOF\n")
    streams = list(re.finditer(rb"/Length (\d+)[^>]*>>\nstream\n", content))
    assert len(streams) == content.count(b"\nendstream\nendobj\n")
    for stream in streams:
        end = stream.end() + int(stream[1])
        assert content[end : end + 11] == b"\nendstream\n"
