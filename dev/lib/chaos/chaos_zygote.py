"""An Odoo process that forks workers on command, as Odoo's own prefork server does: chaos kills those.

    python dev/lib/chaos/chaos_zygote.py SOCKET FOLDER ODOO-OPTIONS...

The driver connects to SOCKET and speaks JSON, a line each: ``{"id": 1, "role": "click", "args": {...}}``
comes in (``ahead``: hours by which the worker's clock is ahead); ``{"id": 1, "pid": 123}`` goes out when
the worker starts and ``{"id": 1, "status": 0, "result": ...}`` when it has ended. ``status`` is negative for
a worker that a signal ended. Roles are in chaos_roles.
"""

import ctypes
import datetime
import gc
import json
import logging
import os
import select
import signal
import socket
import sys
import threading
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from odoo import fields, sql_db  # noqa: E402  (the path above keeps dev/lib/server/odoo.py from being found)
from odoo.modules.registry import Registry  # noqa: E402
from odoo.service.server import load_server_wide_modules  # noqa: E402
from odoo.tools import config  # noqa: E402

from lib.chaos.chaos_roles import ROLES  # noqa: E402

_logger = logging.getLogger("chaos")
_PR_SET_PDEATHSIG = 1


class Zygote:
    """Forks a worker per order and tells when it has ended."""

    def __init__(self, connection, folder, database):
        self._connection, self._folder, self._database = connection, Path(folder), database
        self._workers = {}

    def serve(self):
        """Work until the driver hangs up."""
        rest = b""
        while True:
            if select.select([self._connection], [], [], 0.02)[0]:
                data = self._connection.recv(65536)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._fork(json.loads(line))
            self._reap()

    def _fork(self, order):
        pid = os.fork()
        if not pid:
            self._work(order)
        self._workers[pid] = order["id"]
        self._tell(id=order["id"], pid=pid)

    def _reap(self):
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            number = self._workers.pop(pid)
            file = self._answer(number)
            result = json.loads(file.read_text()) if file.exists() else None
            self._tell(id=number, status=os.waitstatus_to_exitcode(status), result=result)

    def _tell(self, **message):
        self._connection.sendall(json.dumps(message).encode() + b"\n")

    def _answer(self, number):
        return self._folder / f"{number}.json"

    def _work(self, order):
        """In the worker: play the role; never returns."""
        status = 1
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            self._connection.close()
            args = dict(order["args"])
            database = args.pop("database", self._database)
            threading.current_thread().dbname = database
            if order.get("ahead"):
                _set_clock(order["ahead"])
            result = ROLES[order["role"]](database, **args)
            fresh = self._answer(order["id"]).with_suffix(".new")
            fresh.write_text(json.dumps(result))
            fresh.rename(self._answer(order["id"]))
            status = 0
        except BaseException:
            _logger.exception("role %s", order["role"])
        finally:
            logging.shutdown()
            os._exit(status)


def _set_clock(hours):
    """The clock of this process is ahead, as Odoo reads it."""
    right = fields.Datetime.now
    fields.Datetime.now = staticmethod(lambda *args: right() + datetime.timedelta(hours=hours))


def main(address, folder, *options):
    config.parse_config([*options], setup_logging=True)
    database = config["db_name"][0]
    load_server_wide_modules()
    Registry(database)
    # A connection must never be shared by two processes.
    sql_db.close_all()
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(1)
        connection = listener.accept()[0]
        Zygote(connection, folder, database).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
