"""How many invoices a worker may prepare at once without running into Odoo's limit of time."""

import time
from contextlib import contextmanager

# What one invoice is taken to need before any was measured: slow machine, pages printed one by one.
FIRST_GUESS = 2.0
# A batch may turn out slower than the one before.
CAUTION = 1.5
LARGEST_BATCH = 50


class PrepareSeconds:
    """Seconds that one invoice takes to prepare, learned from batch to batch."""

    def __init__(self):
        self._each = FIRST_GUESS
        self.count = 0

    def room(self, seconds):
        """How many invoices fit into ``seconds``: 1 at least."""
        return max(1, min(LARGEST_BATCH, int(seconds / self._each)))

    @contextmanager
    def measured(self):
        """Measure the batch made inside the block, which sets ``count``."""
        started = time.monotonic()
        self.count = 0
        yield self
        if self.count:
            self._each = max(0.01, CAUTION * (time.monotonic() - started) / self.count)
