"""`dev/db`: the databases of the environment.

dev/db list               all of them
dev/db new NAME           a fresh copy of the template (an existing one is replaced)
dev/db drop NAME ...
dev/db psql NAME [...]    a psql session
dev/db clean              drop what dead runs left, and outdated templates
"""

from . import console
from .machine import postgres
from .server import databases, odoo


def main(environment, args):
    """Do what `args` say; returns the exit status."""
    action, names = (args[0], args[1:]) if args else ("help", [])
    with postgres.server():
        if action == "list":
            for name in databases.all_names():
                print(name)
        elif action == "new" and len(names) == 1:
            databases.drop(names[0])
            databases.ensure(environment, names[0])
        elif action == "drop" and names:
            for name in names:
                databases.drop(name)
        elif action == "psql" and names:
            return odoo.interactive(["psql", "-X", "-d", *names])
        elif action == "clean":
            databases.drop_dead()
            databases.drop_old_templates(kept=1)
        else:
            raise console.Stop(__doc__, 2)
    return 0
