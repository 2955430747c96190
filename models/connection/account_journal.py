"""The establishment that issues the invoices of a journal, where a company has several."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...einvoice import compact_code
from ..base.chorus_authority import is_rendering
from ..base.chorus_identity import is_siret

SIREN = 9  # first digits of a SIRET: the company


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_establishments = fields.Boolean(
        "Several establishments invoice",
        copy=False,
        help="Each sales journal may name the SIRET of the establishment that issues its invoices.",
    )

    def _chorus_sirets(self):
        """The company's SIRET, then those of its establishments, without doubles.

        :rtype: list[str]
        """
        self.ensure_one()
        company = self.sudo()
        sirets = [company.partner_id._chorus_own_siret()]
        if company.chorus_establishments:
            journals = (
                self.env["account.journal"]
                .sudo()
                .search(
                    [("company_id", "=", company.id), ("chorus_siret", "!=", False)], order="sequence, id"
                )
            )
            sirets += journals.mapped("chorus_siret")
        return list(dict.fromkeys(filter(None, sirets)))


class AccountJournal(models.Model):
    _inherit = "account.journal"

    chorus_siret = fields.Char(
        "SIRET of the issuing establishment",
        copy=False,
        help="Of the establishment that issues the invoices of this journal. Empty: the company's own. It"
        " stands on the page and in the data, and the technical account of Chorus Pro must be attached to it"
        " too.",
    )
    chorus_siret_offered = fields.Boolean(related="company_id.chorus_establishments")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._chorus_check_may_name_establishment(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._chorus_check_may_name_establishment(vals)
        return super().write(vals)

    def _chorus_check_may_name_establishment(self, vals):
        """Who is the seller is decided by administrators; different writings of a SIRET are one.

        :raises AccessError: for others
        """
        if "chorus_siret" not in vals:
            return
        vals["chorus_siret"] = compact_code(vals["chorus_siret"] or "") or False
        if self.env.su and not is_rendering():
            return
        changed = not self or any((journal.chorus_siret or False) != vals["chorus_siret"] for journal in self)
        if changed and not self.env.user.has_group("base.group_system") and (self or vals["chorus_siret"]):
            raise AccessError(
                self.env._(
                    "The SIRET of an establishment says who sells: only an administrator of Odoo"
                    " (Administration: Settings) may change it. Ask one of them."
                )
            )

    @api.constrains("chorus_siret", "company_id")
    def _check_chorus_siret(self):
        for journal in self.filtered("chorus_siret"):
            siret, own = journal.chorus_siret, journal.company_id.partner_id._chorus_own_siret()
            if not is_siret(siret):
                raise ValidationError(self.env._("A SIRET has 14 digits: “%s” has not.", siret))
            if is_siret(own) and siret[:SIREN] != own[:SIREN]:
                raise ValidationError(
                    self.env._(
                        "%(siret)s is no establishment of %(company)s: its SIRETs begin with %(siren)s.",
                        siret=siret,
                        company=journal.company_id.name,
                        siren=own[:SIREN],
                    )
                )
