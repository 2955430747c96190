"""When the invoices of one customer go to Chorus Pro, where its company lets invoices go by themselves."""

from odoo import api, fields, models

from ..base.moments import CUSTOMER_MODES


class ResPartner(models.Model):
    _inherit = "res.partner"

    chorus_sending = fields.Selection(
        CUSTOMER_MODES,
        string="Invoices go",
        company_dependent=True,
        help="Empty: as the settings of the company say.",
    )
    chorus_sending_offered = fields.Boolean(
        "Customer may say how invoices go", compute="_compute_chorus_sending_offered"
    )

    @api.depends_context("company")
    def _compute_chorus_sending_offered(self):
        """Whether the form asks: nobody is asked where all goes by hand."""
        self.chorus_sending_offered = self.env.company._chorus_sends_by_itself()
