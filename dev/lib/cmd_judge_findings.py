"""`dev/judge-findings`: random invoices, good and bad, sent by force past the findings.

dev/judge-findings --invoices 1000 --seed 1 --json docs/findings.json

Each invoice is checked as the addon checks it, with the recipient as the directory gives it, then sent to
the simulator whatever was found. One that the findings pass and Chorus Pro rejects ends the command with
status 1: a rule is missing. The others way round, what the findings block and the simulator takes is listed
with the source of its rule: rules that the simulator has no published reason to apply.
"""

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from . import console, paths
from .server.simulator import Simulator

_COUNTS = ("invoices", "passed", "blocked_and_rejected", "blocked_and_not_writable", "blocked_and_taken")


def main(environment, args):
    """Judge the findings; returns 1 when they passed what was rejected."""
    parser = argparse.ArgumentParser(
        "dev/judge-findings", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--invoices", type=int, default=1000, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", help="write the record there")
    options = parser.parse_args(args)
    sys.path[:0] = [str(paths.ROOT), str(paths.ROOT / "tests" / "unit")]
    import chorus_api

    from .judge.judge_findings import judge

    with (
        tempfile.TemporaryDirectory(prefix="chorus_judge_") as folder,
        Simulator(folder, args=("--clock", "manual")) as simulator,
        console.step(f"{options.invoices} invoices, seed {options.seed}"),
    ):
        endpoints = chorus_api.Endpoints(simulator.auth_url, simulator.url)
        keys = simulator.CREDENTIALS

        def renew(_old):
            return chorus_api.fetch_token(endpoints, keys["client_id"], keys["client_secret"]).value

        with chorus_api.ChorusClient(endpoints, keys["login"], keys["password"], "", renew) as client:
            outcome = judge(simulator, client, options.invoices, options.seed)
    record = _record(outcome, options.seed)
    if options.json:
        Path(options.json).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    _print(record)
    return 1 if outcome.missed else 0


def _record(outcome, seed):
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "seed": seed,
        "invoices": outcome.invoices,
        "passed": outcome.passed,
        "passed_and_rejected": [
            {"number": number, "slips": slips, "texts": texts} for number, slips, texts in outcome.missed
        ],
        "blocked_and_rejected": outcome.both_refuse,
        "blocked_and_not_writable": outcome.not_writable,
        "blocked_and_taken": outcome.blocked_and_taken,
        "strict": [{"code": code, "count": count, "rule": rule} for code, count, rule in outcome.rows()],
    }


def _print(record):
    for missed in record["passed_and_rejected"]:
        console.error(f"passed and rejected: {missed['number']} {missed['slips']}: {missed['texts']}")
    for name in _COUNTS:
        print(f"{record[name]:6} {name.replace('_', ' ')}")
    print(f"{len(record['passed_and_rejected']):6} passed and rejected")
    for row in record["strict"]:
        print(f"{row['count']:6} blocked by {row['code']} ({row['rule']}) and taken")
