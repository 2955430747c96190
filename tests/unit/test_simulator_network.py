"""The simulated network: latency and bandwidth of every call."""

import time

import pytest
import requests
from simulator_kit import deposit_body, facturx, running

ROUTE = "structures/v1/rechercher"


def seconds(function, *args):
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


def test_each_call_takes_the_latency(simulator):
    simulator.token()
    simulator.control("settings", {"latency": 0.3})
    assert 0.3 <= seconds(simulator.ok, ROUTE) < 1.5
    assert 0.3 <= seconds(simulator.token) < 1.5
    simulator.control("settings", {"latency": 0.0})


def test_a_file_takes_as_long_as_its_bytes(simulator):
    content = facturx()
    simulator.token()
    simulator.control("settings", {"bandwidth": len(content) * 4})
    assert 1 / 3 <= seconds(simulator.deposit, content) < 2


def test_a_client_that_leaves_while_its_file_travels_has_sent_it_and_learnt_nothing(tmp_path):
    with running(tmp_path, clock="real") as client:
        client.token()
        client.control("settings", {"latency": 1.0})
        with pytest.raises(requests.Timeout):
            client.post("factures/v1/deposer/flux", deposit_body(facturx()), timeout=0.2)
        deadline = time.monotonic() + 20
        while not client.control("ledger")["deposits"] and time.monotonic() < deadline:
            pass
        assert len(client.control("ledger")["deposits"]) == 1
