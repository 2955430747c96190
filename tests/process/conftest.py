"""Real Odoo processes, each test on a database of its own with the addon installed.

Run with `dev/test --only process`, or `dev/python -m pytest -c tests/process/pytest.ini tests/process`.
"""

import pytest
from running import running

from lib.machine import bootstrap, postgres
from lib.server import databases, invariants, odoo, rpc
from lib.server.simulator import Simulator


@pytest.fixture(scope="session")
def environment():
    """The environment of dev/ (Python and Odoo); the database server runs meanwhile."""
    found = bootstrap.current()
    if found is None:
        pytest.fail("Start these tests with dev/test or dev/python")
    with postgres.server():
        yield found


@pytest.fixture
def database(environment):
    """The name of a fresh database with the addon, demo data and French accounting."""
    with databases.temporary(environment, "process", databases.with_addon(environment)) as name:
        yield name


@pytest.fixture
def simulator(tmp_path):
    """A simulator of this test's own (see dev/lib/server/simulator.py)."""
    with Simulator(tmp_path / "simulator") as running:
        yield running


@pytest.fixture
def start_odoo(environment, database):
    """`start_odoo(cron_threads=1, ...)` starts one more Odoo server on the database (see odoo.Server)."""
    running = []

    def start(**options):
        server = odoo.Server(environment, database, **options)
        running.append(server)
        server.wait_until_ready()
        return server

    yield start
    for server in running:
        server.stop()


@pytest.fixture
def shell(environment, database):
    """`shell(text)` runs Python in a separate Odoo process (`env` is at hand; the text must commit).

    It returns what the text left in the variable `result`, as JSON would carry it.
    """

    def run(text):
        return odoo.script(environment, database, text, log="shell")

    return run


@pytest.fixture
def sql(environment, database):
    """`sql(statement)` asks PostgreSQL itself: a list of lines, columns separated by `|`."""
    return lambda statement: databases.sql(database, statement)


@pytest.fixture
def poll():
    """`poll(probe, seconds, what)` waits for `probe()` to give something true and returns that."""
    return rpc.poll


@pytest.fixture
def server(environment, database, tmp_path):
    """A running server with cron threads, a connected company and an accountant (see running.py)."""
    with running(environment, database, tmp_path / "stage") as started:
        yield started
        assert invariants.broken(started.scene.database, settled=False) == []
