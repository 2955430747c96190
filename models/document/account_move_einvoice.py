"""The door from invoices to semantic invoices of EN 16931, what the pages say of them, and the legal PDF."""

from odoo import api, fields, models

from ...mapping import Batch, InvoiceMapper
from ...mapping.payment import due_sentences, read_dues, subrogation


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_due_note = fields.Text("What is due when", compute="_compute_chorus_due_note")

    def _chorus_invoices(self, environment):
        """The semantic invoices of the customer invoices and credit notes among ``self``, in bulk.

        Nothing is checked here: what is missing in the ERP is absent from the result, for the checks to
        say. In test, the seller's SIRET is the one of the test data set.

        :param str environment: ``'test'`` or ``'production'``
        :rtype: dict[int, einvoice.terms.Invoice]
        """
        return InvoiceMapper(Batch(self, environment)).map_all()

    # -- what the pages say: the same as the data, read from the same semantic invoice

    @api.depends(
        "line_ids.date_maturity", "line_ids.amount_currency", "invoice_payment_term_id", "invoice_date"
    )
    @api.depends_context("lang")
    def _compute_chorus_due_note(self):
        for move in self:
            told = move._chorus_printed_dues() if move.is_sale_document() else []
            move.chorus_due_note = "\n".join(told) or False

    def _chorus_printed(self):
        """The semantic invoice of what is printed: the one that the data are made of, where there is one.

        :rtype: einvoice.terms.Invoice
        """
        known = self.env.context.get("chorus_printed") or {}
        return known.get(self.id) or self._chorus_invoices("production")[self.id]

    def _chorus_printed_sirets(self):
        """SIRETs of the supplier and the customer, as the data say them.

        :rtype: tuple[str, str]
        """
        invoice = self._chorus_printed()
        return invoice.seller.siret or "", invoice.buyer.siret or ""

    def _chorus_printed_accounts(self):
        """The accounts to pay to that the data name, in groups of four signs.

        :rtype: list[str]
        """
        accounts = self._chorus_printed().payment.accounts
        return [_in_fours(account.number) for account in accounts]

    def _chorus_printed_due_date(self):
        """The first day on which something is due, as the data say it (BT-9)."""
        return self._chorus_printed().due_date or self.invoice_date_due

    def _chorus_printed_dues(self):
        """What is due when, a sentence for each part; nothing where all is due at once.

        :rtype: list[str]
        """
        items = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return due_sentences(self, read_dues(self, items))

    def _chorus_printed_subrogation(self):
        """Whom to pay when the invoice was sold to a factor."""
        return subrogation(self)

    def action_chorus_hand(self):
        """Open the screen that makes the files of these invoices for a deposit on the portal."""
        self.check_access("write")
        wizard = self.env["chorus.hand"].create({"move_ids": self.ids})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deposit on the portal by hand"),
            "res_model": "chorus.hand",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }


def _in_fours(number):
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
