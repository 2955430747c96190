"""`python3 dev/lib COMMAND ...`: set up what is missing, then run the command inside the environment.

The first half runs on any Python 3.11 with its standard library alone; once the virtual environment
stands, the process replaces itself by the environment's Python and runs `lib.cmd_COMMAND.main(args)`.
"""

import importlib
import os
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from lib import console  # noqa: E402  (the path above makes `lib` importable)
from lib.machine import bootstrap, processes  # noqa: E402


def main(name, args):
    """Run the command `name` with the arguments `args`; returns the exit status."""
    try:
        environment = bootstrap.current()
        if environment is None:
            environment = bootstrap.ready(name)
            sys.stdout.flush()
            variables = bootstrap.variables(environment)
            variables["CHORUS_RUN"] = time.strftime(f"{name}-%Y%m%d-%H%M%S-{os.getpid()}")
            os.execve(environment.python, [environment.python, *sys.orig_argv[1:]], variables)
        with processes.signals_as_exceptions():
            module = importlib.import_module(f"lib.cmd_{name.replace('-', '_')}")
            return module.main(environment, args)
    except console.Stop as stop:
        console.error(str(stop))
        return stop.status
    except KeyboardInterrupt:
        console.error("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
