"""`dev/load --listed N`, inside an Odoo process: the daily check where Chorus Pro lists N invoices.

Nearly all of them were paid long ago; a few that are open are among the oldest, so that everything is listed.
"""

import logging
import resource
import time
from datetime import UTC, datetime, timedelta

from odoo.addons.l10n_fr_chorus_pro.models.base import moments

from .bench_follow import insert_open, post
from .bench_stock import RECIPIENT, SUPPLIER, Stock

# Days over which the invoices were deposited, the simulator's orders that make them, runs at most.
DAYS, ORDERS, RUNS = 360, 10, 60
_FLOW = 900000000000000
_KNOWN_LATER = 5


def run(env, settings):
    """Let scheduled runs check everything, one after the other; before each a buyer says something.

    :param dict settings: ``simulator`` (its address), ``listed`` (invoices)
    :return: dict of figures: seconds of each run, whether the check ended, changes that a run missed
    """
    logging.getLogger("odoo").setLevel(logging.WARNING)
    stock = Stock(env, settings)
    known = _invoices(settings)
    insert_open(stock, known)
    now = moments.now(stock.env)
    stock.connection.write(
        {
            "followed_until": now,
            "window_state": "honoured",
            "full_check_at": now - timedelta(days=2),
        }
    )
    stock.env.cr.commit()
    seconds, missed = [], 0
    while len(seconds) < RUNS:
        item = known[len(seconds)]
        post(settings, f"invoices/{item['id']}/status", {"status": "SUSPENDUE", "comment": "Pièce manquante"})
        stock.forget()
        began = time.perf_counter()
        stock.env["chorus.worker"]._cron_follow()
        seconds.append(round(time.perf_counter() - began, 1))
        stock.env.cr.commit()
        stock.forget()
        line = stock.env["chorus.deposit.line"].search([("number", "=", item["number"])])
        missed += line.status_code != "SUSPENDUE"
        if stock.connection.full_check_at > now:
            break
    return {
        "listed": settings["listed"],
        "ended": stock.connection.full_check_at > now,
        "runs": len(seconds),
        "seconds": round(sum(seconds), 1),
        "longest_run_seconds": max(seconds),
        "changes_missed": missed,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _invoices(settings):
    """Make what is listed; returns the open ones, the oldest, as the simulator knows them."""
    order = {"count": RUNS, "prefix": "OPEN-", "age_days": DAYS + 1, "step": 1.0}
    known = _known(settings, order)
    each = settings["listed"] // ORDERS
    for number in range(ORDERS):
        age = DAYS - number * DAYS / ORDERS
        step = DAYS / ORDERS * 86400 / each
        paid = {"count": each, "prefix": "PAID-", "age_days": age, "step": step, "status": "MISE_EN_PAIEMENT"}
        post(settings, "seed", paid)
    return known


def _known(settings, order):
    made = post(settings, "seed", order)
    # A little later than there: what seems newer than what is known would look like a change that was missed.
    began = time.time() - order["age_days"] * 86400 + _KNOWN_LATER
    first = int(made["first_number"].removeprefix(order["prefix"]))
    return [
        {
            "id": made["first_id"] + number,
            "number": f"{order['prefix']}{first + number}",
            "flow_number": f"CPP0011117{_FLOW + first + number - 1:015d}",
            "seller_siret": SUPPLIER,
            "buyer_siret": RECIPIENT,
            "status": made["status"],
            "status_at": datetime.fromtimestamp(began + number * order["step"], UTC).isoformat(),
        }
        for number in range(order["count"])
    ]
