"""A copy of the clone and a kept database, in which one mutation after the other meets its test."""

import contextlib
import os
import re
import shutil
import subprocess
import time

from .. import paths
from ..machine import locks, ports, processes
from ..server import databases, odoo
from ..suite.odoo_log import results as odoo_results
from . import tree

_SECONDS = {"odoo": 600, "unit": 300, "process": 900, "chaos": 1200}
_CHAOS_RUNS = 6
_ENDLESS = "it does not end"


class Broken(Exception):
    """A mutation that says nothing: its test could not be run."""


class Bench:
    """
    :param folder: where the copy is made
    :param pages: address of Odoo's static files, for printing
    """

    def __init__(self, environment, template, folder, pages):
        self.environment = environment
        self.copy = tree.Copy(folder)
        self.database = f"{databases.prefix()}run_mutants_{folder.name}_{os.getpid()}"
        self._lock = locks.take(self.database)
        databases.copy(template, self.database)
        databases.set_parameter(self.database, "report.url", pages)

    def close(self):
        """Drop the database and the copy."""
        databases.drop(self.database)
        shutil.rmtree(self.copy.root.parent, ignore_errors=True)
        self._lock.close()

    def try_out(self, mutation, place):
        """Break the code, and run the test that has to notice.

        :param Mutation mutation:
        :param Place place: of its text; None when it only drops an index
        :return: list of the names of tests that failed: nothing when it survived
        :raises Broken: when nothing can be said
        """
        with contextlib.ExitStack() as undo:
            if mutation.index:
                undo.callback(self._drop(mutation.index))
            if place:
                undo.callback(self.copy.mutate(place, mutation.new))
            return self.failures(mutation.catcher)

    def _drop(self, index):
        """Drop an index; returns a function that makes it again."""
        found = databases.sql(self.database, f"SELECT indexdef FROM pg_indexes WHERE indexname = '{index}'")
        if not found:
            raise Broken(f"There is no index {index}")
        databases.sql(self.database, f'DROP INDEX "{index}"')
        return lambda: databases.sql(self.database, found[0])

    def failures(self, catcher, patience=1):
        """Run tests in the copy; the names of those that fail, as far as the run got."""
        run = {"odoo": self._odoo, "chaos": self._chaos}.get(catcher.part, self._pytest)
        return run(catcher, _SECONDS[catcher.part] * patience)

    def _odoo(self, catcher, seconds):
        tags = ",".join(f"/{paths.NAME}:{name}" for name in dict.fromkeys(catcher.tests.split(",")))
        http, gevent = ports.reserve(2)
        addons = [
            *self.environment.odoo.addons,
            str(self.copy.root.parent),
            str(self.copy.root / "tests/neighbour"),
        ]
        args = ["-d", self.database, "--test-tags", tags, "--stop-after-init", "--max-cron-threads", 0]
        args += ["--http-port", http, "--gevent-port", gevent, "--addons-path", ",".join(addons)]
        with processes.Process(odoo.command(self.environment, args), "mutant") as run:
            deadline = time.monotonic() + seconds
            while run.running() and time.monotonic() < deadline:
                time.sleep(0.5)
                # The first one says enough.
                if failed := _failed(run.text()):
                    return failed
            if run.running():
                return [_ENDLESS]
            status, text = run.wait(), run.text()
        if not odoo_results(text) and not status:
            raise Broken(f"no test ran for {catcher.tests}")
        return _failed(text) or [f"ended with {status}"] * bool(status)

    def _pytest(self, catcher, seconds):
        folder = self.copy.root / "tests" / catcher.part
        # Only the files that hold them: others may ask for what a copy has not, as git does.
        files = [file for file in sorted(folder.rglob("test_*.py")) if _holds(file, catcher)]
        line = ["-m", "pytest", "-c", folder / "pytest.ini", *files, "-q", "-x", "-k", catcher.tests]
        status, text = self._in_copy("python", [*line, "-p", "no:cacheprovider"], seconds)
        if status == 5:
            raise Broken(f"no test ran for {catcher.tests}")
        failed = [row.split(" - ")[0] for row in text.splitlines() if row.startswith(("FAILED", "ERROR "))]
        return (failed or [_ENDLESS if status is None else "pytest"]) if status != 0 else []

    def _chaos(self, catcher, seconds):
        line = ["--runs", _CHAOS_RUNS, "--workers", 3, "--kinds", catcher.tests]
        status, text = self._in_copy("chaos", line, seconds)
        if "invariants broken:" not in text:
            raise Broken(f"chaos did not come to its end:\n{text[-2000:]}")
        return [row for row in text.splitlines() if row.startswith("-- run ")] or ["chaos"] * bool(status)

    def _in_copy(self, command, line, seconds):
        """Run one of the copy's own commands; (exit status, None when it had to be stopped; output)."""
        line = [self.copy.root / "dev" / command, *line]
        variables = {**os.environ, databases.GIVEN: self.database}
        variables.pop("CHORUS_RUN", None)
        with processes.Process(line, "mutant", cwd=self.copy.root, env=variables) as run:
            try:
                return run.wait(seconds), run.text()
            except subprocess.TimeoutExpired:
                return None, run.text()


def _holds(file, catcher):
    names = tuple(re.findall(r"test_\w+", catcher.tests))
    return any(test.startswith(names) for test in tree.tests_in(file))


def _failed(text):
    return [row.name for row in odoo_results(text) if row.outcome == "failed"]
