"""The order in which a room imports its files decides nothing: reversed, everything installs and works."""

import ast

import pytest

from lib import paths
from lib.machine import ports, processes
from lib.mutants.tree import Copy
from lib.server import databases, odoo, static_files
from lib.suite.odoo_log import results

# Of each room of the models, and of what stands on them: about a hundred tests.
TESTS = (
    "TestSending", "TestFollowing", "TestComplete", "TestPaymentPeriod", "TestReasons",
    "TestConnectionSecrets", "TestConnectionToken", "TestDirectory", "TestDocumentsFiles", "TestForgery",
)  # fmt: skip


def reverse(file):
    """What must be defined before others extend it is imported first, one by one: that order stays."""
    text = file.read_text(encoding="utf-8")
    rows = text.split("\n")
    last = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)][-1]
    names = [alias.name for alias in last.names]
    rows[last.lineno - 1 : last.end_lineno] = [f"from . import {name}" for name in reversed(names)]
    file.write_text("\n".join(rows), encoding="utf-8")
    return len(names)


@pytest.mark.long
def test_the_order_of_imports_decides_nothing(environment, tmp_path):
    root = Copy(tmp_path / "reversed").root
    rooms = [*(root / "models").glob("*/__init__.py"), root / "wizards" / "__init__.py"]
    assert sum(reverse(room) for room in rooms) > len(rooms)
    http, gevent = ports.reserve(2)
    path = ",".join([*environment.odoo.addons, str(root.parent)])
    tags = ",".join(f"/{paths.NAME}:{name}" for name in TESTS)
    with databases.temporary(environment, "reversed") as database, static_files.serve(environment) as url:
        databases.set_parameter(database, "report.url", url)
        args = ["-d", database, "--addons-path", path, "-i", paths.NAME, "--test-tags", tags]
        args += ["--http-port", http, "--gevent-port", gevent, "--max-cron-threads", "0", "--stop-after-init"]
        with processes.Process(odoo.command(environment, args), "reversed") as run:
            status = run.wait(1200)
            found = results(run.text())
    assert status == 0
    assert len(found) >= 100
    assert [row.name for row in found if row.outcome == "failed"] == []
