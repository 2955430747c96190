"""`dev/load --size N`, inside an Odoo process: what work costs when thousands of invoices have been sent.

One invoice's story is copied by SQL, so that a hundred thousand take seconds; what is measured (screens, idle
and busy runs, removing the addon) goes by the doors that people and Odoo use.
"""

import logging
import resource
import time

from odoo import sql_db
from odoo.addons.l10n_fr_chorus_pro.tests.statements import multiply
from odoo.addons.l10n_fr_chorus_pro.uninstall import uninstall_hook

from . import bench_life, bench_stock, companies_inside

# Invoices of a busy run, and how many of the first ones stay open.
BUSY, OPEN = 20, 50
# Seconds by which Chorus Pro's clock is behind ours at first.
_BEHIND = 3600
_LIST = {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "amount_total": {}, "chorus_state": {}}


def run(env, settings):
    """Grow to one size after the other and measure at each.

    :param dict settings: ``simulator`` (its address), ``sizes`` (invoices sent, growing), ``companies`` that
        send beside the one, each with an invoice that was paid long ago
    :return: figures by row: list of (milliseconds, queries), one for each size
    :rtype: dict[str, list]
    """
    logging.getLogger("odoo").setLevel(logging.WARNING)
    # Each look takes its clock forward: what it dates ahead of ours would be news each time.
    bench_life.post(settings, "clock", {"advance": -_BEHIND})
    stock = bench_stock.Stock(env, settings)
    growth = _Growth(stock, settings)
    table = {}
    for size in settings["sizes"]:
        growth.grow(size)
        for name, work in growth.rows():
            table.setdefault(name, []).append(_clock(stock, work))
    return table


def uninstall(env):
    """Hand everything over as removing the addon does, in a process of its own.

    :return: dict with seconds, and megabytes above what the process had before
    """
    logging.getLogger("odoo").setLevel(logging.WARNING)
    before = _peak()
    start = time.perf_counter()
    uninstall_hook(env)
    return {"seconds": round(time.perf_counter() - start, 1), "megabytes": _peak(), "above": _peak() - before}


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _clock(stock, work):
    stock.forget()
    queries, start = sql_db.sql_counter, time.perf_counter()
    work()
    figures = round(1000 * (time.perf_counter() - start), 1), sql_db.sql_counter - queries
    stock.env.cr.commit()
    return figures


class _Growth:
    def __init__(self, stock, settings):
        self.stock, self.settings, self.env, self.size = stock, settings, stock.env, 0
        moves = stock.invoices(OPEN + 1)
        stock.send(moves)
        bench_life.follow(stock, settings, moves, "MISE_A_DISPOSITION")
        self.paid = moves[0]
        reference = self.paid.chorus_line_ids.chorus_invoice_id
        bench_life.post(settings, f"invoices/{reference}/status", {"status": "MISE_EN_PAIEMENT"})
        bench_life.follow(stock, settings, self.paid, "MISE_EN_PAIEMENT")
        if settings["companies"]:
            self._add_companies(settings["companies"])

    def _add_companies(self, count):
        line, sirets = self.paid.chorus_line_ids, [companies_inside.siret(number) for number in range(count)]
        copies = companies_inside.multiply_companies(self.env, self.stock.company, sirets)
        own = {"company_id": f"{copies[0]} + n - 1"}
        moves = multiply(self.env.cr, "account_move", self.paid.id, count, **own, name="'OTHER/' || n")
        multiply(
            self.env.cr,
            "chorus_deposit_line",
            line.id,
            count,
            **own,
            number="'OTHER/' || n",
            move_id=f"{moves[0]} + n - 1",
            deposit_id="NULL",
            chorus_invoice_id="'O' || n",
            create_date="'2020-01-01'",
        )
        self.env.cr.commit()

    def grow(self, size):
        """As many invoices as `size` that were paid long ago, each with its deposit, attempt and story."""
        cr, first, count = self.env.cr, self.size, size - self.size
        line = self.paid.chorus_line_ids
        moves = multiply(
            cr,
            "account_move",
            self.paid.id,
            count,
            name=f"'GROWTH/' || n + {first}",
            chorus_paid_on="'2020-01-01'",
        )
        deposits = multiply(
            cr, "chorus_deposit", line.deposit_id.id, count, flow_number=f"'G' || n + {first}", sealed="TRUE"
        )
        lines = multiply(
            cr,
            "chorus_deposit_line",
            line.id,
            count,
            number=f"'GROWTH/' || n + {first}",
            move_id=f"{moves[0]} + n - 1",
            deposit_id=f"{deposits[0]} + n - 1",
            chorus_invoice_id=f"'G' || n + {first}",
            create_date="'2020-01-01'",
        )
        multiply(
            cr,
            "chorus_status_event",
            line.event_ids[0].id,
            count,
            line_id=f"{lines[0]} + n - 1",
            sealed="TRUE",
        )
        attempt = line.deposit_id.attempt_ids[0]
        multiply(cr, "chorus_attempt", attempt.id, count, deposit_id=f"{deposits[0]} + n - 1")
        cr.commit()
        for table in ("account_move", "chorus_deposit", "chorus_deposit_line", "chorus_status_event"):
            cr.execute(f"ANALYZE {table}")
        cr.commit()
        self.size = size
        self.stock.forget()
        # What the first run after a growth does once.
        for _name, method in self.actions():
            method()
            cr.commit()

    def actions(self):
        """What Odoo's scheduler calls for each of our actions: list of (name, method)."""
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "l10n_fr_chorus_pro"),
                ("model", "=", "ir.cron"),
                ("name", "not like", "cron_help_%"),
            ]
        )
        names = {*data.mapped("name"), "cron_help_1"}
        crons = {name: self.env.ref(f"l10n_fr_chorus_pro.{name}") for name in sorted(names)}
        return [
            (
                name,
                getattr(self.env[cron.model_id.model], cron.code.removeprefix("model.").removesuffix("()")),
            )
            for name, cron in crons.items()
        ]

    def rows(self):
        """What is measured, in order: pairs of a name and a function."""
        env = self.env
        moves, lines, deposits = env["account.move"], env["chorus.deposit.line"], env["chorus.deposit"]
        sent = [("chorus_state", "!=", False)]
        yield "invoice list", lambda: moves.web_search_read(sent, _LIST, limit=80)
        yield "invoices by state", lambda: moves.formatted_read_group(sent, ["chorus_state"], ["__count"])
        yield "overview", lambda: env["chorus.overview"].get_overview("production")
        yield "deposits", lambda: deposits.web_search_read([], {"name": {}, "state": {}}, limit=80)
        yield "invoices sent", lambda: lines.web_search_read([], {"number": {}, "state": {}}, limit=80)
        yield (
            "sent by month",
            lambda: lines.formatted_read_group([], ["deposited_on:month", "state"], ["__count"]),
        )
        spec = {"name": {}, "chorus_state": {}, "chorus_line_ids": {"fields": {"state": {}, "number": {}}}}
        yield "invoice form", lambda: self.paid.web_read(spec)
        for name, method in self.actions():
            yield f"idle {name.removeprefix('cron_')}", method
        yield from self._busy()

    def _busy(self):
        queued = self.stock.queued(BUSY)
        yield f"{BUSY} prepared and sent", self.stock.run_queue
        yield (
            f"{BUSY} followed until integrated",
            lambda: bench_life.follow(self.stock, self.settings, queued, "MISE_A_DISPOSITION"),
        )
