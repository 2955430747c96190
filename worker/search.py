"""Whether Chorus Pro has invoices, by what was sent: number, seller, buyer, date and total."""

import time
import uuid
from dataclasses import dataclass
from typing import Any

from ..chorus_api import ChorusError, InvoiceSearch
from ..models.base.chorus_identity import of_line
from .channel import Channel, Record


def as_sent(lines: Record) -> list[Any]:
    """What to search for lines.

    :return: list of (id of the line, the ``InvoiceIdentity`` of what was sent for it)
    """
    return [(line.id, of_line(line)) for line in lines]


def match(summaries: Any, wanted: Any) -> Any:
    """Those of the results of a search that are ours.

    :param summaries: iterable of ``chorus_api.InvoiceSummary``
    :param wanted: of :func:`as_sent`
    :return: dict line id → ``chorus_api.InvoiceSummary``
    """
    found = {}
    summaries = list(summaries)
    for line_id, identity in wanted:
        for summary in summaries:
            if identity.is_same(summary):
                found[line_id] = summary
    return found


def search(channel: Channel, wanted: Any, correlation_id: str) -> Any:
    """Search each invoice by its number.

    :param wanted: of :func:`as_sent`
    :return: dict line id → ``chorus_api.InvoiceSummary`` of the invoices that Chorus Pro has
    :raises chorus_api.ChorusError: when Chorus Pro could not be asked.
    """
    found = {}
    with channel.client(correlation_id) as client:
        for line_id, identity in wanted:
            for summary in client.iter_invoices(InvoiceSearch(number=identity.number)):
                if identity.is_same(summary):
                    found[line_id] = summary
                    break
    return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search has brought, as of :func:`search`, or why Chorus Pro could not be asked; in seconds."""

    found: dict
    error: ChorusError | None
    seconds: float
    correlation_id: str

    def kept(self, deposit: Record) -> None:
        """Write it to the deposit's journal (``chorus.attempt``)."""
        journal = deposit.env["chorus.attempt"]._start(deposit, "search", self.correlation_id)
        outcome = "unknown" if self.error else "found" if self.found else "not_found"
        journal._end(outcome, self.seconds, self.error)


def ask(channel: Channel, wanted: Any) -> Any:
    """Search each invoice by its number, whatever comes of it; the channel is told of a fault by who asks.

    :param wanted: of :func:`as_sent`
    :rtype: Answer
    """
    correlation_id, started = uuid.uuid4().hex[:12], time.monotonic()
    found, error = {}, None
    try:
        found = search(channel, wanted, correlation_id)
    except ChorusError as caught:
        error = caught
    return Answer(found, error, time.monotonic() - started, correlation_id)
