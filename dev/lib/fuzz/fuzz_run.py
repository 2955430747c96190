"""Runs the executions of a fuzz target in child processes, a chunk each.

Input that ends the process (a fault inside a library written in C), or with which it does not end, is a crash
like another: it is counted and kept, and the next process goes on after it. Chunks change nothing of the
inputs that a seed gives.
"""

import os
import pickle
import random
import signal
import sys
import tempfile
import time
import traceback
from hashlib import sha256
from pathlib import Path

from .. import console, paths

_CHUNK = 1000
_SECONDS = 60  # after which an execution counts as one that does not end
_MAX_SAMPLES = 5000
_MAX_CRASHES = 20
_PROGRESS = 50_000


class Run:
    """The executions of one target: what was seen, what crashed (texts), how many were done."""

    def __init__(self, target, name, options, cover=None):
        """``target`` is a module of `dev/lib/cmd_fuzz.py`, ``cover`` the running ``Coverage`` if any."""
        self.target, self.name, self.options, self.cover = target, name, options, cover
        self.rng = random.Random(options.seed)
        self.samples = list(target.samples())
        self.originals = len(self.samples)
        self.seen, self.crashes, self.done = set(), [], 0
        self.end = time.monotonic() + options.seconds if options.seconds else float("inf")

    def fuzz(self):
        """Execute until the runs, the seconds, or the patience with crashes are at their end."""
        while not self._is_over():
            self._chunk()
            if self.done % _PROGRESS == 0:
                console.say(
                    f"{self.done} executions, {len(self.seen)} behaviours, {len(self.crashes)} crashes"
                )

    def _is_over(self):
        return (
            self.done >= self.options.runs or len(self.crashes) >= _MAX_CRASHES or time.monotonic() > self.end
        )

    # --- this process -----------------------------------------------------------------------------

    def _chunk(self):
        with tempfile.NamedTemporaryFile() as last:
            receiving, sending = os.pipe()
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                os.close(receiving)
                self._child(sending, last)
            os.close(sending)
            try:
                with os.fdopen(receiving, "rb") as source:
                    self._listen(source)
            except BaseException:
                os.kill(child, signal.SIGKILL)
                raise
            finally:
                _pid, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                self._ended(last, signal.Signals(os.WTERMSIG(status)).name)
            elif status:
                raise RuntimeError(f"the target {self.name} failed outside an execution: see above")

    def _listen(self, source):
        while True:
            try:
                kind, *rest = pickle.load(source)
            except (EOFError, pickle.UnpicklingError):  # over, or ended in the middle of a word
                return
            getattr(self, f"_take_{kind}")(*rest)

    def _take_found(self, behaviour, case, is_new):
        self.seen.add(behaviour)
        if is_new:
            self.samples.append(case)

    def _take_crash(self, text):
        self.crashes.append(text)

    def _take_end(self, done, state, lines):
        self.done = done
        self.rng.setstate(state)
        if self.cover:
            self.cover.get_data().add_lines(lines)

    def _ended(self, last, reason):
        """Count the input that ended the child, and go on after it."""
        last.seek(0)
        self.done, state, case = pickle.load(last)
        self.rng.setstate(state)
        self.crashes.append(_keep(self.name, case, f"the process was ended by {reason}"))

    # --- the child --------------------------------------------------------------------------------

    def _child(self, sending, last):
        """Execute a chunk, telling the parent what is found; never returns."""
        code = 1
        try:
            with os.fdopen(sending, "wb") as out:
                self._execute(out, last)
            code = 0
        except console.Stop:  # the parent has the signal too
            pass
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _execute(self, out, last):
        until = min(self.done + _CHUNK, self.options.runs)
        while self.done < until and not self._is_over():
            self.done += 1
            case = self._case()
            _write(last, (self.done, self.rng.getstate(), case))
            signal.alarm(_SECONDS)  # no handler: it ends the process, whatever runs
            try:
                behaviour = self.target.execute(case)
            except console.Stop:  # a signal, not a crash
                raise
            except Exception:
                text = _keep(self.name, case, traceback.format_exc())
                self._take_crash(text)
                _tell(out, "crash", text)
                continue
            if behaviour not in self.seen:
                is_new = self.done > self.originals and len(self.samples) < _MAX_SAMPLES
                self._take_found(behaviour, case, is_new)
                _tell(out, "found", behaviour, case, is_new)
        signal.alarm(0)
        _tell(out, "end", self.done, self.rng.getstate(), self._lines())

    def _case(self):
        """First each sample as it is, then mutations."""
        if self.done <= self.originals:
            return self.samples[self.done - 1]
        return self.target.mutate(self.rng, self.rng.choice(self.samples))

    def _lines(self):
        if not self.cover:
            return {}
        self.cover.stop()
        data = self.cover.get_data()
        return {name: data.lines(name) for name in data.measured_files()}


def _tell(out, *message):
    pickle.dump(message, out)
    out.flush()


def _write(last, content):
    last.seek(0)
    pickle.dump(content, last)
    last.flush()


def _keep(name, case, reason):
    folder = paths.ROOT / ".dev" / "fuzz" / name
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(folder) / f"crash-{sha256(repr(case).encode()).hexdigest()[:12]}.txt"
    path.write_text(f"{case!r}\n\n{reason}")
    return f"crash kept in {path.relative_to(paths.ROOT)}: {reason.splitlines()[-1]}"
