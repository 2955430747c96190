"""`dev/mutants`: break the protocol on purpose, one change at a time, and see which test notices.

dev/mutants                        the chosen mutations (from 1), then 40 drawn by seed (from 101)
dev/mutants --list                 what they are, with their numbers
dev/mutants --only 3,17            these alone
dev/mutants --drawn 0              the chosen ones only
dev/mutants --seed 2 --drawn 40    other drawn ones
dev/mutants --kinds                instead: each kind of run of chaos, without what it is about (from 201)

Each is made in a copy of the clone and run against its named test on a database that is kept. Every named
test is first run on the code as it is. Survivors are named; exit status 0 only when all but drawn ones are
caught.
"""

import argparse
import concurrent.futures
import json
import queue
import time
from pathlib import Path

from . import console, paths
from .machine import postgres
from .mutants import drawn, tree
from .mutants.bench import Bench, Broken
from .mutants.chosen import CHOSEN
from .mutants.kinds import KINDS
from .server import databases, static_files

# Numbers of the first drawn one, and of the first one that a kind of run of chaos catches.
_DRAWN, _KINDS = 101, 201


def main(environment, args):
    """Run the mutations that `args` ask for; returns the exit status."""
    options = _arguments(args)
    every = _every(options)
    wanted = {number: every[number] for number in _wanted(every, options)}
    if options.list:
        for number, (mutation, _place) in wanted.items():
            print(f"{number:3}  {mutation.what}  [{mutation.catcher}]")
        return 0
    start = time.monotonic()
    with postgres.server(), static_files.serve(environment) as pages:
        rows = _run(environment, options, wanted, pages)
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1) + "\n")
    return _tell(rows, time.monotonic() - start)


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
            found[number] = item, tree.find(item.where, item.old) if item.old else None
    found |= dict(enumerate(drawn.draw(options.seed, options.drawn), _DRAWN))
    tree.check_tests([item.catcher for item, _place in found.values()])
    return dict(sorted(found.items()))


def _wanted(every, options):
    if unknown := options.only - set(every):
        raise console.Stop(f"No such mutation: {', '.join(map(str, sorted(unknown)))}")
    if options.only:
        return sorted(options.only)
    return [number for number in every if options.list or (number >= _KINDS) == options.kinds]


def _run(environment, options, wanted, pages):
    """:return: list of dicts: number, what, catcher, outcome, by (tests that failed), seconds"""
    template = databases.with_addon(environment)
    width = min(options.workers, len(wanted))
    free, benches = queue.SimpleQueue(), []
    try:
        for number in range(width):
            benches.append(Bench(environment, template, _folder() / str(number), pages))
            free.put(benches[-1])
        with concurrent.futures.ThreadPoolExecutor(width) as pool:
            if not options.no_first:
                _first(pool, free, [mutation.catcher for mutation, _place in wanted.values()])
            return list(pool.map(lambda number: _one(free, number, *wanted[number]), wanted))
    finally:
        for bench in benches:
            bench.close()


def _folder():
    """Outside the clone: what reads all its files must not find copies of them."""
    return paths.cache() / "mutants" / paths.digest(str(paths.ROOT))


def _first(pool, free, catchers):
    """Every test passes on the code as it is, or what it says of a mutation means nothing."""

    def one(catcher):
        bench = free.get()
        try:
            return catcher, bench.failures(catcher, patience=6)
        finally:
            free.put(bench)

    console.say("The named tests on the code as it is ...")
    joined = {"odoo": ",", "unit": " or ", "process": " or "}
    named = [
        catcher._replace(
            tests=between.join(dict.fromkeys(item.tests for item in catchers if item.part == part))
        )
        for part, between in joined.items()
        if (catcher := next((item for item in catchers if item.part == part), None))
    ]
    for catcher, bad in pool.map(one, named):
        if bad:
            raise console.Stop(f"Without any mutation {catcher.part} fails: {', '.join(bad[:5])}")


def _one(free, number, mutation, place):
    bench = free.get()
    start = time.monotonic()
    try:
        by = bench.try_out(mutation, place)
        outcome = "caught" if by else "survived"
    except Broken as error:  # one that cannot be run must not hide what the others found
        outcome, by = "not run", [str(error)]
    finally:
        free.put(bench)
    seconds = round(time.monotonic() - start)
    console.say(f"{number}: {outcome} after {seconds} s: {mutation.what}")
    return {
        "number": number,
        "what": mutation.what,
        "catcher": str(mutation.catcher),
        "outcome": outcome,
        "by": by[:5],
        "seconds": seconds,
    }


def _tell(rows, seconds):
    """Print what came of it; returns the exit status."""
    for row in rows:
        if row["outcome"] != "caught":
            print(f"{row['outcome'].upper()} {row['number']}: {row['what']} [{row['catcher']}] {row['by']}")
    for name, some in (
        ("chosen", [row for row in rows if row["number"] < _DRAWN]),
        ("drawn", [row for row in rows if _DRAWN <= row["number"] < _KINDS]),
        ("kinds", [row for row in rows if row["number"] >= _KINDS]),
    ):
        if some:
            print(f"{name}: {sum(row['outcome'] == 'caught' for row in some)} of {len(some)} caught")
    print(f"in {seconds:.0f} s")
    ours = [row["outcome"] for row in rows if not _DRAWN <= row["number"] < _KINDS]
    return 0 if all(outcome == "caught" for outcome in ours) else 1
