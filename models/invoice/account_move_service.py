"""The service of an invoice, as the directory knows it by its code."""

from odoo import api, fields, models

from ...einvoice import clean_code

ACCOUNTING = "account.group_account_invoice,account.group_account_readonly"


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_structure_id = fields.Many2one(
        related="commercial_partner_id.chorus_structure_id", groups=ACCOUNTING
    )
    chorus_service_id = fields.Many2one(
        "chorus.service",
        string="Service (from the list)",
        compute="_compute_chorus_service",
        groups=ACCOUNTING,
        help="Services of the customer as Chorus Pro knows them.",
    )

    @api.depends("buyer_reference", "chorus_structure_id")
    @api.depends_context("company")
    def _compute_chorus_service(self):
        codes = {move: clean_code(move.buyer_reference or "") for move in self}
        services = self.env["chorus.service"]._by_code(self.chorus_structure_id, filter(None, codes.values()))
        for move in self:
            move.chorus_service_id = services.get((move.chorus_structure_id.id, codes[move]), False)
