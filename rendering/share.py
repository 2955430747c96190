"""How much of the machine this process may use: its processors, its memory, and no more."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

MOST_PROCESSES = 4
# One wkhtmltopdf with the pages of ten invoices.
PROCESS_BYTES = 256 * 1024 * 1024
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")
MEMORY = Path("/proc/meminfo")


def processes(per_processor: int = 1) -> int:
    """How many programs may run at once: by processors and memory that are ours, between 1 and 4.

    :param int per_processor: programs that keep one processor busy
    """
    wanted = min(MOST_PROCESSES, per_processor * processors())
    return max(1, int(min(wanted, free_memory() / PROCESS_BYTES)))


def processors() -> int:
    """Processors that this process may use: its affinity, and its share by cgroup; at least 1.

    A container or a service with a quota still sees all the processors of its host.
    """
    shares = [quota for folder in _folders("cpu") if (quota := _quota(folder))]
    return max(1, math.floor(min([len(os.sched_getaffinity(0)), *shares])))


def free_memory() -> float | int:
    """Bytes that this process may still take; infinite when the system does not say."""
    lines = [line.split() for line in _text(MEMORY).splitlines()]
    free = [int(line[1]) * 1024 for line in lines if line[0] == "MemAvailable:"]
    for folder in _folders("memory"):
        limits = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
        for most, used in limits:
            most, used = _text(folder / most), _text(folder / used)
            # Without a limit, "max" or a number beyond any memory.
            if most.isdigit() and used.isdigit():
                free.append(int(most) - int(used))
    return min(free, default=math.inf)


def _quota(folder: Path) -> float | None:
    """Processors that a cgroup may use, None when it has no limit. Version 2, else version 1."""
    words = _text(folder / "cpu.max").split()
    words = words or [_text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")]
    if len(words) != 2 or not all(word.isdigit() for word in words):
        return None
    return int(words[0]) / int(words[1])


def _folders(controller: str) -> Iterator[Path]:
    """The folders of this process's cgroup and of those around it, version 2 and 1."""
    for line in _text(OWN_CGROUPS).splitlines():
        _number, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        folder = CGROUPS / controllers if controllers else CGROUPS
        # A container sees its own cgroup as the root, though under the path that it has outside.
        yield folder
        for part in Path(path).parts[1:]:
            folder /= part
            yield folder


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
