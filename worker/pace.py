"""How many invoices a worker may prepare at once without running into Odoo's limit of time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Before any invoice was measured: what does no harm on a slow machine.
FIRST_BATCH = 4
# A batch by what is remembered from former runs takes about so many seconds: the machine may have slowed.
FIRST_SECONDS = 8
# A batch may turn out slower than the one before, and is never so many times larger.
CAUTION = 1.5
GROWTH = 3
LARGEST_BATCH = 50


class PreparePace:
    """Seconds that one invoice takes to prepare, learned from batch to batch.

    :param each: seconds of one invoice as former runs have learned, None when none has
    :ivar each: the same, as this run has learned
    """

    def __init__(self, each: Any = None) -> None:
        self.each = each
        self._most = max(1, int(FIRST_SECONDS / each)) if each else FIRST_BATCH
        self.count = 0

    def room(self, seconds: float) -> Any:
        """How many invoices fit into ``seconds``: 1 at least."""
        fitting = seconds / (CAUTION * self.each) if self.each else FIRST_BATCH
        return max(1, int(min(self._most, fitting, LARGEST_BATCH)))

    @contextmanager
    def measured(self) -> Iterator[Any]:
        """Measure the batch made inside the block, which sets ``count``."""
        started = time.monotonic()
        self.count = 0
        yield self
        if self.count:
            self.each = max(0.01, (time.monotonic() - started) / self.count)
            self._most = GROWTH * self.count
