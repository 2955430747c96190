"""`dev/python ...`: the environment's Python, with Odoo importable and the database server running."""

from .machine import postgres
from .server import odoo


def main(environment, args):
    """Run Python; returns its exit status."""
    with postgres.server():
        return odoo.interactive([environment.python, *args])
