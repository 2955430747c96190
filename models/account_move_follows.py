"""The invoice follows its lines: what is written below shows on it, without a call from there."""

from odoo import api, models
from odoo.tools import format_datetime

from .chorus_deposit_line_click import as_one_click

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
            if vals.get("state") == "sent":
                # Whatever another module makes of an invoice's write, what Chorus Pro took stays taken.
                self.filtered(lambda line: line.environment == "production")._each_alone(
                    lambda line: line.move_id._chorus_mark_sent()
                )
                self._log_deposited()
        return result

    def _log_deposited(self):
        """A line in each invoice's history: that it left, when, under which flow number."""
        bodies = {}
        for line in self.filtered("flow_number"):
            sent_at = line.deposited_on
            body = self.env._(
                "Deposited on Chorus Pro: flow %(flow)s, %(date)s",
                flow=line.flow_number,
                date=format_datetime(self.env, sent_at) if sent_at else "",
            )
            bodies[line.move_id.id] = f"TEST – {body}" if line.environment == "test" else body
        if bodies:
            self.env["account.move"].sudo().browse(bodies)._message_log_batch(bodies)
