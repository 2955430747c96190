# ruff: noqa: E501
"""Kinds of pages that other tools write: `SOUND` and `BROKEN`, functions of an open document by name.

A broken one breaks the clause of ISO 19005-3 that its name begins with, and no other that a tool usually obeys.
Used by the tests of the PDF step, by `dev/facturx-samples` and by the fuzz target `pdf`.
"""

from pikepdf import Array, Dictionary, Name, String

from . import foreign_pages as kit
from .foreign_pages import (
    beside_text,
    compact,
    composite,
    descriptor,
    draw,
    form,
    image,
    put,
    show,
    simple,
    truetype,
)

_A = ord("A")
_HALF = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([1, 0, 0]), N=1)
_OTHER = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([0, 0, 1]), N=1)


def _ttf(document, *, maps=((3, 1), (1, 0)), flags=32, order=None, **terms):
    return simple(
        document, FontDescriptor=descriptor(document, "FontFile2", truetype(maps, order), flags), **terms
    )


def _differences(*names, base=Name.WinAnsiEncoding):
    found = Dictionary(Type=Name.Encoding, Differences=Array([_A, *(Name("/" + name) for name in names)]))
    if base is not None:
        found.BaseEncoding = base
    return found


def _cff(document, **terms):
    return simple(document, "Type1", FontDescriptor=descriptor(document, "FontFile3", compact()), **terms)


def _cmap(document, body, registry="Adobe", ordering="Identity", wmode=0, **terms):
    head = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) "
    )
    head += b"/Ordering (Identity) /Supplement 0 >> def /CMapName /Kit def /CMapType 1 def "
    stream = document.make_stream(
        head + b"/WMode %d def 1 begincodespacerange <00> <ff> endcodespacerange " % wmode + body + b" endcmap end end",
        Type=Name.CMap, CMapName=Name.Kit,
        CIDSystemInfo=Dictionary(Registry=registry, Ordering=ordering, Supplement=0),
    )  # fmt: skip
    for key, value in terms.items():
        stream[Name("/" + key)] = value
    return stream


def _with_cmap(document, cmap):
    # The codes 1… are the glyphs 1….
    codes = kit.glyph_codes()[1:-1]
    show(
        document,
        composite(document, truetype(), encoding=cmap),
        b"<" + b"".join(codes[place + 2 : place + 4] for place in range(0, len(codes), 4)) + b"> Tj",
    )


_ONE_TO_ONE = b"1 begincidrange <00> <ff> 0 endcidrange"


def _drawn(
    document,
    *,
    widths=(500, 600),
    signs=(b"500 0 d0 0 0 400 400 re f", b"600 0 0 0 400 400 d1 0 0 400 400 re f"),
    shown=b"(ab) Tj",
    **terms,
):
    signs = [document.make_stream(sign) for sign in signs]
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 600, 600]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), CharProcs=Dictionary(a=signs[0], b=signs[1]),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.a, Name.b])), FirstChar=97, LastChar=98,
        Widths=Array(list(widths)), Resources=Dictionary(),
    )  # fmt: skip
    font = document.make_indirect(font)
    for key, value in terms.items():
        if value is None:
            del font[Name("/" + key)]
        else:
            font[Name("/" + key)] = value
    show(document, font, shown, "T3")
    return font


def _drawn_holding_itself(document):
    font = _drawn(document)
    font.Resources = Dictionary(Font=Dictionary(T3=font))


def _drawn_with_itself(document):
    signs = (b"500 0 d0 BT /T3 1 Tf (b) Tj ET", b"600 0 d0 0 0 400 400 re f")
    font = _drawn(document, signs=signs)
    font.Resources = Dictionary(Font=Dictionary(T3=font))


def _separation(document, name="/Spot", tint=_HALF, alternate=Name.DeviceRGB):
    return Array([Name.Separation, Name(name), alternate, document.make_indirect(Dictionary(tint))])


def _spot(document, space, values=b"0.5", name="CS1"):
    put(document, "ColorSpace", name, space)
    draw(document, b"/%s cs %s scn 9 9 50 50 re f" % (name.encode(), values))


def _calculated(document, body, count):
    return document.make_stream(body, FunctionType=4, Domain=Array([0, 1] * count), Range=Array([0, 1] * 3))


def _device_n(document, *names, tint=None, attributes=None, values=b"0.5", alternate=Name.DeviceRGB):
    tint = document.make_indirect(Dictionary(_HALF)) if tint is None else tint
    space = Array([Name.DeviceN, Array([Name(name) for name in names]), alternate, tint])
    if attributes is not None:
        space.append(attributes)
    _spot(document, space, values)


