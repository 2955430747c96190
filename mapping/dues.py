"""What is due when: instalments, and a retention (retenue de garantie), which is a part that is due later."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from odoo.tools import format_date, formatLang

from .kinds import Record


class Due(NamedTuple):
    """One part of what is due on an invoice; ``amount`` is positive, in its currency."""

    date: object
    amount: float
    retention: bool


def read_dues(move: Record, items: Iterable[Any]) -> list[Due]:
    """The parts of what is due, the first one first.

    :param move: record of account.move
    :param items: its receivable items, records or ``Item``
    :rtype: list[Due]
    """
    items = sorted((item for item in items if item.date_maturity), key=lambda item: item.date_maturity)
    retained = set()
    if len(items) > 1:
        rows = move.invoice_payment_term_id.line_ids.filtered("chorus_retention")
        retained = {row._get_due_date(move.invoice_date or move.date) for row in rows}
    return [
        Due(item.date_maturity, abs(item.amount_currency), item.date_maturity in retained) for item in items
    ]


def due_sentences(move: Record, dues: list[Due]) -> list[str]:
    """What is due when, in the language of ``move``; nothing where all is due at once.

    :rtype: list[str]
    """
    if len(dues) < 2:
        return []
    env = move.env

    def money(amount: float) -> str:
        return formatLang(env, amount, currency_obj=move.currency_id)

    told = []
    for due in dues:
        words = {"amount": money(due.amount), "date": format_date(env, due.date)}
        if due.retention:
            told.append(env._("Retention (retenue de garantie): %(amount)s, due on %(date)s", **words))
        else:
            told.append(env._("%(amount)s due on %(date)s", **words))
    if any(due.retention for due in dues):
        first = sum(due.amount for due in dues if not due.retention)
        told.append(env._("To be paid without the retention: %s", money(first)))
    return told
