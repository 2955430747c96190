"""The legal PDF that an invoice has already, and what is lost when its pages are taken over."""

from odoo import models

from ... import einvoice


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_legal_pdfs(self):
        """Legal PDFs that the invoices have already.

        :rtype: dict[int, ir.attachment]
        """
        attachments = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("res_field", "=", "invoice_pdf_report_file"),
                ]
            )
        )
        return {attachment.res_id: attachment for attachment in attachments}

    def _chorus_lost(self):
        """What legal PDFs made elsewhere hold and the Factur-X made of them cannot.

        :rtype: dict[int, list[einvoice.Finding]]
        """
        strangers = self.filtered(lambda move: not move.chorus_legal_digest)
        kept = strangers._chorus_legal_pdfs() if strangers else {}
        return {move_id: einvoice.lost(attachment.raw) for move_id, attachment in kept.items()}
