"""What must hold in the tables of a database: the addon's own list, asked of PostgreSQL."""

import datetime
import importlib
import sys
import types

from .. import paths
from . import databases

# The addon's list is plain Python, its package is not: the folder alone stands for it.
_PACKAGE = "chorus_models"


def _list():
    if _PACKAGE not in sys.modules:
        package = types.ModuleType(_PACKAGE)
        package.__path__ = [str(paths.ROOT / "models" / "base")]
        sys.modules[_PACKAGE] = package
    return importlib.import_module(f"{_PACKAGE}.chorus_invariants")


def broken(database, settled=True):
    """What does not hold in a database: a list of texts.

    `settled`: Odoo's scheduled actions had the time to do their work.
    """

    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)
    wanted = [row.sql for row in _list().INVARIANTS if settled or not row.settled]
    texts = [statement.replace("%(now)s", f"'{now}'") for statement in wanted]
    found_by = dict(zip(wanted, databases.answers(database, texts), strict=True))

    def execute(statement, _values):
        return found_by[statement]

    return [
        f"{row.name}: {row.sentence}; broken by {len(found)}: {', '.join(found[:5])}"
        for row, found in _list().broken(execute, now, settled)
    ]


def count():
    """How many there are."""
    return len(_list().INVARIANTS)
