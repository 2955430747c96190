"""What the buyer's structure requires, according to the directory of Chorus Pro."""

from collections.abc import Iterator

from ..codes import STATE_SIRET
from ..findings import Finding, finding
from ..terms import Invoice, Recipient
from .shape import show, text


def find(invoice: Invoice, recipient: Recipient | None) -> list[Finding]:
    """Return the findings on BT-10 and BT-13 given a ``terms.Recipient`` (or ``None``)."""
    return find_addressed(
        text(invoice.buyer.siret), text(invoice.buyer_reference), text(invoice.order_reference), recipient
    )


def find_addressed(siret: str, service: str, engagement: str, recipient: Recipient | None) -> list[Finding]:
    """The same of the three texts that address an invoice, each without blanks around it."""
    if recipient is None:
        return [finding("service_required_by_state")] if siret == STATE_SIRET and not service else []
    if not recipient.known:
        return [finding("structure_unknown", siret=show(siret))]
    return list(_duties(recipient, siret, service, engagement))


def _duties(recipient: Recipient, siret: str, service: str, engagement: str) -> Iterator[Finding]:
    name = show(recipient.name or siret)
    if not recipient.active:
        yield finding("structure_inactive", name=name, siret=show(siret))
    if recipient.private:
        yield finding("structure_private", name=name, siret=show(siret))
    if recipient.moa_only:
        yield finding("structure_works_owner_only", name=name, siret=show(siret))
    if not service and recipient.needs_service:
        yield finding("service_required")
    elif not service and siret == STATE_SIRET:
        yield finding("service_required_by_state")
    if not engagement and recipient.needs_engagement:
        yield finding("engagement_required")
    if recipient.needs_service_or_engagement and not service and not engagement:
        yield finding("service_or_engagement_required")
    if service and recipient.services is not None:
        yield from _service(recipient, service, engagement)


def _service(recipient: Recipient, service: str, engagement: str) -> Iterator[Finding]:
    known = (recipient.services or {}).get(service)
    if known is None:
        yield finding("service_unknown", service=show(service))
        return
    active, needs_engagement = known
    if not active:
        yield finding("service_inactive", service=show(service))
    if needs_engagement and not engagement and not recipient.needs_engagement:
        yield finding("engagement_required_by_service", service=show(service))
