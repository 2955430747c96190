"""The kind of document, the documents it refers to, and its notes (BT-3, BG-3, BG-1)."""

from odoo import models

from ..einvoice import terms
from .account_move_einvoice import _plain
from .einvoice_texts import LineTexts, split_text

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

    def _chorus_preceding_moves(self):
        """The invoices that this one corrects, cancels or deducts.

        :rtype: account.move
        """
        corrected = self.reversed_entry_id or self.chorus_corrected_id
        if not corrected and "debit_origin_id" in self._fields:
            corrected = self.debit_origin_id
        if corrected or self.move_type == "out_refund":
            return corrected
        deducted = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and line.quantity < 0
        )
        if not deducted:
            return deducted.move_id
        paid_down = deducted._get_downpayment_lines().move_id
        return paid_down.filtered(lambda move: move.state == "posted" and move != self)

    def _chorus_preceding(self):
        """BG-3. Chorus Pro reads one preceding invoice (XP Z12-012 BR-FR-CPRO-20)."""
        moves = self._chorus_preceding_moves()
        if len(moves) != 1:
            return ()
        return (terms.Preceding(moves.name or "", moves.invoice_date or None),)

    def _chorus_notes(self, common, parts):
        """BG-1: the terms printed on the invoice, texts that no line holds, and the legal mentions."""
        texts = []
        if narration := _plain(self.narration):
            texts += split_text(narration, LineTexts.LIMIT)
        deducted = self._chorus_preceding_moves()
        if len(deducted) > 1:
            names = ", ".join(deducted.sorted("name").mapped("name"))
            texts.append(self.env._("Deducted down payment invoices: %s", names))
        notes = [terms.Note(text) for text in texts] + parts.notes
        notes += [
            terms.Note(self.company_id[name].strip(), subject)
            for name, subject in MENTIONS
            if (self.company_id[name] or "").strip()
        ]
        return tuple(notes)
