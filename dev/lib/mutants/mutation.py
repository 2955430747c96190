"""What a mutation is, and who has to notice it."""

from typing import NamedTuple


class Catcher(NamedTuple):
    """``part``: odoo (classes or class.method), unit or process (pytest -k), chaos (a kind of run)."""

    part: str
    tests: str

    def __str__(self):
        return f"{self.part} {self.tests}"


class Mutation(NamedTuple):
    """One change of the code, an index dropped, or both; ``what`` says it in words.

    ``where`` names the function, class or constant that holds the text ``old``, which stands there once; the
    file is looked for, so that code may move. ``index`` is the name of one that is dropped.
    """

    what: str
    catcher: Catcher
    where: str = ""
    old: str = ""
    new: str = ""
    index: str = ""


def odoo(tests):
    """Caught by classes or tests of Odoo, separated by commas."""
    return Catcher("odoo", tests)


def unit(tests):
    """Caught by tests of ``tests/unit``, an expression of pytest."""
    return Catcher("unit", tests)


def process(tests):
    """Caught by tests of ``tests/process``, an expression of pytest."""
    return Catcher("process", tests)


def chaos(kind):
    """Caught by a kind of run of ``dev/chaos``."""
    return Catcher("chaos", kind)
