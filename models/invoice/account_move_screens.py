"""What lists and the form show of an invoice at a glance: one badge, the steps it has taken, its flow."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.chorus_states import INVOICE, LEVELS, level

# How far an invoice has come, of: deposited, made available, approved, payment under way.
REACHED = {
    "sent": 1, "hand": 1, "integrated": 1, "suspended": 2, "recycle": 2, "refused": 2, "attention": 2,
    "replaced": 2, "approved": 3, "paid": 4,
}  # fmt: skip
# Checked at one press; what is left is sent by the next one.
MAX_AT_ONCE = 500


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_badge = fields.Char("Chorus Pro", compute="_compute_chorus_badge")
    chorus_badge_level = fields.Selection(LEVELS, compute="_compute_chorus_badge")
    chorus_may_send = fields.Boolean("May be sent to Chorus Pro", compute="_compute_chorus_badge")
    chorus_reached = fields.Integer("Steps taken on Chorus Pro", compute="_compute_chorus_reached")
    chorus_flow_number = fields.Char("Flow number", compute="_compute_chorus_reached")

    @api.depends("chorus_step", "chorus_state", "chorus_test_state", "company_id.chorus_environment")
    @api.depends_context("lang")
    def _compute_chorus_badge(self):
        labels = dict(self._fields["chorus_state"]._description_selection(self.env))
        to_send = dict(self._fields["chorus_step"]._description_selection(self.env))["to_send"]
        for move in self:
            environment = move.company_id.sudo().chorus_environment
            state = move.chorus_state or (environment == "test" and move.chorus_test_state)
            waits = move.chorus_step == "to_send"
            move.chorus_may_send = bool(waits and environment)
            label = labels[state] if state else to_send if move.chorus_may_send else False
            in_test = state and not move.chorus_state
            move.chorus_badge = f"TEST – {label}" if label and in_test else label
            move.chorus_badge_level = level(INVOICE.get(state)) or (
                "warning" if label and not state else False
            )

    @api.depends("chorus_state", "chorus_test_state", "chorus_line_ids.flow_number")
    def _compute_chorus_reached(self):
        for move in self:
            line = move._chorus_told_line()
            reached = REACHED.get(line.summary_state, 0)
            if line.first_available_at or line.status_code == "MISE_A_DISPOSITION":
                reached = max(reached, 2)
            move.chorus_reached = reached
            move.chorus_flow_number = line.flow_number or False

    @api.model
    def chorus_is_on(self):
        """Whether one of the companies at hand sends to Chorus Pro: lists show their button then.

        :rtype: bool
        """
        reads = self.env["chorus.deposit"].has_access("read")
        return reads and any(self.env.companies.sudo().mapped("chorus_environment"))

    @api.model
    def action_chorus_send_all(self, environment):
        """Open the Send screen on every invoice that the card "To send" of the overview counts.

        :param str environment: ``'test'`` or ``'production'``; companies that send elsewhere are left out
        :raises UserError: when there is none
        """
        companies = self.env.companies.filtered(
            lambda company: company.sudo().chorus_environment == environment
        )
        moves = self.search(
            [("chorus_step", "=", "to_send"), ("company_id", "in", companies.ids)],
            order="invoice_date, id",
            limit=MAX_AT_ONCE,
        )
        if not moves:
            raise UserError(self.env._("Nothing is ready to be sent."))
        return moves.action_chorus_send()
