"""`dev/release-check`: the records (figures, pictures) of docs/ that are older than the code they speak of.

Prints a row for each; ends with 1 when one is older, or was made at a commit that nobody has. For whoever
makes a release; no part of dev/test.
"""

import argparse

from . import cmd_next_series, paths
from .suite import records


def main(_environment, args):
    """Print the table; returns 0 when every record is as new as its code."""
    argparse.ArgumentParser(
        "dev/release-check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args(args)
    old = 0
    for record in records.records():
        changes = records.changes_since(record)
        old += changes != 0
        state = {None: "commit unknown", 0: "up to date"}.get(changes, f"{changes} commits older")
        print(f"{state:18} {record.place:22} {record.command} ({record.commit}, {record.date})")
    # A count, not a measurement: its command writes it anew.
    table = cmd_next_series.render() in (paths.ROOT / cmd_next_series.DOCUMENT).read_text()
    old += not table
    print(f"{'up to date' if table else 'differs':18} {cmd_next_series.DOCUMENT:22} dev/next-series --write")
    print(f"{old} to make again")
    return 1 if old else 0
