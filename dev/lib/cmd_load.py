"""`dev/load`: large amounts, measured against what a server allows (Odoo's time limits, 1 GB).

dev/load                                       the parts below, on 5,000 invoices
dev/load --clock 500 --pace 120 --latency 0.3  500 invoices clicked in a running server, nobody helping
dev/load --size 100000 --companies 300         work beside 1,000, 10,000 and 100,000 invoices sent before
dev/load --listed 500000                       the daily check where Chorus Pro lists so many invoices
dev/load --companies 300 --latency 0.25        many companies in a running server, one whose gateway hangs

The Send screen and the scheduled actions with thousands of invoices, a structure with thousands of services,
a journal with a hundred thousand attempts. Each part runs in an Odoo process of its own; its peak of memory
is that of the process.
"""

import argparse
import json
import shutil
from pathlib import Path

from . import console, paths
from .bench import load_clock, load_companies
from .machine import postgres
from .server import databases, odoo, stage

# Part → what may not be passed: seconds of one request or run, megabytes of the process.
PARTS = {
    "make": None,
    "screen": {"seconds": 120, "megabytes": 1024},
    "send": {"seconds": 120, "megabytes": 1024},
    "follow": {"seconds": 120, "megabytes": 1024},
    "directory": {"seconds": 2, "megabytes": 1024},
    "journal": {"seconds": 1, "megabytes": 1024},
}
_INSIDE = """
import sys
sys.path.insert(0, {folder!r})
from lib.bench import load_inside
result = load_inside.run(env, {part!r}, {settings!r})
"""


_LISTED = """
import sys
sys.path.insert(0, {folder!r})
from lib.bench import listed_inside
result = listed_inside.run(env, {settings!r})
"""
_GROWTH = """
import sys
sys.path.insert(0, {folder!r})
from lib.bench import growth_inside
result = growth_inside.{call}
"""
# Milliseconds of a scheduled action that has nothing to do.
_IDLE = 20
# Megabytes of the process that removes the addon.
_REMOVAL = 300


def main(environment, args):
    """Measure every part and print the figures; 1 when one passes its bound."""
    parser = argparse.ArgumentParser(
        "dev/load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--invoices", type=int, default=5000)
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument(
        "--size",
        type=int,
        metavar="N",
        help="measure at a hundredth, a tenth and all of N; with --companies beside so many others",
    )
    parser.add_argument("--listed", type=int, metavar="N", help="check all of N invoices, in several runs")
    _clock_options(parser.add_argument_group("in a running server"))
    options = parser.parse_args(args)
    folder = paths.work() / "load"
    shutil.rmtree(folder, ignore_errors=True)
    if options.size:
        return _growth(environment, options, folder)
    if options.listed:
        return _listed(environment, options, folder)
    if options.clock or options.companies:
        return _running(environment, options, folder)
    return _parts(environment, options, folder)


def _clock_options(group):
    group.add_argument("--clock", type=int, metavar="N", help="click N invoices, then wait")
    group.add_argument("--companies", type=int, metavar="N", help="N companies, a tenth of them busy")
    group.add_argument("--each", type=int, default=20, help="invoices of a busy company")
    group.add_argument(
        "--watch", type=int, default=600, help="seconds for which a hanging gateway is watched"
    )
    group.set_defaults(shown=True)
    group.add_argument("--latency", type=float, default=0.0, help="seconds that each call takes besides")
    group.add_argument("--pace", type=int, default=0, help="calls a minute of the connection, 0: no limit")
    group.add_argument("--one-by-one", action="store_true", help="one invoice a deposit")
    group.add_argument("--hosts", type=int, default=1, help="servers on the one database, with --companies")
    group.add_argument("--cron-threads", type=int, default=2, help="Odoo's default is 2")
    group.add_argument("--workers", type=int, default=0, help="Odoo's default is 0: threads")
    group.add_argument("--patience", type=int, default=3600, help="seconds after which it ends")


def _running(environment, options, folder):
    part = load_clock if options.clock else load_companies
    with postgres.server():
        figures = part.play(environment, options, folder)
    _print(figures, options)
    return 0 if part.passed(figures) else 1


def _growth(environment, options, folder):
    """Print what work costs at each size; 1 when an idle run or the removal passes its bound."""
    sizes = [size for size in (options.size // 100, options.size // 10, options.size) if size]
    with postgres.server(), stage.fresh_stage(environment, "growth", folder, cron_threads=0) as scene:
        databases.set_parameter(scene.database, "report.url", scene.server.url)

        def inside(call, log):
            text = _GROWTH.format(folder=str(Path(__file__).resolve().parent.parent), call=call)
            return odoo.script(environment, scene.database, text, log)

        settings = {"simulator": scene.simulator.url, "sizes": sizes, "companies": options.companies or 0}
        table = inside(f"run(env, {settings!r})", "growth")
        removal = inside("uninstall(env)", "removal")
    print("ms / queries".ljust(40) + "".join(f"{size:>18,}" for size in sizes))
    for name, figures in table.items():
        print(name.ljust(40) + "".join(f"{f'{ms:.1f} / {queries}':>18}" for ms, queries in figures))
    print(f"removing the addon at {options.size}: {removal}")
    if options.json:
        Path(options.json).write_text(
            json.dumps({"sizes": sizes, "rows": table, "removal": removal}, indent=1)
        )
    slow = [name for name, figures in table.items() if name.startswith("idle ") and figures[-1][0] > _IDLE]
    if slow:
        console.error(f"Past {_IDLE} ms: {', '.join(slow)}")
    return 1 if slow or removal["megabytes"] > _REMOVAL else 0


def _listed(environment, options, folder):
    """Print how the daily check goes; 1 when it does not end, or what buyers say meanwhile is missed."""
    with postgres.server(), stage.fresh_stage(environment, "listed", folder, cron_threads=0) as scene:
        text = _LISTED.format(
            folder=str(Path(__file__).resolve().parent.parent),
            settings={"simulator": scene.simulator.url, "listed": options.listed},
        )
        figures = odoo.script(environment, scene.database, text, "listed")
    _print(figures, options)
    return 0 if figures["ended"] and not figures["changes_missed"] else 1


def _print(figures, options):
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")


def _parts(environment, options, folder):
    with postgres.server(), stage.fresh_stage(environment, "load", folder, cron_threads=0) as scene:
        databases.set_parameter(scene.database, "report.url", scene.server.url)
        settings = {**vars(options), "simulator": scene.simulator.url}
        figures = {}
        for part in PARTS:
            console.say(f"{part} ...")
            text = _INSIDE.format(
                folder=str(Path(__file__).resolve().parent.parent), part=part, settings=settings
            )
            figures[part] = odoo.script(environment, scene.database, text, part)
            print(f"{part}: " + ", ".join(f"{name} {value}" for name, value in figures[part].items()))
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")
    passed = [part for part, bounds in PARTS.items() if bounds and not _within(figures[part], bounds)]
    if passed:
        console.error(f"Past the bounds: {', '.join(passed)}")
    return 1 if passed else 0


def _within(figures, bounds):
    times = [value for name, value in figures.items() if name.endswith("seconds")]
    return max(times) <= bounds["seconds"] and figures["megabytes"] <= bounds["megabytes"]
