"""Processes that never outlive the command that started them."""

import contextlib
import ctypes
import itertools
import os
import signal
import subprocess
import threading
import time

from .. import console, paths

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


_started = set()
_closed = threading.Event()


class Terminated(console.Stop):
    """The command was asked to end by a signal."""


@contextlib.contextmanager
def signals_as_exceptions():
    """Turn SIGTERM and SIGHUP into an exception, so that every `with` and `finally` still runs."""

    def end(number, _frame):
        raise Terminated(f"stopped by {signal.Signals(number).name}", 128 + number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, end)
        # A script started in the background inherits an ignored SIGINT.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield


def stop_all():
    """Stop every Process of this command, also those of other threads, and start no more."""
    _closed.set()
    for process in list(_started):
        process.stop()


def die_with_parent(number=signal.SIGTERM):
    """For `preexec_fn`: the kernel sends `number` to this process when its parent dies, however it dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, number)


def _free_log(name):
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(path for path in (paths.logs() / f"{name}.log" for name in names) if not path.exists())


class Process:
    """A child in a process group of its own, with its output in a log file.

    Use it as a context manager: leaving it stops the whole group. `text` is written to its input.
    """

    def __init__(self, command, name, env=None, cwd=None, stop_signal=signal.SIGTERM, patience=20, text=None):
        self.name = name
        self.log = _free_log(name)
        self._stop_signal, self._patience = stop_signal, patience
        if _closed.is_set():
            raise console.Stop(f"{name} is not started: the command is being stopped")
        with open(self.log, "wb") as output:
            self.popen = subprocess.Popen(
                list(map(str, command)),
                env=env,
                cwd=cwd or paths.ROOT,
                stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        _started.add(self)
        if text is not None:
            self.popen.stdin.write(text.encode())
            self.popen.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.stop()

    @property
    def pid(self):
        return self.popen.pid

    def running(self):
        """Whether the child itself still runs."""
        return self.popen.poll() is None

    def wait(self, timeout=None):
        """Wait for the end; returns the exit status."""
        return self.popen.wait(timeout)

    def text(self):
        """All that the child has written so far."""
        return self.log.read_text(errors="replace")

    def signal(self, number):
        """Send a signal to the whole group (nothing happens if it is gone)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self):
        """End the whole group at once, as a power cut would."""
        self.signal(signal.SIGKILL)
        self.popen.wait()

    def stop(self):
        """End the group politely, then by force."""
        _started.discard(self)
        if self.running():
            self.signal(self._stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(self._patience)
        self.kill()

    def wait_for(self, ready, seconds, what):
        """Poll `ready()` until it gives something true and return that; Stop if the child ends first."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            result = ready()
            if result:
                return result
            if not self.running():
                break
            time.sleep(0.05)
        end = f"within {seconds} s" if self.running() else "before it ended"
        raise console.Stop(f"{self.name}: no {what} {end}; its log {self.log}:\n{self.tail()}")

    def tail(self, lines=30):
        """The last lines of the log."""
        return "\n".join(self.text().splitlines()[-lines:])
