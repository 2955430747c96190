"""Reports to the tax administration, for a release of Odoo that has none."""

from odoo import api, fields, models


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


class AccountMove(models.Model):
    _inherit = "account.move"

    l10n_fr_pdp_sent_in_flow_ids = fields.Many2many(
        "l10n.fr.pdp.reports.flow", "neighbour_declared", "move_id", "flow_id", copy=False
    )
    l10n_fr_pdp_flow_10_report_type = fields.Selection(
        [("transaction", "Transaction"), ("payment", "Payment")],
        compute="_compute_l10n_fr_pdp_flow_10_report_type",
        store=True,
        copy=False,
    )

    @api.depends(
        "state",
        "commercial_partner_id",
        "line_ids.matched_credit_ids.credit_move_id",
        "line_ids.matched_debit_ids.debit_move_id",
    )
    def _compute_l10n_fr_pdp_flow_10_report_type(self):
        for move in self:
            found = move.state == "posted" and move._l10n_fr_pdp_get_transaction_type()
            move.l10n_fr_pdp_flow_10_report_type = found and (
                "payment" if move.move_type == "entry" else "transaction"
            )

    def _l10n_fr_pdp_get_transaction_type(self):
        self.ensure_one()
        if self.move_type == "entry":
            lines = self.line_ids
            paid = (lines.matched_debit_ids.debit_move_id + lines.matched_credit_ids.credit_move_id).move_id
            return next((kind for move in paid if (kind := move._l10n_fr_pdp_get_transaction_type())), None)
        is_sale = self.is_sale_document(include_receipts=True)
        return "b2c" if is_sale and not self.commercial_partner_id.vat else None
