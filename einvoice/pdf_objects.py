"""One pass over all the objects that a PDF holds, whoever leads to them.

Each dictionary and stream is made to obey by what it says. What an archive forbids is taken out where nobody
sees it; where that would change the page, it is refused.
"""

import re
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from . import pdf_colours
from .pdf_common import Object, PdfError
from .pdf_content import INTENTS

# ISO 19005-3 6.5.1, and what else starts something.
_FORBIDDEN_ACTIONS = frozenset(
    [
        "/GoToR",
        "/GoToE",
        "/Thread",
        "/SubmitForm",
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
    ]
)
_TRANSFER = ("/TR", "/TR2", "/HTP")
_HALFTONES = ("/HT", "/HTO", "/HTP")
_IMAGE_REMOVED = ("/Alternates", "/Interpolate", "/OPI")
_FORM_REMOVED = ("/OPI", "/PS", "/Ref", "/Subtype2")
_EVERYWHERE_REMOVED = ("/Metadata", "/PieceInfo", "/AF", "/LastModified")
_STATE_KEYS = frozenset(["/TR", "/TR2", "/HTP", "/OPM", "/BM", "/RI", "/op", "/HT"])
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
_JUDGED_KEYS = frozenset(
    [
        "/Metadata",
        "/PieceInfo",
        "/AF",
        "/LastModified",
        "/S",
        "/ExtGState",
        "/TR",
        "/TR2",
        "/HTP",
        "/HT",
        "/HTO",
        "/OPM",
        "/BM",
        "/RI",
        "/op",
        "/Font",
        "/EF",
        "/F",
        "/UF",
        "/AFRelationship",
        "/Group",
        "/MediaBox",
        "/CropBox",
        "/BleedBox",
        "/TrimBox",
        "/ArtBox",
    ]
)
_BITS = (1, 2, 4, 8, 16)
_BOXES = ("/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_SPARE_BOXES = ("/BleedBox", "/TrimBox", "/ArtBox")
_EXT_G_STATE, _PAGES, _FILES = Name.ExtGState, (Name.Page, Name.Pages), (Name.Filespec, Name.F)
_SMALLEST_SIDE, _LARGEST_SIDE = 3, 14400
_LARGEST, _TWO_32 = 2**31 - 1, 2**32
_LONGEST_NAME, _LONGEST_STRING = 127, 32767
_LARGEST_REAL, _SMALLEST_REAL = 3.403e38, 1.175e-38
# Texts that may be cut: nobody sees them on the page.
_NOTES = ("/Contents", "/Title", "/TU", "/Alt", "/ActualText", "/E", "/Desc", "/Subj")
_CUT = 32_000
_TO_NOUGHTS = bytes.maketrans(b"123456789", b"0" * 9)
_MANY_DIGITS = b"0" * 10
_LONG_NAME = re.compile(rb"/[^\s\x00()<>\[\]{}/%]{128}")
_FILTERS_REWRITTEN = ("/LZWDecode", "/Crypt")
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


def remove(dictionary: Object, keys: tuple[str, ...]) -> None:
    """Delete the keys (str, with the slash) that a dictionary has."""
    for key in dictionary.keys().intersection(keys):
        del dictionary[key]


def read(stream: Object) -> bytes:
    """Return the decoded bytes of a stream; raises ``PdfError``."""
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError as error:
        raise PdfError("pdf_unreadable", detail=str(error)[:80]) from None


def reached(document: Pdf) -> list[tuple[str, Object]]:
    """Return ``(key, object)`` for the dictionaries, streams and arrays that the file will hold: those that
    its root leads to, direct ones among them."""
    trailer = document.trailer
    pending = [(key, trailer[key]) for key in ("/Root",)]
    found, seen = [], set()
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
            if any(sign in item.unparse() for sign in (b"<<", b"R", b"[ /", b"[/")):
                pending += [(key, value) for value in item]
        else:
            pending += [(name, value) for name, value in item.items() if name != "/Parent"]
    return found


def conform(document: Pdf) -> list[tuple[str, Object]]:
    """Make every object obey; return them, see ``reached``. Raises ``PdfError`` where that cannot be."""
    separations = pdf_colours.Separations(document)
    found = reached(document)
    has_cmyk = False
    for _key, item in found:
        if item.is_indirect or isinstance(item, pikepdf.Stream):
            has_cmyk |= b"/DeviceCMYK" in _limits(item)
    for key, item in found:
        if isinstance(item, Array):
            separations.conform(item)
            continue
        if has_cmyk:
            pdf_colours.named(item)
        _dictionary(key, item)
        if isinstance(item, pikepdf.Stream):
            _stream(item)
    return found


def _dictionary(key: str, item: Object) -> None:
    if key == "/ExtGState":
        for state in item.values():
            if isinstance(state, Dictionary):
                _state(state)
    keys = item.keys()
    if keys.isdisjoint(_JUDGED_KEYS):
        return
    remove(item, _EVERYWHERE_REMOVED)
    if "/S" in keys and str(item.get("/S")) in _FORBIDDEN_ACTIONS and "/P" not in keys:
        del item["/S"]
    kind = item.get("/Type")
    is_dictionary = isinstance(item, Dictionary)
    if kind == _EXT_G_STATE or (is_dictionary and not keys.isdisjoint(_STATE_KEYS)):
        _state(item)
    if "/EF" in keys or kind in _FILES:
        # 6.8: the files of an invoice are the ones that it is sent with.
        remove(item, ("/EF", "/RF", "/Type"))
    if kind in _PAGES:
        _boxes(item)
    group = item.get("/Group") if "/Group" in keys else None
    if isinstance(group, Dictionary) and Name.CS in group and not _is_group_space(group.CS):
        del group[Name.CS]


def _is_group_space(space: Object) -> bool:
    """Tell whether a value may be the colour space of a group (ISO 32000-1 11.6.6); CMYK is judged apart."""
    if isinstance(space, Array):
        return len(space) > 1 and space[0] in (Name.ICCBased, Name.CalRGB, Name.CalGray)
    return space in (Name.DeviceRGB, Name.DeviceGray, Name.DeviceCMYK)


def _state(state: Object) -> None:
    # 6.2.5; a soft mask, which has a group, may have a transfer function.
    keys = state.keys()
    if "/G" not in keys:
        remove(state, _TRANSFER)
    remove(state, _HALFTONES)
    # 6.2.4.2: only printing presses see a difference.
    remove(state, ("/OPM",))
    if "/RI" in keys and str(state.RI) not in INTENTS:
        del state["/RI"]
    modes = state.get("/BM") if "/BM" in keys else None
    for mode in modes if isinstance(modes, Array) else [modes]:
        if isinstance(mode, Name) and str(mode) not in _BLEND_MODES:
            raise PdfError("pdf_feature", detail=f"the blend mode {str(mode)[1:]}")
    if "/Font" in keys and isinstance(state.get("/Font"), Array) and "/FontDescriptor" not in keys:
        raise PdfError("pdf_feature", detail="a font in a graphics state")


def _boxes(page: Object) -> None:
    """6.1.13: the sides of a page."""
    for key in _BOXES:
        box = page.get(key)
        if box is None or (isinstance(box, Array) and len(box) == 4 and _is_of_size(box)):
            continue
        if key in _SPARE_BOXES:
            del page[key]
        else:
            raise PdfError("pdf_feature", detail="a page smaller than 3 points or larger than 14,400")


def _is_of_size(box: Object) -> bool:
    left, bottom, right, top = (float(side) for side in box)
    return all(_SMALLEST_SIDE <= abs(side) <= _LARGEST_SIDE for side in (right - left, top - bottom))


# --- streams ----------------------------------------------------------------------------------------


def _stream(stream: Object) -> None:
    keys = stream.keys()
    # 6.1.7.1: what a stream holds is in the file itself.
    if "/F" in keys:
        raise PdfError("pdf_feature", detail="a stream in another file")
    remove(stream, ("/FFilter", "/FDecodeParms"))
    if "/Filter" in keys:
        _filters(stream)
    kind = stream.get("/Subtype") if "/Subtype" in keys else None
    if kind is None:
        return
    if kind == Name.Image:
        _image(stream)
    elif kind == Name.Form:
        remove(stream, _FORM_REMOVED)
    elif kind == Name.PS:
        raise PdfError("pdf_feature", detail="an object of kind /PS")


def _filters(stream: Object) -> None:
    """6.1.7.2."""
    filters = stream.get("/Filter")
    names = [str(item) for item in filters] if isinstance(filters, Array) else [str(filters)]
    if any(name in _FILTERS_REWRITTEN for name in names):
        stream.write(read(stream))
    elif not all(name in _FILTERS for name in names):
        raise PdfError("pdf_feature", detail=f"the filter {names[0]}")


def _image(image: Object) -> None:
    remove(image, _IMAGE_REMOVED)
    if Name.Intent in image and str(image.Intent) not in INTENTS:
        del image[Name.Intent]
    filters = image.get("/Filter")
    names = [str(item) for item in filters] if isinstance(filters, Array) else [str(filters)]
    if "/JPXDecode" in names:
        raise PdfError("pdf_feature", detail="a JPEG 2000 image")
    bits = image.get("/BitsPerComponent")
    if bits is not None and bits not in ((1,) if image.get("/ImageMask", False) else _BITS):
        raise PdfError("pdf_feature", detail="an image with an odd number of bits")


# --- limits -----------------------------------------------------------------------------------------


def _limits(item: Object) -> bytes:
    """6.1.13: numbers, names and texts of an object, direct objects inside it included. Return what is
    written in it."""
    written = item.stream_dict.unparse() if isinstance(item, pikepdf.Stream) else item.unparse(resolved=True)
    has_long_word = _MANY_DIGITS in written.translate(_TO_NOUGHTS) or _LONG_NAME.search(written)
    if has_long_word or len(written) > _LONGEST_STRING:
        _within(item, True)
    return written


def _within(item: Object, is_first: bool = False) -> None:
    if isinstance(item, pikepdf.Object) and item.is_indirect and not is_first:
        return
    if isinstance(item, Array):
        for place, value in enumerate(item):
            right = _right(value, "")
            if right is not value:
                item[place] = right
    elif isinstance(item, Dictionary | pikepdf.Stream):
        for key in list(item.keys()):
            _entry(item, key)


def _entry(item: Object, key: str) -> None:
    value = item[key]
    if len(key.encode()) - 1 > _LONGEST_NAME:
        if isinstance(value, Dictionary | pikepdf.Stream | Array):
            raise PdfError("pdf_feature", detail="a name of more than 127 characters")
        del item[key]
        return
    right = _right(value, key)
    if right is not value:
        item[key] = right


def _right(value: Any, key: str) -> Any:
    if isinstance(value, Array | Dictionary):
        _within(value)
    elif isinstance(value, Name):
        if len(str(value).encode()) - 1 > _LONGEST_NAME:
            raise PdfError("pdf_feature", detail="a name of more than 127 characters")
    elif isinstance(value, String):
        if len(bytes(value)) > _LONGEST_STRING:
            if key not in _NOTES:
                raise PdfError("pdf_feature", detail="a text of more than 32,767 characters at once")
            return String(str(value)[: _CUT // 4])
    elif not isinstance(value, pikepdf.Object | bool) and value is not None:
        return _number(value)
    return value


def _number(value: int) -> int:
    if isinstance(value, int):
        if -_LARGEST - 1 <= value <= _LARGEST:
            return value
        # Flags written without a sign: the same bits.
        return value - _TWO_32 if _LARGEST < value < _TWO_32 else _LARGEST if value > 0 else -_LARGEST
    if abs(value) > _LARGEST_REAL:
        raise PdfError("pdf_feature", detail="a number that is too large")
    return 0 if 0 < abs(value) < _SMALLEST_REAL else value
