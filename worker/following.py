"""What a run of the scheduled action that follows does for one channel, in order."""

import time

from .reports import Reports
from .requests import Requests
from .statuses import Statuses


def serve(channel):
    """Go on with the requests, ask for the reports that are due, then for what changed at the buyers'."""
    if not channel.usable():
        return
    if Requests(channel).serve_due():
        return
    if Reports(channel).follow_due():
        return
    if time.monotonic() < channel.deadline:
        Statuses(channel).follow()
