from odoo import fields, models
from odoo.exceptions import UserError


class ChorusValidationRefuse(models.TransientModel):
    """The reason that a subcontractor reads when her invoice is refused."""

    _name = "chorus.validation.refuse"
    _description = "Refuse an invoice to validate"

    validation_id = fields.Many2one("chorus.validation", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text("Reason for the subcontractor")

    def action_refuse(self):
        """Refuse the invoice with the reason."""
        self.ensure_one()
        self.validation_id._check_may_answer()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Write the reason: the subcontractor reads it."))
        return self.validation_id._answer(False, reason)
