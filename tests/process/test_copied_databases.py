"""A backup restored in place, a copied machine, made with PostgreSQL's own tools: nothing is sent twice."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from test_security_processes import BUYER, CONNECTED, CREDENTIALS, CRONS, SUPPLIER

from lib.machine import postgres, system
from lib.server import databases, odoo
from lib.server.simulator import Simulator

DUE = """
env.cr.execute("UPDATE chorus_deposit SET next_action_at = now() at time zone 'utc' - interval '1 s'")
env.cr.commit()
"""
REASON = """
connection = env["chorus.connection"].search([("environment", "=", "production")])
result = connection._why_not_usable()
"""
CONFIRM = """
env["chorus.connection"].search([("environment", "=", "production")]).action_confirm_database()
env.cr.commit()
"""
LINES = "SELECT state FROM chorus_deposit_line WHERE state != 'cancelled' ORDER BY id"


@pytest.fixture
def simulator(tmp_path):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in CREDENTIALS.items()]
    with Simulator(tmp_path / "simulator", args=options) as running:
        yield running


class Place:
    """A database in one PostgreSQL cluster, with Odoo's commands on it."""

    def __init__(self, environment, database, simulator):
        self.environment, self.database, self.simulator = environment, database, simulator

    def script(self, text):
        return odoo.script(self.environment, self.database, text, "copies")

    def connect(self, count=1):
        """A company in production with queued invoices."""
        done = self.script(
            CONNECTED.format(
                supplier=SUPPLIER, buyer=BUYER, auth_url=self.simulator.auth_url, url=self.simulator.url,
                credentials=CREDENTIALS, count=count,
            )
        )  # fmt: skip
        assert not done["conflicts"]

    def run(self, before=""):
        """Every scheduled action once, beside a server that gives invoices their styles."""
        with odoo.Server(self.environment, self.database, cron_threads=0) as server:
            databases.set_parameter(self.database, "report.url", server.url)
            self.script(before + CRONS)

    def lines(self):
        return databases.sql(self.database, LINES)

    def taken(self):
        return sum(len(item["files"]) for item in self.simulator.control("ledger")["deposits"])


def postgres_tool(*line, **options):
    done = subprocess.run([str(part) for part in line], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout


def tool(name):
    return system.postgres_bin() / name


def test_a_backup_restored_in_place_sends_nothing_again(environment, database, simulator, tmp_path):
    place = Place(environment, database, simulator)
    place.connect()
    dump = tmp_path / "backup"
    postgres_tool(tool("pg_dump"), "-Fc", "-f", dump, database)
    place.run()
    assert place.lines() == ["sent"] and place.taken() == 1
    postgres_tool(tool("dropdb"), "--force", database)
    postgres_tool(tool("createdb"), database)
    postgres_tool(tool("pg_restore"), "--no-owner", "-d", database, dump)
    assert place.lines() == ["queued"]
    assert "restored" in place.script(REASON)
    place.run()
    assert place.lines() == ["queued"] and place.taken() == 1
    place.script(CONFIRM)
    # Confirmed: looked for, found and followed; TestDoubtful shows the wait while it is not integrated yet.
    simulator.control("clock", {"advance": 3600})
    place.run()
    assert place.lines() == ["integrated"] and place.taken() == 1


class Cluster:
    """A small PostgreSQL cluster of its own on a socket of its own."""

    def __init__(self, folder):
        self.data = folder / "data"
        self.socket = folder

    def initialize(self):
        self._as_server(tool("initdb"), "-D", self.data, "-U", postgres.SUPERUSER, "-A", "trust",
                        "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip

    def start(self):
        options = f"-c listen_addresses='' -c unix_socket_directories={self.socket} -c fsync=off"
        log = self.socket / "log"
        self._as_server(tool("pg_ctl"), "-D", self.data, "-w", "-l", log, "-o", options, "start")

    def stop(self):
        self._as_server(tool("pg_ctl"), "-D", self.data, "-m", "immediate", "stop")

    def copy_of(self, other):
        """The data directory of a running cluster, copied as it is."""
        self._as_server(
            tool("pg_basebackup"), "-c", "fast", "-D", self.data, "-h", other.socket, "-U", postgres.SUPERUSER
        )

    def _as_server(self, *line):
        # What pg_ctl starts keeps its output open: a pipe would be waited for.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(part) for part in line], cwd="/", stdout=output, stderr=output, **postgres.as_server()
            )
            output.seek(0)
            assert done.returncode == 0, f"{line}: {output.read()}"

    @contextmanager
    def used(self):
        """Everything that Odoo does inside the block happens in this cluster."""
        before = os.environ["PGHOST"]
        os.environ["PGHOST"] = str(self.socket)
        try:
            yield
        finally:
            os.environ["PGHOST"] = before


@pytest.fixture
def clusters():
    """Two empty folders for clusters, which the account of the server may enter; stopped at the end."""
    made = []
    for _number in range(2):
        folder = Path(tempfile.mkdtemp(prefix="chorus_pg_"))
        if user := postgres.account():
            os.chown(folder, user.pw_uid, user.pw_gid)
        made.append(Cluster(folder))
    yield made
    for cluster in made:
        if (cluster.data / "postmaster.pid").exists():
            cluster.stop()
        shutil.rmtree(cluster.socket, ignore_errors=True)


def test_a_copied_data_directory_sends_nothing_again(environment, database, simulator, clusters, tmp_path):
    original, copy = clusters
    dump = tmp_path / "dump"
    postgres_tool(tool("pg_dump"), "-Fc", "-f", dump, database)
    place = Place(environment, database, simulator)
    original.initialize()
    original.start()
    with original.used():
        postgres_tool(tool("createdb"), database)
        postgres_tool(tool("pg_restore"), "--no-owner", "-d", database, dump)
        place.connect(2)
    copy.copy_of(original)
    copy.start()
    with copy.used():
        place.run()
        assert place.lines() == ["ready", "ready"] and place.taken() == 0, "looked for, and not sent"
    with original.used():
        place.run()
        assert place.lines() == ["sent", "sent"] and place.taken() == 2, "the original is held up by nothing"
    simulator.control("clock", {"advance": 3600})
    with copy.used():
        place.run(DUE)
        assert place.lines() == ["integrated", "integrated"] and place.taken() == 2
