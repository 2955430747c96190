"""What the scripts tell the person in front of the terminal."""

import contextlib
import os
import sys
import time

_COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


class Stop(Exception):
    """A reason to end the command, in words for the person who ran it.

    `status` is the exit status of the command.
    """

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status


def _paint(code, text):
    return f"\033[{code}m{text}\033[0m" if _COLOUR else text


def say(text):
    """Print one line of progress."""
    print(f"{_paint('36', '--')} {text}", flush=True)


def error(text):
    """Print one line of failure on the error stream."""
    print(f"{_paint('31', '!!')} {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(text):
    """Say `text` when a longer piece of work starts, and how long it took when it has ended."""
    say(f"{text} ...")
    start = time.monotonic()
    yield
    say(f"{text}: done in {time.monotonic() - start:.0f} s")
