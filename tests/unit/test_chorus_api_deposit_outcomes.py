"""What a deposit's failure means: nothing was done, or nobody knows. A mistake here doubles an invoice."""

import gzip
import json
import socket
import threading

import pytest
from api_server import (
    deadline_after_the_request,
    dribble,
    drop,
    early,
    raw,
    reply,
    reset_while_sending,
    serving,
    silent,
)

from chorus_api import (
    AccessDenied,
    ChorusClient,
    Endpoints,
    LimitExceeded,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refused,
    RouteNotFound,
    Settings,
    TokenRejected,
    errors,
)

PATIENT = Settings()
# For the tests that wait for the end of patience: one limit is near and the others far, so that a busy
# machine cannot reach the wrong one first.
QUICK = {
    "answer_timeout": Settings(connect_timeout=30, read_timeout=0.15, deposit_base=60, deposit_deadline=60),
    "deadline": Settings(connect_timeout=30, read_timeout=30, deposit_base=0.4, deposit_deadline=0.4),
}
TAKEN = {
    "codeRetour": 0,
    "libelle": "GCU_MSG_01_000",
    "numeroFluxDepot": "CPP0011117000000000425903",
    "dateDepot": "2026-09-14",
    "syntaxeFlux": "IN_DP_E2_CII_FACTURX",
}
TAKEN_BYTES = json.dumps(TAKEN).encode()
LONG_HEADER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


def deposit(url, settings=PATIENT, content=b"%PDF-1.7 invoice", **options):
    endpoints = Endpoints(url + "/api/oauth/token", url)
    with ChorusClient(
        endpoints, "TECH_1@cpro.fr", "password", "token", settings=settings, **options
    ) as client:
        return client.deposit_flow(content, "FAC-2026-0001.pdf")


def failure(*steps, **options):
    """The error of a deposit on a server that acts so."""
    with serving(*steps) as server, pytest.raises(Exception) as caught:
        deposit(server.url, **options)
    return caught.value


def test_deposit_is_taken():
    with serving(reply(200, TAKEN)) as server:
        receipt = deposit(server.url)
    assert (receipt.flow_number, str(receipt.deposit_date), receipt.syntax) == (
        "CPP0011117000000000425903",
        "2026-09-14",
        "IN_DP_E2_CII_FACTURX",
    )
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/cpro/factures/v1/deposer/flux")
    assert request.json == {
        "fichierFlux": "JVBERi0xLjcgaW52b2ljZQ==",
        "nomFichier": "FAC-2026-0001.pdf",
        "syntaxeFlux": "IN_DP_E2_CII_FACTURX",
        "avecSignature": False,
    }
    assert request.headers["authorization"] == "Bearer token"
    assert request.headers["cpro-account"] == "VEVDSF8xQGNwcm8uZnI6cGFzc3dvcmQ="
    assert request.headers["content-type"] == "application/json;charset=utf-8"


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, TAKEN, ["Content-Type: text/html"]),
        reply(201, TAKEN),
        reply(200, b"\xef\xbb\xbf" + TAKEN_BYTES),
        reply(200, gzip.compress(TAKEN_BYTES), ["Content-Encoding: gzip"]),
        reply(
            200,
            {**TAKEN, "codeRetour": "0", "numeroFluxDepot": " CPP0011117000000000425903 ", "unknown": [1]},
        ),
        reply(200, {key: value for key, value in TAKEN.items() if key != "codeRetour"}),
        raw(b"HTTP/1.0 200 OK\r\n\r\n" + TAKEN_BYTES),
        raw(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
            % (len(TAKEN_BYTES), TAKEN_BYTES)
        ),
        # The object is complete although the framing is not: it counts.
        raw(LONG_HEADER % (len(TAKEN_BYTES) + 50) + TAKEN_BYTES),
        raw(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s" % (len(TAKEN_BYTES), TAKEN_BYTES)
        ),
    ],
    ids=[
        "html_type",
        "created",
        "bom",
        "gzip",
        "loose_types",
        "no_code",
        "http_1_0",
        "chunked",
        "length_too_long",
        "chunks_cut",
    ],
)
def test_deposit_is_taken_whatever_the_wrapping(answer):
    with serving(answer) as server:
        assert deposit(server.url).flow_number == "CPP0011117000000000425903"


