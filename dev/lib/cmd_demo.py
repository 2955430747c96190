"""`dev/demo`: real invoices from a real Odoo 19 to a simulated Chorus Pro, and back to their fate.

Exit status 0 only if every invoice came out as expected. Deposited files are left in
.dev/demo/deposits/, a summary goes to `--json FILE`.
"""

import argparse
import shutil
import time

from . import console, demo_scenario, paths, postgres, stage


def main(environment, args):
    """Play the demo on a database of its own; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", metavar="FILE", help="write the summary there")
    options = parser.parse_args(args)
    folder = paths.work() / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    start = time.monotonic()
    with postgres.server(), stage.fresh_stage(environment, "demo", folder) as scene:
        console.say(f"Odoo runs on {scene.server.url}, the simulator on {scene.simulator.url}")
        outcome = demo_scenario.play(scene, summary=options.json)
    console.say(f"The demo took {time.monotonic() - start:.0f} s")
    return 0 if outcome else 1
