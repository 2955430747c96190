"""The promises of the scripts in dev/: nothing is left behind, nothing listens to the outside."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lib.server import databases, rpc

DEV = Path(__file__).resolve().parents[2] / "dev"
HOLD_SERVER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from lib.machine import postgres
with postgres.server():
    print(postgres.socket_folder(), flush=True)
    time.sleep(600)
"""
HOLD_DATABASE = """
import sys, time
sys.path.insert(0, sys.argv[1])
from lib.machine import bootstrap
from lib.server import databases
with databases.temporary(bootstrap.current(), "test", sys.argv[2]) as name:
    print(name, flush=True)
    time.sleep(600)
"""
HOLD_PORTS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from lib.machine import ports
print(*ports.reserve(2), flush=True)
time.sleep(600)
"""


@pytest.fixture
def held():
    """`held(text, *args)` runs Python text until the test ends: the process, and its first line."""
    processes = []

    def start(text, *args, env=None):
        command = [sys.executable, "-c", text, str(DEV), *args]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env))
        lines = (line.strip() for line in processes[-1].stdout)
        # Lines that begin with dashes tell the progress of a set-up.
        return processes[-1], next(line for line in lines if not line.startswith("--"))

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def empty_cache():
    """The environment of a user with an empty cache and no PostgreSQL server named."""
    named = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with tempfile.TemporaryDirectory() as folder:
        # Open to the account that PostgreSQL runs as, or it lives elsewhere.
        Path(folder).chmod(0o755)
        yield named | {"CHORUS_CACHE": folder}


def listening(folder):
    return (Path(folder) / ".s.PGSQL.5432").exists()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_database_server_ends_with_its_last_user(held, empty_cache, end):
    first, folder = held(HOLD_SERVER, env=empty_cache)
    second, same_folder = held(HOLD_SERVER, env=empty_cache)
    assert folder == same_folder
    first.send_signal(end)
    first.wait()
    assert listening(folder)
    second.send_signal(end)
    second.wait()
    rpc.poll(lambda: not listening(folder), 120, "the server has ended")


def test_what_a_killed_run_left_is_dropped_by_the_next(held, environment):
    process, name = held(HOLD_DATABASE, databases.base(environment))
    databases.drop_dead()
    assert databases.exists(name)
    process.kill()
    process.wait()
    databases.drop_dead()
    assert not databases.exists(name)


def test_a_template_that_failed_half_way_is_not_taken_for_a_template(environment):
    def broken(name):
        databases.copy(databases.base(environment), name)
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError):
        databases.template(environment, "try", "key", broken)
    built = []

    def whole(name):
        databases.copy(databases.base(environment), name)
        built.append(name)

    name = databases.template(environment, "try", "key", whole)
    try:
        assert built
        assert databases.exists(name)
    finally:
        databases.drop(name)


def test_an_interrupted_upgrade_of_a_kept_database_is_done_again(environment, monkeypatch):
    def change(state):
        monkeypatch.setattr(databases.odoo, "sources_digest", lambda: state)
        return databases.Change(name)

    with databases.temporary(environment, "test") as name:
        change("former").ended()
        assert not change("former").arguments
        assert change("new").arguments, "begun, and interrupted"
        assert change("former").arguments, "its tables are half those of the new state"


def test_two_runs_never_have_the_same_port(held):
    runs = [held(HOLD_PORTS) for _number in range(4)]
    assert len({port for _process, line in runs for port in line.split()}) == 8


def test_everything_listens_on_the_loopback_only(start_odoo, simulator):
    server = start_odoo(cron_threads=1)
    groups = {os.getpgid(server.pid), os.getpgid(simulator.pid)}
    addresses = {address for address, inode in sockets() if inode in inodes(groups)}
    assert addresses
    # /proc/net/tcp writes 127.0.0.1 as a little-endian number.
    assert {address.split(":")[0] for address in addresses} == {"0100007F"}


def sockets():
    """(local address, inode) of every TCP socket that listens (state 0A)."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                yield fields[1], fields[9]


def inodes(groups):
    """The inodes of the sockets that the processes of these process groups hold."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) not in groups:
                continue
            links = [os.readlink(link) for link in (process / "fd").iterdir()]
        except OSError:  # the process has ended meanwhile
            continue
        found |= {link.removeprefix("socket:[").rstrip("]") for link in links if link.startswith("socket:")}
    return found
