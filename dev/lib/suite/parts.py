"""The parts of the test suite: each runs its tests and returns their Results."""

import os
import subprocess

from .. import paths
from ..machine import ports, processes
from ..server import databases, odoo, static_files
from . import results
from .odoo_log import loaded
from .odoo_log import results as odoo_results
from .results import Result

_TESTS = paths.ROOT / "tests"
_NOT_ODOO = (
    "dev/",
    "simulator/",
    "chorus_api/",
    "einvoice/",
    "tests/unit/",
    "tests/process/",
    "tests/neighbour/",
)
# Checked by mypy (settings in pyproject.toml).
TYPED = ("chorus_api", "einvoice", "mapping", "rendering", "simulator", "worker")
# Reasons in pyproject.toml; pylint cannot turn off there single messages of a group that is on.
_PYLINT_OFF = ("--disable", "missing-readme,prefer-env-translation")
_TIMEOUTS = {"unit": 1200, "process": 2400, "odoo": 2700}


def unit(environment, options):
    """The pure packages and the simulator, with pytest."""
    return _pytest(environment, "unit", options)


def process(environment, options):
    """Real Odoo processes on copied databases, with pytest."""
    return _pytest(environment, "process", options)


def _pytest(environment, part, options):
    folder = _TESTS / part
    if not any(folder.rglob("test_*.py")):
        return []
    report = paths.logs() / f"{part}.xml"
    command = [environment.python, "-m", "pytest", "-c", folder / "pytest.ini", folder]
    command += ["-q", f"--junitxml={report}", *(["-k", options.k] if options.k else [])]
    # Who names tests means them, long ones too.
    if part == "process" and not (options.all or options.k):
        command += ["-m", "not long"]
    variables = {"EINVOICE_EXAMPLES": "2000", **os.environ} if options.all else None
    with processes.Process(command, part, env=variables) as run:
        status = run.wait(_TIMEOUTS[part])
    found = results.from_junit(part, report) if report.exists() else []
    # 5 is pytest's "nothing collected", normal when a filter was given.
    if (status and not any(r.outcome == "failed" for r in found)) and not (status == 5 and options.k):
        found.append(Result(part, "pytest", "failed", f"pytest ended with {status}:\n{run.tail(60)}"))
    return found


def odoo_tests(environment, options):
    """The addon's Odoo tests, browser tours included.

    All of them while the addon is installed into a fresh database; a choice of them (``--tags``) on the
    clone's kept database, which is updated only when the addon has changed since.
    """
    tags = options.tags or f"/{paths.NAME}"
    if "/" not in tags:
        tags = ",".join(f"/{paths.NAME}:{tag}" for tag in tags.split(","))
    http, gevent = ports.reserve(2)
    chosen = options.tags and not options.fresh
    place = databases.kept(environment) if chosen else databases.temporary(environment, "test")
    with place as database, static_files.serve(environment) as url:
        databases.set_parameter(database, "report.url", url)
        args = ["-d", database, "--test-tags", tags, "--stop-after-init"]
        change = databases.Change(database) if chosen else None
        args += change.arguments if change else ["-i", paths.NAME]
        args += ["--http-port", http, "--gevent-port", gevent, "--max-cron-threads", "0"]
        # Test classes may share what nobody meets again.
        variables = None if chosen else {**os.environ, "CHORUS_TESTS_THROWN_AWAY": "1"}
        with processes.Process(odoo.command(environment, args), "odoo", env=variables) as run:
            status = run.wait(_TIMEOUTS["odoo"])
        found = odoo_results(run.text())
        # The tests of a broken upgrade may have begun: only what Odoo writes at its end counts.
        if change and loaded(run.text()):
            change.ended()
    if not any(r.outcome == "failed" for r in found):
        if status:
            found.append(Result("odoo", "odoo", "failed", f"Odoo ended with {status}:\n{run.tail(60)}"))
        elif not found:
            found.append(Result("odoo", "odoo", "failed", f"No test ran for --test-tags {tags}"))
    return found


def lint(environment, _options):
    """ruff (rules, then format) over everything, pylint-odoo over the addon, mypy over the packages that are
    annotated; one Result each."""
    addon = [path for path in _tracked("*.py") if not path.startswith(_NOT_ODOO)]
    checks = {
        "ruff": ["-m", "ruff", "check", "--output-format", "concise", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "pylint-odoo": ["-m", "pylint", "--rcfile", "pyproject.toml", *_PYLINT_OFF, *addon],
        "mypy": ["-m", "mypy", *_mypy()],
    }
    found = []
    for name, args in checks.items():
        # The type checker sees the packages under the name by which Odoo imports them.
        place = paths.addons() if name == "mypy" else paths.ROOT
        with processes.Process([environment.python, *args], name, cwd=place) as run:
            status = run.wait(600)
        found.append(Result("lint", name, "failed" if status else "passed", run.text() if status else ""))
    return found


def _mypy():
    """Arguments of mypy; with what it keeps in `.dev/`, a run without changes takes a second."""
    packages = [arg for package in TYPED for arg in ("-p", f"{paths.NAME}.{package}")]
    return ["--config-file", paths.ROOT / "pyproject.toml", "--cache-dir", paths.work() / "mypy", *packages]


def _tracked(pattern):
    command = ["git", "-C", paths.ROOT, "ls-files", pattern]
    return subprocess.run(command, capture_output=True, text=True).stdout.split()
