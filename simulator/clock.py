"""The simulator's clock and the way Chorus Pro writes dates.

Instants are seconds since the epoch (float, UTC). What goes over the wire is French legal time.
"""

import time
from datetime import UTC, date, datetime, timedelta, timezone


class Clock:
    """A real clock with an offset, or a manual one that stands still until it is moved.

    The position (offset or instant) is kept by ``load``/``save`` callables, so that a restart goes on
    where the clock stood.
    """

    def __init__(self, mode, load, save):
        self.mode = mode
        self._save = save
        position = load()
        if position is None or position["mode"] != mode:
            position = {"mode": mode, "value": 0.0 if mode == "real" else time.time()}
            save(position)
        self._value = position["value"]

    def now(self):
        return time.time() + self._value if self.mode == "real" else self._value

    def advance(self, seconds):
        self.set(self.now() + seconds)

    def set(self, instant):
        self._value = instant - time.time() if self.mode == "real" else instant
        self._save({"mode": self.mode, "value": self._value})


def paris(instant):
    """Instant → aware datetime in French legal time (the EU rule: summer time between the last Sundays
    of March and October, 01:00 UTC), without needing a time zone database."""
    utc = datetime.fromtimestamp(instant, UTC)
    summer = _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)
    return utc.astimezone(timezone(timedelta(hours=2 if summer else 1)))


def _last_sunday(year, month):
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def timestamp(instant):
    """``2019-03-27T11:12:24.777+01:00``, the form seen in flow reports."""
    return paris(instant).isoformat(timespec="milliseconds")


def plain_date(instant):
    return paris(instant).date().isoformat()


def minute(instant):
    """``2016-10-25 17:42``, the form seen in service lists."""
    return paris(instant).strftime("%Y-%m-%d %H:%M")


def parse_instant(text, *, end_of_day=False):
    """A request's date (``YYYY-MM-DD``) or date-time → instant. A plain date means its first second, or
    its last with ``end_of_day``. Raises ValueError."""
    if len(text) == 10:
        day = date.fromisoformat(text)
        found = datetime(
            day.year,
            day.month,
            day.day,
            23 if end_of_day else 0,
            59 if end_of_day else 0,
            59 if end_of_day else 0,
            999999 if end_of_day else 0,
        )
    else:
        found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        offset = paris(found.replace(tzinfo=UTC).timestamp()).utcoffset()
        found = found.replace(tzinfo=timezone(offset))
    return found.timestamp()
