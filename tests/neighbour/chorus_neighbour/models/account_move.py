from odoo import api, fields, models

STATES = (
    "ready", "to_send", "processing", "done", "error", "skipped",
    "AB", "AP", "RE", "PD", "submitted", "made_available", "refused", "cancelled",
    "sent", "suspended", "completed",
)  # fmt: skip


class AccountMove(models.Model):
    _inherit = "account.move"

    peppol_move_state = fields.Selection([(state, f"State {state}") for state in STATES], copy=False)
    peppol_message_uuid = fields.Char(copy=False)
    nemhandel_move_state = fields.Selection(
        [
            (state, f"State {state}")
            for state in ("ready", "to_send", "processing", "done", "error", "BusinessReject")
        ],
        copy=False,
    )
    nemhandel_message_uuid = fields.Char(copy=False)
    fr_einvoicing_flow_id = fields.Many2one("res.partner.category", copy=False)
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

    def neighbour_sends_by_its_own_screen(self):
        """Send past Odoo's common hook, as a module with a screen of its own does."""
        self.lock_for_update()
        self.env["account.move.send"].sudo()._neighbour_sends(self)
        return True
