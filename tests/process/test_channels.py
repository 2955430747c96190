"""One channel for each invoice, beside a module that stands outside ours and asks nobody further in."""

import uuid

import pytest
from channels import CRON_SEND, PREPARE, scene

from lib.server import odoo, rpc

PEPPOL = "peppol_move_state"
# What another module writes on an invoice → what that means. Some value that nobody knows yet is among them.
UNSENT = [{}, {PEPPOL: "ready"}, {"nemhandel_move_state": "ready"}]
FAILED = [{PEPPOL: "error"}, {PEPPOL: "skipped"}, {"nemhandel_move_state": "error"}]
REFUSED = [{PEPPOL: value} for value in ("RE", "refused", "cancelled")] + [
    {PEPPOL: "RE", "peppol_message_uuid": "u-1"},
    {"nemhandel_move_state": "BusinessReject"},
]
GONE = [
    {PEPPOL: value}
    for value in (
        "to_send", "processing", "done", "AB", "AP", "PD", "submitted", "made_available", "sent", "suspended",
        "completed", f"invented_{uuid.uuid4().hex[:6]}",
    )
] + [
    {"peppol_message_uuid": "u-2"},
    {PEPPOL: "ready", "peppol_message_uuid": "u-3"},
    {PEPPOL: "error", "peppol_message_uuid": "u-4"},
    {PEPPOL: "skipped", "peppol_message_uuid": "u-5"},
    {"nemhandel_move_state": "done"},
    {"nemhandel_move_state": f"invented_{uuid.uuid4().hex[:6]}"},
    {"nemhandel_message_uuid": "u-6"},
    {"fr_einvoicing_flow_id": 1},
]  # fmt: skip
ALL = UNSENT + FAILED + REFUSED + GONE


@pytest.fixture(scope="module")
def play(environment, tmp_path_factory):
    with scene(environment, tmp_path_factory.mktemp("channels")) as opened:
        yield opened


def prepare(play):
    """The files of what was clicked are made and wait."""
    play.shell(PREPARE.format(company=play.made["company"]))


def test_platform_first_for_each_state_by_click_batch_and_daily_action(play):
    moves = play.invoices(len(ALL))
    unsent, stopped = moves[: len(UNSENT)], moves[len(UNSENT) :]
    for move, columns in zip(moves, ALL, strict=True):
        if columns:
            play.set(move, **columns)
    found = play.click(moves)
    assert {found[move][0] for move in unsent} <= {"ready", "warned"}
    for move, columns in zip(stopped, ALL[len(UNSENT) :], strict=True):
        state, reasons = found[move]
        assert state == "stopped", columns
        assert play.name(move) in reasons and (
            "Peppol" in reasons or "Nemhandel" in reasons or "platform" in reasons
        )
    # Odoo's own screen for several invoices, and its daily action: nothing by itself either.
    play.batch(stopped)
    play.run()
    assert play.taken(moves) == [1] * len(unsent) + [0] * len(stopped)
    assert play.others(moves) == [0] * len(moves)
    for move in stopped:
        assert play.state(move) == (None, ""), "no line was written"
        told = play.told(move)
        assert "The Factur-X of this invoice could not be made" in told and play.name(move) in told
    # Send & Print by itself neither offers the method nor takes it when it is asked for by a remote call.
    with pytest.raises(rpc.Refused, match="Peppol"):
        play.send_and_print(stopped[0], ["chorus_pro"])
    # A person decides, where there is something to decide.
    open_ones = moves[len(UNSENT) : len(UNSENT) + len(FAILED) + len(REFUSED)]
    play.anne.call("account.move", "action_chorus_despite", open_ones)
    with pytest.raises(rpc.Refused, match="twice"):
        play.anne.call("account.move", "action_chorus_despite", moves[-1:])
    assert {state for state, _reasons in play.click(open_ones).values()} == {"warned"}
    play.run()
    assert play.taken(open_ones) == [1] * len(open_ones)
    assert all("all the same" in play.told(move) for move in open_ones)
    assert play.sql(f"SELECT chorus_despite FROM account_move WHERE id = {open_ones[0]}") == [
        f"{PEPPOL}=error:"
    ]


def test_a_decision_holds_for_the_situation_it_was_made_in(play):
    (move,) = play.invoices(1)
    play.set(move, **{PEPPOL: "error"})
    play.anne.call("account.move", "action_chorus_despite", [move])
    assert play.click([move])[move][0] == "warned"
    prepare(play)
    play.set(move, **{PEPPOL: "refused"})
    play.run()
    assert play.taken([move]) == [0]
    assert play.state(move)[0] == "failed"


