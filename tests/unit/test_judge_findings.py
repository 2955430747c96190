"""None of many random invoices that the findings pass is rejected by Chorus Pro."""

from simulator_kit import running

import chorus_api
import einvoice
from lib.judge.judge_findings import judge, look_up
from simulator.__main__ import DEFAULTS


def client_of(simulator):
    endpoints = chorus_api.Endpoints(f"{simulator.address}/api/oauth/token", simulator.address)

    def renew(_old):
        return chorus_api.fetch_token(endpoints, DEFAULTS["client_id"], DEFAULTS["client_secret"]).value

    return chorus_api.ChorusClient(endpoints, DEFAULTS["login"], DEFAULTS["password"], "", renew)


def test_what_the_findings_pass_is_taken(tmp_path):
    with running(tmp_path) as simulator, client_of(simulator) as client:
        outcome = judge(simulator, client, 150, seed=7)
        deposits = simulator.control("ledger")["deposits"]
    assert outcome.missed == []
    assert outcome.invoices == 150
    assert len(deposits) == outcome.invoices - outcome.not_writable, "all sent, whatever was found"
    assert outcome.passed > 50
    assert outcome.both_refuse > 20
    assert sum(deposit["state"] == "IN_INTEGRE" for deposit in deposits) == outcome.taken
    assert outcome.taken == outcome.passed + outcome.blocked_and_taken
    assert {code for code, _count, _rule in outcome.rows()} <= {*einvoice.CATALOGUE, "number_already_sent"}


def test_a_missing_rule_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("lib.judge.judge_findings.einvoice.check", lambda *_args: [])
    with running(tmp_path) as simulator, client_of(simulator) as client:
        outcome = judge(simulator, client, 40, seed=7)
    assert outcome.missed


def test_a_recipient_is_read_from_the_directory(simulator):
    with client_of(simulator) as client:
        state, private = look_up(client, "11000201100044"), look_up(client, "33254021516357")
        assert not look_up(client, "99999999999999").known
    assert state.services["SFACETAT"] == (True, False)
    assert (state.needs_service, state.private, private.private) == (True, False, True)
