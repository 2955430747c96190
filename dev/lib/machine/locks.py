"""File locks: they die with their process, so nothing is ever left locked."""

import contextlib
import fcntl

from .. import paths


def folder():
    """The folder of lock files in the cache."""
    path = paths.cache() / "locks"
    path.mkdir(exist_ok=True)
    return path


def _open(name):
    # Never deleted: a lock on a file that another process has unlinked protects nothing.
    return open(folder() / f"{name}.lock", "a+")


def wait(name, shared=False):
    """Take the lock `name`, waiting for it as long as it takes; returns the open file that holds it."""
    handle = _open(name)
    fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    return handle


@contextlib.contextmanager
def held(name):
    """Hold the lock `name` as long as the `with` lasts."""
    with wait(name):
        yield


def take(name, shared=False):
    """Take the lock `name` if it is free: an open file that holds it, else None."""
    handle = _open(name)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def is_free(name, shared=False):
    """Whether the lock `name` could be taken now."""
    handle = take(name, shared)
    if handle:
        handle.close()
    return handle is not None
