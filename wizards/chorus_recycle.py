from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.base.chorus_identity import SIRET_FIELD
from ..worker.doors import ask


class ChorusRecycle(models.TransientModel):
    """Send an invoice that the buyer returned to the right recipient, service or engagement."""

    _name = "chorus.recycle"
    _description = "Redirect an invoice on Chorus Pro"

    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="move_id.company_id", related_sudo=False)
    asked_for = fields.Text("What the buyer says", related="move_id.chorus_message", related_sudo=False)
    partner_id = fields.Many2one(
        "res.partner",
        "Recipient",
        compute="_compute_from_move",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain=f"[('{SIRET_FIELD}', '!=', False)]",
    )
    structure_id = fields.Many2one("chorus.structure", compute="_compute_structure")
    requirement = fields.Selection(related="structure_id.requirement")
    service_code = fields.Char(
        "Service code", compute="_compute_from_move", compute_sudo=False, store=True, readonly=False
    )
    engagement = fields.Char(
        "Engagement number", compute="_compute_from_move", compute_sudo=False, store=True, readonly=False
    )
    contract = fields.Char(
        "Public contract (marché)",
        compute="_compute_from_move",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    comment = fields.Text("Message to the buyer")

    @api.depends("move_id")
    def _compute_from_move(self):
        for wizard in self:
            move = wizard.move_id
            wizard.partner_id = move.partner_id
            wizard.service_code = move.buyer_reference
            wizard.engagement = move.purchase_order_reference
            wizard.contract = move.contract_reference

    @api.depends("partner_id", "move_id")
    def _compute_structure(self):
        for wizard in self:
            line = wizard.move_id._chorus_told_line()
            wizard.structure_id = self.env["chorus.structure"].search(
                [("siret", "=", wizard._recipient_siret()), ("environment", "=", line.environment)], limit=1
            )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id and self.partner_id.commercial_partner_id != self.move_id.commercial_partner_id:
            self.service_code = self.partner_id.chorus_service_code

    def _recipient_siret(self):
        """The SIRET to send to: what was sent, unless another recipient was chosen."""
        self.ensure_one()
        if not self.partner_id or self.partner_id.commercial_partner_id == self.move_id.commercial_partner_id:
            return self.move_id._chorus_told_line().buyer_siret
        return self.partner_id._chorus_siret()

    def action_recycle(self):
        """Send it to its new place; the outcome is shown on the invoice."""
        self.ensure_one()
        line = self.move_id._chorus_check_offer("redirect")
        siret = self._recipient_siret()
        if not siret:
            raise UserError(self.env._("%s has no SIRET.", self.partner_id.display_name))
        values = {
            "recipient_siret": siret,
            "partner_id": self.partner_id.id,
            "service_code": (self.service_code or "").strip(),
            "engagement": (self.engagement or "").strip(),
            "contract": (self.contract or "").strip(),
            "comment": (self.comment or "").strip(),
        }
        self._check_duties(values)
        return ask(line, "recycle", values)._outcome()

    def _check_duties(self, values):
        """
        :raises UserError: when the recipient requires what is missing
        """
        duty = self.requirement
        if duty in ("service", "both") and not values["service_code"]:
            raise UserError(self.env._("This recipient requires a service code."))
        if duty in ("engagement", "both") and not values["engagement"]:
            raise UserError(self.env._("This recipient requires an engagement number."))
        if duty == "either" and not (values["service_code"] or values["engagement"]):
            raise UserError(self.env._("This recipient requires a service code or an engagement number."))
