"""What a run of the scheduled actions that send and follow does for one channel, in order."""

import time

from .channel import Channel, SharedClient, guarded
from .preparer import Directory, Preparer
from .reports import Reports
from .requests import Requests
from .resolver import Doubts, Resolver
from .sender import Travel
from .statuses import Statuses
from .turns import progress

# While files travel, the queue is looked at every so many seconds.
LOOK_EVERY = 5


def send(channel: Channel) -> None:
    """Transmit and prepare until nothing is due, the time is used up, or the connection fails.

    What is ready leaves while more is prepared: preparing must not use up the time of a short limit.
    """
    if not channel.usable() or not _send_all(channel):
        return
    Resolver(channel).resolve_due()


def _send_all(channel: Channel) -> bool:
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


def follow(channel: Channel) -> None:
    """Go on with the requests, ask what changed, then for the reports of what that did not show, then look at
    everything where that is due."""
    if not channel.usable():
        return
    if Requests(channel).serve_due():
        return
    with SharedClient(channel) as shared:
        statuses = Statuses(channel, shared)
        if statuses.follow_changes():
            return
        if Reports(channel).follow_due(shared, statuses.looked):
            return
        if time.monotonic() < channel.deadline:
            statuses.check_all()
