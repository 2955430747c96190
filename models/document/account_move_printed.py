"""What the pages say: the same as the data, read from the same semantic invoice."""

from odoo import api, fields, models

from ...mapping.payment import due_sentences, read_dues, subrogation


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_due_note = fields.Text("What is due when", compute="_compute_chorus_due_note")

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


def _in_fours(number):
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
