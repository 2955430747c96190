"""What stands beyond sending, by several at once: one chain of seals, one answer, one release."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.demo import demo_data
from lib.server import rpc

JUDGED = 120

DEPOSITS = f"""
company = env.ref("base.demo_company_fr")
values = dict(company_id=company.id, environment="production", state="integrated", name="one.pdf")
env["chorus.deposit"].create([dict(values, flow_number="CPP%s" % i) for i in range({JUDGED})])
env.cr.commit()
env.cr.execute("CREATE TABLE at_the_start (process integer)")
env.cr.commit()
"""
# Small batches, so that the two take turns; each waits at the start until the other one is there.
SEALING = """
import time

from odoo.addons.l10n_fr_chorus_pro.worker import sealing

sealing.BATCH = 3
company_id = env.ref("base.demo_company_fr").id
env.cr.execute("INSERT INTO at_the_start VALUES (1)")
env.cr.commit()
there = 0
while there < 2:
    env.cr.execute("SELECT count(*) FROM at_the_start")
    there = env.cr.fetchone()[0]
    env.cr.commit()
rounds, ends = 0, time.monotonic() + 60
while not sealing.seal_company(env, company_id) and time.monotonic() < ends:
    rounds += 1
result = rounds
"""
VERIFY = """
company = env.ref("base.demo_company_fr")
result = list(env["chorus.seal"]._verify(company, files=False))
"""


@pytest.mark.long
def test_two_processes_seal_one_chain(shell, sql):
    shell(DEPOSITS)
    with ThreadPoolExecutor() as pool:
        met = list(pool.map(shell, [SEALING] * 2))
    assert sum(met), "they met at the lock"
    seen, faults = shell(VERIFY)
    assert (seen, faults) == (JUDGED, [])
    assert sql("SELECT min(number), max(number), count(DISTINCT res_id) FROM chorus_seal") == [
        f"1|{JUDGED}|{JUDGED}"
    ]


def colleague(server, company):
    """A session of another accountant of the same company."""
    groups = [server.administrator.ref(name) for name in ("base.group_user", "account.group_account_user")]
    values = {
        "name": "Collègue",
        "login": "collegue",
        "password": "collegue",
        "company_id": company,
        "company_ids": [(6, 0, [company])],
        "group_ids": [(6, 0, groups)],
    }
    server.administrator.create("res.users", values)
    session = server.scene.login("collegue", "collegue")
    session.context = {"allowed_company_ids": [company]}
    return session


def test_two_accountants_answer_one_invoice_at_once(server):
    company = server.administrator.ref("base.demo_company_fr")
    server.administrator.call("res.company", "write", [company], {"chorus_validates": True})
    server.control("subcontractor", {"validator": demo_data.SUPPLIER_SIRET, "total": 4800.25})
    server.make_due("cron_validate")

    def listed():
        return server.accountant.search_read("chorus.validation", [], ["number"])

    [row] = server.poll(listed, 120, "the invoice is listed")
    # An accepted invoice stays where the answer put it, however late the ledger is read.
    stays = {"EN_COURS_ACHEMINEMENT": None}
    server.control("settings", {"latency": 1.0, "invoice_delays": stays})
    other = colleague(server, company)
    refusal = other.call("chorus.validation", "action_refuse", [row["id"]])["res_id"]
    other.call("chorus.validation.refuse", "write", [refusal], {"reason": "Pas notre chantier"})

    def press(answer):
        session, model, method, record = answer
        try:
            return session.call(model, method, [record])["params"]["type"]
        except rpc.Refused as refused:
            return str(refused)

    answers = [
        (server.accountant, "chorus.validation", "action_accept", row["id"]),
        (other, "chorus.validation.refuse", "action_refuse", refusal),
    ]
    with ThreadPoolExecutor() as pool:
        told = list(pool.map(press, answers))
    counts = server.control("calls", method="GET")["counts"]
    assert counts["factures/v1/traiter/factureAValider"] == 1
    assert told.count("success") == 1, "who was first hears that it is done"
    [refused] = [words for words in told if words != "success"]
    assert "moment" in refused or "no answer any more" in refused
    [ours] = server.accountant.search_read("chorus.validation", [], ["state"])
    [theirs] = [item["status"] for item in server.control("ledger")["invoices"]]
    assert (ours["state"], theirs) in (("accepted", "VALIDEE_1"), ("refused", "REFUSEE_1"))
    assert ours["state"] == ("accepted" if told[0] == "success" else "refused")


RETENTION = """
from odoo import Command, api
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

company = env.ref("base.demo_company_fr")
env = env(context={"allowed_company_ids": company.ids})
rows = [(95, 30, False), (5, 365, True)]
term = env["account.payment.term"].create({"name": "95/5", "line_ids": [
    Command.create({"value": "percent", "value_amount": part, "nb_days": days, "chorus_retention": kept})
    for part, days, kept in rows
]})
customer = env["res.partner"].with_company(company).create({"name": "Mairie", "is_company": True})
first = env["account.move"].with_company(company).create({
    "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": "2026-11-02",
    "invoice_payment_term_id": term.id,
    "invoice_line_ids": [Command.create({"name": "Bancs", "price_unit": 1000.0})],
})
first.action_post()
# The account of passage is there: nothing but the two drafts can meet.
company.with_env(env)._chorus_retention_passage()
env.cr.commit()
with env.registry.cursor() as one, env.registry.cursor() as other:
    envs = [api.Environment(cr, env.uid, env.context) for cr in (one, other)]
    clicks = [own["account.move"].browse(first.id) for own in envs]
    [click.name for click in clicks]
    clicks[0].action_chorus_release_retention()
    one.commit()
    try:
        with mute_logger("odoo.sql_db"):
            clicks[1].action_chorus_release_retention()
        result = "a second draft"
    except SerializationFailure:
        result = "sent back to look again"
    other.rollback()
"""


def test_two_who_release_a_retention_at_once_make_one_draft(shell):
    assert shell(RETENTION) == "sent back to look again"
