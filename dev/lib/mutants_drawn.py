"""Mutations drawn by seed from comparisons, conditions of SQL, returns and commits of the protocol's code."""

import ast
import random
import re

from . import mutants_tree, paths
from .mutants_chosen import Catcher, Mutation
from .mutants_tree import Place

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
# Which tests answer for a function, by what its name or its file speaks of; the first that fits.
_ANSWER = (
    (r"requests?", "TestComplete,TestRecycle,TestDueTimesOfRequests"),
    (r"directory|structure", "TestDirectoryBeforeSending"),
    (r"doubt|database|fingerprint|look_around|bounds", "TestDoubtful,TestCopiedDatabase"),
    (r"due|schedule|progress", "TestDueTimes,TestDueTimesOfRequests"),
    (r"suspect|prepar|pace", "TestPreparing,TestPace,TestSending,TestReports"),
    (r"after_all|look_first|sending_sql", "TestSteps,TestSentOnceMore,TestThereAfterAll,TestSending"),
    (r"histor|reason", "TestFollowing,TestComplete"),
    (r"invoices|follow", "TestFollowing,TestBadDates,TestNeverShown,TestThereAfterAll"),
    (r"guard|held", "TestHeldRefused,TestWaitingTakenBack,TestHeldGoesOn,TestGuards"),
    (r"first_deposit", "TestFirstDeposit"),
    (r"obstacle|rest", "TestSilence,TestPolite,TestDepositFaults"),
    (r"", "TestSending,TestSteps,TestReports,TestDepositFaults"),
)
# The files of the protocol and its gates, by name wherever they stand.
_FILES = re.compile(
    r"worker|chorus_deposit|sending_sql|chorus_database|move_guard|first_deposit|obstacle|connection_rest"
    r"|moments|transactions|chorus_request"
)
_NOT = re.compile(r"notify|words|chorus_server_config")


def draw(seed, count):
    """``count`` mutations with their places: list of (Mutation, Place)."""
    sites = [site for path in _files() for site in _sites(path)]
    return random.Random(seed).sample(sites, count)


def _files():
    paths_ = [path for path in mutants_tree.sources() if path.parts[0] == "models"]
    return [path for path in paths_ if _FILES.search(path.as_posix()) and not _NOT.search(path.as_posix())]


def _sites(path):
    text = (paths.ROOT / path).read_text(encoding="utf-8")
    starts = mutants_tree.offsets(text)
    lines = text.split("\n")

    def offset(line, column):
        # ast counts bytes.
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    tree = ast.parse(text)
    owners = _owners(tree)
    for node in ast.walk(tree):
        owner = owners.get(node, "")
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            start = offset(node.left.end_lineno, node.left.end_col_offset)
            end = offset(node.comparators[0].lineno, node.comparators[0].col_offset)
            if found := _OPERATOR.fullmatch(text[start:end]):
                yield _mutation(path, owner, text, start, end, f" {_COMPARE[found[1]]} ")
        elif isinstance(node, ast.Return) and node.value is not None:
            start = offset(node.value.lineno, node.value.col_offset)
            end = offset(node.value.end_lineno, node.value.end_col_offset)
            if text[start:end] not in ("None", "True", "False"):
                yield _mutation(path, owner, text, start, end, "None")
            elif text[start:end] != "None":
                yield _mutation(
                    path, owner, text, start, end, {"True": "False", "False": "True"}[text[start:end]]
                )
        elif isinstance(node, ast.Expr) and ast.unparse(node).endswith(".commit()"):
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            yield _mutation(path, owner, text, start, end, "pass")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and owner != "docstring":
            start, end = offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)
            for found in _SQL.finditer(text, start, end):
                new = "WHERE NOT " if found[1] == "WHERE" else "AND NOT "
                yield _mutation(path, owner, text, found.start(), found.end(), new)


def _owners(tree):
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

    walk(tree, "")
    return owners


def _mutation(path, owner, text, start, end, new):
    name = f"{path.stem} {owner}"
    tests = next(tests for pattern, tests in _ANSWER if re.search(pattern, name))
    line = text.count("\n", 0, start) + 1
    old = " ".join(text[start:end].split())
    what = f"{path.as_posix()}:{line} {owner}: {old[:40]} → {new.strip()}"
    return Mutation(what, Catcher("odoo", tests), owner, text[start:end], new), Place(path, start, end)
