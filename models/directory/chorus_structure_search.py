"""Finding the public bodies among the customers of a company: many SIRETs asked by the scheduled refresh.

What is still to be asked stands on the structures themselves, and each answer is committed by itself: a
search goes on where it stopped, whoever started it.
"""

from datetime import timedelta

from odoo import api, fields, models

from ..base import moments
from ..notice.chorus_notice import FOUND

# New customers are looked for again after this.
SEARCH_AGAIN = timedelta(days=30)
# Customers that a message names.
NAMED = 20


class ChorusStructure(models.Model):
    _inherit = "chorus.structure"

    asked_by_id = fields.Many2one(
        "res.company", "Asked for by", readonly=True, index="btree_not_null", ondelete="set null"
    )

    def _answered(self):
        """Those of which Chorus Pro has said what they are, or that it does not know them."""
        return self.filtered(
            lambda structure: structure.looked_up_at and (structure.nature or not structure.known)
        )

    def _is_marked_by_search(self):
        """Whether a customer with this SIRET should be marked: said to be public, and receiving invoices."""
        self.ensure_one()
        return self.nature == "public" and self._receives_invoices()

    @api.model
    def _ask_for(self, company, environment, sirets):
        """Have the scheduled refresh ask about these SIRETs for a company, besides those in use.

        :return: int, how many are to be asked
        """
        rows = self._with_rows(environment, sirets).values()
        waiting = self.sudo().union(*rows)
        waiting.write({"asked_by_id": company.id, "next_look_up": moments.now(self.env)})
        company.sudo().write(
            {"chorus_search_running": True, "chorus_search_next": moments.now(self.env) + SEARCH_AGAIN}
        )
        self.env.ref("l10n_fr_chorus_pro.cron_directory").sudo()._trigger()
        return len(waiting)

    @api.model
    def _asked_sirets(self, connection):
        """The SIRETs that a search of the company waits for."""
        waiting = self.sudo().search_fetch(
            [("asked_by_id", "=", connection.company_id.id), ("environment", "=", connection.environment)],
            ["siret"],
        )
        return set(waiting.mapped("siret"))

    @api.model
    def _search_again(self):
        """Once a month, ask about the customers that came since the search of each company."""
        companies = (
            self.env["res.company"].sudo().search([("chorus_search_next", "<=", moments.now(self.env))])
        )
        for company in companies:
            environment = company._chorus_directory_environment()
            customers = self.env["res.partner"].sudo()._chorus_to_search(company)
            known = self.sudo().search([("siret", "in", list(customers)), ("environment", "=", environment)])
            self._ask_for(company, environment, customers.keys() - set(known._answered().mapped("siret")))

    @api.model
    def _tell_found(self, connection):
        """At the end of a search, tell the responsible person of the public customers that are not marked."""
        company = connection.company_id
        environment = company._chorus_directory_environment()
        if not company.chorus_search_running or connection.environment != environment:
            return
        if self._asked_sirets(connection):
            return
        company.chorus_search_running = False
        found = self.env["res.partner"].sudo()._chorus_found_public(company, environment)
        if not found:
            return self.env["chorus.notice"]._solved(company, FOUND)

        def note(told):
            names = ", ".join(found[:NAMED].mapped("name"))
            return told.env._(
                "Customers that Chorus Pro knows as public bodies, and that are not marked as Chorus Pro"
                " customers: %(count)s (%(names)s). Customers → Chorus Pro → Find public customers shows them"
                " and marks them at once.",
                count=len(found),
                names=names,
            )

        self.env["chorus.notice"]._tell(company, FOUND, note, anew=True)