NOTHING_DONE = {
    "bad_request": (reply(400), Refused, "bad_request", False),
    "functional_400": (
        reply(400, {"codeRetour": 20001, "libelle": "GDP_MSG_11.022"}),
        Refused,
        "file_too_large",
        False,
    ),
    "functional_200": (
        reply(200, {"codeRetour": "20001", "libelle": "GDP_MSG_11.022 - trop gros"}),
        Refused,
        "file_too_large",
        False,
    ),
    "unknown_refusal": (reply(200, {"codeRetour": 20666, "libelle": "X"}), Refused, "refused", False),
    "unauthorized": (reply(401), TokenRejected, "token_rejected", True),
    "unauthorized_by_400": (
        reply(400, b"", ['WWW-Authenticate: Bearer realm="PISTE", error="invalid_request"']),
        TokenRejected,
        "token_rejected",
        True,
    ),
    "empty_403": (reply(403), AccessDenied, "access_denied", False),
    "not_found": (reply(404, b"<html>"), RouteNotFound, "route_not_found", True),
    "too_large": (reply(413), Refused, "too_large", False),
    "wrong_type": (reply(415), Refused, "unsupported_media", False),
    "other_4xx": (reply(422), Refused, "client_error", False),
    "rate_limited": (reply(429, b"", ["Retry-After: 7"]), RateLimited, "rate_limited", True),
    "early_413": (early(413), Refused, "too_large", False),
    "broken_401": (
        raw(b"HTTP/1.1 401 No\r\nContent-Length: 100\r\n\r\n{"),
        TokenRejected,
        "token_rejected",
        True,
    ),
}


@pytest.mark.parametrize("case", NOTHING_DONE)
def test_a_clear_refusal_did_nothing(case):
    step, kind, code, retryable = NOTHING_DONE[case]
    error = failure(step)
    assert type(error) is kind
    assert (error.code, error.outcome, error.retryable) == (code, "nothing_done", retryable)
    assert error.route == "factures/v1/deposer/flux"


