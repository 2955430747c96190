"""What may still be added to an invoice that Chorus Pro has, and what may not: said before anybody tries."""

from odoo import api, fields, models

from ..base.chorus_states import INVOICE, LINE


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_after_note = fields.Char("What may still be added", compute="_compute_chorus_after_note")

    @api.depends("chorus_todo", "chorus_state", "chorus_test_state")
    @api.depends_context("lang")
    def _compute_chorus_after_note(self):
        for move in self:
            line = move._chorus_told_line()
            if not line or not LINE[line.state].held:
                move.chorus_after_note = False
            elif move.chorus_todo == "complete":
                move.chorus_after_note = self.env._(
                    "You may add files and an answer (Complete…). What was deposited stays as it is: lines,"
                    " amounts, number, account and recipient."
                )
            elif INVOICE[line.summary_state].step == "under_way":
                move.chorus_after_note = self.env._(
                    "Nothing can be added now: Chorus Pro takes files and answers only while the buyer has"
                    " suspended the invoice. What was deposited stays as it is; a mistake is put right by a"
                    " credit note."
                )
            else:
                move.chorus_after_note = False
