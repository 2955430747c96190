"""One HTTP exchange with hard limits, which never raises: it tells what happened.

``requests`` bounds each single wait only: a server that sends one byte a second is never late. Here the file
object from which status line, headers and body are read asks the deadline before each wait. The outcome of a
deposit hangs on one fact: had the body begun to leave when the connection broke? The body is therefore handed
over through :class:`_Body`, which the HTTP library begins to read only after it has connected, shaken hands
and sent the headers.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable, Iterator, KeysView, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, Protocol, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of one client.

    ``call_deadline`` bounds a whole call from connecting to the last byte of the answer, however slowly the
    other side dribbles. A deposit's deadline grows with its size (``deposit_base`` +
    size / ``min_upload_rate``) up to ``deposit_deadline``, which must stay below the server's own limit for
    a scheduled action (Odoo: 120 s), or the process is killed in the middle of a sending. The
    repetition after a renewed token shares the deadline of the first try.

    ``proxies`` is a mapping as ``requests`` takes it ({"https": "http://proxy:3128"}); None means: those of
    the process environment. Neither is used for the loopback interface.

    ``min_interval`` is the least time between the starts of two calls of one client; 0 never waits.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    call_deadline: float = 60.0
    token_deadline: float = 20.0
    deposit_deadline: float = 95.0
    deposit_base: float = 45.0
    min_upload_rate: float = 256 * 1024
    download_deadline: float = 95.0
    max_answer_bytes: int = 20 * 1024 * 1024
    max_download_bytes: int = 170 * 1024 * 1024  # 120 MB of invoices (AIFE download-invoice-group) in base64
    # The published spreadsheet of the public recipients has 27 MB; the answer is held in memory some times.
    max_directory_bytes: int = 80 * 1024 * 1024
    max_retry_after: float = 3600.0
    min_interval: float = 0.0
    page_size: int = 500
    max_pages: int = 1000
    user_agent: str = "l10n_fr_chorus_pro"
    proxies: Mapping[str, str] | None = field(default=None, repr=False)  # may hold a password
    ca_bundle: str | None = None  # path of a PEM file; None: the system's authorities

    def deposit_time(self, size: int) -> float:
        """Deadline in seconds of a deposit whose request body has ``size`` bytes."""
        return min(self.deposit_deadline, self.deposit_base + size / self.min_upload_rate)

    def within(self, seconds: float) -> Self:
        """The same with no longer than so many seconds for a token, or a call that changes nothing.

        Not for a client that deposits: what is given up too soon may have been taken.
        """
        short = ("connect_timeout", "read_timeout", "call_deadline", "token_deadline")
        return replace(self, **{name: min(getattr(self, name), seconds) for name in short})


class Secret:
    """Holds a str; shows nothing. Compared and copied like any object, read with :meth:`reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str | None) -> None:
        self._value = value or ""

    def reveal(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__


class Headers:
    """Request headers of which some are secret; ``dict(headers)`` gives them all."""

    __slots__ = ("_headers",)

    def __init__(self, **headers: str | Secret) -> None:
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def keys(self) -> KeysView[str]:
        return self._headers.keys()

    def __getitem__(self, name: str) -> str:
        value = self._headers[name]
        return value.reveal() if isinstance(value, Secret) else value

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self._headers)}>"


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


_CHUNK = 64 * 1024
_IDLE = 5.0  # seconds


@dataclass(slots=True)
class Exchange:
    """What became of one request. ``status`` is None when no answer began.

    ``left`` is True once the request's body may have left this machine, in part or as a whole.
    ``failure`` is "" or why the exchange ended early, even when a status had arrived; ``hint`` a short
    technical text about it.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    left: bool = False
    failure: str = ""
    hint: str = ""
    seconds: float = 0.0


class _Body:
    """The request's body, handed out in pieces until the deadline."""

    def __init__(self, content: bytes, deadline: "Deadline") -> None:
        self._content = memoryview(content)
        self._position = 0
        self._deadline = deadline
        self.started = False

    def __len__(self) -> int:
        return len(self._content)

    def __iter__(self) -> Iterator[bytes]:
        # Makes requests treat the body as a stream; the HTTP library itself calls read().
        while chunk := self.read(_CHUNK):
            yield chunk

    def read(self, size: int | None = -1) -> bytes:  # pylint: disable=method-required-super
        self._deadline.remaining()
        self.started = True
        end = len(self._content) if size is None or size < 0 else self._position + size
        chunk = bytes(self._content[self._position : end])
        self._position += len(chunk)
        return chunk


class Deadline:
    """A moment after which nothing is waited for any more."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end: float | None = None

    def start(self, seconds: float) -> None:
        self._end = self._clock() + seconds

    def remaining(self) -> float:
        """Seconds left; raises :class:`DeadlineExceeded` when there are none."""
        left = self._end - self._clock() if self._end is not None else 0
        if left <= 0:
            raise DeadlineExceeded
        return left


class Transport:
    """A ``requests`` session that sends credentials to one place only and keeps nothing.

    No redirects, no cookies, no ``.netrc`` (which would replace our Authorization header), no retries;
    certificates are checked; proxies of the environment are honoured, except for the loopback interface.
    """

    def __init__(
        self, settings: Settings, *, loopback: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._deadline = Deadline(clock)
        self._last_use = clock()
        self._session = session = requests.Session()
        adapter = DeadlineAdapter(self._deadline, settings.read_timeout)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        session.auth = _keep_headers
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.trust_env = not loopback
        # Given with each request, because the environment's would win over the session's.
        self._route: dict[str, Any] = {
            "proxies": dict(settings.proxies or {}) if not loopback else {},
            "verify": settings.ca_bundle or True,
        }

    def __repr__(self) -> str:
        return "<Transport>"

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        headers: Headers,
        content: bytes | None,
        *,
        seconds: float,
        max_bytes: int,
    ) -> Exchange:
        """One request; ``headers`` is a mapping whose repr is secret-free, ``content`` bytes or None.

        Connections idle for some seconds are dropped: the other side may be closing them just now, and a
        write that dies on such a connection would be an unknown outcome for no reason.
        """
        started = self._clock()
        if seconds <= 0:
            return Exchange(failure="deadline")
        if started - self._last_use > _IDLE:
            self._session.close()
        self._deadline.start(seconds)
        body = _Body(content, self._deadline) if content is not None else None
        result = Exchange()
        response = None
        try:
            response = self._session.request(
                method,
                url,
                headers=dict(headers),
                data=body,
                stream=True,
                allow_redirects=False,
                timeout=(min(self._settings.connect_timeout, seconds), self._settings.read_timeout),
                **self._route,
            )
            result.status = response.status_code
            result.headers = response.headers
            self._read(response, result, max_bytes)
        # Whatever the libraries below raise is the outcome of a call, never a crash of the caller.
        except Exception as error:
            result.failure, result.hint = diagnose(error)
        finally:
            if response is not None:
                response.close()
        result.left = body.started if body is not None else True
        self._last_use = self._clock()
        result.seconds = self._last_use - started
        return result

    def _read(self, response: requests.Response, result: Exchange, max_bytes: int) -> None:
        """Collect the body into ``result`` piece by piece, so that a break keeps what had arrived."""
        pieces = []
        size = 0
        try:
            while True:
                self._deadline.remaining()
                # urllib3 1.26 has no read1, which gives what is there instead of waiting for a full chunk.
                piece = getattr(response.raw, "read1", response.raw.read)(_CHUNK)
                if not piece:
                    return
                pieces.append(piece)
                size += len(piece)
                if size > max_bytes:
                    result.failure = "answer_too_large"
                    return
        finally:
            result.body = b"".join(pieces)[:max_bytes]


def _keep_headers(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


# First match wins, over the whole chain of causes.
_DIAGNOSES = MappingProxyType(
    {
        "deadline": (DeadlineExceeded,),
        "proxy_failure": (requests.exceptions.ProxyError,),
        "dns_failure": (socket.gaierror,),
        "tls_failure": (ssl.SSLError, requests.exceptions.SSLError),
        "connection_refused": (ConnectionRefusedError,),
        "connect_timeout": (requests.exceptions.ConnectTimeout,),
        "answer_timeout": (requests.exceptions.Timeout, TimeoutError),
    }
)


def diagnose(error: BaseException) -> tuple[str, str]:
    """Why an exchange failed: a key of the table above or ``connection_lost``, and a hint.

    The hint is made of class names and the operating system's own words, never of the exception's text,
    which may hold a proxy's password or a header.
    """
    chain = list(_causes(error))
    code = next(
        (code for code, kinds in _DIAGNOSES.items() if any(isinstance(cause, kinds) for cause in chain)),
        "connection_lost",
    )
    root = chain[-1]
    words = getattr(root, "verify_message", "") or getattr(root, "strerror", "") or ""
    return code, f"{type(root).__name__} {words}".strip()[:200]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and those it was made from, outermost first."""
    seen = set()
    while isinstance(error, BaseException) and id(error) not in seen:
        seen.add(id(error))
        yield error
        reason = getattr(error, "reason", None)
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = reason if isinstance(reason, BaseException) else inner or error.__cause__ or error.__context__