UNKNOWN = {
    "dropped": (drop, "connection_lost"),
    "500": (reply(500, {"codeRetour": 1, "libelle": "x"}), "server_error"),
    "502_without_type": (raw(b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>"), "server_error"),
    "503": (reply(503, b"", ["Retry-After: 120"]), "server_error"),
    "504": (reply(504), "server_error"),
    "408": (reply(408), "unexpected_status"),
    "409": (reply(409), "conflict"),
    "409_with_words": (reply(409, {"codeRetour": 20666, "libelle": "X"}), "conflict"),
    **{
        f"redirect_{status}": (
            reply(status, b"", ["Location: https://elsewhere.invalid/"]),
            "redirect_refused",
        )
        for status in (301, 302, 303, 304, 307, 308)
    },
    "silence": (silent, "answer_timeout"),
    "slow_headers": (dribble(b"HTTP/1.1 200 OK\r\nX: "), "deadline"),
    "slow_body": (dribble(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"), "deadline"),
    "truncated_json": (reply(200, TAKEN_BYTES[:-20]), "unreadable_answer"),
    "length_too_short": (raw(LONG_HEADER % 10 + TAKEN_BYTES), "unreadable_answer"),
    "cut_in_the_body": (raw(LONG_HEADER % len(TAKEN_BYTES) + TAKEN_BYTES[:30]), "connection_lost"),
    "html": (reply(200, b"<html>maintenance</html>"), "unreadable_answer"),
    "empty": (reply(200), "unreadable_answer"),
    "no_content": (reply(204), "unreadable_answer"),
    "array": (reply(200, [TAKEN]), "unreadable_answer"),
    "too_deep": (reply(200, b'{"a":' * 5000 + b"1" + b"}" * 5000), "unreadable_answer"),
    "no_flow_number": (reply(200, {"codeRetour": 0, "libelle": "GCU_MSG_01_000"}), "no_flow_number"),
    "null_flow_number": (reply(200, {"codeRetour": 0, "numeroFluxDepot": None}), "no_flow_number"),
    "zero_flow_number": (reply(200, {"codeRetour": 0, "numeroFluxDepot": 0}), "no_flow_number"),
    "empty_object": (reply(200, {}), "missing_field"),
    "refused_with_number": (reply(200, {**TAKEN, "codeRetour": 20001}), "contradictory_answer"),
    "not_http": (raw(b"SSH-2.0-OpenSSH_9\r\n"), "connection_lost"),
    "strange_status": (reply(799), "unexpected_status"),
    "broken_gzip": (
        reply(200, gzip.compress(TAKEN_BYTES)[:40], ["Content-Encoding: gzip"]),
        "unreadable_answer",
    ),
}


WAITING = ("silence", "slow_headers", "slow_body")


@pytest.mark.parametrize("case", UNKNOWN)
def test_anything_unclear_is_unknown(case):
    step, code = UNKNOWN[case]
    if code == "deadline":
        with serving(step) as server, pytest.raises(Exception) as caught:
            deposit(server.url, **deadline_after_the_request(server))
        error = caught.value
    else:
        error = failure(step, settings=QUICK.get(code, PATIENT))
    assert type(error) is OutcomeUnknown
    assert (error.code, error.outcome, error.retryable) == (code, "unknown", False)


@pytest.mark.parametrize("case", WAITING)
def test_patience_ends_in_time(case):
    step, code = UNKNOWN[case]
    with serving(step) as server:
        client = ChorusClient(Endpoints(server.url + "/t", server.url), "l", "p", "t", settings=QUICK[code])
        # Where the machine stood still meanwhile, it did not leave at all.
        with client, pytest.raises((OutcomeUnknown, NotSent)):
            client.deposit_flow(b"x", "a.pdf")
        # The server would stay silent for 30 seconds and dribble for 60.
        assert client.last_call.seconds < 20


def test_an_answer_too_large_is_unknown():
    error = failure(reply(200, TAKEN_BYTES + b" " * 5000), settings=Settings(max_answer_bytes=1000))
    assert (type(error), error.code) == (OutcomeUnknown, "answer_too_large")


def test_a_compressed_answer_too_large_is_unknown():
    bomb = gzip.compress(TAKEN_BYTES + b" " * 10_000_000)
    error = failure(reply(200, bomb, ["Content-Encoding: gzip"]), settings=Settings(max_answer_bytes=100_000))
    assert (type(error), error.code) == (OutcomeUnknown, "answer_too_large")


def test_the_server_asks_for_patience():
    assert failure(reply(503, b"", ["Retry-After: 120"])).retry_after == 120


def test_a_reset_while_the_file_leaves_is_unknown():
    error = failure(
        reset_while_sending,
        content=b"x" * 9_000_000,
        settings=Settings(connect_timeout=60),
    )
    assert (type(error), error.outcome) == (OutcomeUnknown, "unknown")


def test_a_stalled_upload_ends_at_the_deadline():
    begun = threading.Event()

    def take_nothing(connection, _request):
        while not connection.recv(4096, socket.MSG_PEEK).partition(b"\r\n\r\n")[2]:
            pass
        begun.set()
        return silent(connection, None)

    take_nothing.before_reading = True
    error = failure(
        take_nothing,
        content=b"x" * 9_000_000,
        settings=Settings(connect_timeout=0.5),
        clock=lambda: 3600.0 * begun.is_set(),
    )
    assert (type(error), error.outcome) == (OutcomeUnknown, "unknown")


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        deposit(f"http://127.0.0.1:{port}")
    assert (caught.value.code, caught.value.outcome, caught.value.retryable) == (
        "connection_refused",
        "nothing_done",
        True,
    )


def test_unknown_host():
    with pytest.raises(NotSent) as caught:
        deposit("https://api.chorus.invalid")
    assert (caught.value.code, caught.value.outcome) == ("dns_failure", "nothing_done")


def test_connection_never_accepted():
    # A listener whose queue is full lets connection attempts wait.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = []
        try:
            for _ in range(4):
                client = socket.socket()
                client.setblocking(False)
                client.connect_ex(("127.0.0.1", port))
                waiting.append(client)
            with pytest.raises(NotSent) as caught:
                deposit(f"http://127.0.0.1:{port}", settings=Settings(connect_timeout=0.1))
        finally:
            for client in waiting:
                client.close()
    assert (caught.value.code, caught.value.outcome) == ("connect_timeout", "nothing_done")


def test_one_deposit_is_posted_once():
    with serving(drop, reply(200, TAKEN)) as server:
        with pytest.raises(OutcomeUnknown):
            deposit(server.url)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("content", "name", "syntax", "code"),
    [
        (b"", "a.pdf", "IN_DP_E2_CII_FACTURX", "empty_file"),
        (b"x", "a.xml", "IN_DP_E2_CII_FACTURX", "filename_invalid"),
        (b"x", "../a.pdf", "IN_DP_E2_CII_FACTURX", "filename_invalid"),
        (b"x", "é.pdf", "IN_DP_E2_CII_FACTURX", "filename_invalid"),
        (b"x", "a" * 200 + ".pdf", "IN_DP_E2_CII_FACTURX", "filename_invalid"),
        (b"x" * (10 * 1024 * 1024 + 1), "a.pdf", "IN_DP_E2_CII_FACTURX", "file_too_large"),
        (b"x" * (30 * 1024 * 1024 + 1), "a.tar.gz", "IN_DP_E2_CII_FACTURX", "flow_too_large"),
        (b"x", "a.pdf", "IN_DP_E3_FACTUR_X_10", "unknown_syntax"),
    ],
)
def test_a_file_beyond_the_limits_never_leaves(content, name, syntax, code):
    with serving(reply(200, TAKEN)) as server:
        endpoints = Endpoints(server.url + "/t", server.url)
        with ChorusClient(endpoints, "l", "p", "t") as client, pytest.raises(LimitExceeded) as caught:
            client.deposit_flow(content, name, syntax)
        assert (caught.value.code, caught.value.outcome) == (code, "nothing_done")
        assert not server.connections


def test_a_redirect_is_about_the_connection_whatever_became_of_the_file():
    error = failure(reply(303, b"", ["Location: https://elsewhere.invalid/"]))
    assert (error.about_connection, error.outcome) == (True, "unknown")


# Is the connection at fault, or what was asked? Every class of errors has its answer.
ABOUT_CONNECTION = {
    "ChorusError": False,
    "InvalidCredentials": True,
    "TokenRejected": True,
    "AccessDenied": True,
    "Refused": False,
    "RouteNotFound": True,
    "FlowNotFound": False,
    "NothingFound": False,
    "LimitExceeded": False,
    "RateLimited": True,
    "NotSent": True,
    "OutcomeUnknown": False,
    "Unavailable": False,
    "BadAnswer": False,
}


def test_each_error_says_whether_the_connection_is_at_fault():
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.ChorusError)
    }
    assert {name: kind("x").about_connection for name, kind in kinds.items()} == ABOUT_CONNECTION
    # Nobody answered in time: the next call would wait as long.
    assert errors.Unavailable("answer_timeout").about_connection
    assert errors.OutcomeUnknown("deadline").about_connection
    assert not errors.OutcomeUnknown("connection_lost").about_connection
    assert not errors.speaks_of_connection(None)
    assert errors.speaks_of_connection(RouteNotFound("route_not_found"))
