"""Connections whose every wait ends at the call's deadline.

``requests`` bounds each single wait only: a server that sends one byte a second is never late. Here the file
object from which status line, headers and body are read asks the deadline before each wait.
"""

import io
import socket
from http.client import HTTPResponse
from typing import Any, Protocol

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Deadline(Protocol):
    def remaining(self) -> float: ...


class DeadlineExceeded(Exception):
    """The whole call took too long."""


class _DeadlineFile(io.RawIOBase):
    """Reads a socket, each time for no longer than the call may still last."""

    def __init__(self, sock: socket.socket, deadline: _Deadline, timeout: float) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._deadline = deadline
        self._timeout = timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.remaining()
        self._sock.settimeout(min(self._timeout, left))
        try:
            return self._file.readinto(buffer)
        except TimeoutError:
            if left <= self._timeout:
                raise DeadlineExceeded from None
            raise

    def close(self) -> None:
        self._file.close()
        return super().close()


def _response_class(deadline: _Deadline, timeout: float) -> type[HTTPResponse]:
    class DeadlineResponse(HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            self.fp.close()
            self.fp = io.BufferedReader(_DeadlineFile(sock, deadline, timeout))

    return DeadlineResponse


class DeadlineAdapter(HTTPAdapter):
    """A ``requests`` adapter without retries that makes such connections, also through a proxy.

    :param deadline: object with ``remaining()``, the seconds left or :class:`DeadlineExceeded`
    :param timeout: longest single wait for bytes, in seconds
    """

    def __init__(self, deadline: _Deadline, timeout: float) -> None:
        response = _response_class(deadline, timeout)
        # debuglevel: a process that turns on http.client's own debug print would print our headers.
        members = {"response_class": response, "debuglevel": 0}
        self._pools = {
            scheme: type(
                pool.__name__,
                (pool,),
                {
                    "ConnectionCls": type(connection.__name__, (connection,), members),
                },
            )
            for scheme, pool, connection in (
                ("http", HTTPConnectionPool, HTTPConnection),
                ("https", HTTPSConnectionPool, HTTPSConnection),
            )
        }
        super().__init__(max_retries=0)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        # A SOCKS proxy is reached by connections of its own, which ours would bypass.
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools
        return manager
