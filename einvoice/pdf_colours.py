"""Colour spaces of a PDF: ISO 19005-3 6.2.4. Ours is an RGB output intent."""

import re
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from . import pdf_common
from .pdf_common import Object, PdfError

_PROCESS = frozenset({"/Cyan", "/Magenta", "/Yellow", "/Black", "/None"})
_MAX_COLOURANTS = 32
_BODY = re.compile(rb"\{(.*)\}", re.DOTALL)
_DEEPEST = 20


def named(item: Object) -> None:
    """6.2.4.3: refuse DeviceCMYK wherever a dictionary or stream names it."""
    for key, value in item.items():
        # The alternate of a profile is for readers that cannot read profiles.
        if (
            isinstance(value, Name)
            and value == Name.DeviceCMYK
            and not (key == "/Alternate" and Name.N in item)
        ):
            raise PdfError("pdf_colour", detail="DeviceCMYK")


class Separations:
    """The colour spaces of a file: each spot colour is defined once, and in one way (6.2.4.4)."""

    def __init__(self, document: Pdf) -> None:
        self._document = document
        self._known: dict[str, Any] = {}

    def conform(self, array: Object) -> None:
        """Conform an array, if it is a colour space. Raises ``PdfError``."""
        if not len(array) or not isinstance(array[0], Name):
            return
        if any(isinstance(item, Name) and item == Name.DeviceCMYK for item in array):
            raise PdfError("pdf_colour", detail="DeviceCMYK")
        kind = array[0]
        if kind == Name.ICCBased:
            profile = array[1] if len(array) > 1 else None
            if not isinstance(profile, pikepdf.Stream) or not pdf_common.is_input_profile(_read(profile)):
                raise PdfError("pdf_colour", detail="ICC")
        elif kind == Name.Separation and len(array) >= 4:
            self._separation(array)
        elif kind == Name.DeviceN and len(array) >= 4:
            self._device_n(array)

    def _separation(self, array: Object) -> None:
        name, meaning = str(array[1]), (_meaning(array[2]), _meaning(array[3]))
        known = self._known.setdefault(name, (meaning, array[2], array[3]))
        if known[0] != meaning:
            raise PdfError("pdf_feature", detail=f"two definitions of the colour {name[1:]}")
        # Readers that compare objects see the same ones.
        array[2], array[3] = known[1:]

    def _device_n(self, array: Object) -> None:
        names = [str(name) for name in array[1]]
        if len(names) > _MAX_COLOURANTS:
            raise PdfError("pdf_feature", detail="a colour space of more than 32 colours")
        attributes = array[4] if len(array) > 4 and isinstance(array[4], Dictionary) else Dictionary()
        colourants = attributes.get(Name.Colorants)
        colourants = colourants if isinstance(colourants, Dictionary) else Dictionary()
        known = _PROCESS | set(colourants.keys())
        process = attributes.get(Name.Process)
        if isinstance(process, Dictionary):
            known |= {str(name) for name in process.get(Name.Components, [])}
        missing = [name for name in names if name not in known]
        if not missing:
            return
        for name in missing:
            colourants[name] = self._alone(array, names.index(name), len(names))
        attributes.Colorants = colourants
        while len(array) > 4:
            del array[4]
        array.append(attributes)

    def _alone(self, array: Object, place: int, count: int) -> Object:
        """Return the colour space of one colourant of a DeviceN space: what that space shows when all the
        others are nought."""
        name, alternate, tint = array[1][place], array[2], array[3]
        known = self._known.get(str(name))
        if known:
            return Array([Name.Separation, name, *known[1:]])
        if count > 1:
            tint = self._tint_alone(tint, place, count)
        space = Array([Name.Separation, name, alternate, tint])
        self._separation(space)
        return space

    def _tint_alone(self, tint: Object, place: int, count: int) -> Object:
        body = _BODY.search(_read(tint)) if isinstance(tint, pikepdf.Stream) else None
        if body is None or tint.get(Name.FunctionType) != 4:
            raise PdfError("pdf_feature", detail="a mixture of spot colours that are not defined one by one")
        program = b"{ " + b"0 exch " * place + b"0 " * (count - 1 - place) + body[1] + b"}"
        return self._document.make_stream(program, FunctionType=4, Domain=Array([0, 1]), Range=tint.Range)


def _read(stream: Object) -> bytes:
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError as error:
        raise PdfError("pdf_unreadable", detail=str(error)[:80]) from None


def _meaning(item: Object, depth: int = 0) -> Any:
    """Return what an object says, without the numbers of the objects that say it."""
    if depth > _DEEPEST:
        raise PdfError("pdf_feature", detail="a colour that leads to itself")
    if isinstance(item, Array):
        return tuple(_meaning(value, depth + 1) for value in item)
    if isinstance(item, Dictionary | pikepdf.Stream):
        rows = tuple(
            (key, _meaning(item[key], depth + 1))
            for key in sorted(item.keys())
            if key not in ("/Length", "/Filter", "/DecodeParms")
        )
        return (rows, _read(item)) if isinstance(item, pikepdf.Stream) else rows
    return str(item)
