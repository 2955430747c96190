"""Which customers are compared with Chorus Pro's directory, and which of them are public bodies."""

from odoo import api, fields, models
from odoo.fields import Domain

from ..base.chorus_identity import SIRET_FIELD, is_siret

# More customers than this are compared in several goes.
MAX_CUSTOMERS = 20000


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_search_running = fields.Boolean("Public customers are searched", readonly=True, copy=False)
    chorus_search_next = fields.Datetime("Next search for public customers", readonly=True, copy=False)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _chorus_to_search(self, company):
        """Customers of a company that are not marked, by SIRET.

        :return: dict SIRET of 14 digits → res.partner of commercial partners
        """
        own = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        domain = (
            Domain(self._check_company_domain(company))
            & Domain(SIRET_FIELD, "!=", False)
            & (Domain("customer_rank", ">", 0) | Domain("supplier_rank", "=", 0))
            & (Domain("parent_id", "=", False) | Domain("is_company", "=", True))
            & Domain("id", "not in", own.partner_id.ids)
        )
        customers = self.with_company(company).search(domain, limit=MAX_CUSTOMERS, order="id")
        found = {}
        for customer in customers:
            siret = customer._chorus_siret()
            if is_siret(siret) and not customer._is_chorus_customer(company):
                found[siret] = found.get(siret, self.browse()) | customer
        return found

    @api.model
    def _chorus_found_public(self, company, environment):
        """The customers of a company that Chorus Pro says are public and that nobody has marked."""
        customers = self._chorus_to_search(company)
        structures = (
            self.env["chorus.structure"]
            .sudo()
            .search(
                [
                    ("siret", "in", list(customers)),
                    ("environment", "=", environment),
                    ("nature", "=", "public"),
                ]
            )
        )
        public = structures.filtered(lambda structure: structure._is_marked_by_search())
        return self.browse().union(*(customers[siret] for siret in public.mapped("siret")))
