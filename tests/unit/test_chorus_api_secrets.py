"""Secrets stay where they are: one marker each, searched in everything the package lets out."""

import http.client
import logging
import traceback

import pytest
from api_server import drop, ok, raw, reply, serving

from chorus_api import ChorusClient, ChorusError, Endpoints, fetch_token

MARKERS = {
    "client id": "MARKER-CLIENT-ID",
    "client secret": "MARKER-CLIENT-SECRET",
    "login": "MARKER-LOGIN",
    "password": "MARKER-PASSWORD",
    "token": "MARKER-TOKEN",
    "new token": "MARKER-RENEWED",
    # login:password in base64, and the invoice in base64
    "account": "TUFSS0VSLUxPR0lO",
    "file": "TUFSS0VSLUZJTEU",
}
FILE = b"MARKER-FILE"

FAILURES = [
    reply(401),
    reply(403),
    reply(500),
    reply(200, b"<html>"),
    reply(200, {}),
    drop,
    raw(b"junk"),
    reply(307),
    reply(400, {"codeRetour": 20001, "libelle": "GDP_MSG_11.022"}),
]


@pytest.fixture
def written(caplog, capsys):
    """All that was logged, at every level and by every library, and printed."""
    caplog.set_level(logging.DEBUG)
    yield lambda: caplog.text + "".join(capsys.readouterr())


def frames(error):
    """The repr of every local variable of our own frames in the traceback, and the error as printed."""
    seen = []
    for frame, _line in traceback.walk_tb(error.__traceback__):
        if frame.f_globals["__name__"].startswith("chorus_api."):
            seen += [f"{name}={value!r}" for name, value in frame.f_locals.items()]
    assert seen
    return "\n".join([*seen, *traceback.format_exception(error), repr(error), str(vars(error))])


def check(text):
    found = [name for name, marker in MARKERS.items() if marker in text]
    assert not found, f"{found} in {text}"


@pytest.mark.parametrize("step", FAILURES)
def test_no_secret_in_the_failure_of_a_call(step, written):
    with serving(step) as server:
        endpoints = Endpoints(server.url + "/t", server.url)
        with ChorusClient(
            endpoints,
            MARKERS["login"],
            MARKERS["password"],
            MARKERS["token"],
            renew=lambda old: MARKERS["new token"],
        ) as client:
            with pytest.raises(ChorusError) as caught:
                client.flow_report("CPP1")
            assert caught.value.__context__ is None or isinstance(caught.value.__context__, ChorusError)
            check(frames(caught.value) + repr(client) + repr(vars(client)) + repr(client.calls))
    check(written())


@pytest.mark.parametrize("step", FAILURES)
def test_no_secret_in_the_failure_of_a_deposit(step, written):
    with serving(step) as server:
        endpoints = Endpoints(server.url + "/t", server.url)
        with ChorusClient(endpoints, MARKERS["login"], MARKERS["password"], MARKERS["token"]) as client:
            with pytest.raises(ChorusError) as caught:
                client.deposit_flow(FILE, "a.pdf")
            error = caught.value
            check(f"{error!r} {error} {vars(error)}" + "".join(traceback.format_exception(error)))
    check(written())


@pytest.mark.parametrize(
    "step",
    [
        reply(400, {"error": "invalid_client"}),
        reply(500),
        drop,
        reply(200, b"MARKER-TOKEN"),
        reply(200, {"access_token": "MARKER-TOKEN with blank"}),
        raw(b"junk"),
    ],
)
def test_no_secret_in_the_failure_of_a_token_request(step, written):
    with serving(step) as server:
        endpoints = Endpoints(server.url + "/t", server.url)
        with pytest.raises(ChorusError) as caught:
            fetch_token(endpoints, MARKERS["client id"], MARKERS["client secret"])
        check(frames(caught.value))
    check(written())


def test_no_secret_when_all_goes_well(written):
    steps = reply(200, {"access_token": "MARKER-TOKEN"}), ok(numeroFluxDepot="CPP1")
    with serving(*steps) as server:
        endpoints = Endpoints(server.url + "/t", server.url)
        token = fetch_token(endpoints, MARKERS["client id"], MARKERS["client secret"])
        with ChorusClient(endpoints, MARKERS["login"], MARKERS["password"], token.value) as client:
            client.deposit_flow(FILE, "a.pdf")
        assert server.requests[1].headers["authorization"] == "Bearer MARKER-TOKEN"
    text = written()
    check(repr(token) + text)
    assert "POST factures/v1/deposer/flux: 200" in text


def test_the_debug_print_of_http_client_shows_nothing(monkeypatch, written):
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with serving(ok(numeroFluxDepot="CPP1")) as server:
        endpoints = Endpoints(server.url + "/t", server.url)
        with ChorusClient(endpoints, MARKERS["login"], MARKERS["password"], MARKERS["token"]) as client:
            client.deposit_flow(FILE, "a.pdf")
    check(written())


def test_no_secret_in_an_address():
    for url in ("https://user:MARKER-PASSWORD@api.piste.gouv.fr", "https://api.piste.gouv.fr?x=MARKER-TOKEN"):
        with pytest.raises(ValueError) as caught:
            Endpoints("https://oauth.piste.gouv.fr/t", url)
        check(f"{caught.value!r}")
