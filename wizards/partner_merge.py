from odoo import models
from odoo.exceptions import UserError

from ..models.base.chorus_authority import BY_CODE


class MergePartner(models.TransientModel):
    """Contacts of the test data set and real ones stay apart."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].browse(partner_ids).exists().sudo()
        tested = partners.filtered("chorus_test_customer")
        if tested and tested != partners:
            raise UserError(
                self.env._(
                    "%(tested)s: made from the test data set of Chorus Pro, it exists in the qualification"
                    " space only and cannot be merged with a real contact. Archive it instead.",
                    tested=", ".join(tested.mapped("display_name")),
                )
            )
        companies = self.env["res.company"].sudo().search([("partner_id", "in", partners.ids)])
        sirets = {company: company.partner_id._chorus_own_siret() for company in companies}
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        # The tables were written without a write: who the seller is now is looked at afterwards.
        changed = companies.filtered(
            lambda company: company.partner_id._chorus_own_siret() != sirets[company]
        )
        changed.with_env(self.env)._chorus_check_may_change_seller()
        return result

    def _update_values(self, src_partners, dst_partner):
        return super()._update_values(src_partners, dst_partner.with_context(**BY_CODE))
