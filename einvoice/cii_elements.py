"""The elements of a CII as text: how a group, a text, a date, an amount are written.

An invoice is some 200 small elements. Writing them down costs half of what building a tree of them does;
the last gate (``verify``) parses every file with its schema.
"""

import datetime
from decimal import Decimal

from .terms import Vat
from .text import clean_text

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
NAMESPACES = {"rsm": RSM, "qdt": QDT, "ram": RAM, "udt": UDT}
DATE_FORMAT = "102"  # UNTDID 2379: CCYYMMDD


def group(name: str, *parts: str) -> str:
    """A group of the ``ram`` namespace that holds the given elements, be it none."""
    content = "".join(parts)
    return f"<ram:{name}>{content}</ram:{name}>" if content else f"<ram:{name}/>"


def optional_group(name: str, *parts: str) -> str:
    """A group, or nothing at all when it would be empty."""
    content = "".join(parts)
    return f"<ram:{name}>{content}</ram:{name}>" if content else ""


def text(name: str, value: object, multiline: bool = False, **attributes: object) -> str:
    """A text element, or nothing at all when the cleaned value is empty."""
    content = clean_text(value, multiline)
    if not content:
        return ""
    if attributes:
        codes = "".join(f' {key}="{_escape(clean_text(code), True)}"' for key, code in attributes.items())
        return f"<ram:{name}{codes}>{_escape(content)}</ram:{name}>"
    return f"<ram:{name}>{_escape(content)}</ram:{name}>"


def wrapped(group_name: str, name: str, value: object, multiline: bool = False, **attributes: object) -> str:
    """A group with one text element, or nothing at all."""
    return optional_group(group_name, text(name, value, multiline, **attributes))


def reference(name: str, value: object, *parts: str) -> str:
    """A referenced document (its number, BT-13 for instance), or nothing at all."""
    number = text("IssuerAssignedID", value)
    return group(name, number, *parts) if number else ""


def date(name: str, value: datetime.date | None, namespace: str = "udt") -> str:
    """A ``date`` in format 102, or nothing at all."""
    if not value:
        return ""
    day = f"{value.year:04}{value.month:02}{value.day:02}"
    string = f"{namespace}:DateTimeString"
    return f'<ram:{name}><{string} format="{DATE_FORMAT}">{day}</{string}></ram:{name}>'


def indicator(value: bool) -> str:
    """Whether an allowance or charge is a charge."""
    told = "true" if value else "false"
    return f"<ram:ChargeIndicator><udt:Indicator>{told}</udt:Indicator></ram:ChargeIndicator>"


def _escape(content: str, quoted: bool = False) -> str:
    if "&" in content:
        content = content.replace("&", "&amp;")
    if "<" in content:
        content = content.replace("<", "&lt;")
    if ">" in content:
        content = content.replace(">", "&gt;")
    return content.replace('"', "&quot;") if quoted else content


def amount_text(value: Decimal | None) -> str | None:
    """Write an amount to the cent, with more decimals only when it has them."""
    if value is None:
        return None
    written = format(value, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    whole, _, decimals = written.partition(".")
    return f"{'0' if whole == '-0' and not decimals else whole}.{decimals.ljust(2, '0')}"


def number_text(value: Decimal | None) -> str | None:
    """Write a price, quantity or percentage without trailing zeros."""
    if value is None:
        return None
    written = format(value, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written in ("-0", "") else written


def rate_text(vat: Vat) -> str | None:
    """Write the rate of a ``terms.Vat``, in percent with two decimals at least."""
    # EN 16931 BR-O-05: "not subject to VAT" has no rate, not even zero.
    return None if vat.category == "O" else amount_text(vat.rate)
