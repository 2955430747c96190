"""The header of an ICC colour profile (ICC.1:2010 7.2), as far as ISO 19005-3 6.2.3 and 6.2.4.2 ask."""

_HEADER_BYTES = 128
_MAX_VERSION = 4
_OUTPUT_CLASSES = (b"prtr", b"mntr")
_INPUT_CLASSES = (b"prtr", b"mntr", b"scnr", b"spac")
_COLOURS = (b"RGB ", b"CMYK", b"GRAY", b"LAB ")


def is_output_profile(profile: bytes, colours: bytes) -> bool:
    """Tell whether profile bytes describe a printer or monitor in the 4-byte colour space ``colours``."""
    return _is_profile(profile, _OUTPUT_CLASSES) and profile[16:20] == colours


def is_input_profile(profile: bytes) -> bool:
    """Tell whether profile bytes may define an ICCBased colour space."""
    return _is_profile(profile, _INPUT_CLASSES) and profile[16:20] in _COLOURS


def _is_profile(profile: bytes, classes: tuple[bytes, ...]) -> bool:
    return (
        len(profile) > _HEADER_BYTES
        and profile[36:40] == b"acsp"
        and profile[8] <= _MAX_VERSION
        and profile[12:16] in classes
    )
