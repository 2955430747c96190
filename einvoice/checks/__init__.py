"""Everything that Chorus Pro or EN 16931 would refuse in an invoice, found before it is built."""

from datetime import date

from ..findings import Finding
from ..terms import Invoice, Recipient
from . import header, lines, parties, shape

# In the order in which an accountant reads an invoice.
_CHECKS = (
    header.find,
    parties.find,
    parties.find_payment,
    lines.find,
    lines.find_vat,
    lines.find_totals,
    header.find_attachments,
    header.find_reform,
)


def check(invoice: Invoice, recipient: Recipient | None = None, today: date | None = None) -> list[Finding]:
    """Return all the findings about an invoice, as a list (empty when nothing is to be said).

    ``invoice`` is a ``terms.Invoice``; ``recipient`` a ``terms.Recipient``, or ``None`` when the
    directory was never asked; ``today`` the date of the deposit (default: the machine's).
    Pure; never raises, whatever the invoice holds.
    """
    invoice, findings = shape.readable(invoice)
    today = shape.day(today) or date.today()
    for find in _CHECKS:
        findings += find(invoice, today=today)
    findings += parties.find_recipient(invoice, recipient)
    return findings
