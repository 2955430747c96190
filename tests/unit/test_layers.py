"""The rooms of the house: who may import whom. The simulator is the other side and shares no code."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"chorus_api", "einvoice", "simulator", "models", "wizards", "controllers", "odoo"}
HTTP = {"requests", "urllib3", "httpx", "http", "socket"}
XML = {"lxml", "xml"}

# Package -> what beyond the standard library it may import (None: anything), and what it may not.
RULES = {
    # urllib3 comes with requests, of which it is the lower half.
    "chorus_api": ({"requests", "urllib3"}, OURS),
    "einvoice": (None, OURS | HTTP),
    "simulator": (None, OURS),
    "models": (None, {"simulator", *HTTP, *XML}),
    "wizards": (None, {"simulator", *HTTP, *XML}),
    "controllers": (None, {"simulator", "requests", "urllib3", "chorus_api", *XML}),
}


def imports(path):
    """The names of the packages a file imports, relative ones resolved to the repository's top folders."""
    depth = len(path.relative_to(ROOT).parts) - 1
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level > depth:
            yield from [node.module.partition(".")[0]] if node.module else (name.name for name in node.names)


@pytest.mark.parametrize("package", RULES)
def test_a_package_keeps_to_its_room(package):
    allowed, forbidden = RULES[package]
    files = list((ROOT / package).rglob("*.py"))
    assert files
    for path in files:
        for name in imports(path):
            where = f"{path.relative_to(ROOT)} imports {name}"
            assert name not in forbidden, where
            assert allowed is None or name in allowed or name in sys.stdlib_module_names, where


def test_relative_imports_are_seen():
    models = {name for path in (ROOT / "models").glob("*.py") for name in imports(path)}
    assert {"chorus_api", "einvoice", "odoo"} <= models
