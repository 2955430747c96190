"""What a run of the scheduled action that follows does for one channel, in order."""

import time

from .channel import Channel
from .reports import Reports
from .requests import Requests
from .shared_client import SharedClient
from .statuses import Statuses


def serve(channel: Channel) -> None:
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
