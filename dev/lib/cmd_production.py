"""`dev/production`: Odoo deployed as people deploy it; invoices are clicked, Odoo's own actions do the rest.

dev/production                    every deployment, one after the other
dev/production slow-print update  some of them
dev/production --list             their names
dev/production --json FILE        the results, for programs

Each runs on a scratch copy beside a simulator and is judged on what that has taken, on what a person was told
and on the servers' logs. Exit status 0 only if all passed. Times are upper bounds on a busy machine: its load
is printed.
"""

import argparse
import json
import os
from pathlib import Path

from . import console
from .machine import postgres, processes
from .production import deployment
from .production.table import DEPLOYMENTS


def main(environment, args):
    """Try what `args` ask for; returns the exit status."""
    options = _arguments(args)
    if options.list:
        for row in DEPLOYMENTS:
            print(f"{row.name:24}{row.what}")
        return 0
    chosen = [row for row in DEPLOYMENTS if not options.names or row.name in options.names]
    results = []
    with postgres.server():
        for row in chosen:
            with console.step(f"{row.name}: {row.what}"):
                results.append(_attempt(environment, row))
            _print([results[-1]])
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    print()
    _print(results)
    failed = sum(not row["passed"] for row in results)
    print(f"{len(results) - failed} deployments passed, {failed} failed; {os.cpu_count()} processors")
    return 1 if failed else 0


def _arguments(args):
    parser = argparse.ArgumentParser(
        "dev/production", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", choices=[[], *(row.name for row in DEPLOYMENTS)], metavar="NAME")
    parser.add_argument("--list", action="store_true", help="only print the names")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    return parser.parse_args(args)


def _attempt(environment, row):
    try:
        return deployment.attempt(environment, row)
    except processes.Terminated:
        raise
    except (console.Stop, AssertionError, OSError) as error:
        # One that cannot even be set up must not hide the others.
        told = str(error).strip().splitlines() or [type(error).__name__]
        return {
            "name": row.name, "what": row.what, "invoices": 0, "wrong": [f"not tried: {told[0]}", *told[-3:]],
            "log": [], "seconds": 0, "whole": 0, "load": round(os.getloadavg()[0], 1), "passed": False,
        }  # fmt: skip


def _print(results):
    for row in results:
        verdict = "passed" if row["passed"] else "FAILED"
        print(
            f"{row['name']:24}{verdict:8}{row['invoices']:4} invoices {row['seconds']:5} s"
            f"   load {row['load']:5}   {row['what']}"
        )
        for text in (*row["wrong"], *(f"log: {line[:200]}" for line in row["log"][:5])):
            print(f"{'':24}{text}")