def test_chorus_first_the_last_gate_sees_each_state_and_the_platform_gets_nothing(play):
    moves = play.invoices(len(ALL))
    play.click(moves)
    prepare(play)
    assert {play.state(move)[0] for move in moves} == {"ready"}
    # On its way there, the neighbour is asked for it: by Odoo's own screen, alone and with the mail.
    with pytest.raises(rpc.Refused, match="with Chorus Pro, or on its way"):
        play.send_and_print(moves[0], ["peppol"])
    play.send_and_print(moves[0], ["email", "peppol"])
    assert "with Chorus Pro, or on its way" in play.told(moves[0])
    assert play.others(moves) == [0] * len(moves)
    for move, columns in zip(moves, ALL, strict=True):
        if columns:
            play.set(move, **columns)
    play.run()
    assert play.taken(moves) == [1] * len(UNSENT) + [0] * (len(ALL) - len(UNSENT))
    for move, columns in list(zip(moves, ALL, strict=True))[len(UNSENT) :]:
        state, message = play.state(move)
        assert (state, play.name(move) in message) == ("failed", True), columns
        assert play.name(move) in play.told(move)
    # Held by Chorus Pro: neither by Odoo's screen nor with both ticked.
    with pytest.raises(rpc.Refused, match="with Chorus Pro, or on its way"):
        play.send_and_print(moves[1], ["peppol"])
    assert play.others(moves) == [0] * len(moves)


def test_a_group_whose_one_invoice_is_gone_leaves_without_it(play):
    play.sql("UPDATE chorus_connection SET group_state = 'accepted'")
    company = play.made["company"]
    play.sql(f"UPDATE res_company SET chorus_group_size = 3 WHERE id = {company}")
    try:
        moves = play.invoices(3)
        play.click(moves)
        prepare(play)
        play.set(moves[1], **{PEPPOL: "processing"})
        play.run()
        assert play.taken(moves) == [1, 0, 1]
        assert play.state(moves[1])[0] == "failed"
    finally:
        play.sql(f"UPDATE res_company SET chorus_group_size = 1 WHERE id = {company}")


def test_a_customer_without_vat_number_goes_by_chorus_pro_in_every_way(play):
    by_click, by_screen, by_batch, by_remote, as_list = play.invoices(5)
    before = play.look([by_click])[1]
    play.anne.call("res.partner", "neighbour_writes", [play.made["customer"]])
    assert play.click([by_click]) == before, "no false warning"
    play.send_and_print(by_screen)
    play.batch([by_batch])
    play.send_and_print(by_remote, ["chorus_pro", "peppol"])
    play.parameter("answers_lists", "1")
    play.batch([as_list])
    play.parameter("answers_lists", False)
    moves = [by_click, by_screen, by_batch, by_remote, as_list]
    play.run()
    assert play.taken(moves) == [1] * 5
    assert play.others(moves) == [0] * 5


def test_the_neighbour_held_inside_its_call_while_our_worker_takes(play):
    """A module with a screen of its own, past the common hook: only the row tells of it."""
    (move,) = play.invoices(1)
    play.click([move])
    prepare(play)
    with play.held(
        lambda: play.anne.call("account.move", "neighbour_sends_by_its_own_screen", [move])
    ) as failures:
        play.shell(CRON_SEND)
        assert play.taken([move]) == [0]
        assert play.state(move)[0] == "ready", "who cannot lock comes back later"
    assert not failures and play.others([move]) == [1]
    play.sql("UPDATE chorus_deposit SET next_action_at = '2026-01-01' WHERE state = 'ready'")
    play.run()
    assert play.taken([move]) == [0]
    state, message = play.state(move)
    assert state == "failed" and "finding.other_channel" in message


def test_a_click_while_the_neighbour_is_inside_its_call(play):
    (move,) = play.invoices(1)
    screen = play.look([move])[0]
    other = play.login("anne", "anne-anne-anne")
    with play.held(lambda: play.send_and_print(move, ["peppol"], other)) as failures:
        with pytest.raises(rpc.Refused, match="changed or sent by somebody else"):
            play.anne.call("chorus.send", "action_send", [screen])
        play.shell(CRON_SEND)
    assert not failures, failures
    assert play.click([move])[move][0] == "stopped"
    play.run()
    assert (play.taken([move]), play.others([move])) == ([0], [1])


