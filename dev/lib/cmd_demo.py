"""`dev/demo`: real invoices from a real Odoo 19 to a simulated Chorus Pro, and back to their fate.

Before, the administrator goes through the checklist of the connection, each step broken once and repaired.
Exit status 0 only if each step told what to do and then was good, and every invoice came out as expected.
Deposited files are left in .dev/demo/deposits/, a summary goes to `--json FILE`.
"""

import argparse
import os
import shutil
import time

from . import console, paths
from .demo import demo_beyond, demo_scenario
from .machine import locks, postgres
from .server import stage


def main(environment, args):
    """Play the demo on a database of its own; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", metavar="FILE", help="write the summary there")
    parser.add_argument("--unplug", action="store_true", help="Chorus Pro goes dead meanwhile and comes back")
    parser.add_argument(
        "--beyond", action="store_true", help="instead: the chapters on what stands beyond sending"
    )
    options = parser.parse_args(args)
    start = time.monotonic()
    console.say(f"On {environment.odoo}")
    folder = paths.work() / f"demo-{os.getpid()}"  # two demos at once each have their own
    try:
        if options.beyond:
            return 0 if _beyond(environment, folder) else 1
        with postgres.server(), stage.fresh_stage(environment, "demo", folder) as scene:
            console.say(f"Odoo runs on {scene.server.url}, the simulator on {scene.simulator.url}")
            outcome = demo_scenario.play(scene, summary=options.json, unplug=options.unplug, checklist=True)
        _publish(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    console.say(f"The demo took {time.monotonic() - start:.0f} s; deposited files: .dev/demo/deposits")
    return 0 if outcome else 1


def _beyond(environment, folder):
    """Play the chapters on what stands beyond sending; returns whether all came out as expected."""
    with postgres.server():
        for number, chapters in enumerate(demo_beyond.PARTS):
            with stage.fresh_stage(environment, "demo", folder / str(number)) as scene:
                if not demo_beyond.play(scene, chapters):
                    return False
    _publish(folder, "demo-beyond")
    return True


def _publish(folder, name="demo"):
    """Put the results where the last demo's are found."""
    final = paths.work() / name
    with locks.held(f"demo-{paths.digest(str(final))}"):
        shutil.rmtree(final, ignore_errors=True)
        folder.rename(final)
