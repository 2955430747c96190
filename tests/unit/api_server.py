"""A server that answers by script: one step per request, faults of the wire included.

A step is a function ``step(connection, request)``; ``request`` is None for a step that acts before reading.
The last step repeats. Nothing here knows Chorus Pro: that is the simulator's part.
"""

import json
import select
import socket
import ssl
import struct
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict  # names in lower case
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def raw(data, *, close=True):
    """Send these very bytes."""

    def step(connection, _request):
        connection.sendall(data)
        return close

    return step


def reply(status=200, body=b"", headers=(), *, close=False):
    """A well-formed answer; ``body`` is bytes, or anything JSON can write."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(content)}", *headers]
    return raw("\r\n".join([*lines, "", ""]).encode("latin-1") + content, close=close)


def ok(**fields):
    """An answer of success with these fields."""
    return reply(200, {"codeRetour": 0, "libelle": "TRA_MSG_00.000", **fields})


def drop(_connection, _request):
    """Take the request, answer nothing, close."""
    return True


def silent(connection, _request):
    """Take the request and say nothing until the client has gone."""
    select.select([connection], [], [], 30)
    return True


def dribble(data, pause=0.01, size=6000):
    """One byte at a time: ``data``, then blanks, for as long as the client listens or ``size`` bytes."""

    def step(connection, _request):
        for position in range(size):
            connection.sendall(data[position : position + 1] or b" ")
            if select.select([connection], [], [], pause)[0]:
                break
        return True

    return step


def _without_reading(action):
    action.before_reading = True
    return action


@_without_reading
def reset_while_sending(connection, _request):
    """Reset the connection when the headers have come."""
    _await_headers(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return True


def at_once(data):
    """Send these very bytes without reading, and close."""
    return _without_reading(raw(data))


def early(status, body=b"{}"):
    """Answer after the headers, and close without taking the body."""

    @_without_reading
    def step(connection, _request):
        _await_headers(connection)
        return reply(status, body, ["Connection: close"], close=True)(connection, None)

    return step


def _await_headers(connection):
    while b"\r\n\r\n" not in connection.recv(4096, socket.MSG_PEEK):
        pass


def deadline_after_the_request(server):
    """Terms of a client whose deadline comes once the server has read its request, not before."""
    return {"clock": lambda: 3600.0 * len(server.requests)}


class ScriptedServer:
    """Listens on 127.0.0.1; ``requests`` are those read, ``connections`` counts those taken."""

    def __init__(self, *steps, context=None):
        self.steps = list(steps)
        self.requests = []
        self.connections = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self):
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def close(self):
        self._listener.close()
        for connection in self._open:
            with _ignored():
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _serve(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with _ignored(), connection, ExitStack() as stack:
            if self._context:
                connection = stack.enter_context(self._context.wrap_socket(connection, server_side=True))
            stream = stack.enter_context(connection.makefile("rb"))
            while True:
                step = self.steps[0]
                if hasattr(step, "before_reading"):
                    request = None
                else:
                    request = _read(stream)
                    if request is None:
                        return
                    self.requests.append(request)
                if len(self.steps) > 1:
                    self.steps.pop(0)
                if step(connection, request):
                    return


def _ignored():
    return suppress(OSError, ssl.SSLError, ValueError)


def _read(stream):
    line = stream.readline()
    if not line.strip():
        return None
    method, path, _version = line.decode("latin-1").split(" ", 2)
    headers = {}
    while line := stream.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Request(method, path, headers, stream.read(int(headers.get("content-length", 0))))


@contextmanager
def serving(*steps, context=None):
    server = ScriptedServer(*steps, context=context)
    try:
        yield server
    finally:
        server.close()
