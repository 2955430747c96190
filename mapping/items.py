"""The journal items of many invoices, read in one query as plain rows: they are most of what is mapped."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from odoo.tools import SQL

from .kinds import Env, Record

WITH_TAXES = frozenset({"product", "epd"})


class Item(NamedTuple):
    """One journal item. Relations are ids; ``tax_ids`` stand in the order in which Odoo applies them."""

    id: int
    move_id: int
    display_type: str
    name: str | None
    product_id: int | None
    product_uom_id: int | None
    quantity: float
    price_unit: float
    discount: float
    tax_line_id: int | None
    amount_currency: float
    date_maturity: date | None
    extra_tax_data: dict | None
    chorus_period_start: date | None
    chorus_period_end: date | None
    # Of Odoo's deferred revenues, where they are installed.
    deferred_start_date: date | None
    deferred_end_date: date | None
    # Of sections and subsections.
    collapse_composition: bool | None
    collapse_prices: bool | None
    tax_ids: tuple[int, ...]


def read_items(moves: Record) -> dict[int, list[Item]]:
    """The items of each invoice in the order of its lines; an invoice without any is absent.

    :param moves: recordset of account.move, with sudo
    :rtype: dict[int, list[Item]]
    """
    items: dict[int, list[Item]] = defaultdict(list)
    if moves.ids:
        rows: list[Any] = moves.env.execute_query(_query(moves))
        taxes = _tax_ids(moves.env, [row[0] for row in rows if row[2] in WITH_TAXES])
        for row in rows:
            items[row[1]].append(Item(*(*row, taxes.get(row[0], ()))))
    return dict(items)


def _query(moves: Record) -> Any:
    lines = moves.env["account.move.line"]
    query = lines._search([("move_id", "in", moves.ids)], order="sequence, id")
    return query.select(*(_column(lines, name) for name in Item._fields[:-1]))


def _column(lines: Record, name: str) -> Any:
    field = lines._fields.get(name)
    if field is None:
        return SQL("NULL")
    column = SQL.identifier(lines._table, name, to_flush=field)
    # The cast spares a call of Python for each number.
    return SQL("COALESCE(%s, 0)::float8", column) if field.type in ("float", "monetary") else column


def _tax_ids(env: Env, line_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The taxes of each line that has some.

    :rtype: dict[int, tuple[int, ...]]
    """
    found = defaultdict(tuple)
    if line_ids:
        field = env["account.move.line"]._fields["tax_ids"]
        sequence = env["account.tax"]._fields["sequence"]
        for line_id, tax_id in env.execute_query(
            SQL(
                "SELECT rel.%(line)s, tax.id FROM %(relation)s rel"
                " JOIN account_tax tax ON tax.id = rel.%(tax)s"
                " WHERE rel.%(line)s IN %(line_ids)s ORDER BY %(sequence)s, tax.id",
                relation=SQL.identifier(field.relation),
                line=SQL.identifier(field.column1),
                tax=SQL.identifier(field.column2),
                line_ids=tuple(line_ids),
                sequence=SQL.identifier("tax", "sequence", to_flush=sequence),
            )
        ):
            found[line_id] += (tax_id,)
    return found
