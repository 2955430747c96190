"""Clients that others wrote get their token by default: keys in the form or in an HTTP Basic header."""

import base64
import json
import subprocess

import httpx
import pytest
import requests
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError
from requests_oauthlib import OAuth2Session

from simulator.__main__ import DEFAULTS

ID, SECRET = DEFAULTS["client_id"], DEFAULTS["client_secret"]
ACCOUNT = base64.b64encode(f"{DEFAULTS['login']}:{DEFAULTS['password']}".encode()).decode()
SEARCH = "/cpro/structures/v1/rechercher"


@pytest.fixture
def plain_http(monkeypatch):
    """The simulator speaks HTTP on this machine, which oauthlib refuses unless told."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def oauth_session(simulator, secret=SECRET, **options):
    session = OAuth2Session(client=BackendApplicationClient(client_id=ID))
    session.fetch_token(f"{simulator.address}/api/oauth/token", client_id=ID, client_secret=secret, **options)
    return session


@pytest.mark.parametrize("options", [{}, {"include_client_id": True}], ids=["basic", "both"])
def test_requests_oauthlib(simulator, plain_http, options):
    with oauth_session(simulator, **options) as session:
        answer = session.post(simulator.address + SEARCH, json={}, headers={"cpro-account": ACCOUNT})
    assert answer.json()["codeRetour"] == 0


def test_requests_oauthlib_with_a_wrong_secret(simulator, plain_http):
    with pytest.raises(InvalidClientError):
        oauth_session(simulator, secret="wrong")


@pytest.mark.parametrize("place", ["auth", "data"])
def test_httpx(simulator, place):
    form = {"grant_type": "client_credentials", "scope": "openid"}
    with httpx.Client(base_url=simulator.address, trust_env=False) as client:
        if place == "auth":
            token = client.post("/api/oauth/token", data=form, auth=(ID, SECRET))
        else:
            token = client.post("/api/oauth/token", data={**form, "client_id": ID, "client_secret": SECRET})
        headers = {"Authorization": f"Bearer {token.json()['access_token']}", "cpro-account": ACCOUNT}
        assert client.post(SEARCH, json={}, headers=headers).json()["codeRetour"] == 0


@pytest.mark.parametrize("keys", [["-u", f"{ID}:{SECRET}"], ["-d", f"client_id={ID}&client_secret={SECRET}"]])
def test_curl(simulator, keys):
    def curl(*words):
        done = subprocess.run(["curl", "-sS", "--noproxy", "*", *words], capture_output=True, check=True)
        return json.loads(done.stdout)

    token = curl(f"{simulator.address}/api/oauth/token", "-d", "grant_type=client_credentials", *keys)
    bearer = f"Authorization: Bearer {token['access_token']}"
    headers = ["-H", bearer, "-H", f"cpro-account: {ACCOUNT}", "-H", "Content-Type: application/json"]
    assert curl(simulator.address + SEARCH, "-d", "{}", *headers)["codeRetour"] == 0


def test_wrong_keys_are_told_alike_wherever_they_stand(simulator):
    form = {"grant_type": "client_credentials"}

    def ask(data=None, auth=None):
        answer = requests.post(
            f"{simulator.address}/api/oauth/token", data={**form, **(data or {})}, auth=auth, timeout=60
        )
        return answer.status_code, answer.content

    answers = {
        ask(),
        ask({"client_id": ID, "client_secret": "wrong"}),
        ask({"client_id": "nobody", "client_secret": SECRET}),
        ask(auth=(ID, "wrong")),
        ask(auth=("nobody", SECRET)),
    }
    assert len(answers) == 1
    assert answers.pop()[0] == 400
    assert ask(auth=(ID, SECRET))[0] == 200


def test_keys_in_a_basic_header_are_percent_encoded(simulator):
    simulator.control("clients", {"client_id": "a client", "secret": "100 % é:+"})
    header = base64.b64encode(b"a%20client:100+%25+%C3%A9%3A%2B").decode()
    answer = requests.post(
        f"{simulator.address}/api/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {header}"},
        timeout=60,
    )
    assert answer.status_code == 200
