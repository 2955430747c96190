from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    invoice_sending_method = fields.Selection(selection_add=[("peppol", "by the neighbour")])
    neighbour_endpoint = fields.Char()

    def neighbour_writes(self):
        """What opening its screen does to a customer: its own format, its own address, its own method."""
        self.sudo().write(
            {
                "invoice_edi_format_store": "ubl_bis3",
                "invoice_sending_method": "email",
                "neighbour_endpoint": "0225:123456782",
            }
        )
        return True
