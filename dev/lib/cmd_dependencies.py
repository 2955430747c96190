"""`dev/dependencies`: the packages that the project stands on, at both ends of what it is declared to take.

dev/dependencies --behind   pins of dev/requirements that are older than what the registry has
dev/dependencies --oldest   tests of the packages without Odoo, and of the simulator, with the oldest versions
                            declared (the manifest's, and those of the parts that are installable alone)
dev/dependencies --newest   the same tests with the newest ones that there are

Needs the registry of packages that pip is set up to use.
"""

import argparse
import json
import os
import shutil
import subprocess

from . import console, paths
from .machine import minima, processes

_TESTS = ("chorus_api", "data_set", "einvoice", "rendering", "simulator")
# What these tests use besides.
_TOOLS = (
    "cryptography", "httpx", "hypothesis", "openapi-spec-validator", "polib", "psutil", "pytest",
    "pytest-xdist", "reportlab", "requests-oauthlib", "saxonche",
)  # fmt: skip
_PATIENCE = 2400


def main(environment, args):
    """Do what `args` ask for; returns 0 when every run was green."""
    parser = argparse.ArgumentParser(
        "dev/dependencies", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for end in ("behind", "oldest", "newest"):
        parser.add_argument(f"--{end}", action="store_true")
    options = parser.parse_args(args)
    if not (options.behind or options.oldest or options.newest):
        parser.error("one of --behind, --oldest, --newest")
    if options.behind:
        print(behind(environment))
    good = [_run(environment, end) for end in ("oldest", "newest") if getattr(options, end)]
    return 0 if all(good) else 1


def behind(environment):
    """A text: each pinned package that has a newer version, with both, and why it stays."""
    command = [environment.python, "-m", "pip", "list", "--outdated", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise console.Stop(f"pip cannot tell what is newer:\n{done.stderr[-1000:]}")
    lines = (paths.ROOT / "dev/requirements/constraints.txt").read_text().splitlines()
    above = zip(["", *lines], lines, strict=False)
    pins = {line.split("==")[0].lower(): before for before, line in above if "==" in line}
    rows = [row for row in json.loads(done.stdout) if row["name"].lower() in pins]
    width = max((len(row["name"]) for row in rows), default=0)
    told = []
    for row in rows:
        # What stays behind says why in the line above its pin.
        reason = pins[row["name"].lower()].partition("# ")[2]
        told.append(f"{row['name']:{width}}  {row['version']} -> {row['latest_version']}  {reason}".rstrip())
    return "\n".join([*told, f"{len(rows)} of {len(pins)} pins are behind"])


def _run(environment, end):
    """Run the tests in an environment of their own; tells whether they were green."""
    home = paths.cache() / f"dependencies-{end}-{paths.digest(str(paths.ROOT))}"
    names = {name: f"=={version}" if end == "oldest" else "" for name, version in minima.declared().items()}
    with console.step(f"Installing the {end} versions"):
        shutil.rmtree(home, ignore_errors=True)
        _check([environment.python, "-m", "venv", home])
        python = home / "bin" / "python"
        wanted = [f"{name}{version}" for name, version in names.items()]
        _check([python, "-m", "pip", "install", "-q", *_TOOLS, *wanted])
    installed = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True).stdout
    known = {name.lower() for name in names}
    print(" ".join(line for line in installed.split() if line.split("==")[0].lower() in known), flush=True)
    folder = paths.ROOT / "tests" / "unit"
    files = [file for part in _TESTS for file in sorted(folder.glob(f"test_{part}*.py"))]
    command = [python, "-m", "pytest", "-c", folder / "pytest.ini", "-q", "-n", "2", *files]
    # Without Odoo's path; the printing program stays on PATH.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with processes.Process(command, f"dependencies-{end}", env=variables) as run:
        status = run.wait(_PATIENCE)
    text = run.text()
    if status:
        print(text[-6000:])
    console.say(f"{end}: {text.strip().splitlines()[-1]}")
    return status == 0


def _check(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        raise console.Stop(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-2000:]}")
