"""Dates as Chorus Pro gives and Odoo stores them; when a buyer has to pay, when an invoice goes."""

import math
import time as clocks
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ...chorus_api import statuses

# Clocks differ, and so do time zones; what is dated later than that has not happened.
TOMORROW = timedelta(days=1)


def naive_utc(moment):
    """Aware datetime → the naive UTC, to the second, that Odoo stores; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def aware_utc(moment):
    """Naive UTC of the database → aware datetime; False and None give None."""
    return moment.replace(tzinfo=UTC) if moment else None


def past(env, moment, ahead=TOMORROW):
    """A naive UTC moment at which something can have happened by now; None for a later one.

    :param timedelta ahead: by how much the clock that gave it may be ahead
    """
    if not moment:
        return None
    # Before this transaction began, by PostgreSQL's clock too: no need to ask it again.
    return moment if moment <= env.cr.now() or moment <= now(env) + ahead else None


# So many seconds may be counted on from what PostgreSQL's clock said, where no clock of this host was set.
COUNTED_ON, SET = 5, 0.5
# By database: what PostgreSQL's clock said, and the two clocks of this host when it had said it.
_said = {}


def now(env):
    """The present moment by PostgreSQL's clock, as Odoo stores it: the clocks of Odoo's hosts may disagree.

    It is asked now and then, and counted on from by this host's steady clock: what happens to an invoice
    asks for the time again and again. The answer is never ahead of PostgreSQL's clock.

    :return: datetime, naive UTC, whole seconds
    """
    steady, wall = clocks.monotonic(), clocks.time()
    said, steady_then, wall_then = _said.get(env.cr.dbname, (None, 0, 0))
    passed = steady - steady_then
    # A machine that slept, or was restored, has lost count: its clock on the wall was set since.
    if said is None or not 0 <= passed < COUNTED_ON or abs(wall - wall_then - passed) > SET:
        env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
        said, passed = env.cr.fetchone()[0], 0
        _said[env.cr.dbname] = said, clocks.monotonic(), clocks.time()
    return (said + timedelta(seconds=passed)).replace(microsecond=0)


def from_epoch(seconds):
    """Seconds since 1970 (text or number) → naive UTC, rounded up to the next whole second."""
    return datetime.fromtimestamp(math.ceil(float(seconds)), UTC).replace(tzinfo=None)


# The days that count are those of the public buyers' calendar.
CALENDAR = ZoneInfo("Europe/Paris")

# Longer payments are dates that make no sense; they would spoil every average.
LONGEST_PAYMENT = 3650  # days
SUSPENDED = statuses.that(stops_clock=True)


def local_day(at):
    """The buyer's day of a naive UTC datetime."""
    try:
        return at.replace(tzinfo=UTC).astimezone(CALENDAR).date()
    except OverflowError:
        return at.date()


def suspensions(events):
    """Spans during which the payment period stands still.

    :param events: iterable of (datetime, status code), any order
    :return: list of (first day, day of the end); the last end is None while it still stands still
    """
    spans, since = [], None
    for at, code in sorted(events):
        if code in SUSPENDED:
            since = since or local_day(at)
        elif since:
            spans.append((since, local_day(at)))
            since = None
    if since:
        spans.append((since, None))
    return spans


def due_date(start, days, spans):
    """The day by which the buyer has to pay, or None while the period stands still.

    :param date start: the buyer has had the invoice since
    :param int days: legal period (code de la commande publique, R2192-10 and R2192-11)
    :param spans: of :func:`suspensions`; days on which the period stood still are not counted
    """
    stood = timedelta()
    for since, until in spans:
        if until is None:
            return None
        stood += max(until - max(since, start), timedelta())
    try:
        return start + timedelta(days=days) + stood
    except OverflowError:
        # A date that ends the calendar says nothing about a payment.
        return None


def days_between(start, end):
    """Whole days from one moment to another; None when one is unknown or they make no sense together.

    :param datetime start: the buyer has had the invoice since
    :param datetime end: the payment was announced
    """
    if not start or not end:
        return None
    days = (end.date() - start.date()).days
    return days if 0 <= days <= LONGEST_PAYMENT else None


def half_year(day):
    """First day of the half-year of ``day``."""
    return date(day.year, 7 if day.month > 6 else 1, 1)


def late_interest(amount, rate, days):
    """Simple interest on ``amount`` at ``rate`` % a year of 365 days (R2192-31 and following)."""
    return amount * rate / 100 * days / 365


AT_POSTING, DAILY = "posting", "daily"
# Of the company; of a customer, who may say otherwise where the company's choice is not "manual".
COMPANY_MODES = [
    ("manual", "By hand"),
    (AT_POSTING, "By themselves, once confirmed"),
    (DAILY, "By themselves, every day at"),
    ("customers", "As each customer says, else by hand"),
]
CUSTOMER_MODES = [
    ("manual", "By hand"),
    (AT_POSTING, "By itself, once confirmed"),
    (DAILY, "By itself, every day"),
]
# The summary of the day follows the hour of the daily sending.
SUMMARY_AFTER = 1.0  # hours


def next_at(now, hour):
    """The next moment at which it is ``hour`` in Paris.

    :param datetime now: naive UTC
    :param float hour: 0 up to, not including, 24; the minutes are its fraction
    :return: datetime, naive UTC, after ``now``
    """
    local = now.replace(tzinfo=UTC).astimezone(CALENDAR)
    minutes = round(hour * 60) % (24 * 60)
    for day in (local.date(), local.date() + timedelta(days=1), local.date() + timedelta(days=2)):
        at = datetime.combine(day, time(minutes // 60, minutes % 60), CALENDAR)
        at = at.astimezone(UTC).replace(tzinfo=None)
        if at > now:
            return at
    raise AssertionError("unreachable")
