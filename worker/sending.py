"""What a run of the scheduled action that sends does for one channel, in order."""

import time

from .channel import guarded
from .directory import Directory
from .doubt import Doubts
from .due import progress
from .preparer import Preparer
from .reports import Reports
from .resolver import Resolver
from .sender import Sender


def serve(channel):
    """Transmit and prepare until nothing is due, the time is used up, or the connection fails.

    What is ready leaves before more is prepared: preparing must not use up the time of a short limit.
    """
    if not channel.usable():
        return
    preparer = Preparer(channel)
    while time.monotonic() < channel.deadline and channel.is_present():
        if Doubts(channel).settle_all():
            return
        sent, fault = Sender(channel).send_all()
        prepared = 0
        if not fault and time.monotonic() < channel.deadline:
            asked = guarded("ask the directory", Directory(channel).ask)
            if asked and not channel.usable():
                return
            prepared = preparer.prepare_next()
        progress(channel.env, prepared + sent)
        if fault:
            return
        if not prepared and not sent:
            break
    if Resolver(channel).resolve_due():
        return
    if time.monotonic() < channel.deadline:
        Reports(channel).follow_due()


def tell_ended_clicks(channel):
    """Tell whoever clicked, once nothing of the click waits any more."""
    channel.transaction(
        lambda env: env["chorus.deposit.line"]._tell_ended_clicks(channel.company_id, channel.environment)
    )
