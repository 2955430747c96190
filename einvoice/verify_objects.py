"""Every object that a finished file holds, for the last gate alone (ISO 19005-3 6.1, 6.2, 6.5, 6.8).

Walks from the trailer, whoever leads where; judges each dictionary by what it says, not by who wrote it.
"""

import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from . import pdf_common
from .pdf_common import Broken, Object
from .verify_contents import INTENTS
from .verify_tokens import number_troubles

_FILTERS = frozenset(
    [
        "/ASCIIHexDecode",
        "/ASCII85Decode",
        "/FlateDecode",
        "/RunLengthDecode",
        "/CCITTFaxDecode",
        "/JBIG2Decode",
        "/DCTDecode",
        "/JPXDecode",
    ]
)
_BLEND_MODES = frozenset(
    [
        "/Normal",
        "/Compatible",
        "/Multiply",
        "/Screen",
        "/Overlay",
        "/Darken",
        "/Lighten",
        "/ColorDodge",
        "/ColorBurn",
        "/HardLight",
        "/SoftLight",
        "/Difference",
        "/Exclusion",
        "/Hue",
        "/Saturation",
        "/Color",
        "/Luminosity",
    ]
)
_ACTIONS = frozenset(["/GoTo", "/GoToR", "/GoToE", "/Thread", "/URI", "/Named", "/SubmitForm"])
_FORBIDDEN_ACTIONS = frozenset(
    [
        "/Launch",
        "/Sound",
        "/Movie",
        "/ResetForm",
        "/ImportData",
        "/Hide",
        "/SetOCGState",
        "/Rendition",
        "/Trans",
        "/GoTo3DView",
        "/JavaScript",
        "/GoToR",
        "/GoToE",
        "/Thread",
        "/SubmitForm",
    ]
)
_NAMED_ACTIONS = frozenset(["/NextPage", "/PrevPage", "/FirstPage", "/LastPage"])
_GROUP_SPACES = frozenset(["/DeviceRGB", "/DeviceGray", "/DeviceCMYK", "/ICCBased", "/CalRGB", "/CalGray"])
_BOXES = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_PAGES, _FILES = (Name.Page, Name.Pages), (Name.Filespec, Name.F)
_ELSEWHERE = frozenset(["/F", "/FFilter", "/FDecodeParms"])
_PROCESS_COLOURS = frozenset({"/Cyan", "/Magenta", "/Yellow", "/Black", "/None"})
_SMALLEST_SIDE, _LARGEST_SIDE = 3, 14400
_LONGEST_NAME, _LONGEST_STRING = 127, 32767
_MAX_COLOURANTS = 32
# What only some objects have: looked for in what is written before each object is looked at.
_JUDGED_NAME = re.compile(
    rb"/(?:DeviceCMYK|Intent|RI|BaseFont\s*/[^\s/]*#|FontName\s*/[^\s/]*#|S\s*/[^\s/]*#)(?![A-Za-z])"
    rb"|/[^\s()<>\[\]{}/%]*[\x80-\xff]"
)
_JUDGED_KEYS = frozenset(
    [
        "/Metadata",
        "/S",
        "/TR",
        "/TR2",
        "/HTP",
        "/BM",
        "/OPM",
        "/HalftoneType",
        "/EF",
        "/F",
        "/UF",
        "/AFRelationship",
        "/ByteRange",
        "/Group",
        "/MediaBox",
        "/CropBox",
        "/BleedBox",
        "/TrimBox",
        "/ArtBox",
        "/PresSteps",
        "/AlternatePresentations",
    ]
)
# As long as no run of digits is, there is no such number.
_DIGITS_TO_NOUGHTS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NOUGHTS = b"0" * 10
_NUMBER = re.compile(rb"(?<![^\s\[\]<>/(){}])[-+]?(?:\d{10,}(?:\.\d*)?|\d*\.0{30}\d*)(?![^\s\[\]<>/(){}])")
_NAME = re.compile(rb"/[^\s\x00()<>\[\]{}/%]{128,}")
_NAME_ESCAPE = re.compile(rb"#[0-9A-Fa-f]{2}")
_STRINGS = re.compile(rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f\s]*>", re.DOTALL)


