"""`dev/stranger`: what somebody does who joins the project, on a clean clone of the present commit.

Clone; the hooks of pre-commit, which change nothing; the tests without Odoo; lint and types; the simulator
installed alone in an empty environment, and a token fetched from it with curl; the oldest and the newest
versions of packages. Ends with 1 when a step fails. `CHORUS_CACHE=FOLDER` in front: with nothing downloaded
before. Takes a quarter of an hour on a quiet machine.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import console, paths
from .machine import processes

_PATIENCE = 3600
_TOKEN = (
    "grant_type=client_credentials&client_id=simulator-client&client_secret=simulator-secret&scope=openid"
)


def main(environment, args):
    """Go the whole way, or the steps named; returns 0 when nothing failed."""
    parser = argparse.ArgumentParser(
        "dev/stranger", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(STEPS)}", default=[])
    options = parser.parse_args(args)
    if unknown := set(options.steps) - set(STEPS):
        parser.error(f"unknown step: {', '.join(sorted(unknown))}")
    told, failed = [], 0
    with tempfile.TemporaryDirectory(prefix="stranger_") as folder:
        clone = Path(folder, "clone")
        _run(folder, "clone", ["git", "clone", "-q", paths.ROOT, clone])
        for name in options.steps or STEPS:
            start = time.monotonic()
            try:
                said = STEPS[name](environment, clone, Path(folder))
            except console.Stop as stop:
                said, failed = f"FAILED: {stop}", failed + 1
            told.append(f"{name:12} {time.monotonic() - start:5.0f} s  {said}")
            print(told[-1], flush=True)
    print("\n".join(["", *told, f"{len(told) - failed} of {len(told)} steps passed"]))
    return 1 if failed else 0


def _hooks(environment, clone, folder):
    variables = {"PRE_COMMIT_HOME": str(folder / "hooks")}
    _run(clone, "pre-commit", [environment.python, "-m", "pre_commit", "run", "-a"], variables)
    _run(clone, "unchanged", ["git", "diff", "--exit-code"])
    return "pre-commit run -a: nothing to say, nothing changed"


def _unit(_environment, clone, _folder):
    return _run(clone, "unit", ["dev/test", "--only", "unit"])


def _lint(_environment, clone, _folder):
    return _run(clone, "lint", ["dev/test", "--only", "lint"])


def _simulator(_environment, clone, folder):
    """Install it in an environment that holds nothing, start it, ask it for a token."""
    home = folder / "empty"
    # Not the environment's Python: its packages must not be seen.
    _run(folder, "venv", [getattr(sys, "_base_executable", sys.executable), "-m", "venv", home])
    _run(clone, "install", [home / "bin" / "pip", "install", "-q", "./simulator"])
    command = [home / "bin" / "chorus-pro-simulator", "--port", "0", "--data", folder / "data"]
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=folder,
        env=_variables({}),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=processes.die_with_parent,
    )
    try:
        address = next((line.split()[-1] for line in process.stdout if line.startswith("listening on")), "")
        answer = _run(folder, "curl", ["curl", "-sS", "-d", _TOKEN, f"{address}/api/oauth/token"])
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
    if "access_token" not in answer:
        raise console.Stop(f"no token: {answer[:300]}")
    return "installed alone; a token by curl"


def _dependencies(_environment, clone, _folder):
    return _run(clone, "dependencies", ["dev/dependencies", "--oldest", "--newest"])


STEPS = {
    "hooks": _hooks,
    "unit": _unit,
    "lint": _lint,
    "simulator": _simulator,
    "dependencies": _dependencies,
}


def _variables(more):
    """The process environment as a stranger has it: nothing of ours but the cache."""
    ours = ("CHORUS_INSIDE", "CHORUS_RUN", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in ours} | more


def _run(folder, name, command, more=()):
    """Run a command to its end; returns its last line. Raises ``console.Stop`` when it fails."""
    with processes.Process(command, f"stranger-{name}", env=_variables(dict(more)), cwd=folder) as run:
        status = run.wait(_PATIENCE)
    text = run.text().strip()
    if status:
        raise console.Stop(f"{name} ended with {status}\n{text[-3000:]}")
    return text.splitlines()[-1] if text else ""
