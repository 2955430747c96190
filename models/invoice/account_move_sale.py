"""The engagement number of an invoice made from sale orders, when the sales app is installed."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_take_engagement_from_orders(self):
        """Take the customer's reference of the order as engagement number, for Chorus customers.

        A public buyer gives it with its order (AIFE: "numéro d'engagement"). Orders with different
        references, or none, give nothing: a number is never made up.
        """
        if "sale_line_ids" not in self.env["account.move.line"]._fields:
            return
        for move in self:
            if move.purchase_order_reference or not move.is_sale_document():
                continue
            if not move.chorus_customer:
                continue
            orders = move.invoice_line_ids.sudo().sale_line_ids.order_id
            references = {(order.client_order_ref or "").strip() for order in orders}
            if len(references) == 1 and all(references):
                move.purchase_order_reference = references.pop()
