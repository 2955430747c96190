"""What the addon says about an invoice or a customer cannot be forged by whoever may edit it.

``readonly`` on a field only concerns screens: a remote call could write it.
"""

from odoo import api, models
from odoo.exceptions import AccessError

from .chorus_authority import is_by_code, is_rendering


class ChorusGuardedFields(models.AbstractModel):
    """Refuses values of the addon's read-only fields that its code does not write itself."""

    _name = "chorus.guarded.fields"
    _description = "Fields Written by the Code of Chorus Pro Only"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._chorus_check_not_forged(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._chorus_check_not_forged(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        """Neither the caller's context nor settings of the user fill the guarded fields."""
        return super().default_get([name for name in fields if not self._chorus_is_guarded(name)])

    @api.model
    def _chorus_is_guarded(self, name):
        field = name.startswith("chorus_") and self._fields.get(name)
        return bool(field and field.readonly and not field.compute)

    @api.model
    def _chorus_check_not_forged(self, vals):
        """
        :raises AccessError: when somebody else than the code writes one of the guarded fields
        """
        if is_by_code(self.env) or (self.env.su and not is_rendering()):
            return
        forged = [name for name in vals if self._chorus_is_guarded(name)]
        if forged:
            raise AccessError(
                self.env._("Only Chorus Pro's answers and the addon itself write: %s", ", ".join(forged))
            )


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "chorus.guarded.fields"]


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "chorus.guarded.fields"]
