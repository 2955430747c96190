"""`dev/bench`: ours against Odoo's own Send & Print with Factur-X, in one run on one database.

Ratios first, then absolute figures; each is the median of several rounds on invoices of their own.
`--quick` takes one round and small sizes. The files that were timed are checked afterwards.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

from . import console, paths
from .bench import bench_report, facturx_bench
from .machine import postgres
from .server import databases, odoo, stage

_INSIDE = """
import sys
sys.path.insert(0, {folder!r})
from lib.bench import bench_inside
result = bench_inside.run(env, {settings!r})
"""


def main(environment, args):
    """Measure, print the tables; exit status 1 when a produced file is not good."""
    parser = argparse.ArgumentParser(
        "dev/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--invoices", type=int, help="largest batch (default 200)", default=200)
    parser.add_argument("--rounds", type=int, help="rounds per figure (default 3)", default=3)
    parser.add_argument("--quick", action="store_true", help="one round, at most 10 invoices")
    parser.add_argument(
        "--memory", type=int, default=0, metavar="N", help="also prepare N invoices in one go"
    )
    parser.add_argument(
        "--latency",
        type=float,
        default=0,
        metavar="S",
        help="measure what waits for the network once more with S seconds a call (0.3: an ordinary gateway)",
    )
    parser.add_argument(
        "--at-once",
        type=int,
        default=0,
        metavar="K",
        help="with --latency, nothing but the largest batch one by one, K files travelling at once",
    )
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    options = parser.parse_args(args)
    folder = paths.work() / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    with (
        postgres.server(),
        stage.fresh_stage(environment, "bench", folder, cron_threads=0) as scene,
    ):
        settings = {
            "simulator": scene.simulator.url,
            "largest": min(options.invoices, 10) if options.quick else options.invoices,
            "rounds": 1 if options.quick else options.rounds,
            "memory": options.memory,
            "latency": options.latency,
            "at_once": options.at_once,
            "open_invoices": 1000 if options.quick else 10_000,
            "customers": 30 if options.quick else 300,
            "life": 10 if options.quick else 50,
            "screen": 50 if options.quick else 500,
            "sources": str(paths.ROOT),
        }
        databases.set_parameter(scene.database, "report.url", scene.server.url)
        console.say("Measuring; this takes some minutes ...")
        text = _INSIDE.format(folder=str(Path(__file__).resolve().parent.parent), settings=settings)
        figures = odoo.script(environment, scene.database, text, "bench")
    if options.at_once:
        for name, value in figures["at_once"].items():
            print(f"{name}: {value:.2f}")
        return 0
    sys.path.insert(0, str(paths.ROOT))
    figures["pdf_step"] = facturx_bench.measure(repeats=10 * settings["rounds"])
    bench_report.show(figures)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1))
    return 1 if figures["bad_files"] else 0
