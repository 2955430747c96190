"""What follows on a customer's invoices when it is written: the switch, then the payment period."""

from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

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
