"""What people ask of Chorus Pro, clicked by RPC in a running server: they are told what became of it."""

import pytest
from running import running

from lib.server import databases, invariants


@pytest.fixture(scope="module")
def server(environment, tmp_path_factory):
    """One server for all of them: each uses an invoice of its own."""
    folder = tmp_path_factory.mktemp("requests")
    source = databases.with_addon(environment)
    with (
        databases.temporary(environment, "requests", source) as name,
        running(environment, name, folder) as started,
    ):
        yield started
        assert invariants.broken(name, settled=False) == []


# What their buyers say of the invoices that the tests begin with: status, words, state shown here.
TOLD = {
    "completed": ("SUSPENDUE", "Il manque le PV", "suspended"),
    "redirected": ("A_RECYCLER", "Mauvais engagement", "recycle"),
    "lost": ("SUSPENDUE", "Il manque le PV", "suspended"),
    "refused": ("SUSPENDUE", "Il manque le PV", "suspended"),
    "rejected": ("REJETEE", "Prix faux", "refused"),
}


@pytest.fixture(scope="module")
def at_the_buyers(server):
    """Invoices to which their buyers have given a status: dict of key of `TOLD` to id.

    Together, since Odoo looks once a minute whether the time of an action has come.
    """
    moves = dict(zip(TOLD, server.invoices(len(TOLD)), strict=True))
    server.click([*moves.values()])
    server.wait_for([*moves.values()], "integrated", 120)
    for key, (status, words, _state) in TOLD.items():
        server.buyer(moves[key], status, words)
    server.make_due("cron_follow")
    for key, (_status, _words, state) in TOLD.items():
        server.wait_for([moves[key]], state, 120)
    return moves


def outcome(server, screen, method):
    """What the screen tells when its button is pressed: (kind, message)."""
    model, record = screen
    told = server.accountant.call(model, method, [record])
    return told["params"]["type"], told["params"]["message"]


def test_completed_is_told_as_done(server, at_the_buyers):
    move = at_the_buyers["completed"]
    screen = server.press([move], "action_chorus_complete", comment="Voici le PV.")
    assert outcome(server, screen, "action_complete") == ("success", "Done on Chorus Pro.")
    assert server.read([move], "chorus_todo")[0]["chorus_todo"] is False


def test_redirected_is_told_as_done(server, at_the_buyers):
    move = at_the_buyers["redirected"]
    screen = server.press([move], "action_chorus_recycle", engagement="BC-2026-778")
    assert outcome(server, screen, "action_recycle") == ("success", "Done on Chorus Pro.")


def test_a_lost_answer_is_told_and_looked_at(server, at_the_buyers):
    move = at_the_buyers["lost"]
    server.control("faults", {"route": "factures/v1/completer", "kind": "http_500", "count": 1})
    screen = server.press([move], "action_chorus_complete", comment="Voici le PV.")
    kind, message = outcome(server, screen, "action_complete")
    assert kind == "warning" and "lost" in message
    asked = server.accountant.call("account.move", "action_chorus_check_request", [move])
    assert asked["params"]["type"] == "warning", "it is not known yet"


def test_a_refusal_is_told_in_the_words_of_chorus(server, at_the_buyers):
    move = at_the_buyers["refused"]
    fault = {"route": "factures/v1/completer", "kind": "refusal", "count": 1, "label": "REFUS POUR ESSAI"}
    server.control("faults", fault)
    screen = server.press([move], "action_chorus_complete", comment="Voici le PV.")
    kind, message = outcome(server, screen, "action_complete")
    assert kind == "danger" and "did not do it" in message


def test_a_rejection_is_acknowledged_by_the_scheduled_action(server, at_the_buyers):
    move = at_the_buyers["rejected"]
    model, record = server.press([move], "action_chorus_correct")
    server.accountant.call(model, "action_correct", [record])
    request = f"SELECT state FROM chorus_request WHERE kind = 'acknowledge' AND move_id = {move}"
    server.poll(lambda: server.sql(request) == ["done"], 120, "the rejection is acknowledged")


def test_check_now_shows_the_report_at_once(server):
    server.control("settings", {"not_found_period": 600.0})
    [move] = server.invoices(1)
    server.click([move])
    server.wait_for([move], "sent", 120)
    server.control("settings", {"not_found_period": 0.0})
    with server.switched_off("cron_follow"):
        server.control("clock", {"advance": 600})
        server.accountant.call("account.move", "action_chorus_check_now", [move])
        assert server.states([move]) == ["integrated"]


def test_the_directory_tells_at_once(server):
    [customer] = server.accountant.call(
        "res.partner", "search", [("company_registry", "=", "12345678200051")]
    )
    told = server.accountant.call("res.partner", "action_chorus_look_up", [customer])
    assert told is None or told.get("params", {}).get("type") != "danger"
