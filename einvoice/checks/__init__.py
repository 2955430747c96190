"""Everything that Chorus Pro or EN 16931 would refuse in an invoice, found before it is built."""

from datetime import date

from ..findings import CATALOGUE, Finding
from ..findings_parties import DIRECTORY_RULES
from ..terms import Invoice, Party, Recipient
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


# What :func:`check_address` may find.
ADDRESS_CODES = frozenset(
    [*(row[0] for row in DIRECTORY_RULES), *(code for code in CATALOGUE if code.startswith("buyer_siret_"))]
)


def check_address(
    buyer: Party, service: str | None, engagement: str | None, recipient: Recipient | None = None
) -> list[Finding]:
    """Return what :func:`check` finds about the address of an invoice, of which nothing else is known yet."""
    addressed = shape.text(buyer.siret), shape.text(service), shape.text(engagement)
    return [*parties.find_siret(buyer, "buyer"), *parties.find_addressed(*addressed, recipient)]
