"""A customer filled in from Chorus Pro's directory while its form is open, before anything is saved."""

from odoo import api, fields, models

from ..base.chorus_identity import is_siret
from .res_partner_directory import ACCOUNTING


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Set by the banner's button and at once unset by the onchange: a new customer cannot be saved for a
    # button, since it has no name yet.
    chorus_fill_asked = fields.Boolean("Fill from Chorus Pro", store=False, groups=ACCOUNTING)

    @api.onchange("chorus_fill_asked")
    def _onchange_chorus_fill_asked(self):
        """Take the name, when there is none, and the type from the directory, which is asked first if needed.

        :return: the onchange's warning when there is nothing to fill in.
        """
        if not self.chorus_fill_asked:
            return None
        self.chorus_fill_asked = False
        siret = self._chorus_siret()
        structure, problem = self.chorus_structure_id.sudo(), ""
        if not structure and is_siret(siret):
            structure, problem = self._chorus_ask(siret)
        if structure and structure._receives_invoices():
            self.dematerialized_invoice_type = "facturx"
            self.is_company = True
            if structure.name and self.name in (False, "", siret):
                self.name = structure.name
            return None
        return {
            "warning": {
                "type": "notification",
                "title": self.env._("Chorus Pro directory"),
                "message": problem
                or self.env._("%s is no public structure that receives invoices through Chorus Pro.", siret),
            }
        }

    def _chorus_ask(self, siret):
        """Look a SIRET up for a form; return its ``chorus.structure`` with sudo, and what went wrong."""
        structures = self.env["chorus.structure"]
        structures._check_may_look_up()
        company = self.env.company
        place = "test" if self.chorus_test_customer else company._chorus_directory_environment()
        connection = self.env["chorus.connection"]._for(company, place)
        problem = structures._look_up(connection, [siret])[siret]
        self.invalidate_recordset(["chorus_structure_id"])
        found = structures.sudo().search([("siret", "=", siret), ("environment", "=", place)])
        return found.filtered("looked_up_at"), problem
