"""Where credentials go and where they do not: certificates, redirects, proxies, cookies, .netrc."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from api_server import at_once, deadline_after_the_request, dribble, drop, ok, raw, reply, serving, silent
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chorus_api import BadAnswer, ChorusClient, Endpoints, NotSent, OutcomeUnknown, Settings, Unavailable
from chorus_api.errors import retry_after
from chorus_api.transport import Transport

REPORT = ok(etatCourantDepotFlux="IN_RECU")
PATIENT = Settings()
# One limit is near and the others far, so that a busy machine cannot reach the wrong one first.
QUICK = {"answer_timeout": Settings(connect_timeout=60, read_timeout=0.15, call_deadline=600)}


def client_on(url, settings=PATIENT, **options):
    return ChorusClient(
        Endpoints("https://oauth.piste.gouv.fr/token", url),
        "login",
        "password",
        "token",
        settings=settings,
        **options,
    )


def report(url, settings=PATIENT, **options):
    with client_on(url, settings, **options) as client:
        return client.flow_report("CPP1")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Path of a self-signed certificate for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        cert.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(path)


@pytest.fixture
def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(REPORT, context=context) as server:
        yield server


def test_an_unknown_certificate_is_refused(tls_server):
    with pytest.raises(NotSent) as caught:
        report(tls_server.url)
    assert (caught.value.code, caught.value.outcome) == ("tls_failure", "nothing_done")
    assert "self-signed certificate" in caught.value.detail
    assert not tls_server.requests


def test_a_known_certificate_is_accepted(tls_server, certificate):
    settings = Settings(ca_bundle=certificate)
    assert report(tls_server.url, settings).state == "IN_RECU"


def test_a_certificate_for_another_name_is_refused(tls_server, certificate):
    with pytest.raises(NotSent) as caught:
        report(tls_server.url.replace("127.0.0.1", "localhost"), Settings(ca_bundle=certificate))
    assert caught.value.code == "tls_failure"
    assert not tls_server.requests


def test_a_server_without_tls_is_refused():
    plain = at_once(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with serving(plain) as server, pytest.raises(NotSent) as caught:
        report(server.url.replace("http:", "https:"))
    assert caught.value.code == "tls_failure"


def test_a_redirect_is_not_followed():
    with serving(REPORT) as elsewhere:
        step = reply(307, b"", [f"Location: {elsewhere.url}/cpro/transverses/v1/consulterCRDetaille"])
        with serving(step) as server, pytest.raises(NotSent) as caught:
            report(server.url)
        assert not elsewhere.connections
    assert caught.value.code == "redirect_refused"


def test_cookies_are_not_kept():
    with serving(
        reply(200, {"codeRetour": 0, "etatCourantDepotFlux": "X"}, ["Set-Cookie: a=b; Path=/"])
    ) as server:
        with client_on(server.url) as client:
            client.flow_report("CPP1")
            client.flow_report("CPP1")
        assert len(server.requests) == 2
        assert not any("cookie" in request.headers for request in server.requests)


def test_netrc_does_not_replace_the_token(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login intruder password x\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(REPORT) as server:
        transport = Transport(Settings(), loopback=False)
        transport.send(
            "POST", server.url + "/x", {"Authorization": "Bearer token"}, b"{}", seconds=60, max_bytes=99
        )
        transport.close()
        assert server.requests[0].headers["authorization"] == "Bearer token"


def test_connections_are_reused():
    with serving(REPORT) as server, client_on(server.url, clock=lambda: 0.0) as client:
        for _ in range(3):
            client.flow_report("CPP1")
        assert (server.connections, len(server.requests)) == (1, 3)


def test_a_write_does_not_use_a_connection_left_idle():
    now = [0.0]
    with serving(REPORT, ok(numeroFluxDepot="CPP1")) as server:
        with client_on(server.url, clock=lambda: now[0]) as client:
            client.flow_report("CPP1")
            now[0] += 60
            client.deposit_flow(b"x", "a.pdf")
        assert server.connections == 2


def test_a_proxy_of_the_settings_is_used():
    with serving(raw(b"HTTP/1.1 502 no such host\r\nContent-Length: 0\r\n\r\n")) as proxy:
        settings = Settings(proxies={"https": f"http://user:hidden@127.0.0.1:{proxy.port}"})
        with pytest.raises(NotSent) as caught:
            report("https://api.chorus.invalid", settings)
        assert (proxy.requests[0].method, proxy.requests[0].path) == ("CONNECT", "api.chorus.invalid:443")
        assert "authorization" not in proxy.requests[0].headers
    assert caught.value.code == "proxy_failure"
    assert "hidden" not in f"{caught.value!r} {settings!r}"


def test_a_proxy_of_the_environment_is_used(monkeypatch):
    with serving(drop) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(NotSent) as caught:
            report("https://api.chorus.invalid")
        assert proxy.requests[0].method == "CONNECT"
    assert caught.value.code == "connection_failed"


def test_the_settings_proxy_wins_over_the_environments(monkeypatch):
    with serving(drop) as wanted, serving(drop) as other:
        monkeypatch.setenv("HTTPS_PROXY", other.url)
        with pytest.raises(NotSent):
            report("https://api.chorus.invalid", Settings(proxies={"https": wanted.url}))
        assert (wanted.connections, other.connections) == (1, 0)


def test_no_proxy_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(REPORT) as server:
        assert report(server.url, Settings(proxies={"http": "http://127.0.0.1:1"})).state == "IN_RECU"


@pytest.mark.parametrize(
    ("step", "kind", "code"),
    [
        (silent, Unavailable, "answer_timeout"),
        (drop, Unavailable, "connection_lost"),
        (dribble(b"HTTP/1.1 200 OK\r\nX-Slow: "), Unavailable, "deadline"),
        (dribble(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), Unavailable, "deadline"),
        (
            dribble(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 500),
            Unavailable,
            "deadline",
        ),
        (reply(500), Unavailable, "server_error"),
        (reply(503, b"", ["Retry-After: 30"]), Unavailable, "server_error"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), Unavailable, "connection_lost"),
        (reply(200, b"<html>maintenance"), BadAnswer, "unreadable_answer"),
        (reply(200, b"[]"), BadAnswer, "unreadable_answer"),
        (reply(200, b"{}"), BadAnswer, "missing_field"),
        (reply(200, {"codeRetour": 0}), BadAnswer, "missing_field"),
        (reply(200, {"codeRetour": None, "etatCourantDepotFlux": "X"}), BadAnswer, "missing_field"),
        (reply(199 + 100), BadAnswer, "unreadable_answer"),
    ],
)
def test_a_read_that_fails_may_be_repeated(step, kind, code):
    with serving(step) as server, pytest.raises(kind) as caught:
        terms = deadline_after_the_request(server) if code == "deadline" else {}
        report(server.url, QUICK.get(code, PATIENT), **terms)
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.outcome, caught.value.retryable) == (code, "nothing_done", True)


def test_a_read_is_bounded_in_size():
    with (
        serving(ok(etatCourantDepotFlux="X", padding="x" * 5000)) as server,
        pytest.raises(BadAnswer) as caught,
    ):
        report(server.url, Settings(max_answer_bytes=1000))
    assert caught.value.code == "answer_too_large"


def test_an_endless_answer_is_left():
    def endless(connection, _request):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{")
        while True:
            connection.sendall(b" " * 65536)

    with serving(endless) as server, pytest.raises(BadAnswer) as caught:
        report(server.url, Settings(max_answer_bytes=500_000))
    assert caught.value.code == "answer_too_large"


def test_calls_keep_their_distance():
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    with serving(REPORT) as server:
        settings = Settings(min_interval=2)
        with client_on(server.url, settings, clock=lambda: now[0], sleep=sleep) as client:
            client.flow_report("CPP1")
            now[0] += 0.5
            client.flow_report("CPP1")
            now[0] += 5
            client.flow_report("CPP1")
    assert slept == [1.5]


def test_the_journal_has_each_request():
    step = reply(503, b"later", ["x-piste-request-id: abc\u00e9-1"])
    with serving(step) as server, client_on(server.url, correlation_id="job-7") as client:
        with pytest.raises(Unavailable) as caught:
            client.flow_report("CPP1")
        call = client.last_call
    assert (call.route, call.http_status, call.failure) == ("transverses/v1/consulterCRDetaille", 503, "")
    assert (call.sent, call.received, call.correlation_id) == (27, 5, "job-7")
    assert call.request_id == caught.value.request_id == "abc\u00e9-1"
    assert 0 < call.seconds < PATIENT.call_deadline


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5),
        ("0", 0),
        ("99999", 3600),
        ("Sun, 22 Nov 2026 08:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1" * 500, None),
        ("\u0665", None),
        ("Sun, 99 Nov 2026", None),
    ],
)
def test_retry_after(header, seconds):
    now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert retry_after({"Retry-After": header}, 3600, now) == seconds


def test_a_write_is_not_repeated_on_a_connection_the_server_closed():
    with serving(REPORT, drop) as server:
        with client_on(server.url, PATIENT) as client:
            client.flow_report("CPP1")
            with pytest.raises(OutcomeUnknown):
                client.deposit_flow(b"x", "a.pdf")
        assert len(server.requests) == 2


def test_health():
    with (
        serving(
            reply(200, {"body": "ok", "statusCodeValue": 200, "statusCode": "OK"}),
            reply(200, {"statusCodeValue": 500}),
        ) as server,
        client_on(server.url) as client,
    ):
        assert client.health() is True
        assert client.health() is False
        assert [request.method for request in server.requests] == ["GET", "GET"]
