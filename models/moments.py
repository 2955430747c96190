"""Dates as Chorus Pro gives them and as Odoo stores them."""

from datetime import UTC


def naive_utc(moment):
    """Aware datetime → the naive UTC, to the second, that Odoo stores; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def aware_utc(moment):
    """Naive UTC of the database → aware datetime; False and None give None."""
    return moment.replace(tzinfo=UTC) if moment else None
