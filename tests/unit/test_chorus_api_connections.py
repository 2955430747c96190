"""What ``chorus_api/transport.py`` takes for granted of requests, urllib3 and http.client, one by one.

A new version of theirs that breaks one of these fails here by name, before a slow server finds out.
"""

import http.client
import inspect
import io

import pytest
import requests
import urllib3
from api_server import dribble, raw, serving
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from chorus_api.transport import DeadlineAdapter, DeadlineExceeded


class Deadline:
    """So many seconds for each wait, or none at all."""

    def __init__(self, seconds):
        self.seconds = seconds

    def remaining(self):
        if self.seconds <= 0:
            raise DeadlineExceeded
        return self.seconds


class Running(Deadline):
    """Lets eight waits pass, however short."""

    waits = 0

    def remaining(self):
        self.waits += 1
        self.seconds = self.seconds if self.waits < 8 else 0
        return super().remaining()


def adapter(seconds=60, timeout=60):
    return DeadlineAdapter(Deadline(seconds), timeout)


def session(seconds=60, timeout=60):
    made = requests.Session()
    made.trust_env = False
    for scheme in ("http://", "https://"):
        made.mount(scheme, adapter(seconds, timeout))
    return made


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_manager_makes_its_pools_by_the_table_that_we_replace(scheme):
    made = adapter()
    pool = made.poolmanager.connection_from_url(f"{scheme}://chorus.invalid")
    assert type(pool) is made.poolmanager.pool_classes_by_scheme[scheme]
    assert issubclass(type(pool), {"http": HTTPConnectionPool, "https": HTTPSConnectionPool}[scheme])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_pool_makes_its_connections_by_connection_cls(scheme):
    pool = adapter().poolmanager.connection_from_url(f"{scheme}://chorus.invalid")
    assert type(pool._new_conn()) is pool.ConnectionCls


def test_connections_are_those_of_urllib3_but_for_two_members():
    for scheme, theirs in (("http", HTTPConnectionPool), ("https", HTTPSConnectionPool)):
        ours = adapter().poolmanager.connection_from_url(f"{scheme}://chorus.invalid").ConnectionCls
        assert ours.__mro__[1] is theirs.ConnectionCls
        assert {name for name in vars(ours) if not name.startswith("__")} == {"response_class", "debuglevel"}


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:3128", "https://127.0.0.1:3128"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_reached_by_our_connections(proxy, scheme):
    made = adapter()
    pool = made.proxy_manager_for(proxy).connection_from_url(f"{scheme}://chorus.invalid")
    assert pool.ConnectionCls.response_class.__name__ == "DeadlineResponse"


def test_a_response_reads_its_socket_through_fp_only():
    members = inspect.getsource(http.client.HTTPResponse)
    assert 'self.fp = sock.makefile("rb")' in members
    assert members.count("sock") == members.split("self._method")[0].count("sock")


def test_the_answer_to_connect_is_a_response_of_the_connection_too():
    assert "self.response_class(self.sock" in inspect.getsource(http.client.HTTPConnection._tunnel)
    assert "self.response_class(self.sock" in inspect.getsource(http.client.HTTPConnection.getresponse)


def test_a_buffered_reader_takes_a_raw_file_that_raises_as_it_is():
    class Raw(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, _buffer):
            raise DeadlineExceeded

    with pytest.raises(DeadlineExceeded):
        io.BufferedReader(Raw()).readline()


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"],
    ids=["status line", "headers", "body"],
)
def test_each_part_of_an_answer_is_read_by_the_clock(start):
    """One byte each hundredth of a second: no single wait is long, the whole is."""

    made, clock = requests.Session(), Running(60)
    made.trust_env = False
    made.mount("http://", DeadlineAdapter(clock, 60))
    with serving(dribble(start)) as server, pytest.raises((DeadlineExceeded, requests.RequestException)):
        made.get(server.url, timeout=60)
    assert clock.waits == 8


def test_the_answer_of_a_proxy_is_read_by_the_clock():
    made, clock = requests.Session(), Running(60)
    made.trust_env = False
    made.mount("https://", DeadlineAdapter(clock, 60))
    with (
        serving(dribble(b"HTTP/1.1 200 OK\r\nX-Slow: ")) as proxy,
        pytest.raises((DeadlineExceeded, requests.RequestException)),
    ):
        made.get("https://chorus.invalid", timeout=60, proxies={"https": proxy.url})
    assert clock.waits == 8


def test_a_debug_print_of_the_process_shows_no_header(capsys, monkeypatch):
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    with serving(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")) as server:
        session().get(server.url, timeout=60, headers={"Authorization": "Bearer hidden"})
    assert "hidden" not in capsys.readouterr().out


def test_nothing_is_tried_again_below_us():
    assert adapter().max_retries.total == 0
    assert urllib3.Retry.DEFAULT.total != 0
