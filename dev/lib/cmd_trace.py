"""`dev/trace`: which functions and files of ours one invoice walks through, from the click to the payment.

Plays `tests/test_trace.py` on the kept database and prints what it heard; the test has a ceiling for
the files, and allows no hop through a super() of our own.
"""

import argparse
import re
import types

from . import console, paths
from .machine import postgres
from .suite import parts

_TEST = "TestTrace"
_END = re.compile(r"\d+ functions in \d+ files")


def main(environment, args):
    """Print the trace; returns 0 when the test passed."""
    argparse.ArgumentParser(
        "dev/trace", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args(args)
    with postgres.server():
        options = types.SimpleNamespace(tags=_TEST, fresh=False, all=False, k=None)
        found = parts.odoo_tests(environment, options)
    log = (paths.logs() / "odoo.log").read_text()
    _before, _sign, told = log.partition("The journey of one invoice:\n")
    if end := _END.search(told):
        print(told[: end.end()])
    failed = [result for result in found if result.outcome == "failed"]
    for result in failed:
        console.error(f"{result.name}: {result.text}")
    return 1 if failed or not found else 0
