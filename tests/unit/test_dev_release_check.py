"""`dev/release-check` sees every record, and which of them are older than their code."""

import dataclasses
import re
import subprocess

import pytest

from lib import paths
from lib.suite import records

MEASURED = (
    "docs/core_tests.md", "docs/findings.md", "docs/fuzz.md", "docs/performance.md", "docs/protocol.md",
    "docs/security.md",
)  # fmt: skip


def test_what_was_measured_has_its_command_commit_and_date():
    told = {record.place for record in records.records()}
    assert {*MEASURED, "docs/images"} <= told


@pytest.mark.parametrize("document", MEASURED)
def test_no_record_is_written_in_another_form(document):
    text = (paths.ROOT / document).read_text()
    assert text.count("Record:") == sum(record.place == document for record in records.records())


@pytest.mark.parametrize("record", records.records(), ids=lambda record: f"{record.place} {record.command}")
def test_each_command_speaks_of_code_that_is_there(record):
    assert record.code, f"no row of SPEAKS_OF for {record.command}"
    assert (paths.ROOT / record.command.split()[0]).exists()
    assert [name for name in record.code if not (paths.ROOT / name).exists()] == []


def test_a_record_grows_old_with_its_code():
    newest = subprocess.run(
        ["git", "-C", paths.ROOT, "rev-parse", "HEAD"], capture_output=True, text=True
    ).stdout.strip()
    record = dataclasses.replace(records.records()[0], commit=newest)
    assert records.changes_since(record) == 0
    assert records.changes_since(dataclasses.replace(record, commit="0" * 40)) is None


FIGURE = re.compile(r"(?<![\w.])\d[\d.,]*\s?(?:ms|s|minutes|MB|GB)(?!\w)")
# What a measurement is told with; or the document that tells it.
TOLD = (r"`dev/\S+", r"\b[0-9a-f]{7}\b", r"\d+ \w+ 20\d\d")
ELSEWHERE = "(performance.md)"


def sections(text):
    """(heading, what stands under it and above it in the chapters that hold it) of a document."""
    parts = re.split(r"^(#+ .*)$", text, flags=re.M)
    held = [(0, parts[0])]
    yield "", parts[0], parts[0]
    for heading, own in zip(parts[1::2], parts[2::2], strict=True):
        level = len(heading.split()[0])
        held = [*(row for row in held if row[0] < level), (level, own)]
        yield heading, own, "\n".join(content for _level, content in held)


def untold(text):
    """The sections whose tables hold figures, and what each lacks of command, commit and date."""
    return [
        (heading, [pattern for pattern in TOLD if not re.search(pattern, whole)])
        for heading, own, whole in sections(text)
        if any(row.startswith("|") and FIGURE.search(row) for row in own.splitlines())
        if ELSEWHERE not in whole and not all(re.search(pattern, whole) for pattern in TOLD)
    ]


def test_a_figure_that_nobody_can_measure_again_is_seen():
    table = "# Speed\n\n| one invoice | 35 ms |\n"
    assert untold(table) == [("# Speed", list(TOLD))]
    assert untold(f"{table}\nRecord: `dev/bench`, commit 05107b1, 22 November 2026.\n") == []


# The guides tell limits of Chorus Pro, no measurements.
DOCUMENTS = [
    path for path in sorted((paths.ROOT / "docs").glob("*.md")) if not path.name.startswith("guide_")
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_table_of_figures_says_what_measured_it_where_and_when(document):
    assert untold(document.read_text()) == []
