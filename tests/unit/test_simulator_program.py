"""The program itself: starting, stopping, being killed, its speed, its web page."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from simulator_kit import Client, deposit_body, facturx

ROOT = Path(__file__).parents[2]


class Program:
    """``python -m simulator`` in a process of its own."""

    def __init__(self, folder, *options):
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "simulator",
                "--port",
                "0",
                "--data",
                str(folder),
                "--clock",
                "manual",
                *options,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.startswith("listening on "):
                break
        else:
            self.process.wait(60)
            message = self.process.stderr.read()
            self.close()
            raise RuntimeError(message)
        self.client = Client(self.lines[-1].split()[-1])

    def end(self, sign=signal.SIGTERM):
        self.process.send_signal(sign)
        code = self.process.wait(60)
        self.close()
        return code

    def close(self):
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def start(tmp_path):
    programs = []

    def starter(*options):
        programs.append(Program(tmp_path / "data", *options))
        return programs[-1]

    yield starter
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait()
        program.close()


def test_it_prints_its_defaults_and_its_address_and_stops_on_sigterm(start):
    program = start()
    assert [line.split() for line in program.lines[:4]] == [
        ["client-id", "simulator-client"],
        ["client-secret", "simulator-secret"],
        ["login", "TECH_1_1@cpro.fr"],
        ["password", "simulator-password"],
    ]
    assert program.client.verdict()["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert program.end() == 0


def test_credentials_of_ones_own_are_not_printed(start):
    program = start(
        "--client-id",
        "mine",
        "--client-secret",
        "hidden-secret",
        "--login",
        "TECH_9@cpro.fr",
        "--password",
        "hidden-password",
    )
    assert "hidden" not in "".join(program.lines)
    program.client.token("mine", "hidden-secret")
    headers = program.client.headers("TECH_9@cpro.fr", "hidden-password")
    assert program.client.post("structures/v1/rechercher", headers=headers).status_code == 200


def test_a_second_one_on_the_same_directory_is_refused(start):
    start()
    with pytest.raises(RuntimeError, match="another simulator"):
        start()


def test_shutdown_by_the_control_panel(start):
    program = start()
    program.client.control("shutdown", {})
    assert program.process.wait(60) == 0


def test_everything_survives_a_restart(start):
    program = start()
    invoice = program.client.integrated(number="K1")
    program.client.set_status(invoice, "SUSPENDUE", "Manque")
    pending = program.client.deposit(number="K2")
    before = program.client.control("ledger")
    program.end()
    client = start().client
    assert client.control("ledger") == before
    client.advance(60)
    assert client.report(pending)["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert client.deposit(number="K3") > pending


def test_no_accepted_deposit_is_lost_by_sigkill(start):
    program, accepted = start(), []

    def send(worker):
        client = Client(program.client.address)
        for number in range(1000):
            try:
                accepted.append(client.deposit(number=f"{worker}-{number}"))
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                return

    threads = [threading.Thread(target=send, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    while len(accepted) < 40:
        os.sched_yield()
    program.end(signal.SIGKILL)
    for thread in threads:
        thread.join()
    ledger = start().client.control("ledger")
    assert set(accepted) <= {deposit["flow_number"] for deposit in ledger["deposits"]}
    assert len({deposit["flow_number"] for deposit in ledger["deposits"]}) == len(ledger["deposits"])


def test_a_client_killed_in_flight_is_counted(start):
    program = start()
    program.client.token()
    program.client.control("settings", {"deposit_hold": {"min": 3600, "max": 3600}})
    code = (
        "import json, sys, requests; order = json.load(sys.stdin); "
        "requests.post(order['url'], json=order['body'], headers=order['headers'])"
    )
    sender = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, text=True)

    json.dump(
        {
            "url": f"{program.client.address}/cpro/factures/v1/deposer/flux",
            "body": deposit_body(facturx()),
            "headers": program.client.headers(),
        },
        sender.stdin,
    )
    sender.stdin.close()
    end = time.monotonic() + 60
    while [entry["phase"] for entry in program.client.control("inflight")["now"]] != ["serving"]:
        assert time.monotonic() < end
    sender.kill()
    sender.wait()
    while not (flight := program.client.control("inflight"))["kills_in_flight"]:
        assert time.monotonic() < end
    assert flight["taken"] == 1
    assert flight["vanished"][0]["flow_number"].startswith("CPP001")


def test_reset_is_as_good_as_new(simulator):
    simulator.integrated(number="A")
    simulator.control("settings", {"page_size": 2})
    simulator.control("reset", {})
    simulator.token()
    state = simulator.control("state")
    assert (state["counts"]["deposit"], state["counts"]["invoice"]) == (0, 0)
    assert state["settings"]["page_size"] == 10
    assert state["counts"]["structure"] > 10
    assert simulator.deposit(number="A")


@pytest.mark.parametrize(
    "wrong",
    [
        ("settings", {"nothing": 1}),
        ("settings", {"page_size": "ten"}),
        ("settings", {"flow_delays": {"X": 1}}),
        ("clock", {}),
        ("structures/1", {"nothing": 1}),
        ("deposits/CPP", {"state": "IN_REJETE"}),
        ("invoices/1/status", {"status": "REJETEE"}),
        ("invoices/1/status", {}),
        ("nowhere", {}),
    ],
)
def test_orders_that_make_no_sense_change_nothing_and_say_why(simulator, wrong):
    before = simulator.control("state")
    answer = requests.post(f"{simulator.address}/control/{wrong[0]}", json=wrong[1], timeout=60)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]
    assert simulator.control("state") == before


def test_calls_are_counted_and_kept_without_secrets(simulator):
    simulator.control("calls", method="DELETE")
    simulator.token()
    simulator.deposit()
    simulator.search()
    calls = simulator.control("calls")
    assert calls["counts"] == {
        "oauth": 1,
        "factures/v1/deposer/flux": 1,
        "factures/v1/rechercher/fournisseur": 1,
    }
    assert [call["status"] for call in calls["calls"]] == [200, 200, 200]
    assert "simulator-secret" not in str(calls)
    assert "simulator-password" not in str(calls)


def test_ten_thousand_invoices_are_searched_by_index(simulator):
    made = simulator.control("seed", {"count": 10000, "age_days": 5})
    assert made["count"] == 10000
    window = {
        "periodeDateHeureEtatCourantDu": "2026-09-10T12:30:00+02:00",
        "rechercheFactureParFournisseur": {"nbResultatsParPage": 100, "pageResultatDemandee": 3},
    }
    started = time.process_time()
    found = simulator.ok("factures/v1/rechercher/fournisseur", window)
    assert time.process_time() - started < 1, "about 0.02 s of work"
    assert (len(found["listeFactures"]), found["parametresRetour"]["total"]) == (100, 1000)


# The web page


def web(client, path="/", **form):
    address = f"{client.address}{path}"
    return requests.post(address, data=form, timeout=60) if form else requests.get(address, timeout=60)


def test_the_buyer_is_played_on_the_web_page(simulator):
    wanted = simulator.integrated(number="WEB-1")["identifiantFactureCPP"]
    assert "WEB-1" in web(simulator).text
    page = web(simulator, f"/invoice/{wanted}", status="SUSPENDUE", comment="Il manque <le bon>", stay="1")
    assert "Il manque &lt;le bon&gt;" in page.text
    assert simulator.search()["listeFactures"][0]["commentaireEtatCourant"] == "Il manque <le bon>"
    web(simulator, f"/invoice/{wanted}", status="MISE_EN_PAIEMENT", label="Pay")
    assert simulator.search()["listeFactures"][0]["statut"] == "MISE_EN_PAIEMENT"


def test_a_deposit_is_shown_with_its_errors_escaped(simulator):
    flow = simulator.deposit(number="<b>x</b>".replace("<", "&lt;"), payment=None)
    simulator.advance(60)
    for path in ("/", f"/deposit/{flow}"):
        text = web(simulator, path).text
        assert "TypeCode.value est obligatoire" in text
        assert "<b>x" not in text
    assert flow in web(simulator, f"/deposit/{flow}").text


def test_clock_and_faults_on_the_web_page(simulator):
    before = simulator.control("state")["clock"]["epoch"]
    web(simulator, "/clock", advance="3600")
    assert simulator.control("state")["clock"]["epoch"] == before + 3600
    web(simulator, "/faults", route="oauth", kind="http_503", count="2")
    assert simulator.control("faults")["faults"][0]["count"] == 2
    assert web(simulator, "/faults", route="*", kind="no such").status_code == 400
    web(simulator, "/faults/clear", all="1")
    assert simulator.control("faults")["faults"] == []


@pytest.mark.parametrize("path", ["/invoice/1", "/deposit/x", "/nothing"])
def test_unknown_pages(simulator, path):
    assert web(simulator, path).status_code == 404
