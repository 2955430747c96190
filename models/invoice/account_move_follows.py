"""The invoice follows its lines: what is written below shows on it, without a call from there."""

from odoo import api, models

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
                )._each_alone(lambda line: line.move_id._chorus_mark_sent())
        return result
