"""Which addresses are accepted, and where credentials may go."""

import pytest

from chorus_api import OFFICIAL, EndpointError, Endpoints, allowed_host
from chorus_api.client import official_environment


def test_the_official_addresses():
    assert OFFICIAL["production"].url("x") == "https://api.piste.gouv.fr/cpro/x"
    assert OFFICIAL["test"].auth_url == "https://sandbox-oauth.piste.gouv.fr/api/oauth/token"
    assert all(
        allowed_host(endpoints.api_url) and allowed_host(endpoints.auth_url)
        for endpoints in OFFICIAL.values()
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (" https://API.piste.gouv.fr/ ", "https://api.piste.gouv.fr"),
        ("https://api.piste.gouv.fr/cpro/", "https://api.piste.gouv.fr"),
        ("https://proxy.example:8443/piste", "https://proxy.example:8443/piste"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_are_brought_to_one_form(url, expected):
    assert Endpoints("https://oauth.piste.gouv.fr/t", url).api_url == expected


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://api.piste.gouv.fr", "not_https"),
        ("http://127.0.0.1.evil.example", "not_https"),
        ("http://0.0.0.0", "not_https"),
        ("ftp://api.piste.gouv.fr", "malformed"),
        ("", "malformed"),
        (None, "malformed"),
        ("https://", "malformed"),
        ("https://user:pass@api.piste.gouv.fr", "malformed"),
        ("https://evil.example\\@api.piste.gouv.fr", "malformed"),
        ("https://api.piste.gouv.fr?x=1", "malformed"),
        ("https://api.piste.gouv.fr#x", "malformed"),
        ("https://api .piste.gouv.fr", "malformed"),
        ("https://api.piste.gouv.fr:0", "malformed"),
        ("https://api.piste.gouv.fr:99999", "malformed"),
        ("https://api..piste.gouv.fr", "malformed"),
        ("https://api.piste.gouv.fr/\r\nX: 1", "malformed"),
        ("https://аpi.piste.gouv.fr", "malformed"),
        ("javascript:alert(1)", "malformed"),
    ],
)
def test_addresses_that_are_not_accepted(url, code):
    with pytest.raises(EndpointError) as caught:
        Endpoints("https://oauth.piste.gouv.fr/t", url)
    assert (caught.value.code, isinstance(caught.value, ValueError)) == (code, True)


def test_a_token_address_needs_a_path():
    with pytest.raises(EndpointError) as caught:
        Endpoints("https://oauth.piste.gouv.fr", "https://api.piste.gouv.fr")
    assert caught.value.code == "no_path"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.piste.gouv.fr", True),
        ("https://piste.gouv.fr", True),
        ("https://a.b.PISTE.gouv.fr/x", True),
        ("https://notpiste.gouv.fr", False),
        ("https://piste.gouv.fr.evil.example", False),
        ("https://evil.example/piste.gouv.fr", False),
        ("https://piste.gouv.fr@evil.example", False),
        ("http://127.0.0.1:8069", True),
        ("http://127.8.8.8", True),
        ("http://[::1]", True),
        ("http://localhost", True),
        ("http://localhost.evil.example", False),
        ("https://gateway.example", True),
        ("https://x.gateway.example", False),
        ("nonsense", False),
        ("", False),
        (None, False),
    ],
)
def test_where_credentials_may_go(url, allowed):
    assert allowed_host(url, [" Gateway.Example "]) is allowed


@pytest.mark.parametrize(
    ("url", "environment"),
    [
        *((url, name) for name, place in OFFICIAL.items() for url in (place.auth_url, place.api_url)),
        ("https://SANDBOX-API.piste.gouv.fr:443/", "test"),
        ("https://piste.gouv.fr", "production"),
        ("http://127.0.0.1:8080", ""),
        ("https://sandbox-api.example", ""),
    ],
)
def test_which_environment_an_official_address_belongs_to(url, environment):
    assert official_environment(url) == environment
