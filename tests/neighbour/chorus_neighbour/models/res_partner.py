from odoo import api, fields, models


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

    @api.model
    def _neighbour_opens_reports(self):
        """Rights on the reports, unless the module that brings them has given some."""
        rights = self.env["ir.model.access"].sudo()
        model = self.env["ir.model"]._get("l10n.fr.pdp.reports.flow")
        if not rights.search([("model_id", "=", model.id)]):
            can = dict.fromkeys(("perm_read", "perm_write", "perm_create", "perm_unlink"), True)
            group = self.env.ref("account.group_account_invoice")
            rights.create({"name": "report", "model_id": model.id, "group_id": group.id, **can})
