"""PISTE's token: what is asked, what is believed, what a refusal means."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from api_server import drop, ok, raw, reply, serving

from chorus_api import (
    AccessDenied,
    BadAnswer,
    ChorusClient,
    Endpoints,
    InvalidCredentials,
    NotSent,
    RateLimited,
    RouteNotFound,
    TokenRejected,
    Unavailable,
    fetch_token,
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
GOOD = {"access_token": "opaque-token", "token_type": "Bearer", "expires_in": 3600, "scope": "openid"}


def fetch(*steps, client_id="id", client_secret="secret"):
    with serving(*steps) as server:
        token = fetch_token(
            Endpoints(server.url + "/api/oauth/token", server.url),
            client_id,
            client_secret,
            clock=lambda: NOW,
        )
        return token, server.requests


def test_the_token_is_asked_for_as_piste_wants():
    token, (request,) = fetch(reply(200, GOOD), client_id=" 3f-id\n", client_secret="\t7é+&=secret ")
    assert (token.value, token.expires_at) == ("opaque-token", NOW + timedelta(hours=1))
    assert (request.method, request.path) == ("POST", "/api/oauth/token")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["3f-id"],
        "client_secret": ["7é+&=secret"],
        "scope": ["openid"],
    }


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (1800, 1800),
        ("1800", 1800),
        (1800.0, 1800),
        (None, 3600),
        ("soon", 3600),
        (-5, 3600),
        (0, 3600),
        (True, 3600),
        (10**30, 3600),
        (10**9, 86400),
        ([], 3600),
    ],
)
def test_its_life_is_read_with_care(expires_in, seconds):
    token, _requests = fetch(reply(200, {**GOOD, "expires_in": expires_in}))
    assert token.expires_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("step", "kind", "code", "retryable"),
    [
        (reply(400, {"error": "invalid_client"}), InvalidCredentials, "invalid_client", True),
        (reply(401, {"error": "invalid_client"}), InvalidCredentials, "invalid_client", True),
        (reply(400, b""), InvalidCredentials, "invalid_client", True),
        (reply(400, {"error": "unsupported_grant_type"}), InvalidCredentials, "oauth_refused", True),
        (reply(403), AccessDenied, "access_denied", False),
        (reply(404, b"<html>"), RouteNotFound, "route_not_found", True),
        (reply(429, b"", ["Retry-After: 3"]), RateLimited, "rate_limited", True),
        (reply(302, b"", ["Location: /login"]), NotSent, "redirect_refused", False),
        (reply(500), Unavailable, "server_error", True),
        (drop, Unavailable, "connection_lost", True),
        (reply(200, b"<html>"), BadAnswer, "unreadable_answer", True),
        (reply(200, {}), BadAnswer, "no_access_token", True),
        (reply(200, {"access_token": ""}), BadAnswer, "no_access_token", True),
        (reply(200, {"access_token": ["x"]}), BadAnswer, "no_access_token", True),
        (reply(200, {"access_token": "a\r\nX-Injected: 1"}), BadAnswer, "no_access_token", True),
        (reply(200, {"access_token": "a b"}), BadAnswer, "no_access_token", True),
        (reply(200, {"access_token": "é"}), BadAnswer, "no_access_token", True),
        (reply(200, {"access_token": "x" * 10_000}), BadAnswer, "no_access_token", True),
        (
            raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"access_token": "hal'),
            Unavailable,
            "connection_lost",
            True,
        ),
    ],
)
def test_a_refusal_is_told_apart(step, kind, code, retryable):
    with pytest.raises(kind) as caught:
        fetch(step)
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.retryable, error.outcome, error.route) == (
        code,
        retryable,
        "nothing_done",
        "oauth",
    )


def test_the_servers_patience_is_handed_on():
    with pytest.raises(RateLimited) as caught:
        fetch(reply(429, b"", ["Retry-After: 3"]))
    assert caught.value.retry_after == 3


REPORT = ok(etatCourantDepotFlux="IN_INTEGRE")


def client_on(server, token="old", renew=None, **options):
    return ChorusClient(
        Endpoints(server.url + "/t", server.url), "login", "password", token, renew=renew, **options
    )


def test_a_dying_token_is_renewed_once():
    asked = []

    def renew(old):
        asked.append(old)
        return "new"

    with serving(reply(401), REPORT) as server, client_on(server, renew=renew) as client:
        assert client.flow_report("CPP1").state == "IN_INTEGRE"
        assert client.flow_report("CPP1").state == "IN_INTEGRE"
        assert [call.http_status for call in client.calls] == [401, 200, 200]
    assert asked == ["old"]
    assert [request.headers["authorization"] for request in server.requests] == [
        "Bearer old",
        "Bearer new",
        "Bearer new",
    ]


def test_whoever_has_to_know_hears_of_a_call_its_renewal_included():
    heard = []

    @contextmanager
    def during():
        heard.append("begins")
        yield
        heard.append("ends")

    def renew(_old):
        heard.append("renewal")
        return "new"

    with serving(reply(401), REPORT) as server, client_on(server, renew=renew, during=during) as client:
        client.flow_report("FLUX1")
    assert heard == ["begins", "renewal", "ends"]


def test_a_deposit_is_repeated_after_a_renewal():
    taken = ok(numeroFluxDepot="CPP1")
    with serving(reply(401), taken) as server, client_on(server, renew=lambda old: "new") as client:
        assert client.deposit_flow(b"x", "a.pdf").flow_number == "CPP1"
    assert server.requests[0].body == server.requests[1].body


def test_a_second_401_is_the_end():
    with serving(reply(401, b"", ['WWW-Authenticate: Bearer error="invalid_token"'])) as server:
        with client_on(server, renew=lambda old: "new") as client, pytest.raises(TokenRejected) as caught:
            client.flow_report("CPP1")
        assert len(server.requests) == 2
    assert caught.value.detail == 'Bearer error="invalid_token"'


def test_without_a_way_to_renew_the_first_401_is_the_end():
    with serving(reply(401)) as server, client_on(server) as client:
        with pytest.raises(TokenRejected):
            client.flow_report("CPP1")
        assert len(server.requests) == 1


@pytest.mark.parametrize("token", ["", None, "bad\r\ntoken"])
def test_an_unusable_token_is_renewed_before_the_first_call(token):
    with serving(REPORT) as server, client_on(server, token, renew=lambda old: "new") as client:
        client.flow_report("CPP1")
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer new"]


def test_an_unusable_token_never_leaves():
    with serving(REPORT) as server, client_on(server, "bad\r\ntoken") as client:
        with pytest.raises(TokenRejected):
            client.flow_report("CPP1")
        assert not server.connections


def test_a_failing_renewal_tells_its_own_reason():
    def renew(_old):
        raise InvalidCredentials("invalid_client", route="oauth")

    with serving(reply(401)) as server, client_on(server, renew=renew) as client:
        with pytest.raises(InvalidCredentials) as caught:
            client.deposit_flow(b"x", "a.pdf")
        assert (caught.value.outcome, len(server.requests)) == ("nothing_done", 1)


def test_the_repetition_shares_the_deadline():
    now = [0.0]

    def renew(_old):
        now[0] += 500
        return "new"

    with serving(reply(401), ok(numeroFluxDepot="CPP1")) as server:
        with client_on(server, renew=renew, clock=lambda: now[0]) as client, pytest.raises(NotSent) as caught:
            client.deposit_flow(b"x", "a.pdf")
        assert (caught.value.code, len(server.requests)) == ("deadline", 1)
