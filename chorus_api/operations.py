"""What all calls have in common (pace, time, identifiers, one log line), and how lists are read to their end.

Paging is only half documented: the page size asked for may be cut, the page number ignored, the counters
missing. The walk ends when everything announced was seen, and never goes round in circles.
"""

import base64
import binascii
import logging
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, Self, TypeVar

from . import errors
from .errors import TIMED_OUT
from .readers import Json, integer, items, section, word
from .routes import CALL, DEPOSIT, DIRECTORY, DOWNLOAD, TOKEN, Route
from .transport import Exchange, Headers, Secret, Settings, Transport

_logger = logging.getLogger(__package__)

# A request is never given up sooner, however little time is left.
SHORTEST = 1.0


@dataclass(frozen=True, slots=True)
class CallRecord:
    """The journal's view of one HTTP request: no content, no secret.

    ``http_status`` is None and ``failure`` a code (see ``errors``) when no answer came. ``seconds`` is the
    whole duration; ``sent`` and ``received`` count the bytes of the bodies.
    """

    route: str
    http_status: int | None
    failure: str
    seconds: float
    sent: int
    received: int
    correlation_id: str
    request_id: str

    @property
    def stumbled(self) -> bool:
        """Whether the gateway may be asked too much: it says so, doubts good keys, or does not answer."""
        return self.http_status in (401, 429, 503) or self.failure in TIMED_OUT


class Wire(Protocol):
    """What makes the requests: the network (:class:`transport.Transport`), or something else in its place."""

    def send(
        self,
        method: str,
        url: str,
        headers: Headers,
        content: bytes | None,
        *,
        seconds: float,
        max_bytes: int,
    ) -> Exchange: ...

    def close(self) -> None: ...


class Caller:
    """Makes requests one after the other over one session. Not for use by several threads at once.

    :param clock: seconds from a monotonic clock; ``sleep`` waits as many
    :param pace: where several clients share one pace: takes the :class:`CallRecord` of the request before, or
        None, and gives the seconds to wait before the next; one that stumbled is told at once
    :param time_left: gives the seconds after which this process may be ended by force: no request takes more
    :param transport: something else than the network, a :class:`Wire`
    :ivar list[CallRecord] calls: the requests made, oldest first
    """

    def __init__(
        self,
        settings: Settings,
        loopback: bool,
        correlation_id: str | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        transport: Wire | None = None,
        pace: Callable[[CallRecord | None], float] | None = None,
        time_left: Callable[[], float] | None = None,
    ) -> None:
        self.settings = settings
        self.correlation_id = correlation_id or uuid.uuid4().hex[:16]
        self.calls: list[CallRecord] = []
        self._transport = transport or Transport(settings, loopback=loopback, clock=clock)
        self._clock = clock
        self._sleep = sleep
        self._last_start: float | None = None
        self._pace = pace
        self._untold: CallRecord | None = None
        self._paced = 0.0
        self._time_left = time_left

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._transport.close()

    def begin(self) -> float:
        """A moment of the clock that deadlines are counted with; waiting for the pace is no part of them."""
        self._paced = 0.0
        return self._clock()

    def exchange(
        self,
        route: Route,
        url: str,
        headers: Headers,
        content: Secret | bytes | None,
        begun: float | None = None,
    ) -> Exchange:
        """One request; never raises.

        :param content: a :class:`secrets.Secret` str, bytes or None
        :param begun: when the call of which this request is a part began; default: now
        """
        body = content.reveal().encode("ascii") if isinstance(content, Secret) else content
        size = len(body) if body is not None else 0
        self._keep_pace()
        spent = self._clock() - begun - self._paced if begun is not None else 0
        exchange = self._transport.send(
            route.method,
            url,
            headers,
            body,
            seconds=self._patience(route, size, spent),
            max_bytes=self.max_bytes(route),
        )
        record = CallRecord(
            route.path,
            exchange.status,
            exchange.failure,
            exchange.seconds,
            size,
            len(exchange.body),
            self.correlation_id,
            self.request_id(exchange),
        )
        self.calls.append(record)
        _log(route, record)
        self._untold = record
        if self._pace and record.stumbled:
            self._tell_pace(record)
        return exchange

    def max_bytes(self, route: Route) -> int:
        """Bound of the answer to a route."""
        settings = self.settings
        largest = {DOWNLOAD: settings.max_download_bytes, DIRECTORY: settings.max_directory_bytes}
        return largest.get(route.kind, settings.max_answer_bytes)

    def _patience(self, route: Route, size: int, spent: float) -> float:
        seconds = self._seconds(route, size) - spent
        return min(seconds, max(SHORTEST, self._time_left())) if self._time_left else seconds

    def _seconds(self, route: Route, size: int) -> float:
        settings = self.settings
        if route.kind == DEPOSIT:
            return settings.deposit_time(size)
        return {
            CALL: settings.call_deadline,
            TOKEN: settings.token_deadline,
            DOWNLOAD: settings.download_deadline,
            DIRECTORY: settings.download_deadline,
        }[route.kind]

    def _tell_pace(self, record: CallRecord) -> None:
        """Nobody may call again through this client: what the others have to know is told now."""
        try:
            if self._pace:
                self._pace(record)
            self._untold = None
        except Exception:
            # The outcome of the request is worth more; the next call tells it.
            _logger.exception("The pace could not be told of call %s", record.correlation_id)

    def _keep_pace(self) -> None:
        if self._pace:
            wait = self._pace(self._untold)
            self._untold = None
            if wait > 0:
                self._sleep(wait)
                self._paced += wait
        now = self._clock()
        if self._last_start is not None:
            wait = self._last_start + self.settings.min_interval - now
            if wait > 0:
                self._sleep(wait)
                now = self._clock()
        self._last_start = now

    @staticmethod
    def request_id(exchange: Exchange) -> str:
        """The gateway's own identifier of the request, for its support; "" when absent."""
        return word(exchange.headers.get("x-piste-request-id", ""), 100)

    def ids(self, exchange: Exchange) -> dict[str, Any]:
        return {"correlation_id": self.correlation_id, "request_id": self.request_id(exchange)}

    def context(self, exchange: Exchange) -> dict[str, Any]:
        """What every error of this call carries, as keyword arguments of :func:`outcomes.answer`."""
        return {"max_retry_after": self.settings.max_retry_after, **self.ids(exchange)}


