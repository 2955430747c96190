"""Odoo's screen that sends several invoices, in the reader's language, counting those that can go."""

from odoo import api, models

from ..models.directory.res_partner import SENDING_METHOD


class AccountMoveSendBatchWizard(models.TransientModel):
    _inherit = "account.move.send.batch.wizard"

    @api.depends("move_ids")
    @api.depends_context("lang")
    def _compute_summary_data(self):
        result = super()._compute_summary_data()
        methods = self.env["res.partner"]._fields["invoice_sending_method"]
        labels = dict(methods._description_selection(self.env))
        for wizard in self:
            # Odoo takes the labels as they stand in the code.
            wizard.summary_data = {
                key: {**row, "label": labels[SENDING_METHOD]} if key == SENDING_METHOD else row
                for key, row in (wizard.summary_data or {}).items()
            }
        return result
