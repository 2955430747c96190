"""Invoices as Chorus Pro knows them: which is which, search, history, detail, download.

The comparison of identities is what keeps an invoice from being deposited twice, and from being taken for
another one: all five facts must agree; texts, flow numbers and identifiers never count.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from . import errors, routes
from .operations import Operations, Page
from .readers import (
    Json,
    amount,
    clean,
    day,
    flag,
    identifier,
    moment,
    plain_registration,
    registration,
    section,
    text,
    word,
    write_day,
    write_moment,
)
from .statuses import status_code

# Half of the smallest coin: amounts come as floats from one side and as decimals from the other.
_TOLERANCE = 0.005


class Difference(NamedTuple):
    """In what two invoices differ: ``name`` of the attribute, its value here and on Chorus Pro."""

    name: str
    here: object
    there: object


@dataclass(frozen=True, slots=True)
class InvoiceIdentity:
    """What identifies an invoice: SIRETs of seller and buyer, number, date, and total including tax.

    The total's sign is left out: a credit note is positive on one side and negative on the other.
    """

    seller: str
    buyer: str
    number: str
    date: date | None
    total: float

    def differences(self, summary: "InvoiceSummary") -> tuple[Difference, ...]:
        """In what a result of a search is another invoice; nothing when it is this one.

        :param summary: :class:`invoices.InvoiceSummary`
        :rtype: tuple[Difference, ...]
        """
        total = None if summary.total is None else round(abs(float(summary.total)), 2)
        pairs = (
            ("number", self.number, summary.number),
            ("seller", plain_registration(self.seller), plain_registration(summary.supplier)),
            ("buyer", plain_registration(self.buyer), plain_registration(summary.recipient)),
            ("date", self.date or None, summary.issued_on),
        )
        found = [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
        own = round(abs(float(self.total or 0)), 2)
        if total is None or abs(own - total) >= _TOLERANCE:
            found.append(Difference("total", own, total))
        return tuple(found)

    def is_same(self, summary: "InvoiceSummary") -> bool:
        """Whether a result of a search is this invoice."""
        return bool(self.number) and not self.differences(summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSearch:
    """Criteria of ``rechercher/fournisseur``; all optional, all must hold.

    ``status_changed_from/to`` are aware datetimes; leave ``status_changed_to`` open when reading what
    changed since: with an upper bound, an invoice that changes during the walk leaves the result, and the
    next page begins one invoice too late. The other ``_from/_to`` are dates, both included.
    """

    flow_number: str | None = None
    number: str | None = None
    invoice_type: str | None = None  # FACTURE, AVOIR, ACOMPTE
    statuses: tuple[str, ...] = ()
    status_changed_from: datetime | None = None
    status_changed_to: datetime | None = None
    deposited_from: date | None = None
    deposited_to: date | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    supplier_id: int | None = None
    supplier_service_id: int | None = None
    recipient_ids: tuple[int, ...] = ()
    cadre: str | None = None  # A1_FACTURE_FOURNISSEUR...
    deposit_mode: str | None = None
    market: str | None = None
    engagement: str | None = None
    origin_number: str | None = None
    total_min: Decimal | None = None  # including tax
    total_max: Decimal | None = None
    rejection_handled: bool | None = None


def _first(value: date) -> str:
    return write_moment(value) if isinstance(value, datetime) else write_day(value)


def _last(value: date) -> str:
    return write_moment(value) if isinstance(value, datetime) else write_day(value, end=True)


# Attribute -> field of RechercherFactureParFournisseurParam (Factures Swagger) and how it is written.
CRITERIA: dict[str, tuple[str, Callable[[Any], object]]] = {
    "flow_number": ("numeroFluxDepot", str),
    "number": ("numeroFacture", str),
    "invoice_type": ("typeFacture", str),
    "statuses": ("statutCourant", list),
    "status_changed_from": ("periodeDateHeureEtatCourantDu", _first),
    "status_changed_to": ("periodeDateHeureEtatCourantAu", _last),
    "deposited_from": ("periodeDateDepotDu", _first),
    "deposited_to": ("periodeDateDepotAu", _last),
    "issued_from": ("periodeDateFactureDu", _first),
    "issued_to": ("periodeDateFactureAu", _last),
    "supplier_id": ("idFournisseur", int),
    "supplier_service_id": ("idServiceFournisseur", int),
    "recipient_ids": ("listeDestinataire", lambda ids: [{"idDestinataire": number} for number in ids]),
    "cadre": ("cadreFacturation", str),
    "deposit_mode": ("modeDepot", str),
    "market": ("numeroMarche", str),
    "engagement": ("numeroBonCommande", str),
    "origin_number": ("numeroFactureOrigine", str),
    "total_min": ("montantTTCMin", float),
    "total_max": ("montantTTCMax", float),
    "rejection_handled": ("rejetTraite", bool),
}


@dataclass(frozen=True, slots=True)
class InvoiceSummary:
    """One line of a search. Amounts are in ``currency``; ``status_at`` is UTC; ``comment`` is the buyer's."""

    id: int | None
    number: str
    status: str
    status_at: datetime | None
    comment: str
    flow_number: str
    supplier: str  # SIRET or other identifier
    supplier_name: str
    recipient: str
    recipient_name: str
    recipient_id: int | None
    service: str
    service_name: str
    invoice_type: str
    issued_on: date | None
    deposited_on: date | None
    total_without_tax: Decimal | None
    total: Decimal | None
    amount_due: Decimal | None
    currency: str
    market: str
    engagement: str
    origin_number: str
    deposit_mode: str
    rejection_handled: bool | None


