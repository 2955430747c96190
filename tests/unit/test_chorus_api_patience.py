"""No request waits longer than the process that makes it may live."""

from types import SimpleNamespace

import pytest

from chorus_api import Settings
from chorus_api.operations import SHORTEST, Caller
from chorus_api.routes import CALL, DEPOSIT


class Transport:
    """Notes how long each request would be waited for."""

    def __init__(self):
        self.seconds = []

    def send(self, _method, _url, _headers, _body, *, seconds, max_bytes):
        self.seconds.append(seconds)
        return SimpleNamespace(status=200, failure="", seconds=0.0, body=b"", headers={})


@pytest.mark.parametrize(
    ("kind", "left", "expected"),
    [
        (CALL, None, 60),
        (CALL, 500, 60),
        (CALL, 12, 12),
        (DEPOSIT, 500, 45),
        (DEPOSIT, 20, 20),
        (CALL, 0, SHORTEST),
        (CALL, -30, SHORTEST),
    ],
)
def test_what_is_left_bounds_the_patience(kind, left, expected):
    transport = Transport()
    time_left = None if left is None else lambda: left
    caller = Caller(Settings(), True, transport=transport, time_left=time_left)
    route = SimpleNamespace(kind=kind, method="POST", path="try")
    caller.exchange(route, "http://127.0.0.1/try", {}, b"")
    assert transport.seconds == [expected]


def test_short_limits_leave_those_of_a_deposit_as_they_are():
    usual = Settings()
    short = usual.within(5)
    assert (short.connect_timeout, short.read_timeout, short.call_deadline, short.token_deadline) == (5,) * 4
    assert short.deposit_time(10**7) == usual.deposit_time(10**7)
    assert usual.within(3600) == usual


class Time:
    """A clock that sleeping moves."""

    def __init__(self):
        self.now = 1000.0

    def sleep(self, seconds):
        self.now += seconds


def test_waiting_for_the_pace_is_none_of_the_time_of_a_call():
    """At a few calls a minute the last of several files waits for a minute: its time begins then."""
    clock, transport = Time(), Transport()
    caller = Caller(
        Settings(),
        True,
        transport=transport,
        clock=lambda: clock.now,
        sleep=clock.sleep,
        pace=lambda _record: 50.0,
        time_left=lambda: 1130 - clock.now,
    )
    route = SimpleNamespace(kind=DEPOSIT, method="POST", path="try")
    begun = caller.begin()
    caller.exchange(route, "http://127.0.0.1/try", {}, b"", begun)
    # The same call again, as after a new token that took five seconds: both share the time of one.
    clock.now += 5
    caller.exchange(route, "http://127.0.0.1/try", {}, b"", begun)
    # The second has what the process has left.
    assert transport.seconds == [45, 25]
