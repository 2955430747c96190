"""One HTTP exchange with hard limits, which never raises: it tells what happened.

The outcome of a deposit hangs on one fact: had the body begun to leave when the connection broke? The body
is therefore handed over through :class:`_Body`, which the HTTP library begins to read only after it has
connected, shaken hands and sent the headers.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any

import requests

from .connections import DeadlineAdapter, DeadlineExceeded
from .secrets import Headers
from .settings import Settings

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
