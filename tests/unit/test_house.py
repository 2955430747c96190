"""The corridors of the house: who calls whom through the ORM, and that a fact has one home.

Imports do not show how models depend on each other, since methods are called on recordsets: the calls are
read here. A call counts as one to every file that defines a method of that name, unless more than three do.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("models", "wizards", "mapping", "worker", "controllers")
# Files each of which reaches each other: two or three may be one thing, more have lost their direction.
LARGEST_KNOT = 6
# The rooms of the models, each built on those before it (docs/architecture.md).
ORDER = ("base", "notice", "connection", "directory", "deposit", "findings", "document", "invoice")
# What stands above the worker: the list of its steps, and the buttons that ask at once.
ABOVE_WORKER = {
    "models/chorus_worker.py", "models/chorus_ask_now.py", "models/chorus_validation_answer.py",
    "models/__init__.py",
}  # fmt: skip
# Recordsets, containers and strings have these as well.
COMMON = {name for kind in (dict, list, str, set, bytes) for name in dir(kind)} | {
    "browse", "create", "write", "unlink", "copy", "search", "read", "mapped", "filtered", "sorted",
    "grouped",
    "exists", "sudo", "with_context", "with_company", "with_env", "with_user", "ensure_one", "default_get",
    "fields_get", "run", "close",
}  # fmt: skip
EXPRESSION = re.compile(
    r"\b(?:invisible|readonly|required|column_invisible|domain|context|options|filter_domain|t-if|t-elif"
    r'|decoration-[\w-]+)\s*=\s*"([^"]*)"'
)


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def states():
    """The codes of the tables of states."""
    tree = ast.parse((ROOT / "models" / "base" / "chorus_states.py").read_text(encoding="utf-8"))
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("LineState", "DepositState", "InvoiceState")
    }


@pytest.fixture(scope="module")
def trees():
    """dict path → syntax tree, of the rooms where records are worked on"""
    paths = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def classes(tree):
    return (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def methods(node):
    for child in node.body:
        if isinstance(child, ast.FunctionDef) and not child.name.startswith("__"):
            yield child.name


def model_of(node):
    """The model that a class defines or extends, None for a plain class."""
    for child in node.body:
        if isinstance(child, ast.Assign) and getattr(child.targets[0], "id", "") in ("_name", "_inherit"):
            value = ast.literal_eval(child.value)
            return value if isinstance(value, str) else value[0]
    return None


def imported(path, tree, known):
    """The files of the rooms that one of them imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = (ROOT / path).parents[node.level - 1]
            base = base.joinpath(*node.module.split(".")) if node.module else base
            for alias in node.names:
                for target in (base / f"{alias.name}.py", base.with_suffix(".py")):
                    if target.is_relative_to(ROOT) and name_of(target) in known:
                        yield name_of(target)
                        break


def arrows(trees):
    """dict file → files that it reaches directly"""
    homes = defaultdict(set)
    for path, tree in trees.items():
        for node in classes(tree):
            for name in methods(node):
                homes[name].add(path)
    found = defaultdict(set)
    for path, tree in trees.items():
        if path.endswith("__init__.py"):
            continue
        found[path] |= set(imported(path, tree, trees))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                if name not in COMMON and path not in homes[name] and len(homes[name]) <= 3:
                    found[path] |= homes[name]
    return found


def reached(arrows_of, start):
    seen, todo = set(), [start]
    while todo:
        for other in arrows_of[todo.pop()] - seen:
            seen.add(other)
            todo.append(other)
    return seen


def knots(arrows_of):
    """The groups of files each of which reaches each other, the largest first."""
    reach = {path: reached(arrows_of, path) for path in list(arrows_of)}
    groups = {
        frozenset(other for other in reach[path] if path in reach.get(other, ()))
        for path in reach
        if path in reach[path]
    }
    return sorted((group for group in groups if len(group) > 1), key=len, reverse=True)


def test_no_knot_grows(trees):
    largest = max(knots(arrows(trees)), key=len, default=())
    assert len(largest) <= LARGEST_KNOT, sorted(largest)


