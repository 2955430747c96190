"""The SIRET of a company that sends to Chorus Pro: who is the seller is decided by administrators."""

from odoo import models
from odoo.exceptions import AccessError

from ...einvoice import compact_code
from ..base.chorus_authority import is_rendering
from ..base.chorus_identity import SIRET_FIELD


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _chorus_check_company_siret(self, vals):
        """
        :raises AccessError: when somebody else than an administrator changes the SIRET of such a company
        """
        if SIRET_FIELD not in vals or (self.env.su and not is_rendering()):
            return
        siret = compact_code(vals[SIRET_FIELD] or "")
        changed = self.filtered(lambda partner: partner._chorus_own_siret() != siret)
        if not changed or self.env.user.has_group("base.group_system"):
            return
        company = (
            self.env["res.company"]
            .sudo()
            .search([("partner_id", "in", changed.ids), ("chorus_environment", "!=", False)], limit=1)
        )
        if company:
            raise AccessError(
                self.env._(
                    "%(company)s sends its invoices to Chorus Pro, and its SIRET is part of that: only an"
                    " administrator of Odoo (Administration: Settings) may change it. Ask one of them.",
                    company=company.name,
                )
            )
