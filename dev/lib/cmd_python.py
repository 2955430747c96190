"""`dev/python ...`: the environment's Python, with Odoo importable and the database server running."""

from . import odoo, postgres


def main(environment, args):
    """Run Python; returns its exit status."""
    with postgres.server():
        return odoo.interactive([environment.python, *args])
