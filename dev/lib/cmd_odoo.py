"""`dev/odoo ...`: Odoo's command line in the environment.

`-d NAME` names a database of your own: it is copied from the template the first time, and stays.
Without `-p`, the server gets free ports of its own.
"""

import itertools

from . import databases, odoo, ports, postgres

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
        if sub in (None, "server", "shell") and not {"-p", "--http-port"} & set(rest):
            http, gevent = ports.reserve(2)
            rest = [*rest, "--http-port", http, "--gevent-port", gevent]
        return odoo.interactive(odoo.command(environment, rest, sub))


def _database(args):
    for name, value in itertools.pairwise(args):
        if name in ("-d", "--database"):
            return value
    return next((arg.split("=", 1)[1] for arg in args if arg.startswith("--database=")), None)