def reached(document: Pdf) -> list[tuple[str, Object]]:
    """Return the objects of an open ``pikepdf.Pdf`` that its trailer leads to, direct ones among them."""
    found, seen = [], set()
    pending = [(key, value) for key, value in document.trailer.items() if key not in ("/Prev", "/XRefStm")]
    while pending:
        key, item = pending.pop()
        if not isinstance(item, Dictionary | pikepdf.Stream | Array):
            continue
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        found.append((key, item))
        if isinstance(item, Array):
            # Long rows of numbers lead nowhere.
            written = item.unparse()
            if b"<<" in written or b"R" in written:
                pending += [(key, value) for value in item]
        else:
            pending += list(item.items())
    return found


def troubles(found: list[tuple[str, Object]]) -> Iterator[Broken]:
    """Yield ``(clause, words)`` for the objects that ``reached`` gave."""
    separations: dict[str, set[tuple[Any, Any]]] = {}
    words = b""
    for _key, item in found:
        if item.is_indirect or isinstance(item, pikepdf.Stream):
            written = _written(item)
            yield from _limits(item, written)
            words += b" ".join(_JUDGED_NAME.findall(written))
    for key, item in found:
        if isinstance(item, Array):
            yield from _space(item, separations)
            continue
        # Asking a set is much cheaper than asking the object, and there are many.
        keys = item.keys()
        if isinstance(item, pikepdf.Stream):
            yield from _stream(item, keys)
        yield from _dictionary(key, item, keys, words)
    for name, rows in separations.items():
        if len(rows) > 1:
            yield "6.2.4.4", f"two different definitions of the colour {name}"


def _limits(item: Object, written: bytes) -> Iterator[Broken]:
    """6.1.13: what is written in the object, direct objects inside it included."""
    if _LONG_NOUGHTS in written.translate(_DIGITS_TO_NOUGHTS) and _NUMBER.search(written):
        bare = _STRINGS.sub(b"()", written)
        for trouble in number_troubles(_NUMBER.findall(bare)):
            yield trouble.clause, trouble.detail
    for name in _NAME.findall(written):
        if len(_NAME_ESCAPE.sub(b"?", name)) - 1 > _LONGEST_NAME:
            yield "6.1.13", "a name of more than 127 bytes"
    if len(written) > _LONGEST_STRING and _has_long_string(item):
        yield "6.1.13", "a string of more than 32,767 bytes"


def _written(item: Object) -> bytes:
    return item.stream_dict.unparse() if isinstance(item, pikepdf.Stream) else item.unparse(resolved=True)


def _has_long_string(item: Object) -> bool:
    pending = [item]
    while pending:
        item = pending.pop()
        if isinstance(item, pikepdf.String):
            if len(bytes(item)) > _LONGEST_STRING:
                return True
        elif isinstance(item, Array):
            pending += [part for part in item if not _leads_away(part)]
        elif isinstance(item, Dictionary | pikepdf.Stream):
            pending += [part for _key, part in item.items() if not _leads_away(part)]
    return False


def _leads_away(item: Object) -> bool:
    return isinstance(item, pikepdf.Object) and item.is_indirect


# --- streams ----------------------------------------------------------------------------------------


def _stream(stream: Object, keys: set[str]) -> Iterator[Broken]:
    if not keys.isdisjoint(_ELSEWHERE):
        yield "6.1.7.1", "a stream in another file"
    if "/Filter" in keys:
        filters = stream.get("/Filter")
        for item in filters if isinstance(filters, Array) else [filters]:
            if str(item) not in _FILTERS:
                yield "6.1.7.2", f"the filter {item}"
    kind = str(stream.get("/Subtype")) if "/Subtype" in keys else ""
    if kind == "/Image":
        yield from _image(stream, keys)
    elif kind == "/Form":
        if "/Ref" in keys:
            yield "6.2.9", "a reference object"
        if "/PS" in keys or "/OPI" in keys or str(stream.get("/Subtype2")) == "/PS":
            yield "6.2.9", "a form with PostScript or OPI"
    elif kind == "/PS":
        yield "6.2.9", "a PostScript object"


