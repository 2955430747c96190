"""`dev/simulator ...`: the Chorus Pro simulator alone (`--help` lists its options)."""

from .server import odoo


def main(environment, args):
    """Run the simulator; returns its exit status."""
    return odoo.interactive([environment.python, "-m", "simulator", *args])
