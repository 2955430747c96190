"""The Send screen by reason: how many invoices have it, and the one correction for all where there is one."""

from odoo import api, fields, models
from odoo.exceptions import UserError

# The customer asks for one of its services: where it has a single one, no person needs to choose.
SERVICE_CODES = (
    "service_required",
    "service_required_by_state",
    "service_or_engagement_required",
    "service_unknown",
    "service_inactive",
)


class ChorusSendReason(models.TransientModel):
    _name = "chorus.send.reason"
    _inherit = ["chorus.written.by.code"]
    _description = "Reason why invoices are not sent to Chorus Pro"
    _order = "blocks desc, count desc, id"

    wizard_id = fields.Many2one("chorus.send", required=True, ondelete="cascade", index=True)
    code = fields.Char(readonly=True)
    blocks = fields.Boolean("Stops the sending", readonly=True)
    text = fields.Char("Reason", readonly=True)
    count = fields.Integer("Invoices", readonly=True)
    move_ids = fields.Many2many("account.move", readonly=True)
    fixable_count = fields.Integer(readonly=True)
    fix = fields.Char("One correction for all", readonly=True)

    @api.model
    def _correct_all(self, wizard, found):
        """Write the reasons of a Send screen.

        :param dict found: (code, blocks) → (sentences, invoices)
        :return: the invoices that the one correction mends
        """
        values, mended = [], self.env["account.move"]
        for (code, blocks), (sentences, moves) in found.items():
            services = self._only_services(moves) if code in SERVICE_CODES else {}
            mended = mended.union(*services)
            fixable, text = len(services), next(iter(sentences))
            values.append(
                {
                    "wizard_id": wizard.id,
                    "code": code,
                    "blocks": blocks,
                    "text": text if len(sentences) == 1 else self.env._("For example: %s", text),
                    "count": len(moves),
                    "move_ids": [fields.Command.set(moves.ids)],
                    "fixable_count": fixable,
                    "fix": fixable and self.env._("Use the customer's only service: %s invoices", fixable),
                }
            )
        self.sudo().create(values)
        return mended

    @api.model
    def _only_services(self, moves):
        """Invoice → the code of its customer's service, where the directory knows exactly one open."""
        codes = {}
        for move in moves:
            services = move.sudo().chorus_structure_id.service_ids.filtered(
                lambda service: service._accepts_invoices()
            )
            if len(services) == 1:
                codes[move] = services.code
        return codes

    def action_fix_all(self):
        """Give each of these invoices its customer's only service, then check the screen anew."""
        self.ensure_one()
        self._use_only_services(self.move_ids)
        return self.wizard_id.action_recheck()

    @api.model
    def _use_only_services(self, moves):
        """
        :raises UserError: when no customer has exactly one open service
        """
        codes = self._only_services(moves)
        if not codes:
            raise UserError(self.env._("These invoices have to be corrected one by one."))
        for move, code in codes.items():
            move.buyer_reference = code