def _image(image: Object, keys: set[str]) -> Iterator[Broken]:
    if "/Alternates" in keys or "/OPI" in keys:
        yield "6.2.8", "an image with alternates"
    if image.get("/Interpolate", False):
        yield "6.2.8", "an interpolated image"
    bits, is_mask = image.get("/BitsPerComponent"), image.get("/ImageMask", False)
    if bits is not None and bits not in ((1,) if is_mask else (1, 2, 4, 8, 16)):
        yield "6.2.8", "an image with an odd number of bits"
    if "/JPXDecode" in str(image.get("/Filter").unparse() if "/Filter" in keys else ""):
        yield "6.2.8.3", "a JPEG 2000 image"


# --- dictionaries -----------------------------------------------------------------------------------


def _dictionary(key: str, item: Object, keys: set[str], words: bytes) -> Iterator[Broken]:
    if words:
        for name, value in item.items():
            if isinstance(value, Name):
                yield from _name(name, value, item)
    if keys.isdisjoint(_JUDGED_KEYS):
        return
    kind = item.get("/Type")
    if "/Metadata" in keys and key != "/Root" and kind != Name.Catalog:
        yield "6.6.2.1", "metadata of a part of the file"
    if "/S" in keys:
        yield from _action(key, item, kind)
    yield from _state(key, item, keys)
    yield from _file_specification(item, keys, kind)
    if kind in _PAGES:
        yield from _boxes(item)
        if "/PresSteps" in keys:
            yield "6.10", "a slide show"
    group = item.get("/Group") if "/Group" in keys else None
    if isinstance(group, Dictionary) and Name.CS in group:
        space = group.CS[0] if isinstance(group.CS, Array) and len(group.CS) else group.CS
        if str(space) not in _GROUP_SPACES:
            yield "6.2.4.3", "a group with an unknown colour space"
    if "/ByteRange" in keys:
        yield "6.4.3", "a signature that does not cover the file"
    if "/AlternatePresentations" in keys:
        yield "6.10", "another presentation"


def _name(key: str, value: Object, item: Object) -> Iterator[Broken]:
    word = str(value)
    if word == "/DeviceCMYK" and not (key == "/Alternate" and Name.N in item):
        yield "6.2.4.3", "the colour space DeviceCMYK"
    if key in ("/Intent", "/RI") and word not in INTENTS and _draws(key, item):
        yield "6.2.6", f"the rendering intent {word}"
    if key in ("/BaseFont", "/FontName", "/S") and not _is_utf8(word):
        yield "6.1.8", "a name that is no UTF-8 text"


def _draws(key: str, item: Object) -> bool:
    # A layer may have an intent of another kind.
    return key == "/RI" or isinstance(item, pikepdf.Stream)


def _is_utf8(word: str) -> bool:
    try:
        word.encode("utf-8")
    except UnicodeError:
        return False
    return "\ufffd" not in word


def _action(key: str, item: Object, kind: Object) -> Iterator[Broken]:
    word = str(item.get("/S"))
    is_action = key in ("/A", "/OpenAction", "/Next") or kind == Name.Action
    # The elements of a structure tree have /A and /S too.
    if (is_action and Name.O not in item and Name.P not in item and word not in _ACTIONS) or (
        word in _FORBIDDEN_ACTIONS and Name.P not in item
    ):
        yield "6.5.1", f"the action {word}"
    if word == "/Named" and str(item.get(Name.N)) not in _NAMED_ACTIONS:
        yield "6.5.1", f"the named action {item.get(Name.N)}"


def _state(key: str, item: Object, keys: set[str]) -> Iterator[Broken]:
    """6.2.5, 6.2.10: graphics states, whoever holds them."""
    # A soft mask, which has a group, may have a transfer function.
    if isinstance(item, Dictionary) and "/G" not in keys:
        if "/TR" in keys or "/HTP" in keys or ("/TR2" in keys and item.get("/TR2") != Name.Default):
            yield "6.2.5", "a transfer function"
        modes = item.get("/BM") if "/BM" in keys else None
        for mode in modes if isinstance(modes, Array) else [modes]:
            if isinstance(mode, Name) and str(mode) not in _BLEND_MODES:
                yield "6.2.10", f"the blend mode {mode}"
    if "/OPM" in keys and item.get("/OPM") == 1:
        yield "6.2.4.2", "an overprint mode for printing colours"
    if "/HalftoneType" in keys:
        if item.get("/HalftoneType") not in (1, 5) or "/HalftoneName" in keys:
            yield "6.2.5", "a halftone"
        elif "/TransferFunction" in keys and key != "/Default":
            yield "6.2.5", "a halftone with a transfer function"


