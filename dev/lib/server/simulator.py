"""The Chorus Pro simulator as a process beside Odoo."""

import json
import re
import sys
import urllib.request

from ..machine import ports, processes


class Simulator(processes.Process):
    """A running simulator with its state in `data` (a folder); `port` 0 takes a free one."""

    CREDENTIALS = {
        "client_id": "simulator-client",
        "client_secret": "simulator-secret",
        "login": "TECH_1_1@cpro.fr",
        "password": "simulator-password",
    }

    def __init__(self, data, name="simulator", port=0, args=()):
        self.data = data
        self.port = port or ports.reserve()[0]
        self._command = [sys.executable, "-m", "simulator", "--port", self.port, "--data", data, *args]
        super().__init__(self._command, name)

    def __enter__(self):
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait_until_ready(self):
        self.wait_for(lambda: re.search(r"listening on http://", self.text()), 60, "address")

    def start_again(self):
        """After kill() or stop(): start anew at the same address, with the state that was kept."""
        super().__init__(self._command, self.name)
        self._wait_until_ready()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def auth_url(self):
        return f"{self.url}/api/oauth/token"

    def control(self, path, body=None, method=None):
        """Call the simulator's control API, e.g. control("ledger") or control("clock", {"advance": 60}).

        GET without a body, else POST; `method` says otherwise. Returns the decoded JSON answer.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/control/{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read() or b"null")

    def deposited_file(self, flow_number):
        """The bytes of one deposited file."""
        address = f"{self.url}/control/deposits/{flow_number}/file"
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.read()
