"""The sockets: reads requests, sends answers, and spoils either on demand.

One thread per connection, HTTP/1.1 with keep-alive. What a request means is the application's business:
it is given a :class:`Request` and returns an :class:`Answer`.
"""

import json
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .faults import KINDS, SOCKET

MAX_BODY = 256 * 1024 * 1024


class ClientGone(Exception):
    """The other end closed the connection while it was being served."""


@dataclass
class Request:
    method: str
    path: str
    headers: Any
    body: bytes = b""
    faults: list = field(default_factory=list)
    wait: Any = None  # wait(seconds, until=event): sleeps, raises ClientGone when the client leaves
    flight: Any = None  # the entry of Inflight

    @property
    def api_route(self):
        """ "factures/v1/deposer/flux", "oauth", or None outside the API."""
        if self.path == "/api/oauth/token":
            return "oauth"
        return self.path[len("/cpro/") :] if self.path.startswith("/cpro/") else None

    def fault(self, kind):
        return next((rule for rule in self.faults if rule.kind == kind), None)

    @property
    def gate_fault(self):
        return next((rule for rule in self.faults if KINDS[rule.kind].stage == "gate"), None)

    def form(self):
        text = self.body.decode("utf-8", "replace")
        return {name: values[-1] for name, values in parse_qs(text, True).items()}


@dataclass
class Answer:
    """``untold`` runs when the client does not learn this content: what was noted as told is taken back."""

    status: int = 200
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    untold: Callable = lambda: None

    @classmethod
    def json(cls, content, status=200):
        body = json.dumps(content, ensure_ascii=False).encode()
        return cls(status, body, {"Content-Type": "application/json;charset=utf-8"})


class Inflight:
    """The requests in service, and those whose client vanished meanwhile."""

    def __init__(self):
        self._lock = threading.Lock()
        self._now = {}
        self._next = 1
        # Route → the most requests that were in service at the same time.
        self.most = {}
        self.vanished = []

    def enter(self, route, peer):
        with self._lock:
            entry = {
                "id": self._next,
                "route": route,
                "since": time.time(),
                "phase": "reading",
                "peer": peer,
                "flow_number": None,
            }
            self._next += 1
            self._now[entry["id"]] = entry
            count = sum(other["route"] == route for other in self._now.values())
            self.most[route] = max(count, self.most.get(route, 0))
        return entry

    def leave(self, entry):
        with self._lock:
            self._now.pop(entry["id"], None)

    def lost(self, entry):
        with self._lock:
            self.vanished.append({**entry, "vanished_at": time.time()})

    def now(self):
        with self._lock:
            return [dict(entry) for entry in self._now.values()]


