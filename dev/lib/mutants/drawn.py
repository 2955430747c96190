"""Mutations drawn by seed from comparisons, conditions of SQL, returns and commits of the protocol's code."""

import ast
import random
import re

from .. import paths
from . import tree
from .mutation import Mutation, odoo
from .tree import Place

_COMPARE = {
    "==": "!=",
    "!=": "==",
    "<=": ">",
    ">=": "<",
    "<": ">=",
    ">": "<=",
    "not in": "in",
    "in": "not in",
}
_OPERATOR = re.compile(r" (==|!=|<=|>=|not in|in|<|>) ")
_SQL = re.compile(r"\b(WHERE|AND) (?=[\w.%(]+ ?(?:=|!=|<>|<=|>=|IN|IS|<|>))")
# The files of the protocol and its gates, wherever in these folders they stand, and which tests answer for
# one; the first row that fits. What fits none is not drawn from.
_FOLDERS = ("worker", "models")
_ANSWER = (
    # Their tests are of other kinds, or of other concerns.
    (r"doors|migration|diagnostic|words|models/directory|automatic|sealing", None),
    (r"request", "TestComplete,TestRecycle,TestRejectedByTheBuyer,TestDueTimesOfRequests"),
    (r"chorus_database", "TestDoubtful,TestCopiedDatabase"),
    (
        r"worker/turns|base/transactions",
        "TestDueTimes,TestDueTimesOfRequests,TestTurnsOfARun,TestSteps,TestSending",
    ),
    (r"prepar|chorus_pace", "TestPreparing,TestPace,TestSending,TestDirectoryBeforeSending"),
    (r"after_all", "TestSentOnceMore,TestThereAfterAll"),
    (r"history|reason", "TestFollowing,TestComplete"),
    (r"line_click|account_move_follows", "TestNotice,TestFlowOfAnother,TestSending"),
    (
        r"statuses|deposit_line|status_event",
        "TestFollowing,TestTurnsOfARun,TestBadDates,TestNeverShown,TestReports,"
        "TestRejectedByTheBuyer,TestPaymentPeriod",
    ),
    (r"worker/gate", "TestSteps,TestDoubtful,TestSwitchedOff,TestSentOnceMore,TestSending"),
    (r"account_move_guard", "TestHeldRefused,TestWaitingTakenBack,TestHeldGoesOn,TestGuards"),
    (r"account_move_chorus", "TestFirstDeposit,TestSending"),
    (r"obstacle|connection_rest", "TestSilence,TestPolite,TestDepositFaults"),
    (r"authority|guarded|written_by", "TestForgery,TestTemplateWrites"),
    (r"moments", "TestBadDates,TestClocks,TestFollowing"),
    (r"reports", "TestReports,TestReportsTogether,TestFlowRepeated"),
    (
        r"resolver|identity",
        "TestFlowOfAnother,TestDoubtful,TestCopiedDatabase,TestSentOnceMore,TestThereAfterAll,"
        "TestLastWord,TestSending,TestClocks",
    ),
    (
        r"worker/|chorus_deposit",
        "TestSending,TestSteps,TestReports,TestDepositFaults,TestPolite,TestRefusedByOthers",
    ),
)


def draw(seed, count):
    """``count`` mutations with their places: list of (Mutation, Place)."""
    sites = [site for path, tests in _files() for site in _sites(path, tests)]
    return random.Random(seed).sample(sites, count)


def _files():
    """Path in the clone and the tests that answer for it."""
    for path in tree.sources():
        name = path.as_posix()
        if path.parts[0] in _FOLDERS:
            tests = next((tests for pattern, tests in _ANSWER if re.search(pattern, name)), None)
            if tests:
                yield path, tests


def _sites(path, tests):
    text = (paths.ROOT / path).read_text(encoding="utf-8")
    starts = tree.offsets(text)
    lines = text.split("\n")

    def offset(line, column):
        # ast counts bytes.
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    module = ast.parse(text)
    owners = _owners(module)
    for node in ast.walk(module):
        owner = owners.get(node, "")
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            start = offset(node.left.end_lineno, node.left.end_col_offset)
            end = offset(node.comparators[0].lineno, node.comparators[0].col_offset)
            if found := _OPERATOR.fullmatch(text[start:end]):
                yield _mutation(path, tests, owner, text, start, end, f" {_COMPARE[found[1]]} ")
        elif isinstance(node, ast.Return) and node.value is not None:
            start = offset(node.value.lineno, node.value.col_offset)
            end = offset(node.value.end_lineno, node.value.end_col_offset)
            if text[start:end] not in ("None", "True", "False"):
                yield _mutation(path, tests, owner, text, start, end, "None")
            elif text[start:end] != "None":
                yield _mutation(
                    path, tests, owner, text, start, end, {"True": "False", "False": "True"}[text[start:end]]
                )
        elif isinstance(node, ast.Expr) and ast.unparse(node).endswith(".commit()"):
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            yield _mutation(path, tests, owner, text, start, end, "pass")
        # What stands in a class is an index or a constraint: the tables of a kept database have them already.
        elif _is_text(node) and owner != "docstring" and (owner.isupper() or not owner[:1].isupper()):
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            for found in _SQL.finditer(text, start, end):
                new = "WHERE NOT " if found[1] == "WHERE" else "AND NOT "
                yield _mutation(path, tests, owner, text, found.start(), found.end(), new)


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _owners(module):
    """Name of the function or constant that each node stands in; docstrings are called so."""
    owners = {}

    def walk(node, name):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = node.name
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and not name:
            name = node.targets[0].id
        body = getattr(node, "body", None)
        for child in ast.iter_child_nodes(node):
            documents = isinstance(body, list) and child is body[0] and isinstance(child, ast.Expr)
            walk(child, "docstring" if documents and isinstance(child.value, ast.Constant) else name)
        owners[node] = name

    walk(module, "")
    return owners


def _mutation(path, tests, owner, text, start, end, new):
    line = text.count("\n", 0, start) + 1
    old = " ".join(text[start:end].split())
    what = f"{path.as_posix()}:{line} {owner}: {old[:40]} → {new.strip()}"
    return Mutation(what, odoo(tests), owner, text[start:end], new), Place(path, start, end)
