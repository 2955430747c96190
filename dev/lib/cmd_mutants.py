"""`dev/mutants`: break the protocol on purpose, one change at a time, and see which test notices.

dev/mutants                        the chosen mutations (from 1), then 40 drawn by seed (from 101)
dev/mutants --list                 what they are, with their numbers
dev/mutants --only 3,17            these alone
dev/mutants --drawn 0              the chosen ones only
dev/mutants --seed 2 --drawn 40    other drawn ones
dev/mutants --kinds                instead: each kind of run of chaos, without what it is about (from 201)

Each is made in a copy of the clone and run against its named test on a database that is kept. Every test is
first run on the code as it is. Survivors are named; exit status 0 only when all but drawn ones are caught.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

from . import (
    console,
    databases,
    locks,
    mutants_drawn,
    mutants_tree,
    odoo,
    paths,
    ports,
    postgres,
    processes,
    static_files,
)
from .mutants_chosen import CHOSEN, KINDS, Catcher, Mutation
from .odoo_log import results as odoo_results

_SECONDS = {"odoo": 600, "unit": 300, "process": 900, "chaos": 1200}
_CHAOS_RUNS = 2
# Numbers of the first drawn one, and of the first one that a kind of run of chaos catches.
_DRAWN, _KINDS = 101, 201


def main(environment, args):
    """Run the mutations that `args` ask for; returns the exit status."""
    options = _arguments(args)
    every = _every(options)
    if unknown := options.only - set(every):
        raise console.Stop(f"No such mutation: {', '.join(map(str, sorted(unknown)))}")
    wanted = [
        number
        for number in every
        if (number in options.only if options.only else (number >= _KINDS) == options.kinds or options.list)
    ]
    if options.list:
        for number in wanted:
            mutation, _place = every[number]
            print(f"{number:3}  {mutation.what}  [{mutation.catcher}]")
        return 0
    start = time.monotonic()
    with postgres.server(), static_files.serve(environment) as pages:
        outcomes = _run(environment, options, {number: every[number] for number in wanted}, pages)
    if options.json:
        rows = [
            {"number": number, "what": every[number][0].what, "outcome": outcome, "seconds": seconds}
            for number, outcome, seconds in outcomes
        ]
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")
    caught = sum(outcome == "caught" for _number, outcome, _seconds in outcomes)
    for number, outcome, _seconds in outcomes:
        if outcome != "caught":
            print(f"{outcome.upper()} {number}: {every[number][0].what} [{every[number][0].catcher}]")
    print(f"{caught} of {len(outcomes)} caught in {time.monotonic() - start:.0f} s")
    chosen = [outcome for number, outcome, _seconds in outcomes if not _DRAWN <= number < _KINDS]
    return 0 if all(outcome == "caught" for outcome in chosen) else 1


def _arguments(args):
    parser = argparse.ArgumentParser(
        "dev/mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", action="store_true")
    parser.add_argument(
        "--only", type=lambda text: {int(part) for part in text.split(",")}, metavar="N,M", default=set()
    )
    parser.add_argument("--kinds", action="store_true", help="those that kinds of runs of chaos catch")
    parser.add_argument("--drawn", type=int, default=40, metavar="N", help="how many are drawn")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="how many at once")
    parser.add_argument("--no-first", action="store_true", help="do not run the tests on the code as it is")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    return parser.parse_args(args)


def _every(options):
    """All mutations by number. Each anchor and each test is looked for, whichever are run."""
    found = {}
    for first, mutations in ((1, CHOSEN), (_KINDS, KINDS)):
        for number, item in enumerate(mutations, first):
            found[number] = item, mutants_tree.find(item.where, item.old) if item.old else None
    found |= dict(enumerate(mutants_drawn.draw(options.seed, options.drawn), _DRAWN))
    mutants_tree.check_tests([item.catcher for item, _place in found.values()])
    return dict(sorted(found.items()))


def _run(environment, options, wanted, pages):
    """:return: list of (number, outcome, seconds)"""
    template = databases.with_addon(environment)
    benches, lock = [], threading.Lock()
    width = min(options.workers, len(wanted))
    try:
        for number in range(width):
            benches.append(Bench(environment, template, _folder() / str(number), pages))
        if not options.no_first:
            _first(benches[0], [mutation.catcher for mutation, _place in wanted.values()])
        free = list(benches)

        def one(number):
            with lock:
                bench = free.pop()
            start = time.monotonic()
            try:
                outcome = bench.try_out(*wanted[number])
            except Exception as error:  # one that breaks must not hide what the others found
                outcome = f"not run ({error})"
            finally:
                with lock:
                    free.append(bench)
            seconds = round(time.monotonic() - start)
            console.say(f"{number}: {outcome} after {seconds} s: {wanted[number][0].what}")
            return number, outcome, seconds

        with concurrent.futures.ThreadPoolExecutor(width) as pool:
            return list(pool.map(one, wanted))
    finally:
        for bench in benches:
            bench.close()


def _folder():
    """Outside the clone: what reads all its files must not find copies of them."""
    return paths.cache() / "mutants" / paths.digest(str(paths.ROOT))


def _first(bench, catchers):
    """Every test passes on the code as it is, or what it says of a mutation means nothing."""
    for part, joined in (("odoo", ","), ("unit", " or "), ("process", " or ")):
        tests = joined.join(dict.fromkeys(item.tests for item in catchers if item.part == part))
        if tests and (bad := bench.failures(Catcher(part, tests), patience=6)):
            raise console.Stop(f"Without any mutation {part} fails: {', '.join(bad[:5])}")


class Bench:
    """A copy of the clone and a kept database with the addon, for one mutation at a time."""

    def __init__(self, environment, template, folder, pages):
        self.environment, self.pages = environment, pages
        self.copy = mutants_tree.Copy(folder)
        self.database = f"{databases.prefix()}run_mutants_{folder.name}_{os.getpid()}"
        self._lock = locks.take(self.database)
        databases.copy(template, self.database)
        databases.set_parameter(self.database, "report.url", pages)

    def close(self):
        """Drop the database and the copy."""
        databases.drop(self.database)
        shutil.rmtree(self.copy.root.parent, ignore_errors=True)
        self._lock.close()

    def try_out(self, mutation: Mutation, place):
        """:return: ``caught`` or ``survived``"""
        with contextlib.ExitStack() as undo:
            if mutation.index:
                undo.callback(self._drop(mutation.index))
            if place:
                undo.callback(self.copy.mutate(place, mutation.new))
            return "caught" if self.failures(mutation.catcher) else "survived"

    def _drop(self, index):
        """Drop an index; returns a function that makes it again."""
        found = databases.sql(self.database, f"SELECT indexdef FROM pg_indexes WHERE indexname = '{index}'")
        if not found:
            raise console.Stop(f"There is no index {index}")
        databases.sql(self.database, f'DROP INDEX "{index}"')
        return lambda: databases.sql(self.database, found[0])

    def failures(self, catcher, patience=1):
        """Run tests in the copy; the names of those that fail, the first one when it ends the run."""
        seconds = _SECONDS[catcher.part] * patience
        return self._odoo(catcher.tests, seconds) if catcher.part == "odoo" else self._other(catcher, seconds)

    def _odoo(self, tests, seconds):
        tags = ",".join(f"/{paths.NAME}:{name}" for name in dict.fromkeys(tests.split(",")))
        http, gevent = ports.reserve(2)
        addons = [
            *self.environment.odoo.addons,
            str(self.copy.root.parent),
            str(self.copy.root / "tests/neighbour"),
        ]
        args = ["-d", self.database, "--test-tags", tags, "--stop-after-init", "--max-cron-threads", 0]
        args += ["--http-port", http, "--gevent-port", gevent, "--addons-path", ",".join(addons)]
        with processes.Process(odoo.command(self.environment, args), "mutant") as run:
            deadline = time.monotonic() + seconds
            while run.running() and time.monotonic() < deadline:
                time.sleep(0.5)
                failed = [row.name for row in odoo_results(run.text()) if row.outcome == "failed"]
                if failed:
                    return failed
            if run.running():
                return ["it does not end"]
            status = run.wait()
            found = odoo_results(run.text())
            if not found and not status:
                raise console.Stop(f"no test ran for {tests}")
            return [row.name for row in found if row.outcome == "failed"] or (
                [f"ended with {status}"] * bool(status)
            )

    def _other(self, catcher, seconds):
        root = self.copy.root
        if catcher.part == "chaos":
            line = [root / "dev" / "chaos", "--runs", _CHAOS_RUNS, "--workers", 3, "--kinds", catcher.tests]
        else:
            folder = root / "tests" / catcher.part
            line = [root / "dev" / "python", "-m", "pytest", "-c", folder / "pytest.ini", folder]
            line += ["-q", "-x", "-p", "no:cacheprovider", "-k", catcher.tests]
        variables = {**os.environ, databases.GIVEN: self.database}
        with processes.Process(list(map(str, line)), "mutant", cwd=root, env=variables) as run:
            try:
                status = run.wait(seconds)
            except subprocess.TimeoutExpired:
                return ["it does not end"]
            text = run.text()
        if catcher.part == "chaos":
            if "invariants broken:" not in text:
                raise console.Stop(f"chaos did not come to its end:\n{text[-2000:]}")
            return [] if status == 0 else ["chaos"]
        if status == 5:
            raise console.Stop(f"no test ran for {catcher.tests}")
        return (
            []
            if status == 0
            else [line for line in text.splitlines() if line.startswith("FAILED")] or ["pytest"]
        )
