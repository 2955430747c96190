"""`dev/release-check` sees every record, and which of them are older than their code."""

import dataclasses
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
