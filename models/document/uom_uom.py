from odoo import fields, models


class UomUom(models.Model):
    _inherit = "uom.uom"

    rec20_code = fields.Char(
        string="E-invoicing Code",
        size=3,
        help="Code of this unit in UN/ECE Recommendation 20 (for instance C62 for one piece, HUR for an "
        "hour, MTR for a metre). Units that come with Odoo need none.",
    )
