"""Results of tests, whatever ran them."""

import dataclasses
import xml.etree.ElementTree as ET

from .. import paths

_REASONS = paths.ROOT / "tests" / "skips.txt"


@dataclasses.dataclass
class Result:
    """One test."""

    part: str
    """unit, odoo, process or lint"""
    name: str
    outcome: str
    """passed, failed or skipped"""
    text: str = ""
    """the traceback, or the reason of a skip"""
    seconds: float = 0.0


def from_junit(part, path):
    """Read pytest's JUnit file into Results."""
    found = []
    for case in ET.parse(path).getroot().iter("testcase"):
        outcome, text = "passed", ""
        for kind in ("skipped", "failure", "error"):
            for entry in case.findall(kind):
                outcome = "skipped" if kind == "skipped" else "failed"
                text += f"{entry.get('message') or ''}\n{entry.text or ''}\n"
        name = f"{case.get('classname')}::{case.get('name')}"
        found.append(Result(part, name, outcome, text.strip(), float(case.get("time") or 0)))
    return found


def strict(found):
    """Count a skip as a failure, unless tests/skips.txt has a line `NAME: reason` for it."""
    allowed = set()
    if _REASONS.exists():
        lines = _REASONS.read_text().splitlines()
        allowed = {line.rsplit(": ", 1)[0] for line in lines if ": " in line and not line.startswith("#")}
    kept = []
    for result in found:
        if result.outcome == "skipped":
            if result.name in allowed:
                continue
            result = dataclasses.replace(result, outcome="failed", text=f"skipped: {result.text}")
        kept.append(result)
    return kept


def slowest(found, count=20):
    """A text that lists the tests which took longest, with their seconds: the longest first."""
    timed = sorted((result for result in found if result.seconds >= 1), key=lambda result: -result.seconds)
    lines = [f"{result.seconds:6.1f} s  {result.part} {result.name}" for result in timed[:count]]
    return "\n".join([f"Slowest tests ({len(lines)}):", *lines]) if lines else ""
