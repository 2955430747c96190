"""The invoice follows its lines: what is written below shows on it, and what may still be added to it."""

from odoo import api, fields, models

from ..base.chorus_states import INVOICE, LINE
from ..deposit.chorus_deposit_line_click import as_one_click

# Of a line, what an invoice shows.
SHOWN = frozenset({"state", "status_code", "status_at", "status_comment", "replaced"})


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(as_one_click(self.env, vals_list))
        lines.move_id.invalidate_recordset(["chorus_line_ids"])
        lines.move_id._chorus_sync_state()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if SHOWN & vals.keys():
            self.move_id._chorus_sync_state()
            if vals.get("state") in ("sent", "integrated"):
                # Whatever another module makes of an invoice's write, what Chorus Pro took stays taken.
                self.filtered(
                    lambda line: line.environment == "production" and not line.move_id.is_move_sent
                )._together_or_alone(lambda lines: lines.move_id._chorus_mark_sent())
        return result


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
