"""What the operations of each domain are made with: one call, fields that must be there, lists to their end.

Paging is only half documented: the page size asked for may be cut, the page number ignored, the counters
missing. The walk ends when everything announced was seen, and never goes round in circles.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import errors
from .readers import Json, integer, items, section
from .routes import Route
from .session import CallRecord
from .transport import Settings

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
