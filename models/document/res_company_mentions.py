"""The mentions that French law wants on an invoice between professionals; the retention of contracts."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_note_pmt = fields.Text(
        string="Recovery costs (PMT)",
        help="Fixed compensation for recovery costs. Sent with each invoice to Chorus Pro.",
    )
    chorus_note_pmd = fields.Text(
        string="Late payment (PMD)",
        help="Penalties for late payment. Sent with each invoice to Chorus Pro.",
    )
    chorus_note_aab = fields.Text(
        string="Discount (AAB)",
        help="Discount for early payment, or that there is none. Sent with each invoice to Chorus Pro.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    chorus_note_pmt = fields.Text(related="company_id.chorus_note_pmt", readonly=False)
    chorus_note_pmd = fields.Text(related="company_id.chorus_note_pmd", readonly=False)
    chorus_note_aab = fields.Text(related="company_id.chorus_note_aab", readonly=False)


class AccountPaymentTermLine(models.Model):
    _inherit = "account.payment.term.line"

    chorus_retention = fields.Boolean(
        string="Retention",
        help="The buyer keeps this part back as a guarantee (retenue de garantie) and pays it on that day.",
    )
