"""`dev/chaos`: kills and faults against real Odoo processes; nothing may be lost, nothing sent twice.

dev/chaos --runs 200 --workers 4 --seed 1 [--json FILE]
dev/chaos --runs 12 --kinds late,clocks    runs of these kinds only (they take turns; see chaos_kinds)
dev/chaos --runs 200 --at-once 4           files that travel at once in each process
dev/chaos --burst 500 --workers 4          500 invoices, selected overlappingly by 4 users, sent at once

Judged on what the simulator has taken and on the tables. Exit status 0 only if nothing was lost or doubled,
nothing was seen that a kind of run forbids, every invariant held after every run, and at most 1 % of the
invoices wait for a person. Ctrl-C ends it after the runs that were played, and judges those.
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import random
import shutil
import time
from pathlib import Path

from . import console, paths
from .chaos import chaos_burst, chaos_faults
from .chaos.chaos_fleet import Host
from .chaos.chaos_kinds import KINDS
from .chaos.chaos_run import Play
from .machine import postgres
from .server import databases, odoo
from .server.simulator import Simulator

_PER_RUN = 6
_WAITING_SHARE = 0.01
_COMPANY_SIRET = "73282932000074"


def main(environment, args):
    """Run what `args` ask for; returns the exit status."""
    options = _arguments(args)
    start = time.monotonic()
    with postgres.server():
        summary = play(environment, options)
    summary["seconds"] = round(time.monotonic() - start)
    if options.json:
        Path(options.json).write_text(json.dumps(summary, indent=1) + "\n")
    _print(summary)
    return 0 if summary["passed"] else 1


def _arguments(args):
    parser = argparse.ArgumentParser(
        "dev/chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--workers", type=int, default=4, help="processes at work at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", metavar="A,B", default=",".join(KINDS), help=f"of {', '.join(KINDS)}")
    parser.add_argument("--at-once", type=int, default=3, metavar="K", help="files that travel at once")
    parser.add_argument("--burst", type=int, default=0, metavar="N", help="send N invoices at once instead")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    options = parser.parse_args(args)
    options.kinds = options.kinds.split(",")
    if unknown := set(options.kinds) - set(KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}")
    return options


def play(environment, options):
    """Set the stage, play, and return the summary as a dict."""
    folder = paths.work() / "chaos"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    count = options.burst or options.runs * _PER_RUN
    network = folder / "network" if "neighbour" in options.kinds and not options.burst else None
    with stage(environment, folder, count, options.workers, network) as (scene, moves):
        scene.sql(f"UPDATE chorus_connection SET files_at_once = {options.at_once}")
        if options.burst:
            return chaos_burst.play(scene, moves)
        return _runs(scene, moves, options)


@contextlib.contextmanager
def stage(environment, folder, count, width, network=None):
    """Two hosts, a simulator and `count` posted invoices.

    Yields a :class:`chaos_run.Play` and the ids of the invoices. `width` is the number of workers at once.
    `network`: folder of another channel, which is then installed beside the addon.
    """
    with (
        databases.temporary(environment, "chaos", databases.with_addon(environment)) as database,
        Simulator(folder / "simulator") as simulator,
        _neighbour(environment, database, network),
        Host(environment, database, folder, "host-1") as first,
        Host(environment, database, folder, "host-2") as second,
    ):
        simulator.control(f"structures/{_COMPANY_SIRET}", {"name": "Ateliers de la Loire", "public": False})
        with console.step(f"Making {count} invoices"):
            stock = first.play(
                "stock",
                seconds=1200,
                count=count,
                environment="production",
                auth_url=simulator.auth_url,
                api_url=simulator.url,
                credentials=simulator.CREDENTIALS,
                group_size=5,
            )
        yield Play([first, second], simulator, database, width, network), stock["moves"]


def _neighbour(environment, database, network):
    """Install the other channel, when there is a folder for its network."""
    if network:
        network.mkdir()
        with console.step("Installing another channel"):
            odoo.run(environment, ["-d", database, "-i", "chorus_neighbour"], log="neighbour")
        databases.set_parameter(database, "chorus_neighbour.folder", network)
    return contextlib.nullcontext()


def _runs(scene, moves, options):
    runs = []
    try:
        for number in range(options.runs):
            runs.append(_one_run(scene, moves, options, number))
            if number % 10 == 9:
                console.say(f"{number + 1} runs, {sum(run.kills for run in runs)} kills")
    except KeyboardInterrupt:
        console.say(f"ended after {len(runs)} runs")
        scene.kill_all()
    return _summary(scene, runs, options)


def _one_run(scene, moves, options, number):
    seed = f"{options.seed}:{number}"
    chosen = moves[number * _PER_RUN : (number + 1) * _PER_RUN]
    kind = options.kinds[number % len(options.kinds)]
    run = scene.run(number, chosen, random.Random(seed), seed, kind)
    verdict = run.verdict
    if verdict.doubled or verdict.lost or verdict.waiting:
        console.say(f"run {number} ({kind}): {verdict}")
    for text in run.wrong + run.broken:
        console.say(f"run {number} ({kind}): {text}")
    return run


def _summary(scene, runs, options):
    inflight = scene.simulator.control("inflight")
    faults = collections.Counter(scene.simulator.control("state")["fault_totals"])
    invoices = sum(len(run.moves) for run in runs)
    waiting = sum(len(run.verdict.waiting) for run in runs)
    summary = {
        "runs": len(runs),
        "workers": options.workers,
        "at_once": options.at_once,
        "seed": options.seed,
        "invoices": invoices,
        "processes": sum(run.workers for run in runs),
        "kills": sum(run.kills for run in runs),
        "kills_in_flight": inflight["kills_in_flight"],
        "kills_in_flight_of_taken_files": inflight["taken"],
        "database_cuts": sum(run.cuts for run in runs),
        "flows_ended_badly": sum(run.incidents for run in runs),
        "faults": dict(sorted(faults.items())),
        "deposits_taken": len(scene.simulator.control("ledger")["deposits"]),
        "lost": sum(len(run.verdict.lost) for run in runs),
        "doubled": sum(len(run.verdict.doubled) for run in runs),
        "waiting": waiting,
        "kinds": {
            kind: {
                "runs": sum(run.kind == kind for run in runs),
                "at_stake": sum(run.at_stake for run in runs if run.kind == kind),
            }
            for kind in options.kinds
        },
        "wrong": [text for run in runs for text in run.wrong],
        "most_deposits_in_service": inflight["most_at_once"].get(chaos_faults.DEPOSIT, 0),
        "invariants_broken": sorted({text for run in runs for text in run.broken}),
        "single_runs": [dataclasses.asdict(run) for run in runs],
    }
    astray = summary["lost"] or summary["doubled"] or summary["wrong"] or summary["invariants_broken"]
    summary["passed"] = not astray and waiting <= _WAITING_SHARE * invoices
    return summary


def _print(summary):
    for name, value in summary.items():
        if name == "faults":
            print("faults:")
            for kind, times in value.items():
                print(f"    {kind}: {times}")
        elif name == "kinds":
            print("kinds (runs, what was at stake):")
            for kind, counts in value.items():
                print(f"    {kind}: {counts['runs']}, {counts['at_stake']}")
        elif name != "single_runs":
            print(f"{name.replace('_', ' ')}: {value}")
