"""pgbouncer between Odoo and PostgreSQL, in either mode."""

import os
import pwd
import shutil
import socket
import subprocess

from .. import console
from ..machine import ports, processes, system

_SETTINGS = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
max_client_conn = 400
default_pool_size = 60
ignore_startup_parameters = extra_float_digits,options
"""


def require():
    """Have the Debian package; Stop when it cannot be installed."""
    if not program():
        if os.geteuid() != 0:
            raise console.Stop("pgbouncer is missing: please install the package pgbouncer")
        system.install("pgbouncer")


def program():
    """The path of pgbouncer, or None."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


class Bouncer(processes.Process):
    """A running pgbouncer on `port` of 127.0.0.1, in `mode` (session, transaction)."""

    def __init__(self, folder, mode):
        require()
        self.port = ports.reserve()[0]
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            _SETTINGS.format(
                host=os.environ["PGHOST"],
                port=os.environ.get("PGPORT", "5432"),
                user=os.environ["PGUSER"],
                own=self.port,
                mode=mode,
            )
        )
        # It refuses to run as root; PostgreSQL's socket is open to the account that it runs as.
        line = [program(), settings]
        if os.geteuid() == 0:
            folder.chmod(0o755)
            settings.chmod(0o644)
            user = pwd.getpwnam("postgres")
            drop = ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
            line = ["setpriv", *drop, *line]
        super().__init__(line, f"pgbouncer-{mode}")

    def __enter__(self):
        try:
            self.wait_for(self._answers, 20, "connection")
        except BaseException:
            self.stop()
            raise
        return self

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def arguments(self):
        """Odoo's options that lead to it."""
        return ["--db_host", "127.0.0.1", "--db_port", self.port, "--db_user", os.environ["PGUSER"]]

    def variables(self):
        """The environment of Odoo's process, whose variables would go before the options."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port)}


def version():
    """What pgbouncer says of itself."""
    done = subprocess.run([program(), "--version"], capture_output=True, text=True)
    return done.stdout.split("\n")[0]
