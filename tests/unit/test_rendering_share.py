"""How many programs run at once: by what the process may use, not by what its host has."""

import os

import pytest

from rendering import wkhtmltopdf

GIB = 1024**3


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """`machine(processors, gib, files, cgroup)`: a host, and the files of cgroups that a process sees."""

    def make(processors=32, gib=64, files=None, cgroup="0::/\n"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(processors)))
        for name in ("CGROUPS", "OWN_CGROUPS", "MEMORY"):
            monkeypatch.setattr(wkhtmltopdf, name, tmp_path / name)
        (tmp_path / "MEMORY").write_text(f"MemTotal: 1 kB\nMemAvailable: {int(gib * GIB) // 1024} kB\n")
        (tmp_path / "OWN_CGROUPS").write_text(cgroup)
        for name, text in (files or {}).items():
            path = tmp_path / "CGROUPS" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        return wkhtmltopdf.processes()

    return make


SERVICE = "0::/system.slice/odoo.service\n"
VERSION_1 = "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n"


@pytest.mark.parametrize(
    ("expected", "host"),
    [
        (4, {}),
        (2, {"processors": 2}),
        (1, {"files": {"cpu.max": "100000 100000"}}),
        (2, {"files": {"cpu.max": "250000 100000"}}),
        (1, {"files": {"cpu.max": "20000 100000"}}),
        (4, {"files": {"cpu.max": "max 100000"}}),
        (1, {"files": {"system.slice/odoo.service/cpu.max": "100000 100000"}, "cgroup": SERVICE}),
        (3, {"files": {"system.slice/cpu.max": "300000 100000"}, "cgroup": SERVICE}),
        (
            1,
            {
                "files": {
                    "cpu,cpuacct/cpu.cfs_quota_us": "150000",
                    "cpu,cpuacct/cpu.cfs_period_us": "100000",
                },
                "cgroup": VERSION_1,
            },
        ),
        (
            4,
            {
                "files": {"cpu,cpuacct/cpu.cfs_quota_us": "-1", "cpu,cpuacct/cpu.cfs_period_us": "100000"},
                "cgroup": VERSION_1,
            },
        ),
        (2, {"files": {"memory.max": GIB, "memory.current": GIB // 2}}),
        (1, {"files": {"memory.max": GIB, "memory.current": GIB}}),
        (
            2,
            {
                "files": {
                    "memory/docker/abc/memory.limit_in_bytes": GIB,
                    "memory/docker/abc/memory.usage_in_bytes": GIB // 2,
                },
                "cgroup": VERSION_1,
            },
        ),
        (3, {"gib": 0.8}),
        (4, {"cgroup": ""}),
    ],
)
def test_the_smallest_share_decides(machine, expected, host):
    assert machine(**host) == expected


def test_programs_that_wait_may_be_two_for_each_processor(machine):
    machine(processors=1)
    assert wkhtmltopdf.processes(2) == 2


def test_a_system_that_says_nothing_is_taken_as_it_is(machine, monkeypatch, tmp_path):
    machine(processors=2)
    monkeypatch.setattr(wkhtmltopdf, "MEMORY", tmp_path / "none")
    assert wkhtmltopdf.processes() == 2
