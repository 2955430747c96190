"""The company's switch, who is told, and when its invoices go: by hand, or by themselves."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...chorus_api.flows import LIMITS
from ..base.chorus_authority import is_rendering
from ..base.chorus_server_config import ENVIRONMENTS
from ..base.moments import COMPANY_MODES
from ..base.transactions import wake

SETTINGS = {
    "chorus_environment", "chorus_responsible_id", "chorus_group_size", "chorus_keep_out_of_ereporting",
    "chorus_establishments", "chorus_sending", "chorus_sending_hour", "chorus_sending_warned",
}  # fmt: skip


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_environment = fields.Selection(
        ENVIRONMENTS,
        string="Chorus Pro",
        copy=False,
        help="Where the invoices of this company go. Empty: nothing is sent to Chorus Pro.",
    )
    chorus_responsible_id = fields.Many2one(
        "res.users",
        string="Responsible for Chorus Pro",
        copy=False,
        help="Receives an activity about the connection, and about invoices whose sender has left.",
    )
    chorus_group_size = fields.Integer(
        string="Invoices per deposit",
        # A company that was there before keeps what it has.
        default=LIMITS["flow_invoices"].value,
        help="How many invoices one file sent to Chorus Pro holds at most. 1: each travels by itself. With"
        " more, two are tried first in one file; only when Chorus Pro has taken these do larger ones follow.",
    )
    chorus_keep_out_of_ereporting = fields.Boolean(
        string="Chorus Pro invoices stay out of e-reporting",
        default=True,
        help="An invoice that goes by Chorus Pro is an electronic invoice: Odoo's e-reporting does not"
        " declare it, nor its payments, to the tax administration as a sale to a consumer. Ask your"
        " accountant before you change this.",
    )
    chorus_connection_ids = fields.One2many(
        "chorus.connection",
        "company_id",
        string="Connections to Chorus Pro",
        groups="base.group_system",
    )

    _chorus_group_size_positive = models.Constraint(
        "CHECK(chorus_group_size IS NULL OR chorus_group_size >= 1)",
        "A deposit to Chorus Pro holds at least one invoice.",
    )

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

    @api.constrains("chorus_environment")
    def _check_chorus_environment(self):
        for company in self.filtered("chorus_environment"):
            connection = self.env["chorus.connection"]._for(company, company.chorus_environment)
            if reason := connection._why_not_usable():
                raise ValidationError(
                    self.env._(
                        "Chorus Pro cannot be switched on for %(company)s. %(reason)s",
                        company=company.name,
                        reason=reason,
                    )
                )

    def write(self, vals):
        if SETTINGS & vals.keys():
            # Where invoices go is decided by whoever may see the connections.
            self.env["chorus.connection"].check_access("write")
        self._chorus_check_contact(vals)
        result = super().write(vals)
        if vals.keys() & {"chorus_environment", "chorus_keep_out_of_ereporting"}:
            self.env["account.move"]._chorus_refresh_ereporting_of(self)
        if vals.get("chorus_environment"):
            # What was left waiting for this environment goes on.
            wake(self.env)
        return result

    def _chorus_check_contact(self, vals):
        """Another contact may bring another SIRET."""
        if "partner_id" not in vals or (self.env.su and not is_rendering()):
            return
        siret = self.env["res.partner"].browse(vals["partner_id"])._chorus_own_siret()
        changed = self.filtered(lambda company: company.sudo().partner_id._chorus_own_siret() != siret)
        changed._chorus_check_may_change_seller()

    def _chorus_why_waiting(self, environment):
        """Return why invoices queued for ``environment`` do not leave now, or ``""``."""
        present = self.sudo().chorus_environment
        if present == environment:
            return ""
        if not present:
            return self.env._(
                "It waits: Chorus Pro is switched off for %s. An administrator switches it on again in the"
                " settings of Invoicing; you may also withdraw the invoice.",
                self.name,
            )
        return self.env._(
            "It waits: %(company)s now sends to the environment %(present)s. An administrator switches over"
            " in the settings of Invoicing; you may also withdraw the invoice.",
            company=self.name,
            present=dict(self._fields["chorus_environment"]._description_selection(self.env))[present],
        )

    def _chorus_set_default_responsible(self):
        """Whoever configures the connection is told what happens, unless somebody else is named."""
        if not self.chorus_responsible_id and not self.env.user._is_superuser():
            self.sudo().chorus_responsible_id = self.env.user

    def _chorus_directory_environment(self):
        """Return the environment whose directory of public structures this company looks at.

        Where nothing is switched on yet, the one that is connected; production rather than test.
        """
        self.ensure_one()
        connections = self.env["chorus.connection"]
        return self.sudo().chorus_environment or (
            "test"
            if connections._for(self, "test").connected_at
            and not connections._for(self, "production").connected_at
            else "production"
        )

    # -- when the invoices of a company go to Chorus Pro: by hand, or by themselves

    def _chorus_sends_by_itself(self):
        """Whether invoices of this company may go without a person, while Chorus Pro is switched on."""
        self.ensure_one()
        return self.sudo().chorus_sending not in (False, "manual")
