"""For the fuzz target "pdf": changes of the objects of a PDF, as another program could have written them.

Bytes put in at random mostly give a file that no reader opens; these changes give files that open and hold
what an archive forbids, or objects of the wrong kind.
"""

from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from einvoice.pdf_common import WRONG_OBJECTS

_KEYS = """
    A AA AF AP AS Annots AcroForm BM CIDSet CIDToGIDMap CS ColorSpace Configs Contents D DW
    DescendantFonts DestOutputProfile EF EmbeddedFiles Encoding ExtGState F FFilter FT Fields Filter
    First Font FontDescriptor FontFile2 G Group HT Info Intent Interpolate JavaScript Kids Lang
    Length Metadata N Names Next OCProperties OpenAction Order Outlines OutputIntents PS Pages
    Parent Params Pattern RI Ref Requirements Resources S SMask Shading Size Subtype TR TR2 Type UF
    Version W XFA XObject
""".split()  # noqa: SIM905
_NAMES = """
    Form Image PS Link Text Widget Popup Movie Stamp Btn URI GoTo GoToR Launch JavaScript Named
    NextPage Print DeviceCMYK DeviceRGB ICCBased Indexed Pattern Separation LZWDecode FlateDecode
    JPXDecode DCTDecode Crypt Identity Identity-H WinAnsiEncoding Type0 Type3 TrueType CIDFontType2
    CIDFontType0 Multiply Unheard GTS_PDFA1 GTS_PDFX XML Default OutputIntent Luminosity
""".split()  # noqa: SIM905
_CONTENTS = (
    b"q " * 40, b"q Q" * 40, b"0 0 0 1 k ", b"/DeviceCMYK cs ",
    b"BI /W 1 /H 1 /BPC 8 /CS /G /I true ID \x00 EI ", b"BI /W 1 /H 1 /F /LZW ID \x80 EI ",
    b"(a) Tj ", b"BT /F1 9 Tf <000> Tj ET ", b"BT <00000001> Tj ET ",
    b"BT /F9 9 Tf (\x00\x00a) ' ET ", b'BT 1 2 (\\0\\000) " ET ', b"BT [(\\0\\0) 5 <0000>] TJ ET ",
    b"1 2 3 4 c " * 70, b"/Fm0 Do ", b"<< /a ", b"] ", b"ET ET BT ", b"/Nothing gs ",
)  # fmt: skip


def mutate(rng, content):
    """The PDF with one to four of its objects changed, or as it is when it cannot be opened."""
    try:
        with pikepdf.open(BytesIO(content), suppress_warnings=True) as document:
            for _ in range(rng.choice((1, 1, 2, 4))):
                rng.choice((_value, _value, _feature, _feature, _drawing, _font_program))(rng, document)
            output = BytesIO()
            secret = (
                pikepdf.Encryption(owner="x", user=rng.choice(("", "x"))) if rng.random() < 0.01 else None
            )
            document.save(output, static_id=True, encryption=secret or False)
            return output.getvalue()
    except (pikepdf.PasswordError, *WRONG_OBJECTS):
        return content


def kinds(content):
    """The kinds of objects that a PDF holds."""
    with pikepdf.open(BytesIO(content)) as document:
        return frozenset((str(item.get(Name.Type)), str(item.get(Name.Subtype))) for item in _stock(document))


def _any(rng, document, depth=0):
    """A value of any kind."""
    kind = rng.randrange(9 if depth < 3 else 6)
    match kind:
        case 0:
            return rng.choice((0, 1, -1, 2, 4, 64, 70000, 2**31))
        case 1:
            return Name("/" + rng.choice(_NAMES))
        case 2:
            return String(rng.choice(("", "factur-x.xml", "a", "é" * 9, "x" * 40000)))
        case 3:
            return rng.choice((True, False, None))
        case 4:
            return rng.choice(_stock(document))
        case 5:
            return 0.5
        case 6:
            return Array([_any(rng, document, depth + 1) for _ in range(rng.randrange(4))])
        case 7:
            keys = rng.sample(_KEYS, rng.randrange(5))
            return Dictionary({"/" + key: _any(rng, document, depth + 1) for key in keys})
        case _:
            stream = document.make_stream(rng.choice(_CONTENTS))
            for key in rng.sample(_KEYS, rng.randrange(4)):
                if key != "Length":
                    stream[Name("/" + key)] = _any(rng, document, depth + 1)
            return stream


def _stock(document):
    """The objects of the file that have keys."""
    return [item for item in document.objects if isinstance(item, Dictionary | pikepdf.Stream)]


