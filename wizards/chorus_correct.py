from odoo import api, fields, models
from odoo.exceptions import UserError


class ChorusCorrect(models.TransientModel):
    """One guided step for an invoice that the buyer rejected for good."""

    _name = "chorus.correct"
    _description = "Replace an invoice that the buyer rejected"

    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    environment = fields.Selection(
        [("test", "Test"), ("production", "Production")], compute="_compute_environment"
    )
    asked_for = fields.Text("The buyer's reason", related="move_id.chorus_message", related_sudo=False)
    replace = fields.Boolean(
        "Cancel it by a credit note, and make a corrected copy",
        compute="_compute_replace",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    acknowledge = fields.Boolean("Acknowledge the rejection on Chorus Pro", default=True)
    credit_date = fields.Date("Date of the credit note", default=fields.Date.context_today)

    @api.depends("move_id")
    def _compute_environment(self):
        for wizard in self:
            wizard.environment = wizard.move_id._chorus_told_line().environment

    @api.depends("move_id")
    def _compute_replace(self):
        for wizard in self:
            # What a test buyer rejects says nothing about the books.
            wizard.replace = wizard.environment == "production"

    def action_correct(self):
        """Make the credit note and the corrected draft, acknowledge, and open the draft."""
        self.ensure_one()
        move = self.move_id
        line = move._chorus_check_offer("correct")
        if not (self.replace or self.acknowledge):
            raise UserError(self.env._("Choose at least one thing to do."))
        # Two people at once: the second waits here, then finds the invoice replaced.
        move.lock_for_update(allow_referencing=True)
        corrected = move.browse()
        if self.replace:
            corrected = move._chorus_replace(self.credit_date, line.status_comment)
        line.sudo().replaced = True
        move._chorus_sync_state()
        move._chorus_solved(line.environment)
        if self.acknowledge:
            move._chorus_acknowledge_later(line)
        if not corrected:
            return {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Corrected invoice"),
            "res_model": "account.move",
            "res_id": corrected.id,
            "views": [(False, "form")],
            "target": "current",
        }
