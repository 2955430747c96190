"""Only companies that switch it on validate invoices of subcontractors, and see the menu for it."""

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_validates = fields.Boolean(
        "Validates invoices of subcontractors",
        copy=False,
        help="This company holds public contracts: what its subcontractors and co-contractors send to Chorus"
        " Pro (A9, A12) waits for its word. Chorus Pro is asked for them every hour.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    chorus_validates = fields.Boolean(related="company_id.chorus_validates", readonly=False)

    def execute(self):
        result = super().execute()
        # Which menus a person sees is kept in a cache.
        self.env.registry.clear_cache()
        return result


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def _load_menus_blacklist(self):
        hidden = super()._load_menus_blacklist()
        if not any(self.env.user.company_ids.sudo().mapped("chorus_validates")):
            menu = self.env.ref("l10n_fr_chorus_pro.menu_chorus_validations", raise_if_not_found=False)
            hidden += menu.ids if menu else []
        return hidden
