"""Fuzz target "answers": what Chorus Pro and PISTE answer, read by every operation of the client."""

import gzip
import json
import string
import zlib

from api_canned import FAILURES, FIELDS, GOOD, READS, read

from chorus_api import explain
from chorus_api.errors import retry_after

SOURCES = (
    "chorus_api/client.py",
    "chorus_api/flows.py",
    "chorus_api/invoice_actions.py",
    "chorus_api/invoices.py",
    "chorus_api/errors.py",
    "chorus_api/operations.py",
    "chorus_api/readers.py",
    "chorus_api/rejections.py",
    "chorus_api/structures.py",
)

# Failures that any operation may meet: status, headers, body.
_SHARED = (
    (200, {}, b'{"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}'),
    (200, {}, b'{"codeRetour": 20001, "libelle": "POQ_MSG_01.003 - Flux introuvable."}'),
    (400, {}, b'{"error": "invalid_client"}'),
    (401, {"WWW-Authenticate": 'Bearer realm="PISTE", error="invalid_token"'}, b""),
    (503, {"Retry-After": "Sun, 22 Nov 2026 08:01:00 GMT"}, b"<html>"),
)
_STATUSES = (
    None,
    200,
    200,
    200,
    200,
    200,
    201,
    204,
    302,
    400,
    401,
    403,
    404,
    408,
    413,
    415,
    418,
    429,
    500,
    502,
    503,
    504,
)
_HEADERS = ("Retry-After", "WWW-Authenticate", "Content-Encoding", "x-piste-request-id")
_ODD = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**70,
    0.1,
    1e308,
    -0.0,
    float("nan"),
    float("inf"),
    "",
    " ",
    "0",
    "null",
    "true",
    "OUI",
    "NaN",
    "1e400",
    "9" * 100,
    "2026-02-30",
    "2026-09-14",
    "14/09/2026",
    "0001-01-01",
    "9999-12-31T23:59:59-12:00",
    "2026-10-25T02:30:00",
    "\x00",
    "\ud800",
    "\u202e",
    "é" * 50,
    "x" * 5000,
    "<script>alert(1)</script>",
    "%s%n{0}",
    "|",
    "a|b|c[...]",
    "TRA_MSG_00.015",
    "POQ_MSG_01.003",
    [],
    {},
    [[]],
    [None],
    [{}],
    {"total": 5},
    1700000000000,
    "gzip",
    'Bearer realm="PISTE"',
)
_ODD_BYTES = (b"[" * 2000, b'{"a":' * 500, b"9" * 400, b"\\u0000", b"\\ud800", b"}")
_BYTES = string.printable.encode() + bytes(range(256))


def samples():
    """A good answer for each operation, and the failures all share.

    As (operation, status, headers, body, failure).
    """
    for operation in sorted(READS):
        body = _json({"codeRetour": 0, "libelle": "TRA_MSG_00.000", **GOOD[operation]})
        yield operation, 200, {}, body, ""
        for status, headers, content in _SHARED:
            yield operation, status, headers, content, ""
        yield operation, None, {}, b"", "answer_timeout"
        yield operation, 200, {"Content-Encoding": "gzip"}, gzip.compress(body, mtime=0), ""
        yield operation, 200, {"Content-Encoding": "deflate"}, zlib.compress(body)[2:-4], ""


def mutate(rng, sample):
    """A case that differs from the sample in one to four ways."""
    operation, status, headers, body, failure = sample
    for _ in range(rng.choice((1, 1, 2, 4))):
        choice = rng.random()
        if choice < 0.03:
            failure = rng.choice(FAILURES)
        elif choice < 0.55:
            body = _mutate_json(rng, body)
        elif choice < 0.8:
            body = _mutate_bytes(rng, body)
        elif choice < 0.88:
            status = rng.choice(_STATUSES)
        elif choice < 0.95:
            headers = {**headers, rng.choice(_HEADERS): _text(rng)}
        else:
            operation = rng.choice(sorted(READS))
    return operation, status, headers, body[:20_000], failure


def execute(case):
    """Read the answer as the client does; the kind of result is the behaviour."""
    operation, status, headers, body, failure = case
    result, _routes = read(operation, status, body, headers, failure)
    if operation == "flow_report" and not isinstance(result, Exception):
        for error in (*result.invoice_errors, *result.technical_errors):
            explain(error.text)
    retry_after(headers, 3600)
    return operation, status, failure, type(result).__name__, getattr(result, "code", None), _shape(result)


def _shape(result):
    """Which fields of a result are filled, roughly."""
    if isinstance(result, (list, tuple)):
        return len(result) > 0 and _shape(result[0])
    names = getattr(result, "__slots__", ())
    return tuple(bool(getattr(result, name)) for name in names)


def _mutate_json(rng, body):
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return _mutate_bytes(rng, body)
    parent, key = None, None
    node = value
    # Walk down to a random place.
    while isinstance(node, (dict, list)) and node and (parent is None or rng.random() < 0.7):
        parent, key = node, rng.choice(list(node) if isinstance(node, dict) else range(len(node)))
        node = parent[key]
    if parent is None:
        return _json(rng.choice(_ODD))
    action = rng.randrange(7)
    if action == 0:
        parent[key] = rng.choice(_ODD)
    elif action == 1:
        del parent[key]
    elif action == 2:
        parent[key] = [node] * rng.choice((1, 2, 30))
    elif action == 3:
        parent[key] = {rng.choice(FIELDS): node}
    elif action == 4 and isinstance(node, list) and node:
        parent[key] = node[0]
    elif action == 5 and isinstance(parent, dict):
        parent[rng.choice(FIELDS)] = rng.choice(_ODD)
    else:
        parent[key] = _text(rng)
    return _json(value)


def _mutate_bytes(rng, body):
    body = bytearray(body)
    for _ in range(rng.choice((1, 1, 3, 10))):
        place = rng.randrange(len(body) + 1)
        action = rng.randrange(5)
        if action == 0:
            body[place : place + rng.choice((1, 5, 50))] = b""
        elif action == 1:
            body[place:place] = bytes(rng.choices(_BYTES, k=rng.choice((1, 4))))
        elif action == 2:
            body[place : place + 1] = bytes([rng.choice(_BYTES)])
        elif action == 3:
            body[place:place] = body[rng.randrange(len(body) + 1) :][: rng.choice((5, 50))]
        else:
            body[place:place] = rng.choice(_ODD_BYTES)
    return bytes(body)


def _text(rng):
    return "".join(
        chr(rng.choice((rng.randrange(128), rng.randrange(0x300), rng.randrange(0x11000))))
        for _ in range(rng.choice((0, 1, 5, 30)))
    )


def _json(value):
    return json.dumps(value).encode()
