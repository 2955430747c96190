"""The findings against the verdicts: each invoice is checked, then sent by force whatever was found."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import chorus_api
import einvoice
from einvoice.findings import CATALOGUE
from einvoice.terms import Recipient

from .. import paths
from ..samples import invoices as make
from .judge_invoices import Maker

_CII = "IN_DP_E1_CII_16B"
_NOW = datetime.combine(make.TODAY, datetime.min.time(), UTC).replace(hour=9)
_STATE_SIRET = "11000201100044"
# Findings that the ERP makes, because they need what was sent before or asked beforehand.
SENT_BEFORE = "number_already_sent"
ENGAGEMENT_CLOSED = "engagement_closed"
_ERP_RULES = {
    SENT_BEFORE: "AIFE, unique number per supplier and year",
    ENGAGEMENT_CLOSED: "AIFE, rejected-invoice guide: closed engagement",
}
_PAGE = paths.ROOT / "tests" / "unit" / "data" / "page_patched_qt.pdf"
_ROUNDS = 2
_ENOUGH_SECONDS = 3600


@dataclass
class Outcome:
    """What became of all invoices.

    ``missed``: passed by the findings, and rejected or impossible to write: (number, slips, texts).
    ``strict``: finding code → how many invoices it blocked that were taken.
    """

    invoices: int = 0
    passed: int = 0
    taken: int = 0
    both_refuse: int = 0
    not_writable: int = 0
    blocked_and_taken: int = 0
    missed: list = field(default_factory=list)
    strict: Counter = field(default_factory=Counter)
    rejected: Counter = field(default_factory=Counter)

    def rows(self):
        """Findings that blocked what was taken: (code, count, source of its rule), most frequent first."""
        return [(code, count, _source(code)) for code, count in self.strict.most_common()]


def judge(simulator, client, count, seed):
    """Check and send ``count`` invoices; returns the :class:`Outcome`.

    ``simulator`` has ``control(path, order)``; its clock must be manual. ``client`` is a ``ChorusClient``.
    """
    simulator.control("clock", {"now": _NOW.isoformat()})
    structures = simulator.control("structures")["structures"]
    recipients = {item["identifier"]: look_up(client, item["identifier"]) for item in structures}
    public = {item["identifier"]: recipients[item["identifier"]] for item in structures if item["public"]}
    engagements = _Engagements(client)
    maker = Maker(seed, public, [siret for siret in recipients if siret not in public])
    outcome, live = Outcome(), set()
    sizes = [count // _ROUNDS + (place < count % _ROUNDS) for place in range(_ROUNDS)]
    rejected_numbers = []
    for place, size in enumerate(sizes):
        # In an order: that of a set is another one in each process, and the seed would decide nothing.
        used = sorted(number for _siret, number, _year in live)
        cases = maker.cases(size, sum(sizes[:place]), used + rejected_numbers)
        sent, in_round = [], set(live)
        for case in cases:
            codes = _blocking(case.invoice, recipients, engagements, in_round, client)
            key = _key(case.invoice)
            content = _written(case.invoice, place=len(sent))
            if content is None:
                outcome.not_writable += 1
                if not codes:
                    outcome.missed.append((case.invoice.number, case.slips, ["cannot be written"]))
            else:
                sent.append((case, codes, client.deposit_flow(*content).flow_number))
                in_round.add(key)
            outcome.invoices += 1
            outcome.passed += not codes
        simulator.control("clock", {"advance": _ENOUGH_SECONDS})
        for case, codes, flow in sent:
            texts = _texts(client.flow_report(flow))
            if not texts:
                live.add(_key(case.invoice))
            elif case.invoice.number:
                rejected_numbers.append(case.invoice.number)
            _compare(outcome, case, codes, texts)
    return outcome


def _compare(outcome, case, codes, texts):
    outcome.rejected.update(texts)
    outcome.taken += not texts
    if codes and texts:
        outcome.both_refuse += 1
    elif codes:
        outcome.blocked_and_taken += 1
        outcome.strict.update(codes)
    elif texts:
        outcome.missed.append((case.invoice.number, case.slips, texts))


def look_up(client, siret):
    """What the directory says of a SIRET, read as the addon reads it.

    :rtype: einvoice.terms.Recipient
    """
    page = client.search_structures(siret)
    summary = next((item for item in page.items if item.identifier == siret and item.id), None)
    if summary is None:
        return Recipient(known=False)
    detail = client.structure(summary.id)
    services = {
        item.code: (item.active, item.active and client.service(summary.id, item.id).needs_engagement)
        for item in client.services(summary.id)
    }
    return Recipient(
        active=summary.active,
        needs_service=detail.needs_service,
        needs_engagement=detail.needs_engagement,
        needs_service_or_engagement=detail.needs_service_or_engagement,
        moa_only=detail.works_owner_only,
        private=detail.private,
        name=detail.name,
        services=services,
    )


class _Engagements:
    """Which engagement numbers of the State are closed, asked once each."""

    def __init__(self, client):
        self._client = client
        self._supplier = client.search_structures(make.SELLER_SIRET).items[0].id
        self._closed = {}

    def is_closed(self, number):
        if number not in self._closed:
            found = (
                self._client.search_engagements(self._supplier, number, state=state).items
                for state in ("COMMANDE", None)
            )
            still_open, known = (any(item.number == number for item in items) for items in found)
            self._closed[number] = known and not still_open
        return self._closed[number]


def _blocking(invoice, recipients, engagements, live, client):
    siret = invoice.buyer.siret
    if isinstance(siret, str) and siret.strip() and siret not in recipients:
        recipients[siret] = look_up(client, siret)
    found = einvoice.check(invoice, recipients.get(siret), make.TODAY)
    codes = {item.code for item in einvoice.blocking(found)}
    if _key(invoice) in live:
        codes.add(SENT_BEFORE)
    engagement = str(invoice.order_reference or "").strip()
    if siret == _STATE_SIRET and engagement and engagements.is_closed(engagement):
        codes.add(ENGAGEMENT_CLOSED)
    return codes


def _key(invoice):
    """What is unique: a number comes back in another year."""
    year = getattr(invoice.issue_date, "year", None)
    return (invoice.seller and invoice.seller.siret, str(invoice.number or "").strip(), year)


def _written(invoice, place):
    """(content, filename, syntax): a Factur-X, each fourth one a bare XML; None when nothing can be made."""
    try:
        xml = einvoice.build_xml(invoice)
        if place % 4 == 3 and not invoice.attachments:
            return xml, "facture.xml", _CII
        pdf = einvoice.build_pdf(_PAGE.read_bytes(), xml, invoice, attachments=invoice.attachments, now=_NOW)
    except Exception:  # the builders promise nothing for an invoice that the checks block
        return None
    return pdf, "facture.pdf", chorus_api.FACTURX


def _texts(report):
    texts = [error.text for error in report.invoice_errors]
    return texts + [f"{error.code} {error.text}" for error in report.technical_errors]


def _source(code):
    return CATALOGUE[code].rule if code in CATALOGUE else _ERP_RULES[code]
