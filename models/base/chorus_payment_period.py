"""When a public buyer has to pay: arithmetic of days, without the ORM."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from ...chorus_api import statuses

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
