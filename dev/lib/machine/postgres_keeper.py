"""The private PostgreSQL server's keeper: starts it, and stops it when its last user has gone.

It waits for the lock `postgres-users` in exclusive mode: users hold it in shared mode, and the kernel
frees it when they die, so even a killed command leaves no server behind.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from lib.machine import locks, postgres, processes, system  # noqa: E402  (the path above makes `lib` importable)

_START_SECONDS = 60


def _launch():
    folder = postgres.socket_folder()
    folder.mkdir(exist_ok=True)
    user = postgres.account()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    command = [system.postgres_bin() / "postgres", "-D", postgres.home() / "data", "-k", folder, "-p", "5432"]
    with open(postgres.home() / "server.log", "ab") as log:
        return subprocess.Popen(
            command,
            **postgres.as_server(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # SIGINT is PostgreSQL's fast shutdown.
            preexec_fn=lambda: processes.die_with_parent(signal.SIGINT),
        )


def _answers(server):
    probe = [system.postgres_bin() / "pg_isready", "-q", "-h", postgres.socket_folder(), "-p", "5432"]
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if subprocess.run(probe).returncode == 0:
            return True
        time.sleep(0.05)
    return False


def _stop_when_unused(server):
    """Stop the server once no user's lock is left; that lock is kept until this process ends."""
    users = locks.wait("postgres-users")
    server.send_signal(signal.SIGINT)
    server.wait()
    users.close()


def main():
    """Keep one server."""
    keeper = locks.take("postgres-keeper")
    if keeper is None:
        return
    server = _launch()
    try:
        if _answers(server):
            print("ready", flush=True)
            threading.Thread(target=_stop_when_unused, args=(server,), daemon=True).start()
            server.wait()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


if __name__ == "__main__":
    main()
