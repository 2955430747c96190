"""By which electronic road the invoices of a customer go, why, and when; what follows when it is written."""

from odoo import api, fields, models

from ..base.moments import CUSTOMER_MODES
from ..notice.chorus_notice import dialog
from .res_partner_directory import ACCOUNTING


class ResPartner(models.Model):
    _inherit = "res.partner"

    chorus_road_note = fields.Char(
        "Road of its invoices, and why", compute="_compute_chorus_road_note", groups=ACCOUNTING
    )

    chorus_sending = fields.Selection(
        CUSTOMER_MODES,
        string="Invoices go",
        company_dependent=True,
        help="Empty: as the settings of the company say.",
    )
    chorus_sending_offered = fields.Boolean(
        "Customer may say how invoices go", compute="_compute_chorus_sending_offered"
    )

    @api.depends("dematerialized_invoice_type", "commercial_partner_id.dematerialized_invoice_type")
    @api.depends_context("company", "lang")
    def _compute_chorus_road_note(self):
        for partner in self:
            partner.chorus_road_note = partner._chorus_road_sentence(self.env.company)

    def _chorus_road_sentence(self, company):
        """Which road the invoices of ``company`` take to this customer, and why.

        :rtype: str | False
        """
        self.ensure_one()
        if not self._is_chorus_customer(company):
            return False
        names = {"customer": self._chorus_commercial().name or "", "company": company.name}
        match company.sudo().chorus_environment:
            case "production":
                return self.env._(
                    "The invoices of %(customer)s go by Chorus Pro, and by no other electronic road, because "
                    "its dematerialized invoice is Factur-X.",
                    **names,
                )
            case "test":
                return self.env._(
                    "Chorus Pro is in test for %(company)s: what is sent reaches nobody. In production the "
                    "invoices of %(customer)s will go by Chorus Pro, and by no other electronic road.",
                    **names,
                )
            case _:
                return self.env._(
                    "Chorus Pro is switched off for %(company)s: the invoices of %(customer)s do not go "
                    "there until an administrator switches it on in the settings.",
                    **names,
                )

    # ------------------------------------------------------------------ many at once
    def action_chorus_road_there(self):
        """Open the screen that moves these customers to Chorus Pro."""
        return self._chorus_open_road("chorus")

    def action_chorus_road_away(self):
        """Open the screen that moves these customers away from Chorus Pro."""
        return self._chorus_open_road("away")

    def _chorus_open_road(self, target):
        wizard = self.env["chorus.road"].create({"partner_ids": self.ids, "target": target})
        return dialog(wizard, dict(wizard._fields["target"]._description_selection(self.env))[target])

    # -- when the invoices of one customer go to Chorus Pro

    @api.depends_context("company")
    def _compute_chorus_sending_offered(self):
        """Whether the form asks: nobody is asked where all goes by hand."""
        self.chorus_sending_offered = self.env.company._chorus_sends_by_itself()

    # -- what follows on a customer's invoices when it is written: the switch, then the payment period

    @api.model
    def _commercial_fields(self):
        return [*super()._commercial_fields(), "dematerialized_invoice_type", "chorus_payment_delay"]

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        marked = partners.filtered("dematerialized_invoice_type")
        marked._chorus_align_invoicing()
        marked._chorus_mark_for_branches()
        return partners

    def write(self, vals):
        self._chorus_check_company_siret(vals)
        result = super().write(vals)
        if "dematerialized_invoice_type" in vals:
            self._chorus_align_invoicing()
            self._chorus_mark_for_branches()
            self.env["account.move"]._chorus_refresh_ereporting_of(self.env.company, self)
        if "chorus_payment_delay" in vals:
            self.env["account.move"]._chorus_sync_period_of(self)
        return result
