"""Chapters of `dev/demo --beyond`: what goes by itself, which customers are public, who issues an invoice,
how a retention is released.

Each is a function of the stage, the accountant's session and the administrator's; it gives the sentences to
print.
"""

from .. import console
from ..server.rpc import poll
from . import demo_data, demo_invoices

_SECONDS = 300
# An establishment of the demo's company: the same first nine digits.
WORKSHOP = "73282932000082"


def _expect(condition, sentence):
    if not condition:
        raise console.Stop(f"Not as expected: {sentence}")


def _company(accountant):
    return accountant.context["allowed_company_ids"][0]


def _invoice(accountant, customer, **values):
    """A confirmed invoice to one of the demo's customers."""
    [partner] = accountant.call("res.partner", "search", [("name", "=", demo_data.CUSTOMERS[customer][0])])
    lines = [demo_invoices.line_values(demo_data.line("Lampe", 90), demo_invoices.taxes(accountant))]
    values |= {"move_type": "out_invoice", "partner_id": partner}
    values["invoice_line_ids"] = [(0, 0, line) for line in lines]
    values.setdefault("buyer_reference", demo_data.SERVICE.get(customer, False))
    move = accountant.create("account.move", values)
    accountant.call("account.move", "action_post", [move])
    return move


def send_by_itself(_stage, accountant, admin):
    """Confirmed invoices go by themselves; the one that is not ready stays and is told."""
    admin.call("res.company", "write", [_company(accountant)], {"chorus_sending": "posting"})
    good, stopped = _invoice(accountant, "free"), _invoice(accountant, "engagement")

    def read(move, field):
        return accountant.call("account.move", "read", [move], [field])[0][field]

    poll(lambda: read(good, "chorus_test_state"), _SECONDS, "the invoice has gone by itself", pause=1)
    poll(lambda: read(stopped, "chorus_auto_reason"), _SECONDS, "the other one is told", pause=1)
    _expect(not read(stopped, "chorus_test_state"), "an invoice without engagement stays")
    admin.call("res.company", "write", [_company(accountant)], {"chorus_sending": "manual"})
    return [
        f"{read(good, 'name')} went by itself",
        f"{read(stopped, 'name')}: {read(stopped, 'chorus_auto_note')}",
    ]


def find_customers(_stage, accountant, _admin):
    """Customers that nobody has marked: the public ones are found by what Chorus Pro says, and marked."""
    public, private = "12345678200028", demo_data.SUPPLIER_SIRET
    partners = [
        accountant.create("res.partner", {"name": name, "company_registry": siret, "customer_rank": 1})
        for name, siret in (("Ville à trouver", public), ("Fournisseur privé", private))
    ]
    action = accountant.call("chorus.find", "action_find")
    wizard = [action["res_id"]]
    accountant.call("chorus.find", "action_ask", wizard)
    accountant.call("chorus.find", "action_mark", wizard)
    rows = accountant.call("res.partner", "read", partners, ["name", "dematerialized_invoice_type"])
    marked = [row["name"] for row in rows if row["dematerialized_invoice_type"]]
    _expect(marked == ["Ville à trouver"], "the public customer alone is marked")
    return [f"Compared with the directory: {len(rows)} customers, marked: {', '.join(marked)}"]


def establishments(_stage, accountant, admin):
    """A sales journal names the establishment that issues its invoices."""
    admin.call("res.company", "write", [_company(accountant)], {"chorus_establishments": True})
    domain = [("type", "=", "sale"), ("company_id", "=", _company(accountant))]
    [journal] = accountant.search_read("account.journal", domain, ["default_account_id"], limit=1)
    values = {"name": "Atelier", "code": "ATEL", "type": "sale", "chorus_siret": WORKSHOP, "sequence": 90}
    values |= {"company_id": _company(accountant), "default_account_id": journal["default_account_id"][0]}
    workshop = admin.create("account.journal", values)
    move = _invoice(accountant, "free", journal_id=workshop)
    [row] = accountant.call("account.move", "read", [move], ["name"])
    admin.call("res.company", "write", [_company(accountant)], {"chorus_establishments": False})
    return [f"{row['name']} is issued by {WORKSHOP} (in test, the data set's supplier stands in)"]


def release_retention(stage, accountant, _admin):
    """Five per cent were kept back: an invoice of its own asks for them, and Chorus Pro takes it."""
    parts = [(95, 30, False), (5, 365, True)]
    rows = [
        {"value": "percent", "value_amount": share, "nb_days": days, "chorus_retention": kept}
        for share, days, kept in parts
    ]
    term = {"name": "5 % de retenue de garantie", "line_ids": [(0, 0, row) for row in rows]}
    first = _invoice(
        accountant, "free", invoice_payment_term_id=accountant.create("account.payment.term", term)
    )
    release = accountant.call("account.move", "action_chorus_release_retention", [first])["res_id"]
    accountant.call("account.move", "action_post", [release])
    fields = ["name", "amount_total", "amount_residual", "chorus_test_state"]

    def read(move):
        return accountant.call("account.move", "read", [move], fields)[0]

    screen = accountant.call("account.move", "action_chorus_send", [release])["res_id"]
    accountant.call("chorus.send", "action_send", [screen])
    stage.make_due("cron_send")

    def taken():
        stage.make_due("cron_follow")
        return read(release)["chorus_test_state"] == "integrated"

    poll(taken, _SECONDS, "Chorus Pro has taken the release", pause=2)
    there, here = read(first), read(release)
    moved = round(there["amount_total"] - there["amount_residual"], 2)
    _expect(moved == here["amount_residual"], "the debt is owed once")
    return [
        f"{here['name']} asks for the retention of {there['name']}: {here['amount_total']:.2f} €, integrated",
        f"{there['name']} still owes {there['amount_residual']:.2f} € of {there['amount_total']:.2f} €",
    ]
