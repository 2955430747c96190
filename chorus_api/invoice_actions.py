"""What a supplier can do about an invoice that Chorus Pro already holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from . import routes
from .operations import Operations
from .readers import Json, day, identifier, moment, word
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
