"""The driver's side of the workers: start them, know which are alive and what they do, kill them."""

import contextlib
import json
import os
import signal
import socket
import time

from .. import console, paths
from ..machine import processes
from ..server import odoo

_START_SECONDS = 120


class Worker:
    """One forked Odoo process. ``status`` is None while it runs, negative when a signal ended it."""

    def __init__(self, number, role, args):
        self.number, self.role, self.args = number, role, args
        self.pid = self.status = self.result = None
        self.killed = False
        self.started = time.monotonic()

    def kill(self):
        """End the process at once, as a power cut would."""
        if self.pid and self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
                self.killed = True

    def has_socket(self, inode):
        """Whether the process holds the socket with this inode."""
        try:
            entries = os.scandir(f"/proc/{self.pid}/fd")
            return any(os.readlink(entry.path) == f"socket:[{inode}]" for entry in entries)
        except OSError:
            return False


class Host(processes.Process):
    """One zygote (see chaos_zygote): an Odoo of its own, as on another machine."""

    def __init__(self, environment, database, folder, name):
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        # The path of a Unix socket may have 107 bytes: shorter from the working folder.
        self._address = self.folder / "socket"
        line = odoo.command(environment, ["-d", database, "--no-http", "--max-cron-threads", 0])
        options = line[line.index("-c") :]
        script = paths.ROOT / "dev" / "lib" / "chaos" / "chaos_zygote.py"
        command = [environment.python, script, "socket", self.folder, *options]
        super().__init__(command, name, cwd=self.folder)
        self._numbers, self._workers, self._rest = 0, {}, b""
        self._socket = None
        # Hours by which the clock of this host is ahead.
        self.ahead = 0

    def __enter__(self):
        try:
            self.wait_for(self._connect, _START_SECONDS, "socket")
        except BaseException:
            self.stop()
            raise
        return self

    def _connect(self):
        folder = os.open(self.folder, os.O_RDONLY)
        attempt = socket.socket(socket.AF_UNIX)
        try:
            attempt.connect(f"/proc/self/fd/{folder}/socket")
        except OSError:
            attempt.close()
            return False
        finally:
            os.close(folder)
        attempt.setblocking(False)
        self._socket = attempt
        return True

    def start(self, role, **args):
        """Fork a worker; returns it at once."""
        self._numbers += 1
        worker = Worker(self._numbers, role, args)
        self._workers[worker.number] = worker
        order = {"id": worker.number, "role": role, "args": args, "ahead": self.ahead}
        self._socket.sendall(json.dumps(order).encode() + b"\n")
        return worker

    def look(self):
        """Take note of what started and what ended meanwhile."""
        with contextlib.suppress(BlockingIOError):
            while data := self._socket.recv(65536):
                *lines, self._rest = (self._rest + data).split(b"\n")
                for line in lines:
                    self._note(json.loads(line))
        if not self.running():
            raise console.Stop(f"{self.name} died; its log {self.log}:\n{self.tail()}")

    def _note(self, message):
        worker = self._workers[message["id"]]
        if "pid" in message:
            worker.pid = message["pid"]
        else:
            worker.status, worker.result = message["status"], message["result"]
            del self._workers[worker.number]

    def alive(self):
        """The workers that run."""
        self.look()
        return [worker for worker in self._workers.values() if worker.pid]

    def count(self):
        """How many workers run or are about to."""
        self.look()
        return len(self._workers)

    def play(self, role, seconds=600, **args):
        """Run one worker to its end; returns its result. Stop when it fails."""
        worker = self.start(role, **args)
        deadline = time.monotonic() + seconds
        while worker.status is None:
            self.look()
            if time.monotonic() > deadline:
                raise console.Stop(f"{self.name}: {role} takes more than {seconds} s")
            time.sleep(0.01)
        if worker.status:
            raise console.Stop(f"{self.name}: {role} ended with {worker.status}:\n{self.tail(40)}")
        return worker.result


def socket_inode(port):
    """The inode of the local TCP socket that is bound to ``port`` (the client's side), or None."""
    wanted = f":{port:04X}"
    with open("/proc/net/tcp") as table:
        for line in table:
            columns = line.split()
            if columns[1].endswith(wanted) and columns[9] != "0":
                return columns[9]
    return None
