"""A tracer of calls that sees this addon's functions: which ran, which hopped through our own super()."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

from odoo import models

ROOT = Path(__file__).resolve().parents[1]
# What runs beside the addon, not in it.
_NOT_OURS = ("tests", "dev", "simulator", "migrations")


class Trace:
    """``functions``: {(file, function)}; ``hops``: {(caller, callee)}, both of them ``file function``."""

    def __init__(self):
        self.functions, self.hops, self._places = set(), set(), {}

    @property
    def files(self):
        """The files that a function ran in, sorted."""
        return sorted({file for file, _function in self.functions})

    @contextmanager
    def running(self):
        """Listen to this thread's calls."""
        before = sys.getprofile()
        sys.setprofile(self._heard)
        try:
            yield self
        finally:
            sys.setprofile(before)

    def _heard(self, frame, event, _arg):
        if event != "call" or not (file := self._file(frame.f_code)):
            return
        code = frame.f_code
        if code.co_name.startswith("<"):
            return
        self.functions.add((file, code.co_qualname))
        caller = frame.f_back
        if caller is None or caller.f_code.co_name != code.co_name or caller.f_code is code:
            return
        # One method of one record, defined in two files of ours: the one called the other by super().
        other, record = self._file(caller.f_code), _first(frame)
        if other and isinstance(record, models.BaseModel) and record is _first(caller):
            self.hops.add((f"{other} {caller.f_code.co_qualname}", f"{file} {code.co_qualname}"))

    def _file(self, code):
        """The file of ours that a code belongs to, '' for any other."""
        if code.co_filename not in self._places:
            path = os.path.realpath(code.co_filename)
            is_ours = os.path.isabs(code.co_filename) and path.startswith(f"{ROOT}{os.sep}")
            name = os.path.relpath(path, ROOT) if is_ours else ""
            self._places[code.co_filename] = "" if name.split(os.sep)[0] in _NOT_OURS else name
        return self._places[code.co_filename]

    def report(self):
        """A text: the functions by file, then how many of each."""
        lines = []
        for file in self.files:
            names = sorted(function for place, function in self.functions if place == file)
            lines.append(f"{file}: {', '.join(names)}")
        lines += [f"super() of our own: {' -> '.join(hop)}" for hop in sorted(self.hops)]
        return "\n".join([*lines, f"{len(self.functions)} functions in {len(self.files)} files"])


def _first(frame):
    code = frame.f_code
    return frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
