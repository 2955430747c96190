"""Reads the results of single tests out of Odoo's log: Odoo prints totals only."""

import datetime
import re

from .results import Result

_RECORD = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \d+ "
    r"(?P<level>[A-Z]+) \S+ (?P<logger>[\w.\-]+): (?P<message>.*)$"
)
_FAILURE = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?(?P<name>(setUp|tearDown)Class \([^)]*\)|\S+)")
# Who warns of models and views while an addon is installed.
_JUDGES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_ui_view")
_MODULE = re.compile(r"^odoo\.addons\.l10n_fr_chorus_pro\.tests\.")


def records(text):
    """Split a log into dicts of time, level, logger and message (with its following lines)."""
    found = []
    for line in text.splitlines():
        start = _RECORD.match(line)
        if start:
            found.append(start.groupdict())
        elif found:
            found[-1]["message"] += f"\n{line}"
    return found


class _Clock:
    """Gives each test the time until the next one starts: Odoo logs no ends."""

    def __init__(self):
        self._test = None

    def start(self, test, time):
        now = datetime.datetime.fromisoformat(time.replace(",", "."))
        if self._test:
            self._test.seconds = (now - self._since).total_seconds()
        self._test, self._since = test, now


def loaded(text):
    """Whether an Odoo run came to the end of what was to be installed or upgraded."""
    return any(
        record["logger"] == "odoo.registry" and record["message"].startswith("Registry loaded")
        for record in records(text)
    )


def results(text):
    """The Results of an Odoo run with tests; an error logged outside of any test is a failure
    as well, and a warning about ours before the first test."""
    tests, others, clock = {}, [], _Clock()
    for record in records(text):
        message, place = record["message"], _MODULE.sub("", record["logger"])
        started = re.match(r"Starting (\S+) \.\.\.\s*$", message)
        skipped = re.match(r"skipped (.+?) : (.*)", message, re.DOTALL)
        failure = _FAILURE.match(message)
        if started:
            name = f"{place}::{started[1]}"
            tests.setdefault(name, Result("odoo", name, "passed"))
            clock.start(tests[name], record["time"])
        elif skipped:
            name = f"{place}::{skipped[1]}"
            test = tests.setdefault(name, Result("odoo", name, "skipped"))
            test.outcome, test.text = "skipped", skipped[2]
        elif record["level"] in ("ERROR", "CRITICAL"):
            if failure:
                name = f"{place}::{failure['name']}"
                test = tests.setdefault(name, Result("odoo", name, "failed"))
                test.outcome, test.text = "failed", f"{test.text}\n{message}".strip()
            elif not record["logger"].startswith("odoo.tests"):
                others.append(Result("odoo", f"log::{record['logger']}", "failed", message))
        elif (
            record["level"] == "WARNING" and record["logger"] in _JUDGES and not tests and "chorus" in message
        ):
            others.append(Result("odoo", f"log::{record['logger']}", "failed", message))
    return [*tests.values(), *others]
