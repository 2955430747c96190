"""Testing must not spoil the books: a fictitious customer is not invoiced where invoices are real."""

from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        self._check_no_test_customer()
        posted = super()._post(soft)
        posted._chorus_plan_sending()
        return posted

    def _check_no_test_customer(self):
        """Stop a sale to a customer of the test data set in a company that holds a production connection.

        :raises UserError: naming the customers.
        """
        tested = self.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True)
                and move.commercial_partner_id.sudo().chorus_test_customer
            )
        )
        for company, moves in tested.grouped("company_id").items():
            if not self.env["chorus.connection"]._for(company, "production").connected_at:
                continue
            raise UserError(
                self.env._(
                    "%(customers)s: made from the test data set of Chorus Pro, this customer exists in the "
                    "qualification space only, and %(company)s sends real invoices. Post it in a "
                    "test company or "
                    "in a copy of the database, or test with real invoices: option “Replace the "
                    "buyer too” of the test "
                    "connection.",
                    customers=", ".join(moves.commercial_partner_id.mapped("display_name")),
                    company=company.name,
                )
            )
