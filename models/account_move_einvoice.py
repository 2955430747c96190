"""From an invoice of the ERP to the semantic invoice of EN 16931: the way in, and the header."""

from datetime import date

from odoo import api, models

from ..einvoice import terms
from .chorus_finding_rules import OTHER_CHANNELS
from .einvoice_pass import EinvoicePass
from .einvoice_texts import stripped

MOVE_FIELDS = [
    "name", "move_type", "state", "invoice_date", "invoice_date_due", "delivery_date", "currency_id",
    "company_id", "partner_id", "commercial_partner_id", "partner_shipping_id", "partner_bank_id",
    "fiscal_position_id", "invoice_payment_term_id", "payment_reference", "payment_state", "narration",
    "reversed_entry_id", "preferred_payment_method_line_id", "amount_total", "buyer_reference",
    "contract_reference", "purchase_order_reference", "journal_id", "chorus_process",
    "chorus_document_kind", "chorus_corrected_id", "chorus_factor_id", "chorus_period_start",
    "chorus_period_end", "chorus_other_bank_ids", "chorus_attachment_ids", "chorus_not_for_chorus",
    "debit_origin_id", *OTHER_CHANNELS,
]  # fmt: skip


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_invoices(self, environment):
        """The semantic invoices of these customer invoices and credit notes, in bulk.

        Nothing is checked here: what is missing in the ERP is absent from the result, for the checks to
        say. In test, the seller's SIRET is the one of the test data set.

        :param str environment: ``'test'`` or ``'production'``
        :rtype: dict[int, einvoice.terms.Invoice]
        """
        moves = self._chorus_documents()
        return moves._chorus_map(EinvoicePass(moves, environment))

    def _chorus_documents(self):
        """The customer invoices and credit notes among ``self``, with sudo, their header in the cache.

        :rtype: account.move
        """
        moves, kinds = self.sudo(), self.get_sale_types()
        # Named, for else the first look at any of them would read all columns of the table.
        moves.fetch([name for name in MOVE_FIELDS if name in self._fields])
        return moves.filtered(lambda move: move.move_type in kinds)

    def _chorus_map(self, common):
        """The semantic invoices of ``self``, each in its customer's language.

        :param EinvoicePass common: of the same invoices
        :rtype: dict[int, einvoice.terms.Invoice]
        """
        self._chorus_read_down_payments(common)
        invoices, default = {}, self._chorus_default_lang()
        groups = self.grouped(lambda move: (move.partner_id.lang or default, move.company_id))
        for (lang, company), group in groups.items():
            for move in group.with_context(lang=lang).with_company(company):
                invoices[move.id] = move._chorus_invoice(common)
        return invoices

    @api.model
    def _chorus_default_lang(self):
        """The language of invoices to a customer without one: French where it is installed."""
        return "fr_FR" if self.env["res.lang"]._get_data(code="fr_FR") else self.env.lang or "en_US"

    def _chorus_invoice(self, common):
        """One semantic invoice.

        :param EinvoicePass common:
        :rtype: einvoice.terms.Invoice
        """
        self.ensure_one()
        parts = self._chorus_line_parts(common)
        if parts.problems:
            common.problems[self.id] = parts.problems
        breakdown, totals = self._chorus_totals(common, parts)
        origins = self._chorus_preceding_moves(common)
        return terms.Invoice(
            number=self.name if self.name and self.name != "/" else "",
            issue_date=self.invoice_date or date.today(),
            type_code=self._chorus_type_code(),
            currency=self.currency_id.name,
            seller=self._chorus_seller(common),
            buyer=self._chorus_buyer(common),
            lines=tuple(parts.lines),
            breakdown=breakdown,
            totals=totals,
            payment=self._chorus_payment_means(common),
            process=self.chorus_process or "A1",
            notes=self._chorus_notes(common, parts, origins),
            vat_point_code=self._chorus_vat_point(parts),
            buyer_reference=stripped(self._chorus_sent_service(common)),
            order_reference=stripped(self.purchase_order_reference),
            contract_reference=stripped(self.contract_reference),
            preceding=self._chorus_preceding(origins),
            payee=self._chorus_payee(),
            ship_to=self._chorus_ship_to(common),
            delivery_date=self.delivery_date or None,
            period=period(self.chorus_period_start, self.chorus_period_end),
            allowances=tuple(parts.document_level),
            payment_reference=stripped(self.payment_reference),
            payment_terms=self._chorus_payment_terms(common),
            due_date=self.invoice_date_due or None,
            attachments=self._chorus_attachments(),
        )

    def _chorus_attachments(self):
        return tuple(
            terms.Attachment(
                name=attachment.name,
                content=attachment.raw or b"",
                mime=attachment.mimetype or "application/octet-stream",
                description=stripped(attachment.description),
            )
            for attachment in self.chorus_attachment_ids
        )


def period(start, end):
    """BG-14 or BG-26, None without any day."""
    return terms.Period(start or None, end or None) if start or end else None
