from odoo import fields, models

STATES = (
    "ready", "to_send", "processing", "done", "error", "skipped",
    "AB", "AP", "RE", "PD", "submitted", "made_available", "refused", "cancelled",
    "sent", "suspended", "completed",
)  # fmt: skip


class AccountMove(models.Model):
    _inherit = "account.move"

    peppol_move_state = fields.Selection([(state, f"State {state}") for state in STATES], copy=False)
    peppol_message_uuid = fields.Char(copy=False)
    nemhandel_move_state = fields.Selection(
        [
            (state, f"State {state}")
            for state in ("ready", "to_send", "processing", "done", "error", "BusinessReject")
        ],
        copy=False,
    )
    nemhandel_message_uuid = fields.Char(copy=False)
    fr_einvoicing_flow_id = fields.Many2one("res.partner.category", copy=False)

    def neighbour_sends_by_its_own_screen(self):
        """Send past Odoo's common hook, as a module with a screen of its own does."""
        self.lock_for_update()
        self.env["account.move.send"].sudo()._neighbour_sends(self)
        return True
