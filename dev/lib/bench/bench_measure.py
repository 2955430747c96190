"""A stopwatch inside Odoo: wall time, SQL queries, calls to Chorus Pro, and the time of named functions."""

import contextlib
import functools
import gc
import json
import statistics
import time
import urllib.request

from odoo import sql_db


class Meter:
    """Measures blocks; `parts` collects the seconds spent in the functions given to `watch`."""

    def __init__(self, simulator):
        self._simulator = simulator
        self.parts = {}

    def watch(self, owner, name, label):
        """Add the time of ``owner.name(...)`` to ``parts[label]`` from now on."""
        plain = getattr(owner, name)

        @functools.wraps(plain)
        def timed(*args, **kwargs):
            start = time.perf_counter()
            try:
                return plain(*args, **kwargs)
            finally:
                self.parts[label] = self.parts.get(label, 0) + time.perf_counter() - start

        setattr(owner, name, timed)

    def calls(self):
        """Calls that the simulator has answered so far, token requests included."""
        with urllib.request.urlopen(f"{self._simulator}/control/calls", timeout=30) as answer:
            counts = json.load(answer)["counts"]
        return sum(counts.values())

    @contextlib.contextmanager
    def block(self):
        """Yield a dict that holds seconds, queries, calls and parts once the block has ended."""
        gc.collect()
        figures, self.parts = {}, {}
        calls, queries, start = self.calls(), sql_db.sql_counter, time.perf_counter()
        yield figures
        figures["seconds"] = time.perf_counter() - start
        figures["queries"] = sql_db.sql_counter - queries
        figures["calls"] = self.calls() - calls
        figures["parts"] = dict(self.parts)


def median(rounds, count=1):
    """The median of each figure of several blocks, per one of `count` things."""
    result = {
        name: statistics.median(figures[name] for figures in rounds) / count
        for name in ("seconds", "queries", "calls")
    }
    labels = {label for figures in rounds for label in figures["parts"]}
    result["parts"] = {
        label: statistics.median(figures["parts"].get(label, 0) for figures in rounds) / count
        for label in labels
    }
    return result


def resident_mb():
    """Resident memory of this process in MB."""
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * 4096 / 1e6


def peak_mb():
    """Highest resident memory since `forget_peak`, in MB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))


def forget_peak():
    """Begin to measure the peak anew."""
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")
