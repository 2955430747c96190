"""The parts of dev/load, inside an Odoo process."""

import resource
import time

from odoo import Command, fields
from odoo.addons.l10n_fr_chorus_pro.worker.channel import Channel

from .bench_stock import RECIPIENT, Stock

BATCH = 250


def run(env, part, settings):
    """Do one part.

    :return: figures by name: seconds, and the process's peak of memory in megabytes
    :rtype: dict
    """
    figures = PARTS[part](env, settings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {name: round(value, 3) for name, value in figures.items()} | {"megabytes": peak}


def _clock(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _company_env(env):
    company = env.ref("base.demo_company_fr")
    return env(context={"allowed_company_ids": company.ids, "lang": "fr_FR"})


def _invoices(env):
    return env["account.move"].search([("ref", "=", "load")])


# ---------------------------------------------------------------- parts


def make(env, settings):
    """Post the invoices that the other parts work on."""
    stock = Stock(env, settings)
    env = stock.env
    public = [("company_registry", "=", RECIPIENT), ("dematerialized_invoice_type", "=", "facturx")]
    customer = env["res.partner"].with_company(stock.company).search(public, limit=1)
    # Since spring 2026 the shell's user makes no trusted account, unless as if Odoo were installing.
    bank = (
        env["res.partner.bank"]
        .with_context(install_mode=True)
        .create(
            {
                "partner_id": stock.company.partner_id.id,
                "acc_number": "FR7630006000011234567890189",
                "allow_out_payment": True,
            }
        )
    )
    tax = env["account.tax"].search(
        [
            ("company_id", "=", stock.company.id),
            ("type_tax_use", "=", "sale"),
            ("amount", "=", 20),
            ("price_include", "=", False),
        ],
        limit=1,
    )
    values = {
        "move_type": "out_invoice",
        "partner_id": customer.id,
        "ref": "load",
        "invoice_date": fields.Date.today(),
        "partner_bank_id": bank.id,
        "invoice_line_ids": [
            Command.create({"name": "Travaux", "price_unit": 100, "tax_ids": [Command.set(tax.ids)]})
        ],
    }

    def post():
        for start in range(0, settings["invoices"], BATCH):
            count = min(BATCH, settings["invoices"] - start)
            env["account.move"].with_context(tracking_disable=True).create([values] * count).action_post()
            env.cr.commit()
            env.invalidate_all()

    return {"invoices": settings["invoices"], "posting": _clock(post)[0]}


def screen(env, settings):
    """Select all, open the Send screen, press Send."""
    env = _company_env(env)
    moves = _invoices(env)
    opening, action = _clock(moves.action_chorus_send)
    wizard = env["chorus.send"].browse(action["res_id"])
    names = {name: {} for name in ("ready_count", "stopped_count", "ready_amount", "environment", "notice")}
    line = {"fields": {"move_id": {"fields": {"display_name": {}}}, "reasons": {}, "state": {}}, "limit": 40}
    showing, shown = _clock(lambda: wizard.web_read({**names, "line_ids": line}))
    assert shown[0]["ready_count"] == len(moves), wizard.line_ids[:1].reasons
    pressing, _notice = _clock(wizard.action_send)
    saving, _nothing = _clock(env.cr.commit)
    return {
        "invoices": len(moves),
        "opening_seconds": opening,
        "showing_seconds": showing,
        "sending_seconds": pressing + saving,
    }


def send(env, settings):
    """Runs of the scheduled action, each of which stops by itself, until nothing waits."""
    lines = env["chorus.deposit.line"]
    waiting, runs = [("state", "in", ("queued", "ready", "sending"))], []
    while lines.search_count(waiting):
        runs.append(_clock(env["chorus.worker"]._cron_send)[0])
        env.cr.commit()
        env.invalidate_all()
        if len(runs) > settings["invoices"]:
            raise AssertionError(lines.search(waiting).mapped("message"))
    return {
        "sent": lines.search_count([("state", "in", ("sent", "integrated"))]),
        "runs": len(runs),
        "longest_run_seconds": max(runs),
        "total_minutes": sum(runs) / 60,
    }


def follow(env, settings):
    """One run of the scheduled action with every report due."""
    env["chorus.deposit"].search([("state", "=", "sent")]).next_action_at = fields.Datetime.now()
    env.cr.commit()
    seconds, _nothing = _clock(env["chorus.worker"]._cron_follow)
    return {"run_seconds": seconds}


def directory(env, settings):
    """A customer whose structure has thousands of services."""
    structures = env["chorus.structure"]._with_rows("production", [RECIPIENT])
    structure = structures[RECIPIENT]
    structure.write({"known": True, "looked_up_at": fields.Datetime.now(), "needs_service": True})
    structure.services_looked_up_at = fields.Datetime.now()
    env["chorus.service"].create(
        [
            {"structure_id": structure.id, "code": f"LOAD_{number:05}", "name": f"Service {number}"}
            for number in range(settings["services"])
        ]
    )
    env.cr.commit()
    env.invalidate_all()
    checking, _found = _clock(lambda: env["chorus.structure"]._recipients([RECIPIENT], "production"))
    env.invalidate_all()
    env = _company_env(env)
    customer = env["res.partner"].search([("company_registry", "=", RECIPIENT)], limit=1)
    customer.chorus_service_code = "LOAD_00042"
    spec = {name: {"fields": {"display_name": {}}} for name in ("chorus_structure_id", "chorus_service_id")}
    form, shown = _clock(lambda: customer.web_read(spec))
    domain = [("structure_id", "=", structure.id)]
    picking, found = _clock(lambda: env["chorus.service"].name_search("0042", domain, limit=8))
    assert found and shown[0]["chorus_structure_id"], (found, shown)
    return {
        "services": settings["services"],
        "checking_seconds": checking,
        "customer_form_seconds": form,
        "picking_seconds": picking,
    }


def journal(env, settings):
    """A journal as it stands after years."""
    deposit = env["chorus.deposit"].search([], limit=1)
    count = settings["attempts"]
    env.cr.execute(
        """
        INSERT INTO chorus_deposit (name, company_id, environment, state, origin, flow_number)
        SELECT 'load ' || number, %s, 'production', 'integrated', 'api', 'LOAD' || number
        FROM generate_series(1, %s) AS number RETURNING id
        """,
        [deposit.company_id.id, count // 50],
    )
    ids = [row[0] for row in env.cr.fetchall()]
    env.cr.execute(
        """
        INSERT INTO chorus_attempt (deposit_id, company_id, number, kind, started_at, outcome)
        SELECT id, %s, number, 'report', now() - number * interval '1 hour', 'answered'
        FROM unnest(%s) AS id, generate_series(1, 50) AS number
        """,
        [deposit.company_id.id, ids],
    )
    env.cr.execute("ANALYZE chorus_attempt, chorus_deposit")
    env.cr.commit()
    env = _company_env(env)
    busy = env["chorus.deposit"].browse(ids[len(ids) // 2]).sudo()
    spec = {"name": {}, "attempt_ids": {"fields": {"kind": {}, "outcome": {}}, "limit": 80}}
    form, _shown = _clock(lambda: busy.web_read(spec))
    writing, _row = _clock(lambda: env["chorus.attempt"].sudo()._start(busy, "report", "load"))
    env.invalidate_all()
    listing, _page = _clock(
        lambda: env["chorus.attempt"].sudo().web_search_read([], {"kind": {}, "outcome": {}}, limit=80)
    )
    kept = env["chorus.attempt"].sudo().search_count([("deposit_id", "=", busy.id)])
    assert kept <= 51, kept
    due, _ids = _clock(lambda: Channel(env, deposit.company_id.id, "production").due_deposits("sent"))
    return {
        "attempts": env["chorus.attempt"].sudo().search_count([]),
        "deposit_form_seconds": form,
        "writing_seconds": writing,
        "listing_seconds": listing,
        "due_deposits_seconds": due,
    }


PARTS = {
    "make": make,
    "screen": screen,
    "send": send,
    "follow": follow,
    "directory": directory,
    "journal": journal,
}