def _state(document, **terms):
    put(document, "ExtGState", "G1", Dictionary(Type=Name.ExtGState, **terms))
    draw(document, b"/G1 gs 9 9 50 50 re f")


def _drawn_form(document, content=b"", **terms):
    put(document, "XObject", "X1", form(document, content, **terms))
    draw(document, b"/X1 Do")


def _form_with_lent_names(document):
    kit.resources(document).ExtGState = Dictionary(G7=Dictionary(Type=Name.ExtGState, LW=2))
    _drawn_form(document, b"/G7 gs 0 0 9 9 re f")


def _drawn_image(document, **terms):
    put(document, "XObject", "I1", image(document, **terms))
    draw(document, b"/I1 Do")


def _group(document, space):
    document.pages[0].obj.Group = Dictionary(S=Name.Transparency, CS=space)


def _pattern(document, content, **terms):
    stream = document.make_stream(
        content, PatternType=1, PaintType=1, TilingType=1, BBox=Array([0, 0, 9, 9]), XStep=9, YStep=9,
        Resources=Dictionary(),
    )  # fmt: skip
    put(document, "Pattern", "P1", stream)
    draw(document, b"/Pattern cs /P1 scn 9 9 50 50 re f")
    for key, value in terms.items():
        stream[Name("/" + key)] = value


def _shading(document, space):
    put(
        document, "Shading", "S1",
        Dictionary(ShadingType=2, ColorSpace=space, Coords=Array([0, 0, 9, 9]), Function=Dictionary(_HALF)),
    )  # fmt: skip
    draw(document, b"/S1 sh")


def _mask(document, content=b"0.5 g 0 0 9 9 re f", space=Name.DeviceGray):
    mask = form(document, content, Group=Dictionary(S=Name.Transparency, CS=space))
    _state(document, SMask=Dictionary(S=Name.Luminosity, G=mask))


def _stamp(document, content=b"0 0 9 9 re f", **terms):
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([9, 9, 50, 50]), F=4,
        AP=Dictionary(N=form(document, content)),
    )  # fmt: skip
    for key, value in terms.items():
        if value is None:
            del note[Name("/" + key)]
        else:
            note[Name("/" + key)] = value
    document.pages[0].obj.Annots = Array([document.make_indirect(note)])


def _file(document, **terms):
    data = document.make_stream(b"a;b", Type=Name.EmbeddedFile)
    return document.make_indirect(Dictionary(Type=Name.Filespec, F="a.csv", EF=Dictionary(F=data), **terms))


def _box(**boxes):
    def make(document):
        document.pages[0].obj.update(Dictionary(**{key: Array(sides) for key, sides in boxes.items()}))

    return beside_text(make)


def _layer(document, **terms):
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name="Plan"))
    document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(**terms))
    put(document, "Properties", "L1", layer)
    draw(document, b"/OC /L1 BDC 9 9 50 50 re f EMC")


def _odd(**terms):
    return beside_text(lambda document: document.Root.update(Dictionary(**terms)))


def _drawing(content):
    return beside_text(lambda document: draw(document, content))


def _on(function, *arguments, **terms):
    return beside_text(lambda document: function(document, *arguments, **terms))


_INLINE = b"BI /W 1 /H 1 /BPC %s /CS /G %s ID \x80 EI"

