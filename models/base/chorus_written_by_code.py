"""Records that people read and only code writes: deposits, journals, statuses, the lines of screens."""

from odoo import api, models
from odoo.exceptions import AccessError


class ChorusWrittenByCode(models.AbstractModel):
    """Refuses every write that code does not make with its own rights, whatever access rights are granted.

    It also covers what Odoo derives from it: files of such records cannot be changed or removed either.
    """

    _name = "chorus.written.by.code"
    _inherit = ["chorus.kept.from.texts"]
    _description = "Written by the code of Chorus Pro only"

    def _check_access(self, operation):
        if operation != "read" and not self.env.su:
            return self, self._chorus_refusal
        return super()._check_access(operation)

    def _chorus_refusal(self):
        return AccessError(
            self.env._("%s: only Chorus Pro's answers and the addon itself write this.", self._description)
        )

    @api.model
    def default_get(self, fields):  # pylint: disable=method-required-super
        """The code's own defaults only.

        Odoo's also come from the caller's context (``default_state``) and from settings of the user
        (``ir.default``): both would be written with the rights of the code.
        """
        defaults = {}
        for name in fields:
            field = self._fields.get(name)
            if field and field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults
