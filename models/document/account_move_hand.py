from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

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
