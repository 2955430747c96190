"""Payment terms of public contracts: a part that the buyer keeps back until the guarantee is over."""

from odoo import fields, models


class AccountPaymentTermLine(models.Model):
    _inherit = "account.payment.term.line"

    chorus_retention = fields.Boolean(
        string="Retention",
        help="The buyer keeps this part back as a guarantee (retenue de garantie) and pays it on that day.",
    )