def test_the_platform_asked_while_our_worker_is_inside_its_call(play):
    (move,) = play.invoices(1)
    play.click([move])
    prepare(play)
    play.simulator.control("settings", {"deposit_hold": {"min": 3600, "max": 3600}})
    line = odoo.command(play.environment, ["-d", play.database, "--no-http"], "shell")
    with odoo.processes.Process(line, "worker", text=CRON_SEND) as worker:
        rpc.poll(lambda: play.state(move)[0] == "sending", 120, "the post", pause=0.05)
        with pytest.raises(rpc.Refused, match="with Chorus Pro, or on its way"):
            play.send_and_print(move, ["peppol"])
        play.simulator.control("settings", {"deposit_hold": {"min": 0, "max": 0}})
        assert worker.wait(120) == 0
    assert (play.taken([move]), play.others([move])) == ([1], [0])


# The neighbour's transaction begins first; click and sending end before it comes to its call.
STALE = """
from odoo import api
from odoo.service.model import retrying

admin = env.ref("base.user_admin")
tries = []


def ask(stale):
    send = stale["account.move.send"].with_context(allowed_company_ids=[{company}])
    move = stale["account.move"].browse({move}).sudo()
    move.chorus_state
    if not tries:
        with env.registry.cursor() as cr:
            other = api.Environment(cr, env.uid, dict(env.context, allowed_company_ids=[{company}]))
            other["account.move"].browse({move})._chorus_queue("production")
        env["chorus.worker"].sudo()._cron_send()
    tries.append(1)
    data = {{"sending_methods": {{"peppol"}}}}
    send._call_web_service_after_invoice_pdf_render({{move: data}})
    return data.get("error")


with env.registry.cursor() as cr:
    stale = api.Environment(cr, admin.id, {{}})
    result = retrying(lambda: ask(stale), stale)
"""


@pytest.mark.parametrize("locks", [True, False])
def test_a_platform_on_an_older_view_of_the_invoice(play, locks):
    (move,) = play.invoices(1)
    play.parameter("locks_nothing", False if locks else "1")
    error = play.shell(STALE.format(company=play.made["company"], move=move))
    play.parameter("locks_nothing", False)
    assert "with Chorus Pro, or on its way" in error["error_title"]
    assert (play.taken([move]), play.others([move])) == ([1], [0])


def test_the_neighbour_s_call_breaks_and_nobody_sends_it_a_second_time_by_himself(play):
    move, good = play.invoices(2)
    play.parameter("breaks", "1")
    with pytest.raises(rpc.Refused, match="call broke"):
        play.send_and_print(move, ["peppol"])
    play.parameter("breaks", False)
    play.set(move, **{PEPPOL: "error"})
    play.batch([move, good])
    play.run()
    assert play.taken([move, good]) == [0, 1]
    assert "did not succeed" in play.told(move)


# ------------------------------------------------------------------------------------------------ e-reporting


# With the reports that a newer release of Odoo brings, but for their way out: its network.
REPORT = """
moves = env["account.move"].with_company({company}).sudo()
flows = env["l10n.fr.pdp.reports.flow"].with_company({company}).sudo()
for move in moves.search([("company_id", "=", {company}), ("state", "=", "posted"),
                          ("l10n_fr_pdp_flow_10_report_type", "!=", False)]):
    flows._get_open_flow_and_create_if_needed(move)
result = []
for flow in flows.search([("company_id", "=", {company}), ("state", "=", "ready")]):
    entries = flow._get_moves()
    result += entries.mapped("name")
    flow.write({{"state": "sent", "name": {name!r}}})
    entries.l10n_fr_pdp_sent_in_flow_ids += flow
env.cr.commit()
"""


def report(play, **values):
    """Declare what is to be declared; the numbers of the entries."""
    if play.sql("SELECT 1 FROM ir_module_module WHERE name = 'l10n_fr_pdp' AND state = 'installed'"):
        name = values.get("name", "Report")
        return play.shell(REPORT.format(company=play.made["company"], name=name))
    flow = play.anne.create("l10n.fr.pdp.reports.flow", {"company_id": play.made["company"], **values})
    play.anne.call("l10n.fr.pdp.reports.flow", "action_send", [flow])
    (row,) = play.anne.search_read("l10n.fr.pdp.reports.flow", [("id", "=", flow)], ["declared"])
    return (row["declared"] or "").split("\n")