SOUND = {
    "truetype-winansi": lambda d: show(d, _ttf(d)),
    "truetype-macroman": lambda d: show(d, _ttf(d, encoding=Name.MacRomanEncoding)),
    "truetype-differences": lambda d: show(d, _ttf(d, encoding=_differences("B", "A"), widths={_A: kit.WIDTHS["B"], _A + 1: kit.WIDTHS["A"]})),
    "truetype-symbolic": lambda d: show(d, _ttf(d, maps=((3, 0),), flags=4, encoding=None)),
    "truetype-symbolic-mac": lambda d: show(d, _ttf(d, maps=((1, 0),), flags=4, encoding=None)),
    "type1c": lambda d: show(d, _cff(d)),
    "type1c-own-encoding": lambda d: show(d, _cff(d, encoding=None)),
    "cid-truetype": lambda d: show(d, composite(d, truetype()), kit.glyph_codes() + b" Tj"),
    "cid-compact": lambda d: show(d, composite(d, compact(), key="FontFile3", subtype="CIDFontType0"), kit.glyph_codes() + b" Tj"),
    "cid-mapped": lambda d: show(d, composite(d, truetype(), CIDToGIDMap=d.make_stream(bytes(range(0)) + b"".join(b"\0%c" % i for i in range(27)))), kit.glyph_codes() + b" Tj"),
    "cid-own-cmap": lambda d: _with_cmap(d, _cmap(d, _ONE_TO_ONE)),
    "type3": _on(_drawn),
    "type3-without-resources": _on(_drawn, Resources=None),
    "hidden-text-layer": beside_text(lambda d: show(d, d.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)), b"3 Tr (Facture) Tj", "H1")),
    "separation": beside_text(lambda d: _spot(d, _separation(d))),
    "devicen-defined": beside_text(lambda d: _device_n(d, "/Spot", attributes=Dictionary(Colorants=Dictionary(Spot=_separation(d))))),
    "icc-image": beside_text(lambda d: _drawn_image(d)),
    "blend": _on(_state, BM=Name.Multiply, ca=0.5),
    "soft-mask": beside_text(_mask),
    "pattern": _on(_pattern, b"1 0 0 rg 0 0 5 5 re f"),
    "shading": _on(_shading, Name.DeviceRGB),
    "form": _on(_drawn_form, b"0 0 9 9 re f"),
    "page-group": _on(_group, Name.DeviceRGB),
    "inline-image": _drawing(_INLINE % (b"8", b"")),
    "intent": _drawing(b"/Perceptual ri"),
    "stamp": beside_text(_stamp),
    "layer": _on(_layer, Name="Plan"),
    "spare-boxes": _box(TrimBox=[0, 0, 500, 700], CropBox=[0, 0, 600, 780]),
}  # fmt: skip

