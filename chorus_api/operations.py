"""What the operations of each domain are made with: one call, pages of a list, fields that must be there."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from . import errors
from .paging import Page, read_page, walk
from .readers import Json
from .routes import Route
from .session import CallRecord
from .settings import Settings

Item = TypeVar("Item")
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
