"""Each channel has its turn in a run: a share of the time, the least recently served first."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from .channel import Channel

# Seconds that a turn has at least: a share of many channels would be too short to get anything done.
SHORTEST = 10


def take_turns(channels: Iterable[Channel], what: str, serve: Callable[[Channel], Any]) -> int:
    """Serve channels one after the other until their common deadline; one that its share cut gets another
    turn when all others had theirs.

    One that another worker has, or had meanwhile, is left to that one. Nothing is done for a channel once
    the time is up. Whose turn begins is written down first: a run that is ended by force does not begin with
    the same channel again.

    :param channels: list of :class:`.channel.Channel` with the deadline of the run, in the order of turns
    :param str what: the scheduled action, ``send`` or ``follow``
    :param serve: function(channel) that stops by itself at the channel's deadline and raises nothing
    :return: int, how many channels were cut, or had no turn and none in the last minutes either
    """
    waiting = deque(channels)
    deadline = waiting[0].deadline if waiting else 0
    cut = set()
    while waiting and (now := time.monotonic()) < deadline:
        channel = waiting.popleft()
        with channel.turn(what) as ours:
            missed, channel.unserved = channel.unserved, False
            had_more = channel in cut
            cut.discard(channel)
            if not ours:
                continue
            channel.deadline = min(deadline, now + max(SHORTEST, (deadline - now) / (len(waiting) + 1)))
            channel.note_turn(what)
            serve(channel)
            if (end := time.monotonic()) < channel.deadline:
                continue
            if had_more or end - now >= SHORTEST:
                cut.add(channel)
            else:
                # The end of the run cut a turn that had hardly begun. What is due there wakes the action in
                # any case; where nothing is, one run must not follow the other for ever.
                channel.unserved = missed
            waiting.append(channel)
    return len(cut | {channel for channel in waiting if channel.unserved})
