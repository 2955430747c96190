from odoo import fields, models


class ReportsFlow(models.Model):
    _name = "l10n.fr.pdp.reports.flow"
    _description = "Report to the tax administration"

    name = fields.Char(default="Report")
    state = fields.Selection([("ready", "Ready"), ("sent", "Sent")], default="ready")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    declared = fields.Text(readonly=True)

    def _get_moves(self):
        if self.state == "sent":
            return self.env["account.move"].search([("l10n_fr_pdp_sent_in_flow_ids", "in", self.ids)])
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "posted"),
                ("l10n_fr_pdp_flow_10_report_type", "!=", False),
            ]
        )

    def action_send(self):
        """Send what is to be declared; keeps the numbers."""
        for report in self:
            moves = report._get_moves()
            report.declared = "\n".join(sorted(moves.mapped("name")))
            moves.sudo().write({"l10n_fr_pdp_sent_in_flow_ids": [(4, report.id)]})
            report.state = "sent"
        return True
