"""Packages know nothing of Odoo nor of each other, but for what their row says."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# package: what it may import besides itself and the standard library
ALLOWED = {
    "einvoice": {"lxml", "pikepdf", "facturx", "fontTools"},
    "chorus_api": {"requests", "urllib3"},
    "rendering": {"fontTools", "pikepdf"},
    "simulator": {"werkzeug", "lxml", "pypdf"},
    # Reads records that it is given; of our own it knows the semantic invoice only.
    "mapping": {"odoo", "lxml", "..einvoice"},
    # Works on the models from above, which know nothing of it but for the doors of their buttons.
    "worker": {"odoo", "psycopg2", "..chorus_api", "..einvoice", "..models"},
}


def imports(path):
    """The top-level modules that a file imports; of ours, outside the package, as ``..name``."""
    depth = len(path.relative_to(ROOT).parts) - 1
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.level > depth:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (f"..{name.partition('.')[0]}" for name in names)


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_its_layer_may(package):
    strangers = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imports(path)
        if name not in ALLOWED[package] and name not in sys.stdlib_module_names and name != package
    }
    assert strangers == set()
