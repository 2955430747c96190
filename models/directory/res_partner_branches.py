"""A customer is marked once for all branches of a company."""

from odoo import api, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _chorus_mark_for_branches(self):
        """Make what the present company says of these customers hold for its whole tree of branches."""
        company = self.env.company
        tree = self.env["res.company"].sudo().search([("id", "child_of", company.root_id.id)])
        for branch in tree - company:
            for value, partners in self.sudo().grouped("dematerialized_invoice_type").items():
                others = partners.with_company(branch).filtered(
                    lambda partner, value=value: partner.dematerialized_invoice_type != value
                )
                if others:
                    others.write({"dematerialized_invoice_type": value})


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        """A new branch knows the public customers of its company."""
        companies = super().create(vals_list)
        for branch in companies.filtered("parent_id"):
            partners = self.env["res.partner"].sudo().with_company(branch.root_id)
            marked = partners.search([("dematerialized_invoice_type", "=", "facturx")])
            marked.with_company(branch).write({"dematerialized_invoice_type": "facturx"})
        return companies
