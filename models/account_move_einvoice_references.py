"""The kind of document, the documents it refers to, and its notes (BT-3, BG-3, BG-1)."""

from functools import partial

from odoo import models

from ..einvoice import split_text, terms
from .einvoice_texts import LineTexts

INVOICE, CREDIT_NOTE, CORRECTIVE, DOWN_PAYMENT = "380", "381", "384", "386"

# UNTDID 4451: recovery costs, late payment, discount (XP Z12-012 BR-FR-05).
MENTIONS = (("chorus_note_pmt", "PMT"), ("chorus_note_pmd", "PMD"), ("chorus_note_aab", "AAB"))


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_type_code(self):
        """BT-3: what the accountant chose, else what the sales app says."""
        if self.move_type == "out_refund":
            return CREDIT_NOTE
        if self.chorus_document_kind:
            return self.chorus_document_kind
        return DOWN_PAYMENT if self._is_downpayment() else INVOICE

    def _chorus_preceding_moves(self, common):
        """The invoices that this one corrects, cancels or deducts.

        :param EinvoicePass common:
        :rtype: account.move
        """
        corrected = self.reversed_entry_id or self.chorus_corrected_id
        if not corrected and "debit_origin_id" in self._fields:
            corrected = self.debit_origin_id
        if corrected:
            return corrected
        deducted = self._chorus_deducted(common)
        if not deducted:
            return corrected
        paid_down = common.lines(deducted)._get_downpayment_lines().move_id
        return paid_down.filtered(lambda move: move.state == "posted" and move != self)

    def _chorus_deducted(self, common):
        """Ids of the lines that may deduct a down payment.

        When an order was cut down below what was paid, the sales app gives the rest back by a credit note.
        """
        back = -1 if self.move_type == "out_refund" else 1
        return [item.id for item in common.of_kind(self, "product") if item.quantity * back < 0]

    def _chorus_read_down_payments(self, common):
        """Let the sales app read what these invoices deduct at once, not invoice by invoice."""
        deducted = [line_id for move in self for line_id in move._chorus_deducted(common)]
        common.lines(deducted)._get_downpayment_lines().move_id.fetch(["state", "name", "invoice_date"])

    def _chorus_preceding(self, origins):
        """BG-3. Chorus Pro reads one preceding invoice (XP Z12-012 BR-FR-CPRO-20).

        :param origins: from _chorus_preceding_moves
        """
        if len(origins) != 1:
            return ()
        return (terms.Preceding(origins.name or "", origins.invoice_date or None),)

    def _chorus_notes(self, common, parts, origins):
        """BG-1: the terms printed on the invoice, texts that no line holds, and the legal mentions."""
        texts = []
        if narration := common.plain(self.narration):
            texts += split_text(narration, LineTexts.LIMIT)
        if len(origins) > 1:
            names = ", ".join(origins.sorted("name").mapped("name"))
            texts.append(self.env._("Deducted down payment invoices: %s", names))
        company = self.company_id
        mentions = common.once(("mentions", company.id, self.env.lang), partial(_mentions, company))
        return (*(terms.Note(text) for text in texts), *parts.notes, *mentions)


def _mentions(company):
    return [
        terms.Note(company[name].strip(), subject)
        for name, subject in MENTIONS
        if (company[name] or "").strip()
    ]