class InvoicePage(Page[InvoiceSummary]):
    """A :class:`paging.Page` of :class:`InvoiceSummary`."""


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One status an invoice took. ``comment`` is the buyer's reason; ``by`` who did it, when told."""

    code: str
    at: datetime | None
    comment: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceHistory:
    """The statuses of one invoice, oldest first; those without a readable time come first."""

    invoice_id: int
    number: str
    status: str
    deposit_mode: str
    events: tuple[StatusEvent, ...]


class InvoiceOperations(Operations):
    """Mixed into :class:`client.ChorusClient`, which can call."""

    def search_invoices(
        self, search: InvoiceSearch, page: int = 1, page_size: int | None = None
    ) -> InvoicePage:
        """One page of the invoices of the account's structures.

        :param InvoiceSearch search: criteria
        :param int page: from 1
        :param int page_size: may be cut by the server; default: the settings'
        :rtype: InvoicePage
        """
        payload = _criteria(search)
        payload["rechercheFactureParFournisseur"] = {
            "pageResultatDemandee": page,
            "nbResultatsParPage": page_size or self.settings.page_size,
            # A key that never changes: on a later page nothing shifts because a status moved meanwhile.
            "triColonne": "DateDepot",
            "triSens": "Ascendant",
        }
        try:
            answer = self.call(routes.SEARCH_INVOICES, payload)
        except errors.NothingFound:
            return InvoicePage((), page, None, 0 if page == 1 else None)
        found = self._page(answer, "listeFactures", _summary, page)
        return InvoicePage(found.items, found.page, found.pages, found.total)

    def iter_invoices(
        self, search: InvoiceSearch, page_size: int | None = None, max_pages: int | None = None
    ) -> Iterator[InvoiceSummary]:
        """All pages of :meth:`search_invoices`, each invoice once, until everything announced was seen.

        :raises errors.BadAnswer: ``pages_repeat``, ``pages_incomplete``, ``too_many_pages``; what was
            yielded before stays good
        """
        return self._walk(
            lambda page: self.search_invoices(search, page, page_size),
            lambda invoice: invoice.id or invoice,
            max_pages,
        )

    def invoice_history(self, invoice_id: int) -> InvoiceHistory:
        """Every status an invoice took, all pages.

        :param int invoice_id: ``InvoiceSummary.id``
        :rtype: InvoiceHistory
        """
        head: Json = {}

        def fetch(page: int) -> Page[Json]:
            answer = self.call(
                routes.INVOICE_HISTORY,
                {
                    "idFacture": invoice_id,
                    "paramRechercheHistoStatuts": {
                        "pageResultatDemandeeListeHistoStatut": page,
                        "nbResultatsParPageListeHistoStatut": self.settings.page_size,
                        "triColonneListeHistoStatut": "HistoStatutDatePassage",
                        "triSensListeHistoStatut": "Ascendant",
                    },
                },
            )
            head.update(answer)
            # Here the counters have names of their own.
            told = section(answer.get("historiquesDesStatuts"))
            counters = {"pages": told.get("pagesHistoStatut"), "total": told.get("totalHistoStatut")}
            return self._page(
                {"histoStatut": told.get("histoStatut"), "parametresRetour": counters},
                "histoStatut",
                dict,
                page,
            )

        rows = list(self._walk(fetch, _event_key))
        events = sorted(map(_event, rows), key=lambda event: event.at.timestamp() if event.at else 0)
        return InvoiceHistory(
            invoice_id=invoice_id,
            number=word(head.get("numeroFacture")),
            status=status_code(word(head.get("statutCourantCode"))),
            deposit_mode=word(head.get("modeDepot")),
            events=tuple(events),
        )

    def supplier_invoice(self, invoice_id: int) -> Json:
        """Everything about one invoice, as the server's own dict (``FactureCppEmise``) with cleaned texts."""
        answer = self.call(routes.SUPPLIER_INVOICE, {"identifiantFactureCPP": invoice_id, "codeLangue": "fr"})
        invoice: Json = clean(self._required(section(answer.get("facture")), "facture"))
        return invoice

    def download_invoices(
        self, invoice_ids: Iterable[int], file_format: str = "PDF", *, with_attachments: bool = False
    ) -> bytes:
        """The files of some invoices, about ten at most.

        :param str file_format: ``PDF``, ``PIVOT`` or ``ZIP``
        :return bytes: one file, or an archive
        """
        answer = self.call(
            routes.DOWNLOAD_INVOICES,
            {
                "listeFacture": [{"idFacture": invoice_id} for invoice_id in invoice_ids],
                "format": file_format,
                "avecPiecesJointesComplementaires": "OUI" if with_attachments else "NON",
            },
        )
        return self._file(answer)


