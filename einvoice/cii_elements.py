"""The elements of a CII: namespaces, and how a text, a date, an amount are written."""

from lxml import etree

from .text import clean_text

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
NAMESPACES = {"rsm": RSM, "qdt": QDT, "ram": RAM, "udt": UDT}
DATE_FORMAT = "102"  # UNTDID 2379: CCYYMMDD


def add_group(parent, name):
    """Append an empty element of the ``ram`` namespace and return it."""
    return etree.SubElement(parent, f"{{{RAM}}}{name}")


def add_text(parent, name, value, multiline=False, **attributes):
    """Append a text element, or nothing at all when the cleaned value is empty."""
    text = clean_text(value, multiline)
    if not text:
        return None
    attributes = {key: clean_text(code) for key, code in attributes.items()}
    element = etree.SubElement(parent, f"{{{RAM}}}{name}", attributes)
    element.text = text
    return element


def add_wrapped(parent, group_name, name, value, **options):
    """Append a group with one text element, or nothing at all; return the group."""
    if not clean_text(value):
        return None
    group = add_group(parent, group_name)
    add_text(group, name, value, **options)
    return group


def add_reference(parent, name, value):
    """Append a referenced document (its number, BT-13 for instance), or nothing at all."""
    return add_wrapped(parent, name, "IssuerAssignedID", value)


def add_date(parent, name, value):
    """Append a ``date`` in format 102, or nothing at all."""
    if value:
        string = etree.SubElement(add_group(parent, name), f"{{{UDT}}}DateTimeString", format=DATE_FORMAT)
        string.text = value.strftime("%Y%m%d")


def add_indicator(parent, value):
    """Append whether an allowance or charge is a charge."""
    indicator = etree.SubElement(add_group(parent, "ChargeIndicator"), f"{{{UDT}}}Indicator")
    indicator.text = "true" if value else "false"


def amount_text(value):
    """Write an amount to the cent, with more decimals only when it has them."""
    if value is None:
        return None
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    return f"{'0' if whole == '-0' and not decimals else whole}.{decimals.ljust(2, '0')}"


def number_text(value):
    """Write a price, quantity or percentage without trailing zeros."""
    if value is None:
        return None
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def rate_text(vat):
    """Write the rate of a ``terms.Vat``, in percent with two decimals at least."""
    # EN 16931 BR-O-05: "not subject to VAT" has no rate, not even zero.
    return None if vat.category == "O" else amount_text(vat.rate)
