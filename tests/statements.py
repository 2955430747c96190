"""What is asked of the database, how PostgreSQL would answer it, and many rows made at once."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.sql_db import Cursor, db_connect
from odoo.tools import SQL


@contextmanager
def recorded():
    """Yield a list that fills with every statement that any cursor executes, as (text, parameters)."""
    statements = []
    execute = Cursor.execute

    def record(cursor, query, params=None, log_exceptions=True):
        text = query if isinstance(query, str) else query.code
        statements.append((text, params if isinstance(query, str) else query.params))
        return execute(cursor, query, params, log_exceptions)

    with patch.object(Cursor, "execute", record):
        yield statements


def scanned(cr, statement, tables):
    """Those of ``tables`` that PostgreSQL would read from the first row to the last for a statement.

    :rtype: set[str]
    """
    text, params = statement
    cr.execute(f"EXPLAIN (FORMAT JSON) {text}", params)
    plans, found = [cr.fetchone()[0][0]["Plan"]], set()
    while plans:
        plan = plans.pop()
        plans += plan.get("Plans", ())
        if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in tables:
            found.add(plan["Relation Name"])
    return found


def make_indexes_usable(dbname, tables):
    """Write those tables anew of which PostgreSQL would not use every index yet.

    One that was built over rows which the same transaction had changed is not used while a transaction is
    open that began before, in whatever database of the cluster: tests beside these have such.

    :param tables: set of names
    """
    with db_connect(dbname).cursor() as cr:
        cr.execute("SET LOCAL lock_timeout = '60s'")
        cr.execute(
            "SELECT DISTINCT indrelid::regclass::text FROM pg_index"
            " WHERE indcheckxmin AND indrelid::regclass::text IN %s",
            (tuple(tables),),
        )
        for (table,) in cr.fetchall():
            cr.execute(SQL("CLUSTER %s USING %s", SQL.identifier(table), SQL.identifier(f"{table}_pkey")))


def multiply(cr, table, row_id, count, **changes):
    """Copy one row ``count`` times.

    :param changes: SQL by column, in which ``n`` counts the copies from 1
    :return: ids of the copies, in order
    """
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name != 'id'"
        " AND table_schema = current_schema",
        (table,),
    )
    columns = [name for (name,) in cr.fetchall()]
    values = ", ".join(changes.get(name, f'model."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cr.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS model, generate_series(1, %s) AS n"
        " WHERE model.id = %s RETURNING id",
        (count, row_id),
    )
    return [row[0] for row in cr.fetchall()]
