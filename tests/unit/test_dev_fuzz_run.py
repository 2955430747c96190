"""The fuzz run goes on after input that ends the process, and gives the same inputs whatever the chunks."""

import os
import signal
from types import SimpleNamespace

import pytest

from lib import paths
from lib.fuzz import fuzz_run


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    return tmp_path / ".dev" / "fuzz" / "made_up"


def _target(execute):
    return SimpleNamespace(
        samples=lambda: [1, 2],
        mutate=lambda rng, sample: sample + rng.randrange(1, 50),
        execute=execute,
    )


def _run(execute, runs=100):
    run = fuzz_run.Run(_target(execute), "made_up", SimpleNamespace(seed=1, runs=runs, seconds=None))
    run.fuzz()
    return run


def test_input_that_ends_the_process_is_counted_and_kept(folder):
    def execute(case):
        if case % 7 == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return case

    run = _run(execute, runs=20)
    assert run.done == 20
    assert 0 < len(run.crashes) < 18 and all("SIGKILL" in text for text in run.crashes)
    cases = [int(path.read_text().split("\n")[0]) for path in folder.iterdir()]
    assert cases and all(case % 7 == 0 for case in cases)
    assert not any(case % 7 == 0 for case in run.seen) and len(run.seen) > 2


def test_an_exception_is_a_crash_and_the_run_goes_on(folder):
    def execute(case):
        if case == 2:
            raise ValueError("two")
        return case % 10

    run = _run(execute)
    assert (run.done, len(run.crashes)) == (100, 1)
    assert "ValueError: two" in run.crashes[0]
    assert run.seen == set(range(10))


def test_chunks_change_nothing_of_the_inputs(monkeypatch):
    whole = _run(lambda case: case)
    monkeypatch.setattr(fuzz_run, "_CHUNK", 7)
    parts = _run(lambda case: case)
    assert whole.samples == parts.samples and whole.seen == parts.seen and parts.done == 100


def test_a_run_of_crashes_ends():
    def execute(case):
        raise ValueError(case)

    run = _run(execute)
    assert len(run.crashes) == run.done == 20


def test_input_with_which_nothing_ends_is_a_crash(monkeypatch):
    monkeypatch.setattr(fuzz_run, "_SECONDS", 1)

    def execute(case):
        while case == 2:
            pass
        return 0

    run = _run(execute, runs=2)
    assert run.done == 2
    assert len(run.crashes) == 1 and "SIGALRM" in run.crashes[0]
