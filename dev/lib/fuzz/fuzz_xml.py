"""Fuzz target "xml": the data inside a Factur-X file, as somebody else may have written them."""

import einvoice
from einvoice import gate

from ..samples import invoices

SOURCES = ("einvoice/gate.py",)

_INVOICE = invoices.invoice([invoices.line("Travaux", "3", "1250.00")])
_PIECES = (
    b"<",
    b">",
    b"&",
    b"&e;",
    b"&#0;",
    b"&#xFFFF;",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"<?xml version='1.1'?>",
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">',
    b"<x>" * 300,
    b' xmlns="urn:x"',
    b' currencyID="XXX"',
    b"<ram:GrandTotalAmount>NaN</ram:GrandTotalAmount>",
    b"1e999999",
    b"-0",
    b"9" * 400,
    b"20261399",
    b"\x00",
    b"\xff\xfe",
    "\u202e".encode(),
)


def samples():
    """Invoices of one and of many lines."""
    yield einvoice.build_xml(_INVOICE)
    many = [invoices.line(f"Travaux {number}", "3", "12.50") for number in range(5)]
    yield einvoice.build_xml(invoices.invoice(many))


def mutate(rng, sample):
    """The sample with one to six pieces put in, taken out, doubled, or values exchanged."""
    data = bytearray(sample)
    for _ in range(rng.choice((1, 1, 2, 6))):
        place = rng.randrange(len(data) + 1)
        near = data.find(b">", place) + 1 if rng.random() < 0.6 else place
        action = rng.randrange(5)
        if action == 0:
            data[near:near] = rng.choice(_PIECES)
        elif action == 1:
            del data[place : place + rng.choice((1, 8, 60))]
        elif action == 2:
            data[place : place + 1] = bytes([rng.randrange(256)])
        elif action == 3:
            # A whole element twice, or gone.
            start = data.find(b"<ram:", place)
            end = data.find(b">", data.find(b"</ram:", start)) + 1
            if 0 <= start < end:
                piece = bytes(data[start:end])
                data[start:end] = piece * rng.choice((0, 2))
        else:
            end = data.find(b"<", near)
            if end >= near:
                data[near:end] = rng.choice(_PIECES)
    return bytes(data[:60_000])


def execute(content):
    """Verify: findings with a message each, whatever comes in."""
    found = gate.verify_xml(content, _INVOICE, "EN 16931")
    for item in found:
        assert item.message
    return tuple(sorted({item.code for item in found}))
