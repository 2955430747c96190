"""`dev/load`: large amounts, measured against what a server allows (Odoo's time limits, 1 GB).

The Send screen and the scheduled actions with thousands of invoices, a structure with thousands of services,
a journal with a hundred thousand attempts. Each part runs in an Odoo process of its own; its peak of memory
is that of the process.
"""

import argparse
import json
import shutil
from pathlib import Path

from . import console, paths
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


def main(environment, args):
    """Measure every part and print the figures; 1 when one passes its bound."""
    parser = argparse.ArgumentParser(
        "dev/load", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--invoices", type=int, default=5000)
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    options = parser.parse_args(args)
    folder = paths.work() / "load"
    shutil.rmtree(folder, ignore_errors=True)
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
