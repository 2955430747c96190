"""Following many open invoices, and refreshing many customers: calls and seconds."""

import json
import urllib.request
from datetime import UTC, datetime

OPEN_SQL = """
WITH model AS (SELECT * FROM account_move WHERE id = %(move)s),
moves AS (
    INSERT INTO account_move (name, state, move_type, journal_id, company_id, currency_id, partner_id,
                              commercial_partner_id, date, invoice_date, auto_post, chorus_state,
                              create_date, write_date)
    SELECT n.number, 'posted', m.move_type, m.journal_id, m.company_id, m.currency_id, m.partner_id,
           m.commercial_partner_id, m.date, m.invoice_date, m.auto_post, 'integrated', now(), now()
    FROM model m, unnest(%(numbers)s) AS n(number)
    RETURNING id, name
),
deposits AS (
    INSERT INTO chorus_deposit (name, company_id, environment, state, origin, flow_number, sent_at,
                                create_date, write_date)
    SELECT f.flow, %(company)s, 'production', 'integrated', 'api', f.flow, %(sent)s, now(), now()
    FROM (SELECT DISTINCT unnest(%(flows)s) AS flow) f
    RETURNING id, flow_number
)
INSERT INTO chorus_deposit_line (
    move_id, company_id, environment, deposit_id, state, summary_state, number, flow_number,
    chorus_invoice_id, seller_siret, buyer_siret, status_code, status_at, first_available_at, followed,
    deposited_on, create_date, write_date)
SELECT moves.id, %(company)s, 'production', deposits.id, 'integrated', 'integrated', moves.name, d.flow,
       d.chorus_id, d.seller, d.buyer, d.status, d.at::timestamp, d.at::timestamp, true,
       %(sent)s, now(), now()
FROM unnest(%(numbers)s, %(flows)s, %(ids)s, %(sellers)s, %(buyers)s, %(statuses)s, %(ats)s)
     AS d(number, flow, chorus_id, seller, buyer, status, at)
JOIN moves ON moves.name = d.number
JOIN deposits ON deposits.flow_number = d.flow
"""


def post(settings, path, body):
    """Give the simulator an order; returns its decoded answer."""
    request = urllib.request.Request(
        f"{settings['simulator']}/control/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def following(stock, meter, settings):
    """A run after 30 of many open invoices have moved, and the slower full check."""
    count = settings["open_invoices"]
    post(settings, "seed", {"count": count})
    with urllib.request.urlopen(f"{settings['simulator']}/control/ledger", timeout=120) as answer:
        known = [item for item in json.load(answer)["invoices"] if item["number"].startswith("SEED-")]
    insert_open(stock, known)
    worker = stock.env["chorus.worker"]
    # As on a connection that has not looked at Chorus Pro yet.
    stock.connection.write({"followed_until": False, "full_check_at": False, "window_state": "unknown"})
    stock.env.cr.commit()
    result = {"open": count}
    with meter.block() as figures:
        worker._cron_follow()
    result["full_check"] = figures
    # None, or the check was measured with the writing of what it had to say.
    stock.env.cr.execute(
        "SELECT count(*) FROM chorus_status_event e JOIN chorus_deposit_line l ON l.id = e.line_id"
        " WHERE l.number LIKE 'SEED-%'"
    )
    (figures["news"],) = stock.env.cr.fetchone()
    for item in known[:30]:
        post(settings, f"invoices/{item['id']}/status", {"status": "SUSPENDUE", "comment": "Pièce manquante"})
    with meter.block() as figures:
        worker._cron_follow()
    result["changes"] = figures
    # What other transactions have written is seen by the next one.
    stock.env.cr.commit()
    stock.env.invalidate_all()
    result["noticed"] = stock.env["chorus.deposit.line"].search_count([("status_code", "=", "SUSPENDUE")])
    return result


def insert_open(stock, known):
    """Invoices that Chorus Pro knows, as open ones of ours, by SQL.

    :param list known: dicts with id, number, flow_number, seller_siret, buyer_siret, status, status_at
    """

    def column(name):
        return [str(item[name]) for item in known]

    stock.env.cr.execute(
        OPEN_SQL,
        {
            "move": stock.invoices(1).id,
            "company": stock.company.id,
            "sent": str(min(map(_utc, column("status_at")))),
            "numbers": column("number"),
            "flows": column("flow_number"),
            "ids": column("id"),
            "sellers": column("seller_siret"),
            # A recipient that Chorus Pro tells otherwise would be a redirected invoice.
            "buyers": column("buyer_siret"),
            "statuses": column("status"),
            # To the second, as statuses are kept: what differs would be news.
            "ats": [str(_utc(text).replace(microsecond=0)) for text in column("status_at")],
        },
    )
    stock.env.cr.commit()


def _utc(text):
    """A moment as the simulator tells it, in the time of Paris, as PostgreSQL keeps it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)


def directory(stock, meter, settings):
    """Look up many public customers that were never looked up."""
    count = settings["customers"]
    sirets = [str(21000000000000 + 17 * number) for number in range(count)]
    for siret in sirets:
        post(settings, f"structures/{siret}", {"active": True, "name": f"Commune {siret}"})
    stock.env["res.partner"].with_company(stock.company).create(
        [
            {
                "name": f"Commune {siret}",
                "is_company": True,
                "company_registry": siret,
                "dematerialized_invoice_type": "facturx",
            }
            for siret in sirets
        ]
    )
    stock.env.cr.commit()
    with meter.block() as figures:
        stock.env["chorus.structure"]._cron_refresh_directory()
    stock.env.invalidate_all()
    known = stock.env["chorus.structure"].search([("siret", "in", sirets)])
    return {
        "customers": count,
        "known": len(known),
        **figures,
        "again": _refreshed(stock, meter, known),
    }


def _refreshed(stock, meter, structures):
    """The same once more, when a week has passed since their look-up."""
    stock.env.cr.execute(
        "UPDATE chorus_structure SET looked_up_at = looked_up_at - interval '8 days',"
        " next_look_up = next_look_up - interval '8 days' WHERE id = ANY(%s)",
        [structures.ids],
    )
    stock.env.invalidate_all()
    stock.env.cr.commit()
    with meter.block() as figures:
        stock.env["chorus.structure"]._cron_refresh_directory()
    stock.env.invalidate_all()
    return {"confirmed": len(structures.filtered("listed_at")), **figures}
