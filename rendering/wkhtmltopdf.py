"""Runs of wkhtmltopdf on documents that are ready. No database and no server: one may run in a thread.

Temporary folders that a killed process leaves behind are taken away by the next print. A print takes no more
processors and memory than this process may use.
"""

import contextlib
import fcntl
import logging
import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .documents import split

# Held by the process that uses the folder: the kernel frees it when that process ends, however it ends.
LOCK = "lock"
# A folder without a lock is about to get it, or its process died before.
HOUR = 3600


@contextlib.contextmanager
def scratch(prefix: str) -> Iterator[str]:
    """A folder of this process alone, removed afterwards; those of dead processes are removed first.

    :param str prefix: start of its name, which no other program uses
    :rtype: Iterator[str]
    """
    _sweep(Path(tempfile.gettempdir()), prefix)
    with (
        tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder,
        open(os.path.join(folder, LOCK), "w") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _sweep(place: Path, prefix: str) -> None:
    for folder in place.glob(f"{prefix}*"):
        # Another user's, or taken away meanwhile by another process.
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid == os.geteuid() and _is_dead(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_dead(folder: Path) -> bool:
    try:
        with open(folder / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except FileNotFoundError:
        return folder.lstat().st_mtime < time.time() - HOUR
    except BlockingIOError:
        return False


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


_logger = logging.getLogger(__name__)

SECONDS = 600


def print_documents(
    program: str,
    options: list[str],
    bodies: list[str],
    headers: list[str],
    footers: list[str],
    fontconfig: str | None = None,
) -> list[bytes] | None:
    """Print each of ``bodies`` with its own header and footer.

    :param str program: path of wkhtmltopdf, with patched Qt
    :param list[str] options: its options
    :param list[str] bodies: HTML
    :param list[str] headers: HTML for each body that holds its own header, see Odoo's ``web.minimal_layout``
    :param list[str] footers: same for the footers
    :param str fontconfig: path of a fontconfig file
    :return: one PDF for each body; None when something went wrong or is missing on the pages
    :rtype: list[bytes] | None
    """
    with scratch("chorus_print_") as folder:
        # The script in headers reads a position between the third and fourth dots of a body's path.
        if "." in folder:
            return None
        pages: list[str] = []
        for number, (body, header, footer) in enumerate(zip(bodies, headers, footers, strict=True)):
            place = os.path.join(folder, str(number))
            os.mkdir(place)
            pages += (
                _write(place, "report.body.tmp.0.html", body),
                "--header-html", _write(place, "report.header.html", header),
                "--footer-html", _write(place, "report.footer.html", footer),
            )  # fmt: skip
        target = os.path.join(folder, "out.pdf")
        environment = os.environ | ({"FONTCONFIG_FILE": fontconfig} if fontconfig else {})
        run = subprocess.run(
            [program, *options, *pages, target],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=SECONDS,
            env=environment,
        )
        # 1: something could not be fetched, and may be missing on the pages.
        if run.returncode or not os.path.exists(target):
            _logger.warning("wkhtmltopdf ended with %s: %s", run.returncode, run.stderr[-500:])
            return None
        pdf = Path(target).read_bytes()
    if len(bodies) == 1:
        return [pdf] if pdf else None
    return split(pdf, len(bodies)) if pdf else None


def _write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    Path(path).write_text(text, encoding="utf-8")
    return path
