"""Builders of pages as other tools than wkhtmltopdf write them: fonts of each kind, forms, images."""

from io import BytesIO

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
from pikepdf import Array, Dictionary, Name

_LETTERS = "ABCDEFacertuno0123456789/"
_NAMES = {"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
          "7": "seven", "8": "eight", "9": "nine", "/": "slash", " ": "space"}  # fmt: skip
_UNITS = 1000
TEXT = b"Facture A/2026"


def glyph_name(letter):
    return _NAMES.get(letter, letter)


def _width(place):
    return 400 + 20 * place


_ORDER = [".notdef", "space", *map(glyph_name, _LETTERS)]
WIDTHS = {name: _width(place) for place, name in enumerate(_ORDER)}


def _square(pen, width):
    pen.moveTo((50, 0))
    pen.lineTo((50, 600))
    pen.lineTo((width - 50, 600))
    pen.lineTo((width - 50, 0))
    pen.closePath()


def truetype(maps=((3, 1), (1, 0)), order=None):
    """Return a TrueType program with the character maps named by (platform, encoding)."""
    order = order or _ORDER
    builder = FontBuilder(_UNITS, isTTF=True)
    builder.setupGlyphOrder(order)
    codes = {ord(letter): glyph_name(letter) for letter in " " + _LETTERS if glyph_name(letter) in order}
    builder.setupCharacterMap(codes)
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(None)
        if name != "space":
            _square(pen, WIDTHS[name])
        glyphs[name] = pen.glyph()
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (WIDTHS[name], 50) for name in order})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2()
    builder.setupPost()
    builder.setupNameTable({"familyName": "Kit", "styleName": "Regular"})
    font = builder.font
    tables = []
    for platform, encoding in maps:
        table = CmapSubtable.newSubtable(4 if platform == 3 else 0)
        table.platformID, table.platEncID, table.language = platform, encoding, 0
        shift = 0xF000 if encoding == 0 and platform == 3 else 0
        table.cmap = {shift + code: name for code, name in codes.items()}
        tables.append(table)
    font["cmap"].tables = tables
    return _bytes(font)


def compact():
    """Return a CFF program, bare."""
    builder = FontBuilder(_UNITS, isTTF=False)
    builder.setupGlyphOrder(_ORDER)
    builder.setupCharacterMap({ord(letter): glyph_name(letter) for letter in " " + _LETTERS})
    shapes = {}
    for name in _ORDER:
        pen = T2CharStringPen(WIDTHS[name], None)
        if name != "space":
            _square(pen, WIDTHS[name])
        shapes[name] = pen.getCharString()
    builder.setupCFF("Kit", {"FullName": "Kit"}, shapes, {})
    builder.setupHorizontalMetrics({name: (WIDTHS[name], 50) for name in _ORDER})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2()
    builder.setupPost()
    builder.setupNameTable({"familyName": "Kit", "styleName": "Regular"})
    return TTFont(BytesIO(_bytes(builder.font))).reader["CFF "]


def _bytes(font):
    output = BytesIO()
    font.save(output)
    return output.getvalue()


# --- dictionaries -----------------------------------------------------------------------------------


def descriptor(document, key, data, flags=32, **terms):
    stream = document.make_stream(data)
    if key == "FontFile2":
        stream.Length1 = len(data)
    elif key == "FontFile3":
        stream.Subtype = Name("/" + terms.pop("kind", "Type1C"))
    found = Dictionary(
        Type=Name.FontDescriptor, FontName=Name("/AAAAAA+Kit"), Flags=flags,
        FontBBox=Array([0, -200, 1000, 800]),
        ItalicAngle=0, Ascent=800, Descent=-200, CapHeight=600, StemV=80, **terms,
    )  # fmt: skip
    found[Name("/" + key)] = stream
    return document.make_indirect(found)


def simple(document, subtype="TrueType", widths=None, encoding=Name.WinAnsiEncoding, **terms):
    """Return a simple font over the printable signs, with right widths unless told otherwise."""
    told = {ord(letter): WIDTHS[glyph_name(letter)] for letter in " " + _LETTERS}
    told.update(widths or {})
    font = Dictionary(
        Type=Name.Font, Subtype=Name("/" + subtype), BaseFont=Name("/AAAAAA+Kit"), FirstChar=32, LastChar=126,
        Widths=Array([told.get(code, 0) for code in range(32, 127)]), **terms,
    )  # fmt: skip
    if encoding is not None:
        font.Encoding = encoding
    return document.make_indirect(font)


def composite(document, data, widths=None, encoding=None, key="FontFile2", subtype="CIDFontType2", **terms):
    """Return a font whose CIDs are glyph numbers; ``data`` is its program."""
    kind = {"kind": "CIDFontType0C"} if key == "FontFile3" else {}
    told = [WIDTHS[name] for name in _ORDER] if widths is None else widths
    descendant = Dictionary(
        Type=Name.Font, Subtype=Name("/" + subtype), BaseFont=Name("/AAAAAA+Kit"),
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=descriptor(document, key, data, flags=4, **kind), W=Array([0, Array(told)]), DW=1000,
    )  # fmt: skip
    if subtype == "CIDFontType2":
        descendant.CIDToGIDMap = Name.Identity
    for term, value in terms.items():
        if value is None:
            del descendant[Name("/" + term)]
        else:
            descendant[Name("/" + term)] = value
    return document.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/AAAAAA+Kit"),
            Encoding=Name("/Identity-H") if encoding is None else encoding,
            DescendantFonts=Array([document.make_indirect(descendant)]),
        )
    )  # fmt: skip


def glyph_codes(text=TEXT):
    """Return a text as glyph numbers of two bytes, in hexadecimal digits."""
    numbers = [_ORDER.index(glyph_name(chr(code))) for code in text]
    return b"<" + b"".join(b"%04x" % number for number in numbers) + b">"


def resources(document):
    return document.pages[0].obj.Resources


def put(document, category, name, item):
    """Put something among the resources of the page."""
    own = resources(document)
    key = Name("/" + category)
    if key not in own:
        own[key] = Dictionary()
    own[key][Name("/" + name)] = item


def draw(document, content):
    """Add operators to the page."""
    page = document.pages[0].obj
    before = page.Contents.read_bytes() if Name.Contents in page else b""
    page.Contents = document.make_stream(before + b"q " + content + b" Q\n")


def show(document, font, shown=b"(" + TEXT + b") Tj", name="F1"):
    put(document, "Font", name, font)
    draw(document, b"BT /%s 12 Tf 72 700 Td %s ET" % (name.encode(), shown))


def page(make):
    """Return the PDF (bytes) of one page that ``make(document)`` filled."""
    document = pikepdf.new()
    document.add_blank_page()
    document.pages[0].obj.Resources = Dictionary()
    make(document)
    output = BytesIO()
    document.save(
        output,
        static_id=True,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return output.getvalue()


def beside_text(change):
    """A page with a sound text, and something else."""

    def make(document):
        show(document, good_font(document), name="F0")
        change(document)

    return make


def good_font(document):
    return simple(document, FontDescriptor=descriptor(document, "FontFile2", truetype()))


def form(document, content=b"", **terms):
    stream = document.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 90, 90]))
    stream.Resources = Dictionary()
    for key, value in terms.items():
        if value is None:
            del stream[Name("/" + key)]
        else:
            stream[Name("/" + key)] = value
    return stream


def image(document, **terms):
    stream = document.make_stream(
        bytes(4), Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
    )  # fmt: skip
    for key, value in terms.items():
        stream[Name("/" + key)] = value
    return stream
