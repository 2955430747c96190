"""Beside another channel: the list says by which road each invoice went; nothing invites to a second one."""

import pytest
from channels import scene
from test_channels import ALL, FAILED, GONE, REFUSED, UNSENT

ROADS = ("chorus", "platform", "peppol", "other", "portal", "none")
EXPECTED = {"peppol": "peppol", "nemhandel": "other", "fr_einvoicing": "platform"}


@pytest.fixture(scope="module")
def play(environment, tmp_path_factory):
    with scene(environment, tmp_path_factory.mktemp("roads")) as opened:
        yield opened


def road(columns):
    """What the list should say of an invoice on which another module wrote ``columns``."""
    if columns in UNSENT + FAILED:
        return "none"
    name = next(iter(columns))
    return next(value for start, value in EXPECTED.items() if name.startswith(start))


def test_each_state_of_another_channel_is_on_its_road_in_column_and_filter(play):
    assert REFUSED and GONE
    moves = play.invoices(len(ALL) + 2)
    for move, columns in zip(moves, ALL, strict=False):
        if columns:
            play.set(move, **columns)
    *_others, ours, by_hand = moves
    play.set(ours, chorus_state="integrated", peppol_move_state="ready")
    play.set(by_hand, chorus_state="hand")
    shown = play.anne.search_read("account.move", [("id", "in", moves)], ["chorus_road", "chorus_road_note"])
    shown = {row["id"]: row for row in shown}
    expected = [*map(road, ALL), "chorus", "portal"]
    assert [shown[move]["chorus_road"] for move in moves] == expected
    for name in ROADS:
        found = play.anne.call("account.move", "search", [("id", "in", moves), ("chorus_road", "=", name)])
        assert sorted(found) == [move for move, told in zip(moves, expected, strict=True) if told == name], (
            name
        )
    for move, told in zip(moves, expected, strict=True):
        note = shown[move]["chorus_road_note"]
        assert "Chorus Pro" in note
        if told in ("peppol", "platform", "other"):
            assert "not sent to Chorus Pro as well" in note
        if told == "none" and move in moves[: len(UNSENT)]:
            assert "by no other electronic road" in note


def test_send_and_print_shows_a_chorus_customer_no_box_that_cannot_be_used(play):
    open_one, held = play.invoices(2)
    play.click([held])

    def boxes(move):
        context = {**play.anne.context, "active_model": "account.move", "active_ids": [move]}
        wizard = play.anne.create("account.move.send.wizard", {"move_id": move}, context=context)
        fields = ["sending_method_checkboxes", "alerts"]
        return play.anne.call("account.move.send.wizard", "read", [wizard], fields, context=context)[0]

    shown = boxes(open_one)
    assert shown["sending_method_checkboxes"]["chorus_pro"]["checked"]
    assert not [key for key, box in shown["sending_method_checkboxes"].items() if box.get("readonly")]
    assert not [key for key in shown["alerts"] or {} if "what_is" in key or "want" in key]
    shown = boxes(held)
    assert "peppol" not in shown["sending_method_checkboxes"]
    assert any("with Chorus Pro already" in alert["message"] for alert in shown["alerts"].values())


def test_customers_move_and_see_what_is_open_on_the_other_road(play):
    sent, waiting = play.invoices(2)
    play.set(sent, peppol_move_state="processing", peppol_message_uuid="u-9")
    customer = play.made["customer"]
    away = play.anne.call("res.partner", "action_chorus_road_away", [customer])["res_id"]
    (line,) = play.anne.search_read("chorus.road.line", [("wizard_id", "=", away)], ["state", "notes"])
    assert "Sent by another road and not paid" in line["notes"]
    # An invoice that waits in the queue of Chorus Pro keeps the customer there until it has left.
    play.click([waiting])
    again = play.anne.call("res.partner", "action_chorus_road_away", [customer])["res_id"]
    (line,) = play.anne.search_read("chorus.road.line", [("wizard_id", "=", again)], ["state", "notes"])
    assert (line["state"], "On its way to Chorus Pro" in line["notes"]) == ("stays", True)
    play.run()
    play.anne.call("chorus.road", "action_move", [again])
    switch = play.anne.call("res.partner", "read", [customer], ["dematerialized_invoice_type"])
    assert switch[0]["dematerialized_invoice_type"] is False
    there = play.anne.call("res.partner", "action_chorus_road_there", [customer])["res_id"]
    play.anne.call("chorus.road", "action_move", [there])
    switch = play.anne.call("res.partner", "read", [customer], ["dematerialized_invoice_type"])
    assert switch[0]["dematerialized_invoice_type"] == "facturx"
