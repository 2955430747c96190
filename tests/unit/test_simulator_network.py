"""The simulated network: latency and bandwidth of every call."""

import time

import pytest
import requests
from simulator_kit import deposit_body, facturx, running

from simulator.server import Handler

ROUTE = "structures/v1/rechercher"


@pytest.fixture
def timed(monkeypatch):
    """`timed(call, ...)`: (seconds that it took, seconds of these that the network is told to take)."""
    waited, wait = [], Handler._wait

    def note(handler, seconds, until=None):
        waited.append(seconds)
        wait(handler, seconds, until)

    monkeypatch.setattr(Handler, "_wait", note)

    def timed(call, *args):
        waited.clear()
        start = time.monotonic()
        call(*args)
        return time.monotonic() - start, sum(waited)

    return timed


def test_each_call_takes_the_latency(simulator, timed):
    simulator.token()
    simulator.control("settings", {"latency": 0.3})
    for call in (lambda: simulator.ok(ROUTE), simulator.token):
        seconds, told = timed(call)
        assert told == pytest.approx(0.3)
        assert seconds >= 0.3
    simulator.control("settings", {"latency": 0.0})


def test_a_file_takes_as_long_as_its_bytes(simulator, timed):
    content = facturx()
    simulator.token()
    simulator.control("settings", {"bandwidth": len(content) * 4})
    seconds, told = timed(simulator.deposit, content)
    # In base64 it is a third longer, and there is something around it.
    assert 1 / 3 <= told < 0.5
    assert seconds >= told


def test_a_client_that_leaves_while_its_file_travels_has_sent_it_and_learnt_nothing(tmp_path):
    with running(tmp_path, clock="real") as client:
        client.token()
        client.control("settings", {"latency": 3600.0})
        with pytest.raises(requests.Timeout):
            client.post("factures/v1/deposer/flux", deposit_body(facturx()), timeout=0.2)
        client.http.close()
        deadline = time.monotonic() + 60
        while not client.control("ledger")["deposits"] and time.monotonic() < deadline:
            pass
        assert len(client.control("ledger")["deposits"]) == 1
