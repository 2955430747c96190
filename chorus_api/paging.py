"""Read lists to their end, on a server whose paging is only half documented.

The page size asked for may be cut, the page number ignored, the counters missing. The walk ends when
everything announced was seen, and never goes round in circles.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from . import errors
from .readers import Json, integer, items, section

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
