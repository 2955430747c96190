"""Temporary folders: gone after use, and after the death of the process that used them."""

import fcntl
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rendering.wkhtmltopdf import scratch

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from rendering.wkhtmltopdf import scratch
with scratch("chorus_try_") as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def other(place):
    """Another process inside its folder: the process and the folder."""
    pipe = subprocess.PIPE
    line = [sys.executable, "-c", HOLD]
    with subprocess.Popen(
        line, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env={"TMPDIR": str(place)}
    ) as run:
        yield run, Path(run.stdout.readline().strip())
        run.kill()


def test_the_folder_of_a_living_process_stays(place, other):
    with scratch("chorus_try_") as own:
        assert Path(own).parent == place
        assert other[1].is_dir()
    assert list(place.iterdir()) == [other[1]]


def test_the_folder_of_a_killed_process_is_taken_away_by_the_next_print(place, other):
    process, folder = other
    (folder / "report.html").write_text("an invoice")
    process.kill()
    process.wait()
    assert folder.is_dir()
    with scratch("chorus_try_") as own:
        assert list(place.iterdir()) == [Path(own)]
    assert not list(place.iterdir())


def test_a_folder_that_others_took_away_is_no_error(place):
    with scratch("chorus_try_") as own:
        for path in Path(own).iterdir():
            path.unlink()
        Path(own).rmdir()


def test_a_sweep_between_making_a_folder_and_locking_it_takes_nothing_in_use(place, monkeypatch):
    """Prints of many threads and processes begin at once: one sweeps what another has just made."""
    flock, swept = fcntl.flock, []

    def first_sweep(file, operation):
        if operation == fcntl.LOCK_EX and not swept:
            swept.append(True)
            with scratch("chorus_try_"):
                pass
        return flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", first_sweep)
    with scratch("chorus_try_") as own:
        assert swept
        assert Path(own, "lock").exists()
    assert not Path(own).exists()
