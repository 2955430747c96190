"""What a supplier can do about an invoice that Chorus Pro holds, and the holder of a contract about others'.

The operations for validators (A9, A12) are those of the Factures Swagger. The words that ``action`` and
``typeValideur`` take are in no published contract: ours are a guess, and a refusal of them says that nothing
was done.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from . import errors, routes
from .operations import Operations, Page
from .readers import Json, amount, clean, day, identifier, moment, registration, section, word
from .statuses import status_code


@dataclass(frozen=True, slots=True)
class RecycleReceipt:
    """The invoice is on its way again, under the same number and id."""

    invoice_id: int
    number: str
    status: str
    deposit_date: date | None


@dataclass(frozen=True, slots=True)
class CompletionReceipt:
    """The suspended invoice was completed; ``handled_at`` is UTC."""

    invoice_id: int
    number: str
    handled_at: datetime | None


class InvoiceActions(Operations):
    """Mixed into :class:`client.ChorusClient`. Each is a write: :class:`errors.OutcomeUnknown` may come, then
    read the invoice's status before doing it again."""

    def recycle(
        self,
        invoice_id: int,
        recipient_siret: str,
        service_code: str | None = None,
        *,
        engagement: str | None = None,
        market: str | None = None,
        origin_number: str | None = None,
        comment: str | None = None,
    ) -> RecycleReceipt:
        """Send an invoice in status A_RECYCLER to the right recipient, service or engagement.

        :rtype: RecycleReceipt
        """
        recipient = {"codeDestinataire": recipient_siret, "codeServiceExecutant": service_code}
        reference = {
            "numeroBonCommande": engagement,
            "numeroMarche": market,
            "numeroFactureOrigine": origin_number,
        }
        answer = self.call(
            routes.RECYCLE,
            _given(
                {
                    "identifiantFactureCPP": invoice_id,
                    "destinataire": _given(recipient),
                    "reference": _given(reference),
                    "commentaire": comment,
                }
            ),
        )
        return RecycleReceipt(
            identifier(answer.get("identifiantFactureCPP")) or invoice_id,
            word(answer.get("numeroFacture")),
            status_code(word(answer.get("statutFacture"))),
            day(answer.get("dateDepot")),
        )

    def complete(
        self, invoice_id: int, comment: str | None = None, attachments: Iterable[tuple[int, str, str]] = ()
    ) -> CompletionReceipt:
        """Complete an invoice in status SUSPENDUE.

        :param str comment: to the buyer
        :param attachments: ``(file_id, designation, type)`` of files stored with :meth:`add_file`; ``type``
            is the attachment's kind in Chorus Pro's own list
        :rtype: CompletionReceipt
        :raises errors.Refused: ``not_suspended``, ``invoice_not_found``, ``no_right``
        """
        answer = self.call(
            routes.COMPLETE,
            _given(
                {
                    "identifiantFactureCPP": invoice_id,
                    "commentaire": comment,
                    "pieceJointeComplementaire": [
                        _given(
                            {
                                "pieceJointeComplementaireId": file_id,
                                "pieceJointeComplementaireDesignation": designation,
                                "pieceJointeComplementaireType": kind,
                            }
                        )
                        for file_id, designation, kind in attachments
                    ],
                }
            ),
        )
        return CompletionReceipt(
            identifier(answer.get("identifiantFactureCPP")) or invoice_id,
            word(answer.get("numeroFacture")),
            moment(answer.get("dateTraitement")),
        )

    def acknowledge_rejections(self, invoice_ids: Iterable[int]) -> None:
        """Mark rejected invoices as handled."""
        self.call(
            routes.ACKNOWLEDGE_REJECTIONS,
            {
                "listeDemandePaiement": [{"idDemandePaiement": invoice_id} for invoice_id in invoice_ids],
            },
        )


def _given(payload: Json) -> Json:
    """The payload without what is not given: an empty field may be read as "erase it"."""
    return {key: value for key, value in payload.items() if value not in (None, "", {}, [], ())}


# By rank of the validator: holder or representative of the group.
RANKS = {1: "VALIDEUR_1", 2: "VALIDEUR_2"}


@dataclass(frozen=True, slots=True)
class InvoiceToValidate:
    """One line of a validator's search. The contract declares its amounts as whole numbers: the exact ones
    are in :meth:`ValidationOperations.validator_invoice`."""

    id: int | None
    number: str
    status: str
    supplier: str
    supplier_name: str
    recipient: str
    recipient_name: str
    validator_id: int | None
    invoice_type: str
    issued_on: date | None
    deposited_on: date | None
    total: Decimal | None
    currency: str
    market: str
    engagement: str
    kind: str  # FACTURE, FACTURE_TRAVAUX…


