"""When an invoice goes to Chorus Pro: the choices, and arithmetic of hours, without the ORM."""

from datetime import UTC, datetime, time, timedelta

from .chorus_payment_period import CALENDAR

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
