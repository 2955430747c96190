"""`dev/odoo ...`: Odoo's command line in the environment.

`-d NAME` names a database of your own: it is copied from the template the first time, and stays.
Without `-p`, the server gets free ports of its own.
"""

import contextlib
import itertools
import re

from .machine import ports, postgres
from .server import databases, odoo, static_files

_SUBCOMMANDS = {"shell", "i18n", "module", "cloc", "neutralize", "populate", "scaffold", "db", "server"}
_WITHOUT_DATABASE = {"scaffold", "cloc"}


def main(environment, args):
    """Run Odoo; returns its exit status."""
    sub = args[0] if args and args[0] in _SUBCOMMANDS else None
    rest = args[1:] if sub else args
    if sub in _WITHOUT_DATABASE:
        return odoo.interactive([environment.python, "-m", "odoo", *args])
    with postgres.server():
        database = _database(rest)
        if database:
            databases.ensure(environment, database)
        if sub in (None, "server", "shell") and not _names_a_port(rest):
            http, gevent = ports.reserve(2)
            rest = [*rest, "--http-port", http, "--gevent-port", gevent]
        with _static_files(environment, database, rest):
            return odoo.interactive(odoo.command(environment, rest, sub))


@contextlib.contextmanager
def _static_files(environment, database, args):
    """While tests run, let prints in this database find styles and fonts."""
    if not database or not any(str(arg).startswith("--test-") for arg in args):
        yield
        return
    with static_files.serve(environment) as url:
        databases.set_parameter(database, "report.url", url)
        try:
            yield
        finally:
            databases.sql(database, "DELETE FROM ir_config_parameter WHERE key = 'report.url'")


def _names_a_port(args):
    """Whether the words hold Odoo's HTTP port, whichever way: ``-p N``, ``-pN``, ``--http-port=N``."""
    return any(re.fullmatch(r"-p\d*|--http-port(=\d+)?", str(arg)) for arg in args)


def _database(args):
    for name, value in itertools.pairwise(args):
        if name in ("-d", "--database"):
            return value
    return next((arg.split("=", 1)[1] for arg in args if arg.startswith("--database=")), None)
