"""The PostgreSQL server of the environment: a private one, or the one that PG* variables name.

The private server listens on a Unix socket only and runs as user postgres when we are root. It is
shared by all commands that use the same cache: each holds the lock `postgres-users` in shared mode,
and a small keeper process (postgres_keeper.py) stops the server when nobody holds it any more.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .. import console, paths
from . import locks, system

SUPERUSER = "odoo"
_SETTINGS = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 400
shared_buffers = 256MB
# The databases are throw-away copies: speed matters, surviving a power cut does not.
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 4GB
jit = off
log_min_duration_statement = 10000
"""


def account():
    """The system account of the private server: never root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise console.Stop("No system user `postgres`: please install the package postgresql") from None


def home():
    """The private server's folder: in the cache where the server's account can reach it."""
    version = system.postgres_bin().parent.name
    name = f"postgres-{version}"
    user = account()
    if user and not _reachable(paths.cache()):
        # Root's home is closed to others on Debian, so a server that is not root cannot live there.
        return Path(user.pw_dir) / f"{paths.NAME}-{paths.digest(str(paths.cache()))}" / name
    return paths.cache() / name


def _reachable(folder):
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def socket_folder():
    """Where the private server's socket is (a path short enough for a socket's address)."""
    folder = home() / "run"
    if len(str(folder)) < 80:
        return folder
    return Path(tempfile.gettempdir()) / f"{paths.NAME}-{paths.digest(str(folder))}"


@contextlib.contextmanager
def server():
    """Have a PostgreSQL server as long as the `with` lasts; PG* variables point to it."""
    if system.uses_other_server():
        yield
        return
    users = _join()
    os.environ.update(PGHOST=str(socket_folder()), PGPORT="5432", PGUSER=SUPERUSER)
    try:
        yield
    finally:
        for name in ("PGHOST", "PGPORT", "PGUSER"):
            os.environ.pop(name, None)
        users.close()
        _wait_for_keeper()


def _join():
    """Become a user of the private server, starting it when we are the first; returns the lock's file."""
    with locks.held("postgres-start"):
        users = locks.wait("postgres-users", shared=True)
        if not _answers():
            _start()
        return users


def _answers():
    socket = socket_folder() / ".s.PGSQL.5432"
    if not socket.exists():
        return False
    command = [system.postgres_bin() / "pg_isready", "-q", "-h", socket_folder(), "-p", "5432"]
    return subprocess.run(command).returncode == 0


def _start():
    if not (home() / ".ready").exists():
        _create()
    keeper = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("postgres_keeper.py")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )
    # One line when the server answers, an end of file when it gave up.
    line = keeper.stdout.readline()
    keeper.stdout.close()
    if not line:
        raise console.Stop(f"PostgreSQL does not start; its log is {home() / 'server.log'}")


def _create():
    """Make the cluster; an interrupted one is made again."""
    user = account()
    base = home()
    with console.step("Creating a private PostgreSQL cluster"):
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir(parents=True)
        if user:
            os.chown(base, user.pw_uid, user.pw_gid)
        command = [system.postgres_bin() / "initdb", "-D", base / "data", "-U", SUPERUSER, "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(command, **as_server(), cwd="/", capture_output=True, text=True)
        if done.returncode:
            raise console.Stop(f"initdb failed:\n{done.stdout}{done.stderr}")
        settings = base / "data" / "postgresql.auto.conf"
        settings.write_text(settings.read_text() + _SETTINGS)
        (base / ".ready").touch()


def as_server():
    """Arguments of subprocess that make a program run as the server's account."""
    user = account()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _wait_for_keeper():
    """After leaving: if we were the last user, wait until the keeper has stopped the server."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not locks.is_free("postgres-keeper"):
        alone = locks.is_free("postgres-users")
        if not alone and locks.is_free("postgres-users", shared=True):
            return
        time.sleep(0.03)
