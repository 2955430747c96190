"""Now and then every open invoice is looked at, whatever the changes say: by days of deposit, in steps."""

from datetime import timedelta
from typing import Any

from ..models.base import moments
from ..models.connection.chorus_connection_follow import WHOLE
from .channel import Channel, Env

# When not even one part fits into a run, the next one asks for a share of its days.
FINER = 4


class FullCheck:
    """
    :param channel: the :class:`.channel.Channel`
    :param datetime oldest: when the oldest open invoice was deposited, naive UTC
    :param list_part: function(first day, last day, whether earlier days were left out) that lists and writes
        the deposits of some days, and returns whether all of them were listed; the last day may be None
    """

    def __init__(self, channel: Channel, oldest: Any, list_part: Any) -> None:
        self.channel = channel
        self.first = (oldest - timedelta(days=1)).date()
        self.list_part = list_part

    def go_on(self) -> bool:
        """Go on where the last run stopped, part by part, until it is done or the time is used up.

        :return: bool, whether every open invoice has been looked at
        """
        with self.channel.fresh() as env:
            connection = self.channel.connection_in(env)
            start = max(self.first, connection.full_check_from or self.first)
            days = connection.full_check_days or WHOLE
            today = moments.now(env).date()
        began = start
        while True:
            end = start + timedelta(days=days - 1)
            end = end if end < today else None
            if not self.list_part(start, end, start > self.first):
                self._remember(start, max(1, days // FINER) if start == began else days)
                return False
            if not end:
                self._remember(False, min(WHOLE, 2 * days))
                return True
            start = end + timedelta(days=1)
            self._remember(start, days)
            if self.channel.time_is_up():
                return False

    def _remember(self, start: Any, days: int) -> None:
        def step(env: Env) -> None:
            connection = self.channel.connection_in(env)
            values = {"full_check_from": start, "full_check_days": days}
            changed = {name: value for name, value in values.items() if connection[name] != value}
            if changed:
                connection.with_context(tracking_disable=True).write(changed)

        self.channel.transaction(step)
