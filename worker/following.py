"""What a run of the scheduled action that follows does for one channel, in order."""

import time

from .reports import Reports
from .statuses import Statuses


def serve(channel):
    """Ask for the reports that are due, then for what changed at the buyers'."""
    if not channel.usable():
        return
    Reports(channel).follow_due()
    if time.monotonic() < channel.deadline:
        Statuses(channel).follow()
