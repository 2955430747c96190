"""When the invoices of a company go to Chorus Pro: by hand, or by themselves."""

from odoo import fields, models

from ..base.moments import COMPANY_MODES


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_sending = fields.Selection(
        COMPANY_MODES,
        string="Invoices go to Chorus Pro",
        default="manual",
        copy=False,
        help="By hand: somebody presses Send to Chorus. By themselves: what is confirmed from now on is"
        " checked as on that screen; what is ready goes, what is not stays and is told once. The first real"
        " deposit is always made by a person.",
    )
    chorus_sending_hour = fields.Float(
        "Hour of the daily sending",
        default=18.0,
        copy=False,
        help="In the time of Paris. A summary of the day follows an hour later.",
    )
    chorus_sending_warned = fields.Boolean(
        "Also invoices with a remark",
        copy=False,
        help="Unticked: an invoice with a remark waits until somebody has looked at it and sends it by hand.",
    )

    _chorus_sending_hour_of_day = models.Constraint(
        "CHECK(chorus_sending_hour IS NULL OR chorus_sending_hour >= 0 AND chorus_sending_hour < 24)",
        "The hour of the daily sending is between 00:00 and 23:59.",
    )

    def _chorus_sends_by_itself(self):
        """Whether invoices of this company may go without a person, while Chorus Pro is switched on."""
        self.ensure_one()
        return self.sudo().chorus_sending not in (False, "manual")
