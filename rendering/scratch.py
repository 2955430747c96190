"""Temporary folders that a killed process does not leave behind: the next print takes them away."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

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