def test_the_worker_and_what_it_tells_are_in_no_knot(trees):
    tied = set().union(*knots(arrows(trees)))
    outcome = {path for path in trees if path.startswith("models/") and path.endswith("_outcome.py")}
    assert outcome
    assert {path for path in tied if path.startswith("worker/")} | (tied & outcome) == set()


def test_nothing_below_knows_the_worker(trees):
    strangers = {
        path: other
        for path, tree in trees.items()
        if path.startswith(("models/", "mapping/")) and path not in ABOVE_WORKER
        for other in imported(path, tree, trees)
        if other.startswith("worker/")
    }
    assert strangers == {}


def test_a_room_imports_nothing_of_a_higher_one(trees):
    rank = {f"models/{room}/": place for place, room in enumerate(ORDER)}

    def place(path):
        return next((rank[room] for room in rank if path.startswith(room)), len(rank))

    upward = {
        f"{path} → {other}"
        for path, tree in trees.items()
        if path.startswith("models/")
        for other in imported(path, tree, trees)
        if other.startswith("models/") and place(other) > place(path)
    }
    assert upward == set()
    folders = {
        path.name for path in (ROOT / "models").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert folders == set(ORDER)


def test_wizards_and_models_call_nothing_private_of_the_worker(trees):
    private = {
        name
        for path, tree in trees.items()
        if path.startswith("worker/")
        for node in classes(tree)
        for name in methods(node)
        if name.startswith("_")
    }
    elsewhere = {
        name
        for path, tree in trees.items()
        if not path.startswith("worker/")
        for node in classes(tree)
        for name in methods(node)
    }
    called = {
        f"{path}: {node.func.attr}"
        for path, tree in trees.items()
        if not path.startswith("worker/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in private - elsewhere
    }
    assert called == set()


def test_a_method_of_a_model_is_defined_once(trees):
    """What several concerns add to a method is a list that it walks, in an order that is written down."""
    homes = defaultdict(set)
    for path, tree in trees.items():
        for node in classes(tree):
            for name in methods(node) if model_of(node) else ():
                homes[model_of(node), name].add(path)
    assert {key: sorted(paths) for key, paths in homes.items() if len(paths) > 1} == {}


def test_the_manifest_loads_what_is_shown_in_the_order_of_the_rooms():
    manifest = ast.literal_eval((ROOT / "__manifest__.py").read_text(encoding="utf-8"))
    views = [path for path in manifest["data"] if path.startswith("views/") and path.count("/") > 1]
    rooms = [path.split("/")[1] for path in views]
    assert rooms == sorted(rooms, key=ORDER.index)
    assert {path.name for path in (ROOT / "views").iterdir() if path.is_dir()} <= set(ORDER)


def test_views_spell_no_state():
    spelt, known = [], states()
    for path in (path for room in ("views", "wizards", "static") for path in (ROOT / room).rglob("*.xml")):
        text = path.read_text(encoding="utf-8")
        for match in EXPRESSION.finditer(text):
            words = set(re.findall(r"'(\w+)'", match.group(1).replace("&quot;", "'")))
            codes = {word for word in words if word.isupper() and "_" in word}
            if codes or ("chorus" in match.group(1) and words & known):
                spelt.append(f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}")
    assert spelt == []


def test_what_is_measured_is_seen():
    """The measures find what they look for."""
    made = {
        "models/a.py": ast.parse("class A:\n    _name = 'x'\n    def _one(self):\n        self.b._two()\n"),
        "models/b.py": ast.parse(
            "class B:\n    _inherit = ['x']\n    def _two(self):\n        self.a._one()\n"
        ),
    }
    assert knots(arrows(made)) == [frozenset(made)]
    assert [model_of(node) for tree in made.values() for node in classes(tree)] == ["x", "x"]
    assert {"queued", "sending", "refused"} <= states()
    assert EXPRESSION.search("<field invisible=\"chorus_state == 'sent'\"/>")
