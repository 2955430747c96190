"""The semantic invoice of EN 16931, out of one invoice of the ERP."""

from datetime import date

from ..einvoice import terms
from .batch import Batch
from .kinds import Record
from .lines import LineMapper, period
from .parties import PartyMapper
from .payment import PaymentMapper
from .references import ReferenceMapper
from .texts import LineTexts, code, first_piece, stripped
from .totals import totals, vat_point


class InvoiceMapper:
    """Maps the invoices of one batch.

    :param Batch batch:
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._parties = PartyMapper(batch)
        self._payment = PaymentMapper(batch)
        self._references = ReferenceMapper(batch)

    def map_all(self) -> dict[int, terms.Invoice]:
        """The semantic invoices of the batch, each in its customer's language.

        :rtype: dict[int, einvoice.terms.Invoice]
        """
        moves, invoices = self.batch.moves, {}
        # French, where it is installed, for a customer without language.
        french = moves.env["res.lang"]._get_data(code="fr_FR")
        default = "fr_FR" if french else moves.env.lang or "en_US"
        self._references.read_down_payments(moves)
        groups = moves.grouped(lambda move: (move.partner_id.lang or default, move.company_id))
        for (lang, company), group in groups.items():
            for move in group.with_context(lang=lang).with_company(company):
                invoices[move.id] = self.map(move)
        return invoices

    def map(self, move: Record) -> terms.Invoice:
        """One semantic invoice, in the language of its environment.

        :param move: record of account.move, of the batch
        :rtype: einvoice.terms.Invoice
        """
        parts = LineMapper(self.batch, move).parts()
        if parts.problems:
            self.batch.problems[move.id] = parts.problems
        breakdown, amounts = totals(parts, self._payment.prepaid(move))
        references = self._references
        origins = references.origins(move)
        payment_terms, more_terms = first_piece(self._payment.terms(move) or "", LineTexts.LIMIT)
        return terms.Invoice(
            number=move.name if move.name and move.name != "/" else "",
            issue_date=move.invoice_date or date.today(),
            type_code=references.type_code(move),
            currency=move.currency_id.name,
            seller=self._parties.seller(move),
            buyer=self._parties.buyer(move),
            lines=tuple(parts.lines),
            breakdown=breakdown,
            totals=amounts,
            payment=self._payment.means(move),
            process=move.chorus_process or "A1",
            notes=references.notes(move, parts, origins, more_terms),
            vat_point_code=vat_point(parts),
            buyer_reference=code(references.buyer_service(move)),
            order_reference=code(move.purchase_order_reference),
            contract_reference=code(move.contract_reference),
            preceding=references.preceding(origins),
            payee=self._parties.payee(move),
            ship_to=self._parties.ship_to(move),
            delivery_date=move.delivery_date or None,
            period=period(move.chorus_period_start, move.chorus_period_end),
            allowances=tuple(parts.document_level),
            payment_reference=code(move.payment_reference),
            payment_terms=payment_terms,
            due_date=self._payment.due_date(move),
            attachments=tuple(map(_attachment, move.chorus_attachment_ids)),
        )


def _attachment(attachment: Record) -> terms.Attachment:
    return terms.Attachment(
        name=attachment.name,
        content=attachment.raw or b"",
        mime=attachment.mimetype or "application/octet-stream",
        description=stripped(attachment.description),
    )
