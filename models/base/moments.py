"""Dates as Chorus Pro gives them and as Odoo stores them."""

import math
from datetime import UTC, datetime, timedelta

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


def past(env, moment):
    """A naive UTC moment at which something can have happened by now; None for a date beyond tomorrow."""
    if not moment:
        return None
    # Before this transaction began, by PostgreSQL's clock too: no need to ask it again.
    return moment if moment <= env.cr.now() or moment <= now(env) + TOMORROW else None


def now(env):
    """The present moment by PostgreSQL's clock, as Odoo stores it: the clocks of Odoo's hosts may disagree.

    :return: datetime, naive UTC, whole seconds
    """
    env.cr.execute("SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')")
    return env.cr.fetchone()[0]


def from_epoch(seconds):
    """Seconds since 1970 (text or number) → naive UTC, rounded up to the next whole second."""
    return datetime.fromtimestamp(math.ceil(float(seconds)), UTC).replace(tzinfo=None)
