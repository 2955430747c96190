"""The limit of the first real deposit against clicks of two transactions that see nothing of each other."""

import pytest

# Two posted invoices of a company whose production connection has never sent anything.
STAGE = """
from odoo import Command

company = env.ref("base.demo_company_fr")
env = env(context={{"allowed_company_ids": company.ids}})
company = company.with_env(env)
company.company_registry = "73282932000074"
env["chorus.connection"].create(
    {{"company_id": company.id, "environment": "production", "client_id": "x", "client_secret": "x",
      "login": "x", "password": "x", "first_deposit_limit": {limit}}}
)
buyer = env["res.partner"].with_company(company).create(
    {{"name": "Mairie", "company_registry": "12345678200051", "is_company": True,
      "country_id": env.ref("base.fr").id, "dematerialized_invoice_type": "facturx"}}
)
moves = env["account.move"].with_company(company).create(
    [{{"move_type": "out_invoice", "partner_id": buyer.id, "invoice_date": "2026-11-02",
       "invoice_line_ids": [Command.create({{"name": "Bancs", "price_unit": 90.0}})]}}] * 3
)
moves.action_post()
env.cr.commit()
"""
# The second transaction begins, and has its snapshot, before the first one ends.
RACE = """
import threading

from odoo import api
from odoo.tools import mute_logger

first, second = env.registry.cursor(), env.registry.cursor()
clicks = [api.Environment(cr, env.uid, env.context)["account.move"] for cr in (first, second)]
for click, move in zip(clicks, moves):
    click.browse(move.id).name
told = [clicks[0].browse(moves[0].id)._chorus_queue("production"), None]
clicks[0].env.flush_all()


def other():
    with mute_logger("odoo.sql_db"):
        told[1] = clicks[1].browse(moves[1].id)._chorus_queue("production")
    clicks[1].env.flush_all()
    second.commit()


thread = threading.Thread(target=other)
thread.start()
waiting = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks WHERE database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
while thread.is_alive():
    env.cr.execute(waiting)
    if env.cr.fetchone()[0]:
        break
first.commit()
thread.join()
first.close()
second.close()
result = [list(conflicts.values()) for conflicts in told]
"""
QUEUED = "SELECT count(*) FROM chorus_deposit_line WHERE state = 'queued'"


@pytest.mark.parametrize(("limit", "queued"), [(1, 1), (2, 2)])
def test_two_first_clicks_at_once_on_different_invoices(shell, sql, limit, queued):
    told = shell(STAGE.format(limit=limit) + RACE)
    assert told[0] == [], "the first click is served"
    assert bool(told[1]) == (queued == 1), told
    if told[1]:
        assert "no more than 1 may be sent" in told[1][0]
    assert sql(QUEUED) == [str(queued)]


def test_a_third_click_finds_no_place(shell, sql):
    shell(STAGE.format(limit=2) + RACE)
    told = shell(
        "moves = env['account.move'].search([('name', '!=', False), ('state', '=', 'posted'),"
        " ('invoice_line_ids.name', '=', 'Bancs'), ('chorus_state', '=', False)])\n"
        "result = list(moves._chorus_queue('production').values())\n"
        "env.cr.commit()\n"
    )
    assert len(told) == 1
    assert "no more than 2 may be sent" in told[0]
    assert sql(QUEUED) == ["2"]


def test_the_database_itself_refuses_a_place_taken_twice(shell, sql):
    told = shell(
        STAGE.format(limit=1)
        + """
from odoo.tools import mute_logger
from psycopg2 import errors

moves[0]._chorus_queue("production")
env.cr.commit()
try:
    with mute_logger("odoo.sql_db"), env.cr.savepoint():
        moves[1]._chorus_insert_lines("production", {company.id: [1]})
    result = "inserted"
except errors.UniqueViolation as error:
    result = error.diag.constraint_name
"""
    )
    assert told == "chorus_deposit_line_one_first_slot"
    assert sql(QUEUED) == ["1"]
