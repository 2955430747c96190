"""What can be said of an invoice while it is typed, before it is saved: whether its address will do.

What else stands in the way rests on its journal items: it is told once they are saved.
"""

from odoo import models

from ... import einvoice
from ...einvoice import clean_code
from ...mapping import Batch
from ...mapping.invoice import PartyMapper


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_typed_findings(self, environment):
        """The findings on the address of this invoice as it stands on the screen.

        :param str environment: ``'test'`` or ``'production'``
        :return: as those of :meth:`_chorus_findings`, of one invoice
        :rtype: list[dict]
        """
        self.ensure_one()
        buyer = PartyMapper(Batch(self.env["account.move"], environment)).buyer(self.sudo())
        recipients = self.env["chorus.structure"].sudo()._recipients({buyer.siret}, environment)
        found = einvoice.check_address(
            buyer,
            clean_code(self.buyer_reference or ""),
            clean_code(self.purchase_order_reference or ""),
            recipients.get(buyer.siret),
        )
        return self._chorus_tell_findings(found)
