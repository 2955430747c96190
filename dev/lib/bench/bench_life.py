"""The whole life of many invoices: the calls it takes, all in one file and one by one."""

from .bench_follow import post

STATUSES = ("SUSPENDUE", "COMPLETEE", "MISE_EN_PAIEMENT")
# Seconds between two looks: enough for a report and for a buyer, and the token stays good all along.
_PAUSE = 120
_LOOKS = 5


def whole_life(stock, meter, settings):
    """Token, deposit, integrated, suspended, completed (on the portal), paid.

    :return: dict with ``invoices`` and, under ``together`` and ``one_by_one``, the figures for all of them
    """
    count = settings["life"]
    company, before = stock.company, stock.company.chorus_group_size
    result = {"invoices": count}
    for name, size in (("together", count), ("one_by_one", 1)):
        company.chorus_group_size = size
        stock.env.cr.commit()
        # Whether archives are taken is found out once for a connection, with two invoices.
        pair = stock.invoices(2)
        stock.send(pair)
        follow(stock, settings, pair, "MISE_A_DISPOSITION")
        moves = stock.invoices(count)
        stock.forget()
        with meter.block() as figures:
            stock.connection.action_refresh_token()
            stock.env.cr.commit()
            stock.send(moves)
            follow(stock, settings, moves, "MISE_A_DISPOSITION")
            for status in STATUSES:
                for reference in moves.chorus_line_ids.mapped("chorus_invoice_id"):
                    post(settings, f"invoices/{reference}/status", {"status": status, "comment": "Pièce"})
                follow(stock, settings, moves, status)
        result[name] = figures
    company.chorus_group_size = before
    stock.env.cr.commit()
    return result


def follow(stock, settings, moves, status):
    """Let time pass and look, until each of the invoices has this status."""
    for _look in range(_LOOKS):
        post(settings, "clock", {"advance": _PAUSE})
        stock.env.cr.execute(
            "UPDATE chorus_deposit SET next_action_at = next_action_at - %s * interval '1 second'"
            " WHERE state = 'sent'",
            (_PAUSE,),
        )
        stock.env.cr.commit()
        stock.env["chorus.worker"]._cron_follow()
        stock.env.cr.commit()
        stock.forget()
        if set(moves.chorus_line_ids.mapped("status_code")) == {status}:
            return
    raise AssertionError(f"Not {status}: {moves.chorus_line_ids.mapped('status_code')}")
