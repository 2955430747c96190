"""An accountant's remote calls against an invoice that waits, and against one that Chorus Pro holds."""

import base64

import pytest
from test_security_processes import BUYER, CONNECTED, SUPPLIER
from test_upgrade import PAGE, SEND

from lib.server import rpc

ACCOUNTANT = """
env["res.users"].create({{
    "name": "Accountant", "login": "held_accountant", "password": "held_accountant",
    "company_id": company.id, "company_ids": [(6, 0, company.ids)],
    "group_ids": [(6, 0, [env.ref("account.group_account_user").id, env.ref("base.group_user").id])],
}})
env.cr.commit()
"""


@pytest.fixture
def accountant(shell, simulator, start_odoo, database):
    """`accountant()` sends one invoice in production: (session of an accountant, its id and name)."""

    def prepare():
        text = (CONNECTED + ACCOUNTANT).format(
            supplier=SUPPLIER, buyer=BUYER, auth_url=simulator.auth_url, url=simulator.url,
            credentials=simulator.CREDENTIALS, count=1,
        ) + SEND.format(page=base64.b64encode(PAGE.read_bytes()).decode())  # fmt: skip
        done = shell(text)
        server = start_odoo(cron_threads=0)
        session = rpc.Session(server.url, database, "held_accountant", "held_accountant")
        session.context = {"skip_readonly_check": True, "check_move_validity": False, "chorus_code": True}
        return session, done["invoices"][0], done["names"][0]

    return prepare


def read(session, invoice, *names):
    (values,) = session.call("account.move", "read", [invoice], list(names))
    return [values[name] for name in names]


def test_remote_calls_change_nothing_of_what_chorus_pro_holds(accountant, simulator):
    session, invoice, name = accountant()
    state, chorus, total, lines = read(
        session, invoice, "state", "chorus_state", "amount_total", "invoice_line_ids"
    )
    assert (state, chorus in ("sent", "integrated"), total) == ("posted", True, 120.0)
    move, line = "account.move", "account.move.line"
    attacks = (
        (move, "write", [invoice], {"state": "draft"}),
        (move, "write", [invoice], {"state": "cancel"}),
        (move, "web_save", [invoice], {"state": "draft"}, {}),
        (move, "button_draft", [invoice]),
        (move, "button_cancel", [invoice]),
        (move, "write", [invoice], {"invoice_line_ids": [[1, lines[0], {"price_unit": 5000}]]}),
        (move, "write", [invoice], {"line_ids": [[0, 0, {"name": "x", "price_unit": 5, "quantity": 1}]]}),
        (line, "write", lines, {"price_unit": 5000}),
        (line, "write", lines, {"name": "Something else"}),
        (line, "unlink", lines),
        (line, "create", [{"move_id": invoice, "name": "x", "price_unit": 5, "quantity": 1}]),
    )
    for model, method, *args in attacks:
        with pytest.raises(rpc.Refused, match="Chorus Pro has, or may have"):
            session.call(model, method, *args)
    imported = session.call("account.move", "load", [".id", "state"], [[str(invoice), "draft"]])
    assert "Chorus Pro has, or may have" in str(imported["messages"])
    assert read(session, invoice, "state", "amount_total", "name") == ["posted", 120.0, name]
    session.call("account.move", "write", [invoice], {"payment_reference": "VIR-1"})
    assert read(session, invoice, "payment_reference") == ["VIR-1"]
    (file,) = [file for deposit in simulator.control("ledger")["deposits"] for file in deposit["files"]]
    assert file["number"] == name


def test_an_invoice_that_is_ready_and_becomes_a_draft_never_leaves(accountant, simulator, shell):
    simulator.control("faults", {"route": "factures/v1/deposer/flux", "kind": "http_429", "count": 50})
    session, invoice, _name = accountant()
    (line,) = session.search_read("chorus.deposit.line", [("move_id", "=", invoice)], ["state"])
    assert line["state"] == "ready"
    session.call("account.move", "write", [invoice], {"state": "draft"})
    (line,) = session.search_read("chorus.deposit.line", [("move_id", "=", invoice)], ["state"])
    assert line["state"] == "cancelled"
    simulator.control("faults", method="DELETE")
    shell(
        "env['chorus.connection'].search([]).write({'rest_until': False, 'rest_count': 0})\n"
        "env['chorus.deposit'].search([('state', '=', 'ready')]).write({'next_action_at': '2020-01-01'})\n"
        "env.cr.commit()\n"
        "env['chorus.worker']._cron_send()\n"
    )
    assert simulator.control("ledger")["deposits"] == []
