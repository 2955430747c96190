"""The order, the number and the types of a CII file's elements, as an XSD would check them.

``cii_model.json`` lists, for each type of the Factur-X 1.09 EXTENDED schema, its children in order:
``Name`` once, ``?`` at most once, ``+`` at least once, ``*`` any number, then ``=`` and the child's type.
Messages are worded as the XSD validator whose output was seen in a report.
"""

import base64
import binascii
import json
import re
from functools import lru_cache
from pathlib import Path

from lxml import etree

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_CHILD = re.compile(r"(\w+)([?+*]?)=(\w+)")
_DATE_CHILDREN = ("DateTimeString", "DateString")


@lru_cache(maxsize=1)
def _model():
    text = json.loads((Path(__file__).parent / "cii_model.json").read_text())
    return {
        name: [match.groups() for item in children.split() for match in _CHILD.finditer(item)]
        for name, children in text.items()
    }


def structure_errors(root, complete):
    """Messages, first breach first. With ``complete`` false the file may hold elements of the full D16B
    schema that the model does not know: their place is not judged."""
    errors = []
    _check(root, "CrossIndustryInvoiceType", complete, errors)
    return errors


def _check(node, kind, complete, errors):
    children = [child for child in node if isinstance(child.tag, str)]
    if kind not in _model():
        _check_leaf(node, kind, children, errors)
        return
    expected = _model()[kind]
    names = {name for name, _, _ in expected}
    position, seen = 0, 0
    for child in children:
        name = etree.QName(child).localname
        if name not in names:
            if complete:
                errors.append(_unexpected(child, expected[position:]))
                return
            continue
        while expected[position][0] != name or (seen and expected[position][1] in ("", "?")):
            if expected[position][1] in ("", "+") and not seen:
                errors.append(_unexpected(child, expected[position : position + 1]))
                return
            position, seen = position + 1, 0
            if position == len(expected):
                errors.append(_unexpected(child, ()))
                return
        seen += 1
        _check(child, expected[position][2], complete, errors)
    rest = expected[position + 1 :] if seen else expected[position:]
    if missing := [item for item in rest if item[1] in ("", "+")]:
        errors.append(
            f"cvc-complex-type.2.4.b: The content of element '{_name(node)}' is not complete. "
            f"One of '{{{missing[0][0]}}}' is expected. - ligne: {node.sourceline} - position: 0"
        )


def _check_leaf(node, kind, children, errors):
    text = node.text or ""
    wrong = None
    if kind == "decimal" and _DECIMAL.fullmatch(text.strip()) is None:
        wrong = f"cvc-datatype-valid.1.2.1: '{text}' is not a valid value for 'decimal'."
    elif kind == "base64" and not _is_base64(text):
        wrong = f"cvc-datatype-valid.1.2.1: '{text[:20]}' is not a valid value for 'base64Binary'."
    elif kind == "Date":
        texts = [child for child in children if etree.QName(child).localname in _DATE_CHILDREN]
        if len(texts) != 1 or texts[0].get("format") is None:
            wrong = f"cvc-complex-type.2.4.b: The content of element '{_name(node)}' is not complete."
    elif kind == "Indicator":
        if len(children) != 1 or (children[0].text or "").strip() not in ("true", "false", "1", "0"):
            wrong = f"cvc-datatype-valid.1.2.1: '{_name(node)}' is not a valid value for 'boolean'."
    elif children:
        wrong = f"cvc-type.3.1.2: Element '{_name(node)}' is a simple type."
    if wrong:
        errors.append(f"{wrong} - ligne: {node.sourceline} - position: 0")


def _is_base64(text):
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _unexpected(child, expected):
    hint = f" One of '{{{', '.join(name for name, _, _ in expected)}}}' is expected." if expected else ""
    return (
        f"cvc-complex-type.2.4.a: Invalid content was found starting with element '{_name(child)}'."
        f"{hint} - ligne: {child.sourceline} - position: 0"
    )


def _name(node):
    return f"ram:{etree.QName(node).localname}"