def _log(route: Route, record: CallRecord) -> None:
    level = (
        logging.INFO
        if record.http_status and record.http_status < 400 and not record.failure
        else logging.WARNING
    )
    _logger.log(
        level,
        "%s %s: %s in %d ms, %d bytes sent, %d received, call %s%s",
        route.method,
        route.path,
        record.failure if record.http_status is None else record.http_status,
        round(record.seconds * 1000),
        record.sent,
        record.received,
        record.correlation_id,
        f", gateway {record.request_id}" if record.request_id else "",
    )


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page: ``items`` (tuple), ``page`` (from 1), ``pages`` and ``total`` (None when not told)."""

    items: tuple[Item, ...]
    page: int
    pages: int | None
    total: int | None


COUNTERS = "parametresRetour"


def read_page(
    payload: Json, key: str, reader: Callable[[Json], Item], page: int, *, counted: bool = True
) -> Page[Item]:
    """A :class:`Page` from an answer; ``reader`` makes an item of a dict.

    :param bool counted: the route is documented to send counters beside the list
    :raises errors.BadAnswer: ``missing_field`` when the list is something else than a list, is missing
        though results are announced, or is missing without a word: that must never be read as "nothing
        found", which may allow a second deposit
    """
    rows = payload.get(key)
    told = section(payload.get(COUNTERS))
    total, pages = integer(told.get("total")), integer(told.get("pages"))
    if rows is not None and not isinstance(rows, (list, dict)):
        raise errors.BadAnswer("missing_field", detail=key)
    if isinstance(rows, list) and any(not isinstance(row, dict) for row in rows):
        raise errors.BadAnswer("missing_field", detail=key)
    silent = counted and key not in payload and not told
    if rows is None and (silent or (total and page == 1)):
        raise errors.BadAnswer("missing_field", detail=key)
    found = tuple(reader(row) for row in items(rows))
    if total is not None and len(found) > total:
        total = pages = None  # counters that contradict the list would end a walk too early
    return Page(found, page, pages, total)


def walk(
    fetch: Callable[[int], Page[Item]], identify: Callable[[Item], Hashable], max_pages: int
) -> Iterator[Item]:
    """Every item of every page, each once.

    :param fetch: ``fetch(number) -> Page``; an empty page past the end is fine
    :param identify: ``identify(item)`` -> hashable that tells two items apart
    :param int max_pages: bound of the walk
    :raises errors.BadAnswer: ``pages_repeat``, ``pages_incomplete`` (after what came was yielded),
        ``too_many_pages``
    """
    seen: set[Hashable] = set()
    rows = 0
    total = None
    for number in range(1, max_pages + 1):
        page = fetch(number)
        total = page.total if page.total is not None else total
        rows += len(page.items)
        fresh = []
        for item in page.items:
            key = identify(item)
            if key not in seen:
                seen.add(key)
                fresh.append(item)
        if page.items and not fresh:
            if page.total is None and page.pages is None:
                return  # no counters and the same again: a list that is not paged at all
            raise errors.BadAnswer("pages_repeat", detail=f"page {number} repeats earlier ones")
        yield from fresh
        if not page.items or _is_last(page, len(seen), rows, total):
            break
    else:
        raise errors.BadAnswer("too_many_pages", detail=f"more than {max_pages}")
    # Rows, not items: one that moved to a later page during the walk came twice and is counted twice.
    if total is not None and rows < total:
        raise errors.BadAnswer("pages_incomplete", detail=f"{rows} of {total}")


def _is_last(page: Page[Item], seen: int, rows: int, total: int | None) -> bool:
    announced = page.pages is not None and page.page >= page.pages
    if total is None:
        return announced
    # Not "announced" alone: a server that cuts the page size may count pages of the size asked for.
    return seen >= total or (announced and rows >= total)


Value = TypeVar("Value")


class Operations(ABC):
    """Base of the classes that :class:`client.ChorusClient` is made of; the client knows how to call."""

    settings: Settings

    @property
    @abstractmethod
    def correlation_id(self) -> str:
        """Identifies the caller's work in log lines and errors."""

    @property
    @abstractmethod
    def last_call(self) -> CallRecord | None:
        """The last request made, or None."""

    @abstractmethod
    def call(self, route: Route, payload: Json | None = None) -> Json:
        """The JSON object that a route answers to ``payload``."""

    def _page(
        self, payload: Json, key: str, reader: Callable[[Json], Item], page: int, counted: bool = True
    ) -> Page[Item]:
        with self._explained():
            return read_page(payload, key, reader, page, counted=counted)

    def _walk(
        self,
        fetch: Callable[[int], Page[Item]],
        identify: Callable[[Item], Hashable],
        max_pages: int | None = None,
    ) -> Iterator[Item]:
        with self._explained():
            yield from walk(fetch, identify, max_pages or self.settings.max_pages)

    def _required(self, value: Value | None, field: str) -> Value:
        """The value, unless it is empty: then the answer is not one."""
        if not value:
            raise errors.BadAnswer("missing_field", detail=field, **self._last_context())
        return value

    def _file(self, answer: Json) -> bytes:
        """The file in an answer, which is taken out of it: it may be large."""
        try:
            content = base64.b64decode(answer.pop("fichierResultat", None) or "")
        except (binascii.Error, ValueError, TypeError):
            content = b""
        return self._required(content, "fichierResultat")

    def _last_context(self) -> dict[str, Any]:
        call = self.last_call
        if call is None:
            return {}
        return {
            "route": call.route,
            "http_status": call.http_status,
            "correlation_id": call.correlation_id,
            "request_id": call.request_id,
        }

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Name the call in errors about the content of its answer."""
        try:
            yield
        except errors.BadAnswer as error:
            if not error.route:
                vars(error).update(self._last_context())
            raise
