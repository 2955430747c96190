"""No answer, however wrong, makes the client return something unsound or fail in a way of its own."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from api_canned import FIELDS, GOOD, READS, read
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chorus_api import ChorusError, explain, readers, routes
from chorus_api.readers import (
    amount,
    clean,
    day,
    flag,
    identifier,
    integer,
    items,
    moment,
    reference,
    text,
    word,
)

# The same examples each time, however busy the machine; `dev/fuzz answers` tries a million others.
steady = settings(max_examples=300, deadline=None, derandomize=True, database=None)

OPERATIONS = st.sampled_from(sorted(READS))
NAMES = st.sampled_from(FIELDS)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.datetimes().map(str)
    | st.sampled_from(
        [0, "0", 20000, "TRA_MSG_00.015", "2026-09-14", "1e9999", "9" * 30, 2**63, 1700000000000]
    )
)
ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)
SUCCESSES = st.dictionaries(NAMES, ANY_JSON, max_size=8).map(lambda fields: {**fields, "codeRetour": 0})
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "WWW-Authenticate", "Content-Encoding", "x-piste-request-id"]),
    st.text(max_size=20) | st.sampled_from(["gzip", "deflate", "Sun, 22 Nov 2026 08:01:00 -2500"]),
)


@steady
@given(OPERATIONS, SUCCESSES | ANY_JSON, st.sampled_from([200, 200, 200, 400, 401, 500]))
@example(
    "iter_invoices",
    {"codeRetour": 0, "listeFactures": {"identifiantFactureCPP": True, "montantTTC": {}}},
    200,
)
def test_no_answer_breaks_an_operation(operation, value, status):
    read(operation, status, json.dumps(value).encode())


@steady
@given(OPERATIONS, st.binary(max_size=200), st.integers(100, 999), HEADERS)
def test_no_bytes_break_an_operation(operation, body, status, headers):
    read(operation, status, body, headers)


@steady
@given(SUCCESSES | ANY_JSON, st.integers(200, 299))
def test_a_deposit_is_never_held_for_refused_or_taken_by_mistake(value, status):
    result, _routes = read("deposit_flow", status, json.dumps(value).encode())
    fields = value if isinstance(value, dict) else {}
    if isinstance(result, ChorusError):
        refused = result.outcome == "nothing_done"
        assert not refused or integer(fields.get("codeRetour"))
    else:
        assert reference(fields["numeroFluxDepot"]) == result.flow_number
        assert not integer(fields.get("codeRetour"))


@steady
@given(ANY_JSON)
def test_readers_never_raise(value):
    value = json.loads(json.dumps(value), parse_float=Decimal, parse_constant=lambda name: None)
    for reader in (text, word, integer, identifier, amount, flag, moment, day, items, clean):
        reader(value)
    at = moment(value)
    assert at is None or at.tzinfo is UTC
    json.dumps(clean(value), default=str).encode()


@steady
@given(
    st.text()
    | st.lists(st.sampled_from(["|", "obligatoire", "TypeCode.value", "...", "[...]", "n'est"])).map(" ".join)
)
def test_any_report_text_is_explained(report):
    parts = explain(report)
    assert all(part.raw and (part.message_en or part.code == "unknown") for part in parts)
    assert not any(part.cut for part in parts[:-1])


@steady
@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_a_moment_that_is_written_is_read_again(at):
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert moment(readers.write_moment(at)) == at


@pytest.mark.parametrize("operation", READS)
def test_a_good_answer_is_read(operation):
    result, _routes = read(operation, 200, json.dumps({"codeRetour": 0, **GOOD[operation]}).encode())
    assert not isinstance(result, ChorusError)


def test_every_route_is_fuzzed():
    declared = {value.path for value in vars(routes).values() if isinstance(value, routes.Route)}
    asked = {route for operation in READS for route in read(operation, 200, b"{}")[1]}
    assert asked == declared
