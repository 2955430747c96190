"""`dev/invariants -d DATABASE`: whether the tables of a database say what can be true.

`--moving`: its scheduled actions are at work; what holds only once they have ended is left out.
"""

import argparse

from . import console
from .machine import postgres
from .server import invariants


def main(environment, args):
    """Print what does not hold; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/invariants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-d", "--database", required=True)
    parser.add_argument("--moving", action="store_true")
    options = parser.parse_args(args)
    with postgres.server():
        found = invariants.broken(options.database, settled=not options.moving)
    for text in found:
        console.error(text)
    console.say(f"{invariants.count()} invariants, {len(found)} broken")
    return 1 if found else 0