class Server(ThreadingHTTPServer):
    """``application(request) -> Answer``; ``faults`` is the :class:`~simulator.faults.Faults` to apply."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, address, application, faults):
        self.application = application
        self.faults = faults
        self.inflight = Inflight()
        self.stopping = threading.Event()
        super().__init__(address, Handler)

    def drain(self, seconds):
        """Lets the requests in service end, so that their answers leave and their work is noted."""
        end = time.monotonic() + seconds
        while self.inflight.now() and time.monotonic() < end:
            time.sleep(0.01)

    def handle_error(self, request, client_address):
        """Called for what a handler did not catch; a client that left is no error."""
        if isinstance(sys.exc_info()[1], OSError):
            return None
        return super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: its requests one after the other, each with the faults it drew."""

    protocol_version = "HTTP/1.1"
    server_version = "ChorusProSimulator"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Server
    # Kept by the library; the head leaves together with the body.
    _headers_buffer: list[bytes]
    _cleared: threading.Event
    timeout = 300

    def log_message(self, format, *args):
        """Silent: the calls are kept by the application."""

    def do_POST(self):
        request = Request(self.command, urlsplit(self.path).path, self.headers, wait=self._wait)
        route = request.api_route
        request.flight = self.server.inflight.enter(route or request.path, self.client_address[1])
        answer = None
        try:
            if route is not None:
                # Asked for before: faults that are cleared from now on make nobody wait.
                self._cleared = self.server.faults.cleared
                request.faults = self.server.faults.take(route)
            if request.fault("drop_before"):
                self._hang_up()
                return
            request.body = self._read_body()
            request.flight["phase"] = "serving"
            self._wait_for(request, "before")
            answer = self.server.application(request)
            self._wait_for(request, "after")
            request.flight["phase"] = "answering"
            if self._client_left():
                raise ClientGone
            self._send(request, answer)
        except (ClientGone, ConnectionError, TimeoutError):
            if not request.fault("drop_after_accept"):
                self.server.inflight.lost(request.flight)
            self.close_connection = True
            if answer is not None:
                answer.untold()
        finally:
            self.server.inflight.leave(request.flight)

    do_GET = do_PUT = do_DELETE = do_POST

    # Reading

    def _read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        told = self.headers.get("Content-Length") or "0"
        if not told.isdigit() or int(told) > MAX_BODY:
            raise ConnectionError("no usable Content-Length")
        length = int(told)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ClientGone
        return body

    def _read_chunks(self):
        chunks, total = [], 0
        while True:
            size = _chunk_size(self.rfile.readline())
            if size == 0:
                while self.rfile.readline().strip():
                    pass
                return b"".join(chunks)
            chunks.append(self.rfile.read(size))
            total += size
            self.rfile.readline()
            if total > MAX_BODY:
                raise ConnectionError("body too large")

    # Waiting

    def _wait_for(self, request, when):
        rule = request.fault("slow")
        if rule is not None and rule.when == when:
            self._wait(rule.options.get("seconds", 1.0), until=self._cleared)

    def _wait(self, seconds, until=None):
        """Real seconds; ends early when ``until`` is set or the server stops."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._client_left():
                raise ClientGone
            if self.server.stopping.is_set() or (until is not None and until.is_set()):
                return
            time.sleep(min(left, 0.01))

    def _client_left(self):
        poll = select.poll()  # unlike select, it has no limit on the number of the descriptor
        poll.register(self.connection, select.POLLIN)
        if not poll.poll(0):
            return False
        try:
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    # Answering

    def _send(self, request, answer):
        rule: Any = next((rule for rule in request.faults if rule.stage == SOCKET), None)
        kind = rule.kind if rule else None
        if not all(KINDS[rule.kind].informs for rule in request.faults):
            answer.untold()
        if kind == "drop_after_accept":
            self._hang_up()
            return
        body = answer.body
        if kind == "truncated_json":
            body = body[: len(body) // 2]
        elif kind == "huge_answer":
            body = _inflate(body, rule.options.get("bytes", 50_000_000))
        length = len(body) + (rule.options.get("delta", 100) if kind == "wrong_length" else 0)
        self.wfile.write(
            self._head(answer, length, close=kind == "wrong_length") + (b"" if kind == "slow_body" else body)
        )
        if kind == "slow_body":
            self._dribble(body, rule.options.get("seconds", 2.0))
        if kind == "wrong_length":
            self._hang_up()

    def _head(self, answer, length, close):
        self.send_response_only(answer.status)
        self.send_header("Date", self.date_time_string())
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        if close or self.close_connection:
            self.send_header("Connection", "close")
            self.close_connection = True
        head = b"".join(self._headers_buffer) + b"\r\n"
        self._headers_buffer = []
        return head

    def _dribble(self, body, seconds):
        pieces = min(len(body), 50) or 1
        size = -(-len(body) // pieces) or 1
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            self._wait(seconds / pieces, until=self._cleared)

    def _hang_up(self):
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _chunk_size(line):
    try:
        return int(line.split(b";")[0], 16)
    except ValueError:
        raise ConnectionError("no usable chunk size") from None


def _inflate(body, size):
    """The JSON object with one more field of ``size`` bytes."""
    if not body.startswith(b"{"):
        return body + b" " * size
    return b'{"remplissage": "' + b"x" * size + b'", ' + body[1:]
