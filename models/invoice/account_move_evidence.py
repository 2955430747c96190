"""The evidence file of an invoice, opened from it."""

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_chorus_evidence(self):
        """Open the screen that makes one ZIP of everything that proves what became of these invoices."""
        self._chorus_check_may_follow()
        return self._chorus_open_wizard(
            "chorus.evidence", self.env._("Evidence file"), move_ids=[fields.Command.set(self.ids)]
        )
