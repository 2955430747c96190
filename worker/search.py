"""Whether Chorus Pro has invoices, by what was sent: number, seller, buyer, date and total."""

from ..chorus_api import InvoiceSearch
from ..models.base.chorus_identity import of_line


def as_sent(lines):
    """What to search for lines.

    :return: list of (id of the line, the ``InvoiceIdentity`` of what was sent for it)
    """
    return [(line.id, of_line(line)) for line in lines]


def match(summaries, wanted):
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


def search(channel, wanted, correlation_id):
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