def _file_specification(item: Object, keys: set[str], kind: Object) -> Iterator[Broken]:
    if "/EF" in keys or kind in _FILES:
        if not keys >= {"/F", "/UF", "/AFRelationship"}:
            yield "6.8", "a file specification lacks F, UF or AFRelationship"
        elif not isinstance(item.AFRelationship, Name):
            yield "6.8", "a file specification whose relationship is no name"


def _boxes(page: Object) -> Iterator[Broken]:
    for key in _BOXES:
        box = page.get(key)
        if box is None:
            continue
        sides = [float(value) for value in box] if isinstance(box, Array) else []
        if len(sides) != 4:
            yield "6.1.13", f"a page whose {key[1:]} is none"
            continue
        width, height = abs(sides[2] - sides[0]), abs(sides[3] - sides[1])
        if not all(_SMALLEST_SIDE <= side <= _LARGEST_SIDE for side in (width, height)):
            yield "6.1.13", f"a page of {width:.0f} × {height:.0f} points"


# --- colour spaces ----------------------------------------------------------------------------------


def _space(array: Object, separations: dict[str, set[tuple[Any, Any]]]) -> Iterator[Broken]:
    if not len(array) or not isinstance(array[0], Name):
        return
    if any(isinstance(value, Name) and value == Name.DeviceCMYK for value in array):
        yield "6.2.4.3", "the colour space DeviceCMYK"
    kind = str(array[0])
    if kind == "/ICCBased":
        profile = array[1] if len(array) > 1 else None
        if not isinstance(profile, pikepdf.Stream) or not pdf_common.is_input_profile(profile.read_bytes()):
            yield "6.2.4.2", "a colour profile of a kind that an archive does not know"
    elif kind == "/Separation" and len(array) >= 4:
        if not _is_utf8(str(array[1])):
            yield "6.1.8", "a colour whose name is no UTF-8 text"
        separations.setdefault(str(array[1]), set()).add((_deep(array[2]), _deep(array[3])))
    elif kind == "/DeviceN" and len(array) >= 4:
        yield from _device_n(array)


def _device_n(array: Object) -> Iterator[Broken]:
    names = [str(name) for name in array[1]]
    if len(names) > _MAX_COLOURANTS:
        yield "6.1.13", "a colour space of more than 32 colours"
    if not all(map(_is_utf8, names)):
        yield "6.1.8", "a colour whose name is no UTF-8 text"
    attributes = array[4] if len(array) > 4 and isinstance(array[4], Dictionary) else Dictionary()
    known = set(_PROCESS_COLOURS)
    if isinstance(attributes.get(Name.Colorants), Dictionary):
        known |= set(attributes.Colorants.keys())
    process = attributes.get(Name.Process)
    if isinstance(process, Dictionary):
        known |= {str(name) for name in process.get(Name.Components, [])}
    if not set(names) <= known:
        yield "6.2.4.4", "a spot colour that is not defined"


def _deep(item: Object, depth: int = 0) -> Any:
    """Return what an object says, without the numbers of the objects that say it."""
    if depth > 20:
        return b"deep"
    if isinstance(item, pikepdf.Stream):
        return ("stream", item.read_bytes(), _rows(item, depth))
    if isinstance(item, Dictionary):
        return _rows(item, depth)
    if isinstance(item, Array):
        return tuple(_deep(value, depth + 1) for value in item)
    return str(item)


def _rows(item: Object, depth: int) -> tuple[tuple[str, Any], ...]:
    skipped = ("/Length", "/Filter", "/DecodeParms")
    return tuple((key, _deep(value, depth + 1)) for key, value in sorted(item.items()) if key not in skipped)
