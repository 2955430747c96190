"""What stands beyond sending, by several at once: one chain of seals, one answer to an invoice."""

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
    server.control("settings", {"latency": 1.0})
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