class ValidationOperations(Operations):
    """Mixed into :class:`client.ChorusClient`."""

    def search_to_validate(self, siret: str, page: int = 1) -> Page[InvoiceToValidate]:
        """One page of the invoices that wait for the validation of a structure.

        :rtype: Page of InvoiceToValidate
        """
        payload: Json = {"typeIdentifiantStructure": "SIRET", "identifiantStructure": siret}
        return self._search_as_validator(routes.TO_VALIDATE, payload, page)

    def iter_to_validate(self, siret: str) -> Iterator[InvoiceToValidate]:
        """All pages of :meth:`search_to_validate`, each invoice once."""
        return self._walk(
            lambda page: self.search_to_validate(siret, page), lambda invoice: invoice.id or invoice
        )

    def search_validated(self, number: str, page: int = 1) -> Page[InvoiceToValidate]:
        """One page of the invoices of a number, waiting or not, of which the account is a validator.

        :rtype: Page of InvoiceToValidate
        """
        return self._search_as_validator(routes.VALIDATED, {"numeroFacture": number}, page)

    def iter_validated(self, number: str) -> Iterator[InvoiceToValidate]:
        """All pages of :meth:`search_validated`, each invoice once."""
        return self._walk(
            lambda page: self.search_validated(number, page), lambda invoice: invoice.id or invoice
        )

    def validator_invoice(self, invoice_id: int) -> Json:
        """Everything about one invoice, as the server's own dict (``FactureCppEmise``) with cleaned texts."""
        answer = self.call(
            routes.VALIDATOR_INVOICE, {"identifiantFactureCPP": invoice_id, "codeLangue": "fr"}
        )
        detail: Json = clean(self._required(section(answer.get("facture")), "facture"))
        return detail

    def validate_invoice(
        self,
        invoice_id: int,
        accept: bool,
        reason: str | None = None,
        *,
        rank: int = 1,
        validator_id: int | None = None,
    ) -> str:
        """Accept or refuse an invoice. A write: after an unknown outcome read its status first.

        :param bool accept: False refuses, and needs a reason
        :param int rank: 1 for the holder, 2 for the representative of a group
        :return str: the status it has now
        """
        payload: Json = {
            "idFacture": invoice_id,
            "action": "VALIDER" if accept else "REFUSER",
            "typeValideur": RANKS[rank],
        }
        if validator_id:
            payload["idValideur"] = validator_id
        if reason:
            payload["complementInfo" if accept else "motifRefus"] = reason
        answer = self.call(routes.VALIDATE, payload)
        return status_code(word(answer.get("statutFacture")))

    def correct_validator(self, invoice_id: int, siret: str) -> None:
        """A supplier names another validator for an invoice whose validator was the wrong one."""
        self.call(
            routes.CORRECT_VALIDATOR,
            {"idFacture": invoice_id, "typeIdentifiantStructure": "SIRET", "identifiantStructure": siret},
        )

    def _search_as_validator(self, route: routes.Route, payload: Json, page: int) -> Page[InvoiceToValidate]:
        payload["pagination"] = {
            "pageResultatDemandee": page,
            "nbResultatsParPage": self.settings.page_size,
            "triColonne": "DateDepot",
            "triSens": "Ascendant",
        }
        try:
            answer = self.call(route, payload)
        except errors.NothingFound:
            return Page((), page, None, 0 if page == 1 else None)
        return self._page(answer, "listeFactures", _to_validate, page)


def exact_total(detail: Json) -> Decimal | None:
    """The total including tax of :meth:`ValidationOperations.validator_invoice`, None when not told."""
    return amount(section(detail.get("montantTotal")).get("montantTtcTotal"))


def framework(detail: Json) -> str:
    """The code of the invoicing framework of :meth:`ValidationOperations.validator_invoice`."""
    return word(section(detail.get("cadreDeFacturation")).get("codeCadreFacturation"))


def _to_validate(row: Json) -> InvoiceToValidate:
    return InvoiceToValidate(
        id=identifier(row.get("idFacture")),
        number=word(row.get("numeroFacture")),
        status=status_code(word(row.get("statut"))),
        supplier=registration(row.get("identifiantFournisseur"), row.get("typeIdentifiantFournisseur")),
        supplier_name=word(row.get("designationFournisseur")),
        recipient=registration(row.get("identifiantDestinataire")),
        recipient_name=word(row.get("designationDestinataire")),
        validator_id=identifier(row.get("idValideur")),
        invoice_type=word(row.get("typeFacture")),
        issued_on=day(row.get("dateFacture")),
        deposited_on=day(row.get("dateDepot")),
        total=amount(row.get("montantTTC")),
        currency=word(row.get("devise")),
        market=word(row.get("numeroMarche")),
        engagement=word(row.get("numeroEngagement")),
        kind=word(row.get("typeDemandePaiement")),
    )