def test_no_invoice_of_chorus_pro_is_declared_by_e_reporting(play):
    shop = play.anne.create("res.partner", {"name": "Somebody", "country_id": play.admin.ref("base.fr")})
    consumer, platform = play.invoices(1, partner_id=shop)[0], play.invoices(1)[0]
    play.set(platform, **{PEPPOL: "done"})
    posted, queued, sent, by_hand = play.invoices(4)
    play.click([queued, sent])
    play.run()
    screen = play.anne.call("account.move", "action_chorus_hand", [by_hand])["res_id"]
    play.anne.call("chorus.hand", "action_make", [screen])
    names = [play.name(move) for move in (posted, queued, sent, by_hand)]
    # Whatever the other module has stored, and however it came to it.
    ids = ", ".join(map(str, (posted, queued, sent, by_hand)))
    play.sql(f"UPDATE account_move SET l10n_fr_pdp_flow_10_report_type = 'transaction' WHERE id IN ({ids})")
    declared = report(play)
    assert play.name(consumer) in declared, "with somebody else, e-reporting is what it always was"
    assert not set(names) & set(declared)
    # The daily action puts right what is stored.
    play.run("l10n_fr_chorus_pro.cron_watch_connections")
    reported = f"id IN ({ids}) AND l10n_fr_pdp_flow_10_report_type IS NOT NULL"
    assert play.sql(f"SELECT count(*) FROM account_move WHERE {reported}") == ["0"]


def test_an_invoice_that_was_declared_before_is_told(play):
    (move,) = play.invoices(1)
    company = play.made["company"]
    play.admin.call("res.company", "write", [company], {"chorus_keep_out_of_ereporting": False})
    declared = report(play, name="November")
    assert play.name(move) in declared, "the company's choice"
    play.admin.call("res.company", "write", [company], {"chorus_keep_out_of_ereporting": True})
    play.click([move])
    play.run()
    assert play.taken([move]) == [1]
    assert play.told(move).count("was declared by e-reporting (November)") == 1
    assert play.name(move) not in report(play)


def test_payments_of_its_invoices_are_not_declared_either(play):
    (move,) = play.invoices(1)
    play.click([move])
    play.run()
    context = {**play.anne.context, "active_model": "account.move", "active_ids": [move]}
    wizard = play.anne.create("account.payment.register", {"payment_date": "2026-11-25"}, context=context)
    play.anne.call("account.payment.register", "action_create_payments", [wizard], context=context)
    rows = play.sql(
        "SELECT m.name FROM account_move m JOIN account_payment p ON p.move_id = m.id"
        f" WHERE m.l10n_fr_pdp_flow_10_report_type IS NOT NULL AND m.company_id = {play.made['company']}"
    )
    assert not rows


def test_a_marked_customer_of_a_company_that_is_off_is_left_to_odoo(play):
    company = play.made["company"]
    (held,) = play.invoices(1)
    play.click([held])
    play.run()
    play.admin.call("res.company", "write", [company], {"chorus_environment": False})
    try:
        (left,) = play.invoices(1)
        declared = report(play)
        assert play.name(left) in declared
        assert play.name(held) not in declared, "Chorus Pro holds it all the same"
    finally:
        play.admin.call("res.company", "write", [company], {"chorus_environment": "production"})


# -------------------------------------------------------------------------------------------- the wrapping

WRAPPINGS = """
send = env.registry["account.move.send"]
names = [name for name in vars(send) if hasattr(vars(send)[name], "_chorus_outermost")]
hooks = env["chorus.outermost"]
first = {{name: vars(send)[name] for name in names}}
hooks._register_hook()
again = all(vars(send)[name] is first[name] for name in names)
hooks._unregister_hook()
hooks._unregister_hook()
bare = not any(name in vars(send) for name in names)
hooks._register_hook()
env.registry._setup_models__(env.cr)
move = env["account.move"].browse({move})
result = {{
    "names": sorted(names), "again": again, "bare": bare,
    "back": all(name in vars(env.registry["account.move.send"]) for name in names),
    "methods": sorted(env["account.move.send"]._get_default_sending_methods(move)),
    "order": [cls._module for cls in send.__mro__ if getattr(cls, "_module", None)][:2],
}}
"""


def test_the_last_word_survives_calls_set_up_and_upgrade(play):
    (move,) = play.invoices(1)
    found = play.shell(WRAPPINGS.format(move=move))
    assert found["again"] and found["bare"] and found["back"]
    assert found["methods"] == ["chorus_pro"]
    assert found["order"][0] == "chorus_neighbour", "it does stand outside"
    odoo.run(play.environment, ["-d", play.database, "-u", "l10n_fr_chorus_pro"], log="upgrade")
    assert play.shell(WRAPPINGS.format(move=move)) == found
