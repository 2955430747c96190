from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.notice.chorus_notice import dialog

ENVIRONMENTS = [("test", "Test"), ("production", "Production")]
MAX_INVOICES = 200


class ChorusChosenInvoices(models.AbstractModel):
    """A screen that works on invoices chosen in a list, in the environment of their company."""

    _name = "chorus.chosen.invoices"
    _description = "Invoices chosen for a screen"

    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    company_id = fields.Many2one("res.company", compute="_compute_company")
    environment = fields.Selection(ENVIRONMENTS, compute="_compute_environment", store=True, readonly=False)

    @api.depends("move_ids")
    def _compute_company(self):
        for wizard in self:
            wizard.company_id = wizard.move_ids.company_id[:1]

    @api.depends("move_ids")
    def _compute_environment(self):
        for wizard in self:
            wizard.environment = wizard.company_id.chorus_environment or "production"

    def _check_chosen(self):
        """
        :raises UserError: unless the invoices are of one company
        :raises AccessError: unless the user may write on them
        """
        self.move_ids.check_access("write")
        if len(self.move_ids.company_id) > 1:
            raise UserError(self.env._("Choose invoices of one company at a time."))

    def _reopen(self, name):
        """The action that shows this record again, under the title ``name``."""
        return dialog(self, name)
