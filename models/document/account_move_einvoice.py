"""The door from invoices of the ERP to semantic invoices of EN 16931."""

from odoo import models

from ...mapping import Batch, InvoiceMapper


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_invoices(self, environment):
        """The semantic invoices of the customer invoices and credit notes among ``self``, in bulk.

        Nothing is checked here: what is missing in the ERP is absent from the result, for the checks to
        say. In test, the seller's SIRET is the one of the test data set.

        :param str environment: ``'test'`` or ``'production'``
        :rtype: dict[int, einvoice.terms.Invoice]
        """
        return InvoiceMapper(Batch(self, environment)).map_all()
