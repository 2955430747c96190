"""The faults, seen from the client's side of the socket, and what the ledger says afterwards."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests
from simulator_kit import Client, deposit_body, facturx

DEPOSIT = "factures/v1/deposer/flux"
REPORT = "transverses/v1/consulterCRDetaille"
SEARCH = "factures/v1/rechercher/fournisseur"


def order(client, kind, route=DEPOSIT, **options):
    return client.control("faults", {"route": route, "kind": kind, **options})


def taken(client):
    return len(client.control("ledger")["deposits"])


def deposit(client, timeout=60):
    return client.post(DEPOSIT, deposit_body(facturx()), timeout=timeout)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("http_500", 500),
        ("http_502_no_type", 502),
        ("http_503", 503),
        ("http_429", 429),
        ("html", 200),
        ("empty_403", 403),
        ("bare_status", 404),
        ("former_flow", 200),
        ("expired_token", 401),
        ("bad_account", 401),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_instead_of_the_true_one(simulator, kind, status, when):
    order(simulator, kind, when=when)
    answer = deposit(simulator)
    assert answer.status_code == status
    assert (b"numeroFluxDepot" in answer.content) == (kind == "former_flow")
    assert taken(simulator) == (1 if when == "after" else 0)
    simulator.token()
    assert deposit(simulator).status_code == 200


def test_details_of_the_answers(simulator):
    order(simulator, "http_502_no_type")
    assert "Content-Type" not in deposit(simulator).headers
    order(simulator, "http_429", retry_after=7)
    assert deposit(simulator).headers["Retry-After"] == "7"
    order(simulator, "refusal", code=20042, label="NON")
    assert deposit(simulator).json() == {"codeRetour": 20042, "libelle": "NON"}
    order(simulator, "expired_token")
    assert deposit(simulator).status_code == 401
    assert deposit(simulator).status_code == 401, "the token is dead from then on"


@pytest.mark.parametrize(("kind", "expected"), [("drop_before", 0), ("drop_after_accept", 1)])
def test_a_dropped_connection(simulator, kind, expected):
    simulator.token()
    order(simulator, kind)
    with pytest.raises(requests.ConnectionError):
        deposit(simulator)
    assert taken(simulator) == expected
    assert deposit(simulator).status_code == 200


@pytest.mark.parametrize(("when", "expected"), [("before", 0), ("after", 1)])
def test_a_slow_answer_outlived_by_the_client(simulator, when, expected):
    simulator.token()
    order(simulator, "slow", seconds=3600, when=when)
    with pytest.raises(requests.ReadTimeout):
        deposit(simulator, timeout=0.3)
    simulator.http.close()
    wait_until(lambda: simulator.control("inflight")["kills_in_flight"] == 1)
    assert simulator.control("inflight")["taken"] == expected
    assert taken(simulator) == expected


def wait_until(probe, seconds=60):
    end = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_clearing_the_faults_ends_a_slow_answer(simulator):
    simulator.token()
    order(simulator, "slow", seconds=3600)
    answers = []
    other = Client(simulator.address)
    thread = threading.Thread(target=lambda: answers.append(deposit(other)))
    thread.start()
    wait_until(lambda: simulator.control("inflight")["deposits_now"] == 1)
    simulator.control("faults", method="DELETE")
    thread.join(60)
    assert answers[0].status_code == 200


def test_a_dribbling_body_arrives_whole(simulator):
    order(simulator, "slow_body", seconds=0.1)
    assert deposit(simulator).json()["codeRetour"] == 0


def test_truncated_json(simulator):
    order(simulator, "truncated_json")
    answer = deposit(simulator)
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()
    assert taken(simulator) == 1


def test_wrong_content_length(simulator):
    order(simulator, "wrong_length", delta=50)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        deposit(simulator)
    assert taken(simulator) == 1


def test_a_huge_answer(simulator):
    order(simulator, "huge_answer", bytes=3_000_000)
    assert len(deposit(simulator).content) > 3_000_000


def test_object_for_array_and_unknown_status(simulator):
    flow = simulator.deposit(payment=None)
    simulator.advance(60)
    order(simulator, "object_for_array", REPORT)
    report = simulator.report(flow)
    assert report["listeErreurDP"]["numeroDP"] == "F2026-001"
    assert report["listeErreurTechnique"] is None
    order(simulator, "unknown_status", REPORT, code="IN_NOUVEAU")
    assert simulator.report(flow)["etatCourantDepotFlux"] == "IN_NOUVEAU"
    simulator.control("faults", method="DELETE")
    assert simulator.report(flow)["etatCourantDepotFlux"] == "IN_REJETE"


def test_page_cap_and_ignored_filter(simulator):
    simulator.control("seed", {"count": 30})
    order(simulator, "page_cap", SEARCH, n=7)
    page = simulator.search(rechercheFactureParFournisseur={"nbResultatsParPage": 100})
    assert (len(page["listeFactures"]), page["parametresRetour"]["pages"]) == (7, 5)
    window = {"periodeDateHeureEtatCourantDu": "2026-09-14", "periodeDateHeureEtatCourantAu": "2026-09-15"}
    assert simulator.search(**window)["codeRetour"] == 20000
    order(simulator, "filter_ignored", SEARCH)
    assert simulator.search(**window)["parametresRetour"]["total"] == 30


def test_count_skip_probability_and_route(simulator):
    order(simulator, "http_500", count=2, skip=1)
    assert [deposit(simulator).status_code for _ in range(4)] == [200, 500, 500, 200]
    order(simulator, "http_500", "transverses/*", count=None)
    assert [deposit(simulator).status_code, simulator.post(REPORT).status_code] == [200, 500]
    simulator.control("faults", method="DELETE")
    order(simulator, "http_503", "*", count=None, probability=0.5, seed=3)
    first = [simulator.post(REPORT).status_code for _ in range(20)]
    simulator.control("faults", method="DELETE")
    order(simulator, "http_503", "*", count=None, probability=0.5, seed=3)
    assert [simulator.post(REPORT).status_code for _ in range(20)] == first
    assert {400, 503} == set(first)


def test_the_token_endpoint_has_faults_of_its_own(simulator):
    order(simulator, "http_503", "oauth")
    answers = [
        requests.post(f"{simulator.address}/api/oauth/token", data={}, timeout=60).status_code
        for _ in range(2)
    ]
    assert answers == [503, 400]


@pytest.mark.parametrize(
    "wrong", [{"kind": "nothing"}, {"kind": "http_500", "seconds": 3}, {"kind": "slow", "when": "never"}]
)
def test_a_fault_that_makes_no_sense_is_refused(simulator, wrong):
    answer = requests.post(f"{simulator.address}/control/faults", json=wrong, timeout=60)
    assert (answer.status_code, "error" in answer.json()) == (400, True)
    assert simulator.control("faults")["faults"] == []


# The ledger: what counts as a double


def doubled(client):
    return [pair["number"] for pair in client.control("ledger")["doubled"]]


def test_one_file_is_no_double_and_two_are(simulator):
    simulator.deposit(number="A")
    assert doubled(simulator) == []
    simulator.deposit(number="A")
    assert doubled(simulator) == ["A"]


def test_sending_again_after_a_reported_rejection_is_no_double(simulator):
    simulator.verdict(number="A", payment=None)
    simulator.deposit(number="A")
    assert doubled(simulator) == []


def test_sending_again_before_the_rejection_was_reported_is_a_double(simulator):
    simulator.deposit(number="A", payment=None)
    simulator.advance(60)
    flow = simulator.deposit(number="A")
    simulator.report(flow)
    assert doubled(simulator) == ["A"]


@pytest.mark.parametrize("kind", ["drop_after_accept", "truncated_json", "http_500", "unknown_status"])
def test_a_report_that_never_reached_the_client_does_not_count(simulator, kind):
    flow = simulator.deposit(number="A", payment=None)
    simulator.advance(60)
    simulator.token()
    order(simulator, kind, REPORT, **({"when": "after"} if kind == "http_500" else {}))
    with suppress(requests.ConnectionError):
        simulator.post(REPORT, {"numeroFluxDepot": flow})
    simulator.deposit(number="A")
    assert doubled(simulator) == ["A"]


def test_sending_again_after_a_reported_incident_is_no_double(simulator):
    flow = simulator.deposit(number="A")
    simulator.control(f"deposits/{flow}", {"state": "IN_INCIDENTE"})
    simulator.advance(60)
    simulator.report(flow)
    simulator.deposit(number="A")
    assert doubled(simulator) == []


def test_a_third_file_is_judged_against_each_earlier_one(simulator):
    simulator.verdict(number="A", payment=None)
    simulator.deposit(number="A")
    simulator.deposit(number="A")
    assert doubled(simulator) == ["A"]


def test_the_ledger_reads_files_before_their_verdict(simulator):
    simulator.deposit(number="A", gross="120.00")
    (deposit_entry,) = simulator.control("ledger")["deposits"]
    (file,) = deposit_entry["files"]
    assert (file["number"], file["total"], file["date"]) == ("A", "120.00", "2026-09-14")
    assert file["verdict"] is None
    assert (deposit_entry["client"], deposit_entry["account"]) == ("simulator-client", "TECH_1_1@cpro.fr")
    raw = requests.get(
        f"{simulator.address}/control/deposits/{deposit_entry['flow_number']}/file", timeout=60
    )
    assert len(raw.content) == deposit_entry["size"]


def test_a_held_deposit_is_taken_although_its_sender_died(simulator):
    simulator.token()
    simulator.control("settings", {"deposit_hold": {"min": 3600, "max": 3600}})
    with pytest.raises(requests.ReadTimeout):
        deposit(simulator, timeout=0.05)
    simulator.http.close()
    wait_until(lambda: simulator.control("inflight")["kills_in_flight"] == 1)
    assert simulator.control("inflight")["taken"] == 1
    assert taken(simulator) == 1


def test_held_deposits_go_on_when_the_hold_is_changed(simulator):
    simulator.token()
    simulator.control("settings", {"deposit_hold": {"min": 3600, "max": 3600}})
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(deposit, simulator) for _number in range(2)]
        wait_until(lambda: simulator.control("inflight")["deposits_now"] == 2)
        assert taken(simulator) == 0
        simulator.control("settings", {"deposit_hold": {"min": 0, "max": 0}})
        assert [answer.result().status_code for answer in answers] == [200, 200]
    assert taken(simulator) == 2


def test_a_redirect_names_another_address(simulator):
    order(simulator, "bare_status", status=303, when="after")
    answer = simulator.post(DEPOSIT, deposit_body(facturx()), allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://elsewhere.invalid/")
    assert taken(simulator) == 1


def test_a_receipt_with_the_number_of_the_deposit_before(simulator):
    first = deposit(simulator).json()["numeroFluxDepot"]
    order(simulator, "former_flow")
    assert deposit(simulator).json()["numeroFluxDepot"] == first
    assert taken(simulator) == 1
