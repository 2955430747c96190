"""`dev/test`: sets up, runs every test, ends on `N passed, N failed`.

dev/test                               everything but the long proofs; ends with the slowest tests
dev/test --all                         the long proofs too (marked `long`), and more random invoices
dev/test --only odoo --tags TestQueue  one Odoo test class (or any --test-tags specification), on a database
                                       that is kept for the next time; --fresh installs anew
dev/test --only unit -k amounts        pytest's own filter, for unit and process tests
dev/test --json FILE                   the single results, for programs

Odoo's tests run beside the others; logs are in .dev/logs. A skipped test is a failed one.
"""

import argparse
import concurrent.futures
import json
import time
from pathlib import Path

from . import console
from .machine import postgres, processes
from .suite import parts
from .suite.results import Result, slowest, strict

_PARTS = {"odoo": parts.odoo_tests, "lint": parts.lint, "unit": parts.unit, "process": parts.process}


def main(environment, args):
    """Run the tests that `args` ask for; returns 0 if all passed, else 1."""
    options = _arguments(args)
    start = time.monotonic()
    console.say(f"On {environment.odoo}")
    with postgres.server():
        found = _run(environment, options)
    for result in found:
        if result.outcome == "failed":
            print(f"\nFAILED {result.part} {result.name}\n{result.text}\n", flush=True)
    passed = sum(result.outcome == "passed" for result in found)
    failed = sum(result.outcome == "failed" for result in found)
    if options.json:
        tests = [vars(result) for result in found]
        summary = {"odoo": environment.odoo.dated, "passed": passed, "failed": failed, "tests": tests}
        Path(options.json).write_text(json.dumps(summary, indent=1))
    if text := slowest(found):
        print(text, flush=True)
    console.say(f"Tests took {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


def _arguments(args):
    parser = argparse.ArgumentParser(
        "dev/test", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=_PARTS, action="append", help="one part (repeatable)")
    parser.add_argument("--tags", help="Odoo: a class, class.method, or --test-tags specification")
    parser.add_argument(
        "--fresh", action="store_true", help="Odoo: chosen tests on a fresh database, not on the kept one"
    )
    parser.add_argument("--all", action="store_true", help="the long proofs too")
    parser.add_argument("-k", help="pytest: run what matches this expression")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    return parser.parse_args(args)


def _run(environment, options):
    """Two tracks at once, one for each core: Odoo's tests, and all the others one after the other."""
    wanted = options.only or list(_PARTS)
    tracks = [["odoo"], ["lint", "unit", "process"]]
    with concurrent.futures.ThreadPoolExecutor(len(tracks)) as pool:
        jobs = []
        for track in tracks:
            names = [name for name in track if name in wanted]
            jobs.append(pool.submit(_track, environment, options, names))
        try:
            return [result for job in jobs for result in job.result()]
        except BaseException:
            processes.stop_all()
            raise


def _track(environment, options, names):
    found = []
    for name in names:
        start = time.monotonic()
        console.say(f"{name} tests ...")
        try:
            results = strict(_PARTS[name](environment, options))
        except Exception as error:  # one part that breaks must not hide what the others found
            results = [Result(name, "set-up", "failed", f"{type(error).__name__}: {error}")]
        failed = sum(result.outcome == "failed" for result in results)
        seconds = time.monotonic() - start
        console.say(f"{name} tests: {len(results) - failed} passed, {failed} failed in {seconds:.0f} s")
        found += results
    return found
