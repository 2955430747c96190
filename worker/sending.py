"""What a run of the scheduled action that sends does for one channel, in order."""

import time

from .channel import Channel, guarded
from .directory import Directory
from .doubt import Doubts
from .due import progress
from .preparer import Preparer
from .resolver import Resolver
from .travel import Travel

# While files travel, the queue is looked at every so many seconds.
LOOK_EVERY = 5


def serve(channel: Channel) -> None:
    """Transmit and prepare until nothing is due, the time is used up, or the connection fails.

    What is ready leaves while more is prepared: preparing must not use up the time of a short limit.
    """
    if not channel.usable() or not _send(channel):
        return
    Resolver(channel).resolve_due()


def _send(channel: Channel) -> bool:
    """:return: bool, False when the connection failed: nothing else is asked of it now"""
    preparer = Preparer(channel)
    with Travel.of(channel) as travel:
        while time.monotonic() < channel.deadline and channel.is_present():
            if Doubts(channel).settle_all():
                return False
            travel.go_on()
            prepared = 0
            if not travel.fault and time.monotonic() < channel.deadline:
                asked = guarded("ask the directory", Directory(channel).ask)
                if asked and not channel.usable():
                    return False
                prepared = preparer.prepare_next()
            idle = not prepared and travel.wait(LOOK_EVERY)
            sent = travel.just_sent()
            progress(channel.env, prepared + sent)
            if travel.fault or (idle and not sent):
                break
    progress(channel.env, travel.just_sent())
    return not travel.fault


def tell_ended_clicks(channel: Channel) -> None:
    """Tell whoever clicked, once nothing of the click waits any more."""
    channel.transaction(
        lambda env: env["chorus.deposit.line"]._tell_ended_clicks(channel.company_id, channel.environment)
    )