BROKEN = {
    "6.1.6 hexadecimal strings with other signs": lambda d: show(d, composite(d, truetype()), kit.glyph_codes()[:-1] + b"g> Tj"),
    "6.1.6 hexadecimal strings of odd length": lambda d: show(d, _ttf(d), b"<41424> Tj"),
    "6.1.7.1 streams elsewhere": beside_text(lambda d: put(d, "XObject", "I3", image(d, FFilter=Name.FlateDecode))),
    "6.1.7.2 LZW": beside_text(lambda d: put(d, "XObject", "I2", _packed(d))),
    "6.1.10 inline image with LZW": _drawing(_INLINE % (b"8", b"/F /LZW")),
    "6.1.13 whole numbers": _odd(Odd=Dictionary(A=2**31 + 9)),
    "6.1.13 tiny numbers": _drawing(b"0." + b"0" * 50 + b"1 0 m"),
    "6.1.13 long names": _odd(**{"N" * 130: 1}),
    "6.1.13 long strings": _odd(Odd=Dictionary(A=String("x" * 40_000))),
    "6.1.13 large pages": _box(MediaBox=[0, 0, 15000, 15000]),
    "6.1.13 small spare boxes": _box(TrimBox=[0, 0, 1, 1]),
    "6.1.13 nesting": _drawing(b"q " * 29 + b"Q " * 29),
    "6.1.13 many colourants": beside_text(lambda d: _device_n(d, *(f"/S{i}" for i in range(33)), values=b"0 " * 33, tint=_calculated(d, b"{" + b"pop " * 30 + b"}", 33))),
    "6.2.2 unknown operators": _drawing(b"1 2 foo BX 3 bar EX"),
    "6.2.2 names of the page's resources": beside_text(_form_with_lent_names),
    "6.2.2 forms without resources": _on(_drawn_form, b"/F0 9 Tf 0 0 9 9 re f", Resources=None),
    "6.2.4.2 profiles": beside_text(lambda d: _spot(d, Array([Name.ICCBased, d.make_stream(b"no profile", N=3)]), b"0 0 0")),
    "6.2.4.2 overprint": _on(_state, OP=True, op=True, OPM=1),
    "6.2.4.3 CMYK operators": _drawing(b"0 0 0 1 k 9 9 9 9 re f"),
    "6.2.4.3 CMYK image": _on(_drawn_image, ColorSpace=Name.DeviceCMYK),
    "6.2.4.3 CMYK inline image": _drawing(b"BI /W 1 /H 1 /BPC 8 /CS /CMYK ID abcd EI"),
    "6.2.4.3 CMYK page group": _on(_group, Name.DeviceCMYK),
    "6.2.4.3 a group of no colour space": _on(_group, Array([Name.Pattern])),
    "6.2.4.3 CMYK pattern": _on(_pattern, b"0 0 0 1 k 0 0 5 5 re f"),
    "6.2.4.3 CMYK shading": _on(_shading, Name.DeviceCMYK),
    "6.2.4.3 CMYK soft mask": _on(_mask, b"0 0 0 1 k 0 0 9 9 re f"),
    "6.2.4.3 CMYK appearance": _on(_stamp, b"0 0 0 1 k 0 0 9 9 re f"),
    "6.2.4.3 CMYK sign": _on(_drawn, signs=(b"500 0 d0 0 0 0 1 k 0 0 400 400 re f", b"600 0 d0")),
    "6.2.4.3 CMYK alternate": beside_text(lambda d: _spot(d, Array([Name.Separation, Name.Spot, Name.DeviceCMYK, d.make_stream(b"{0 0 0 4 3 roll}", FunctionType=4, Domain=Array([0, 1]), Range=Array([0, 1] * 4))]))),
    "6.2.4.4 one spot colour undefined": beside_text(lambda d: _device_n(d, "/Spot")),
    "6.2.4.4 two spot colours undefined": beside_text(lambda d: _device_n(d, "/Spot", "/Gold", tint=_calculated(d, b"{ 0 }", 2), values=b"0.5 0.2")),
    "6.2.4.4 a spot colour defined twice": beside_text(lambda d: (_spot(d, _separation(d)), _spot(d, _separation(d, tint=_OTHER), name="CS2"))),
    "6.2.5 transfer functions": _on(_state, TR=Name.Identity, TR2=Name.Identity),
    "6.2.5 halftones": _on(_state, HT=Dictionary(HalftoneType=6)),
    "6.2.6 intent operator": _drawing(b"/Custom ri"),
    "6.2.6 intent of a state": _on(_state, RI=Name.Custom),
    "6.2.6 intent of an image": _on(_drawn_image, Intent=Name.Custom),
    "6.2.6 intent of an inline image": _drawing(_INLINE % (b"8", b"/Intent /Custom")),
    "6.2.6 intent in a form": _on(_drawn_form, b"/Custom ri"),
    "6.2.6 intent in a pattern": _on(_pattern, b"/Custom ri 0 0 5 5 re f"),
    "6.2.6 intent in a sign": _on(_drawn, signs=(b"500 0 d0 /Custom ri", b"600 0 d0")),
    "6.2.8 smoothed images": _on(_drawn_image, Interpolate=True),
    "6.2.8 smoothed inline images": _drawing(_INLINE % (b"8", b"/I true")),
    "6.2.8 alternates": beside_text(lambda d: _drawn_image(d, Alternates=Array([Dictionary(Image=image(d))]))),
    "6.2.8 bits": _on(_drawn_image, BitsPerComponent=3),
    "6.2.8.3 JPEG 2000": _on(_drawn_image, Filter=Name.JPXDecode),
    "6.2.9 PostScript": _on(_drawn_form, b"", PS=Dictionary()),
    "6.2.9 reference": _on(_drawn_form, b"", Ref=Dictionary(F="x.pdf")),
    "6.2.10 blend modes": _on(_state, BM=Name.Sparkle),
    "6.2.11.2 no type": lambda d: show(d, _without(_ttf(d), "Type")),
    "6.2.11.2 no name": lambda d: show(d, _without(_ttf(d), "BaseFont")),
    "6.2.11.2 no widths": lambda d: show(d, _without(_ttf(d), "Widths", "FirstChar")),
    "6.2.11.2 too few widths": lambda d: show(d, _with(_ttf(d), LastChar=200)),
    "6.2.11.2 kind of program": lambda d: show(d, _of_odd_kind(_cff(d))),
    "6.2.11.2 a sign that holds itself": beside_text(_drawn_holding_itself),
    "6.2.11.2 a sign drawn with itself": beside_text(_drawn_with_itself),
    "6.2.11.3.1 character collections": lambda d: _with_cmap(d, _cmap(d, _ONE_TO_ONE, ordering="Japan1")),
    "6.2.11.3.2 glyph map": lambda d: show(d, composite(d, truetype(), CIDToGIDMap=None), kit.glyph_codes() + b" Tj"),
    "6.2.11.3.3 CMap elsewhere": lambda d: show(d, composite(d, truetype(), encoding=Name("/Kit-H")), kit.glyph_codes() + b" Tj"),
    "6.2.11.3.3 writing direction": lambda d: _with_cmap(d, _cmap(d, _ONE_TO_ONE, WMode=1)),
    "6.2.11.3.3 another CMap": lambda d: _with_cmap(d, _cmap(d, b"/Other usecmap " + _ONE_TO_ONE)),
    "6.2.11.4.1 simple font": lambda d: show(d, _without(_ttf(d), "FontDescriptor")),
    "6.2.11.4.1 standard font": lambda d: show(d, d.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))),
    "6.2.11.4.1 glyphs": lambda d: show(d, _ttf(d), b"(Ax~) Tj"),
    "6.2.11.4.1 glyphs of type 1": lambda d: show(d, _cff(d), b"(Ax~) Tj"),
    "6.2.11.4.2 glyph lists": lambda d: show(d, _listed(d)),
    "6.2.11.5 truetype": lambda d: show(d, _ttf(d, widths={_A: 900, ord("2"): 100})),
    "6.2.11.5 type 1": lambda d: show(d, _cff(d, widths={_A: 900})),
    "6.2.11.5 cid": lambda d: show(d, composite(d, truetype(), widths=[500] * 27), kit.glyph_codes() + b" Tj"),
    "6.2.11.5 cid compact": lambda d: show(d, composite(d, compact(), widths=[500] * 27, key="FontFile3", subtype="CIDFontType0"), b"[" + kit.glyph_codes() + b" 20 <0003>] TJ"),
    "6.2.11.5 cid of another map": lambda d: show(d, composite(d, truetype(), CIDToGIDMap=d.make_stream(b"".join(b"\0%c" % (26 - i) for i in range(27)))), kit.glyph_codes() + b" Tj"),
    "6.2.11.5 type 3": _on(_drawn, widths=(300, 600)),
    "6.2.11.6 no encoding": lambda d: show(d, _ttf(d, encoding=None)),
    "6.2.11.6 symbolic with encoding": lambda d: show(d, _ttf(d, flags=4)),
    "6.2.11.6 symbolic with two maps": lambda d: show(d, _ttf(d, flags=4, encoding=None)),
    "6.2.11.6 names out of the list": lambda d: show(d, _ttf(d, encoding=_differences("g27", "B"))),
    "6.2.11.6 no base": lambda d: show(d, _ttf(d, encoding=_differences("A", base=None))),
    "6.2.11.6 no map": lambda d: show(d, _ttf(d, maps=((3, 0),))),
    "6.2.11.8 truetype": lambda d: show(d, _ttf(d), b"(A\\001B\\000) Tj"),
    "6.2.11.4.1 glyphs of a symbolic font": lambda d: show(d, _ttf(d, maps=((3, 0),), flags=4, encoding=None), b"(A\\001B) '"),
    "6.2.11.8 type 1": lambda d: show(d, _cff(d, encoding=_differences(".notdef")), b'1 2 (AB) "'),
    "6.2.11.8 cid": lambda d: show(d, composite(d, truetype()), b"[<00030000> 9 <00040099>] TJ"),
    "6.2.11.8 hidden": lambda d: show(d, _ttf(d), b"(A) Tj 3 Tr (A\\001) Tj"),
    "6.2.11.8 type 3": _on(_drawn, shown=b"(abc) Tj"),
    "6.3.1 kinds": _on(_stamp, Subtype=Name.Screen),
    "6.3.2 flags": _on(_stamp, F=2),
    "6.3.3 appearances": _on(_stamp, AP=None),
    "6.4.1 actions of fields": _on(_stamp, Subtype=Name.Widget, FT=Name.Tx, A=Dictionary(S=Name.URI, URI="x")),
    "6.5.1 actions": _on(_stamp, A=Dictionary(S=Name.Launch, F="x")),
    "6.5.1 unknown actions": _on(_stamp, A=Dictionary(S=Name.Dance)),
    "6.6.2.1 metadata of parts": beside_text(lambda d: _drawn_image(d, Metadata=d.make_stream(b"<x", Type=Name.Metadata, Subtype=Name.XML))),
    "6.8 file of an annotation": beside_text(lambda d: _stamp(d, FS=_file(d))),
    "6.8 file elsewhere": beside_text(lambda d: d.Root.update(Dictionary(Odd=_file(d)))),
    "6.8 file of a form": beside_text(lambda d: _drawn_form(d, AF=Array([_file(d, AFRelationship=Name.Source)]))),
    "6.9 layers": _on(_layer, AS=Array([])),
}  # fmt: skip


def _packed(document):
    stream = document.make_stream(
        b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", Type=Name.XObject, Subtype=Name.Image
    )
    stream.update(
        Dictionary(Width=3, Height=3, BitsPerComponent=8, ColorSpace=Name.DeviceGray, Filter=Name.LZWDecode)
    )
    return stream


def _without(font, *keys):
    for key in keys:
        del font[Name("/" + key)]
    return font


def _with(font, **terms):
    font.update(Dictionary(**terms))
    return font


def _of_odd_kind(font):
    font.FontDescriptor.FontFile3.Subtype = Name.Odd
    return font


def _listed(document):
    font = composite(document, truetype())
    font.DescendantFonts[0].FontDescriptor.CIDSet = document.make_stream(b"\x80")
    return font
