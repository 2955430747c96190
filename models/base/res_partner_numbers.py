"""Where Odoo keeps the numbers that the next series keeps elsewhere: one accessor for each.

Everybody else asks here (``tests/unit/test_accessors.py``); docs/odoo_20.md says what changes.
"""

from odoo import models

from ...einvoice import compact_code
from .siret import SIRET_FIELD

_ACCOUNT_FIELD = "acc_number"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _chorus_own_siret(self):
        """Return the SIRET that stands on this partner itself, without blanks and invisible signs.

        It is public, and ``''`` when there is none.
        """
        return compact_code(self.sudo()[SIRET_FIELD] or "")


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def _chorus_account_number(self):
        """Return the number of the account as it was typed, ``''`` for no account."""
        return self[_ACCOUNT_FIELD] or ""