def _criteria(search: InvoiceSearch) -> Json:
    values = ((field.name, getattr(search, field.name)) for field in fields(search))
    return {
        CRITERIA[name][0]: CRITERIA[name][1](value)
        for name, value in values
        if value not in (None, "", (), [])
    }


def _status_at(row: Json, deposited: date | None) -> datetime | None:
    """Since when an invoice has its status; a day before its deposit is no date of a status: None."""
    at = moment(row.get("dateHeureEtatCourant"))
    return None if at and deposited and at.date() < deposited - timedelta(days=1) else at


def _summary(row: Json) -> InvoiceSummary:
    deposited = day(row.get("dateDepot"))
    return InvoiceSummary(
        id=identifier(row.get("identifiantFactureCPP")),
        number=word(row.get("numeroFacture")),
        status=status_code(word(row.get("statut") or row.get("statutFacture"))),
        status_at=_status_at(row, deposited),
        comment=text(row.get("commentaireEtatCourant")),
        flow_number=word(row.get("numeroFluxDepot")),
        supplier=registration(row.get("codeFournisseur"), row.get("typeIdentifiantFournisseur")),
        supplier_name=word(row.get("designationFournisseur")),
        recipient=registration(row.get("codeDestinataire")),
        recipient_name=word(row.get("designationDestinataire")),
        recipient_id=identifier(row.get("idDestinataire")),
        service=word(row.get("codeServiceExecutant")),
        service_name=word(row.get("nomServiceExecutant")),
        invoice_type=word(row.get("typeFacture")),
        issued_on=day(row.get("dateFacture")),
        deposited_on=deposited,
        total_without_tax=amount(row.get("montantHT")),
        total=amount(row.get("montantTTC")),
        amount_due=amount(row.get("montantAPayer")),
        currency=word(row.get("devise")),
        market=word(row.get("numeroMarche")),
        engagement=word(row.get("numeroBonCommande")),
        origin_number=word(row.get("numeroFactureOrigine")),
        deposit_mode=word(row.get("modeDepot")),
        rejection_handled=flag(row.get("rejetTraite")),
    )


def _event(row: Json) -> StatusEvent:
    by = f"{word(row.get('histoStatutUtilisateurPrenom'))} {word(row.get('histoStatutUtilisateurNom'))}"
    return StatusEvent(
        status_code(word(row.get("histoStatutCode"))),
        moment(row.get("histoStatutDatePassage")),
        text(row.get("histoStatutCommentaire")),
        by.strip(),
    )


def _event_key(row: Json) -> Hashable:
    return identifier(row.get("histoStatutId")) or _event(row)