def _value(rng, document):
    """One key of one object taken out, or given a value of any kind."""
    item = rng.choice([*_stock(document), document.Root, document.pages[0].obj])
    keys = [key for key in item if key != "/Length"]
    if keys and rng.random() < 0.3:
        del item[rng.choice(keys)]
        return
    key = rng.choice(keys) if keys and rng.random() < 0.5 else "/" + rng.choice(_KEYS)
    if key != "/Length":
        item[key] = _any(rng, document)


def _drawing(rng, document):
    """Operators before, after or in the middle of what a page or form shows."""
    places = [
        page.obj.Contents
        for page in document.pages
        if isinstance(page.obj.get(Name.Contents), pikepdf.Stream)
    ]
    places += [item for item in _stock(document) if item.get(Name.Subtype) == Name.Form]
    if places:
        stream = rng.choice(places)
        data = stream.read_bytes()
        place = rng.choice((0, len(data), rng.randrange(len(data) + 1)))
        stream.write(data[:place] + b" " + rng.choice(_CONTENTS) + data[place:])


def _font_program(rng, document):
    """A font program with some bytes changed, mostly in its tables of contents and of metrics."""
    streams = [item.FontFile2 for item in _stock(document) if Name.FontFile2 in item]
    if streams:
        stream = rng.choice(streams)
        data = bytearray(stream.read_bytes())
        for _ in range(rng.choice((1, 3, 20))):
            place = rng.randrange(min(len(data), rng.choice((14, 400, len(data)))) or 1)
            data[place : place + 1] = bytes([rng.randrange(256)])
        stream.write(bytes(data[: rng.choice((len(data), len(data) // 2))]))


# --- what an archive forbids or restricts -----------------------------------------------------------


def _feature(rng, document):
    page = rng.choice(list(document.pages)).obj
    rng.choice(_FEATURES)(rng, document, page)


def _action(rng, document, depth=0):
    kind = rng.choice(("URI", "GoTo", "GoToR", "Launch", "JavaScript", "Named", "Hide", "SubmitForm"))
    action = Dictionary(S=Name("/" + kind), N=Name("/" + rng.choice(("NextPage", "Print"))))
    if depth < 20 and rng.random() < 0.6:
        action.Next = _action(rng, document, depth + 1)
    return action


def _annotation(rng, document, page):
    kinds = ("Link", "Text", "Widget", "Popup", "Movie", "Stamp", "FileAttachment", "Screen", "Square")
    item = Dictionary(
        Type=Name.Annot, Subtype=Name("/" + rng.choice(kinds)), Rect=Array([0, 0, 9, 9]), F=rng.randrange(512)
    )
    if rng.random() < 0.6:
        item.A = _action(rng, document)
    if rng.random() < 0.6:
        form = _form_object(rng, document)
        normal = rng.choice((form, Dictionary(On=form, Off=form), Name.Off))
        item.AP = Dictionary(N=normal, D=form)
        item.FT = Name("/" + rng.choice(("Btn", "Tx")))
    if rng.random() < 0.2:
        item.AA = Dictionary(E=_action(rng, document))
    page.Annots = Array([*page.get(Name.Annots, []), rng.choice((item, document.make_indirect(item)))])


def _form_object(rng, document):
    form = document.make_stream(rng.choice(_CONTENTS), Type=Name.XObject, Subtype=Name.Form)
    form.BBox = Array([0, 0, 9, 9])
    for key, value in (
        ("Resources", Dictionary()), ("Ref", Dictionary()), ("PS", Dictionary()),
        ("Group", Dictionary(S=Name.Transparency, CS=_space(rng, document))),
    ):  # fmt: skip
        if rng.random() < 0.5:
            form[Name("/" + key)] = value
    return form


def _space(rng, document):
    profile = document.make_stream(b"not a profile", N=rng.choice((1, 3, 4)))
    return rng.choice(
        (
            Name.DeviceRGB, Name.DeviceCMYK, Name.DeviceGray, Array([Name.ICCBased, profile]),
            Array([Name.ICCBased, 1]), Array([Name.Indexed, Name.DeviceCMYK, 1, String("abcd")]),
            Array([Name.Separation, Name("/Spot"), Name.DeviceRGB, Dictionary()]), Array([Name.Pattern]),
        )
    )  # fmt: skip


def _image(rng, document):
    image = document.make_stream(
        b"\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", Type=Name.XObject, Subtype=Name.Image
    )
    image.Width = image.Height = 1
    image.BitsPerComponent, image.ColorSpace = 8, _space(rng, document)
    image.Filter = rng.choice((Name.LZWDecode, Name.JPXDecode, Array([Name.LZWDecode]), Name.FlateDecode))
    if rng.random() < 0.5:
        image.Interpolate, image.Intent = True, Name("/" + rng.choice(("Perceptual", "Odd")))
    if rng.random() < 0.3:
        image.SMask = document.make_stream(b"\x00", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    return image


def _resource(rng, document, page):
    form = _form_object(rng, document)
    mask = Dictionary(S=Name.Luminosity, G=form)
    tiling = document.make_stream(rng.choice(_CONTENTS), PatternType=1, Resources=Dictionary())
    values = {
        "ExtGState": lambda: Dictionary(
            TR=Name.Identity,
            BM=rng.choice((Name.Multiply, Name("/Odd"), Array([Name.Screen, Name("/Odd")]))),
            SMask=rng.choice((mask, Name("/None"))), RI=Name("/" + rng.choice(("Perceptual", "Odd"))),
        ),
        "ColorSpace": lambda: _space(rng, document),
        "Shading": lambda: Dictionary(ShadingType=2, ColorSpace=_space(rng, document)),
        "Pattern": lambda: rng.choice(
            (tiling, Dictionary(PatternType=2, Shading=Dictionary(ColorSpace=_space(rng, document))))
        ),
        "XObject": lambda: rng.choice(
            (form, _image(rng, document), document.make_stream(b"", Subtype=Name.PS))
        ),
        "Font": lambda: rng.choice(
            (
                Dictionary(Type=Name.Font, Subtype=Name.Type3, CharProcs=Dictionary()),
                Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica),
                Dictionary(Type=Name.Font, Subtype=Name.Type0, DescendantFonts=Array([])),
            )
        ),
    }  # fmt: skip
    kind = rng.choice(list(values))
    holder = page
    if rng.random() < 0.1:
        del page[Name.Resources]
    if Name.Resources not in holder:
        holder.Resources = Dictionary()
    family = Name("/" + kind)
    if family not in holder.Resources:
        holder.Resources[family] = Dictionary()
    name = rng.choice(("/F1", "/Fm0", "/Odd", *holder.Resources[family].keys()))
    holder.Resources[family][name] = values[kind]()


def _catalog(rng, document, _page):
    root = document.Root
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name="a"))
    values = {
        "OpenAction": lambda: _action(rng, document),
        "AcroForm": lambda: Dictionary(
            XFA=String("x"),
            NeedAppearances=True,
            Fields=Array([Dictionary(A=_action(rng, document), Kids=Array([]))]),
        ),
        "OCProperties": lambda: Dictionary(
            OCGs=Array([layer]),
            D=Dictionary(Order=Array([layer]), AS=Array([])),
            Configs=Array([Dictionary()]),
        ),
        "Outlines": lambda: Dictionary(
            First=document.make_indirect(Dictionary(A=_action(rng, document), Title=String("a")))
        ),
        "OutputIntents": lambda: Array(
            [Dictionary(S=Name.GTS_PDFA1, DestOutputProfile=document.make_stream(b"x", N=rng.choice((3, 4))))]
            * rng.randrange(3)
        ),
        "Names": lambda: Dictionary(
            JavaScript=Dictionary(Names=Array([])), EmbeddedFiles=_files(rng, document)
        ),
        "Metadata": lambda: document.make_stream(rng.choice((b"", b"<x", b"<x/>")), Subtype=Name.XML),
        "AF": lambda: Array([Dictionary(UF=String("factur-x.xml"))] * rng.randrange(3)),
        "Requirements": lambda: Array([]),
        "AA": lambda: Dictionary(WC=_action(rng, document)),
    }
    kind = rng.choice(list(values))
    root[Name("/" + kind)] = values[kind]()


def _files(rng, document):
    stream = document.make_stream(b"<x/>", Params=rng.choice((Dictionary(Size=4), Dictionary(), Array([]))))
    if rng.random() < 0.5:
        stream.Subtype = Name("/text/xml")
    spec = Dictionary(EF=rng.choice((Dictionary(F=stream), Dictionary(), Array([]))))
    for key in ("F", "UF", "AFRelationship"):
        if rng.random() < 0.7:
            spec[Name("/" + key)] = String("factur-x.xml")
    return Dictionary(Names=Array([String("factur-x.xml"), spec] * rng.randrange(3)))


def _pages(rng, document, page):
    match rng.randrange(4):
        case 0:
            document.pages.append(document.pages[0])
        case 1:
            page.Contents = Array(
                [document.make_stream(b"q "), *([page.Contents] if Name.Contents in page else [])]
            )
        case 2:
            del document.pages[0]
        case _:
            page.AA = Dictionary(O=_action(rng, document))


_FEATURES = (_annotation, _annotation, _resource, _resource, _resource, _catalog, _catalog, _pages)
