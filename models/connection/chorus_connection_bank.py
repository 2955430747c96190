"""The company's bank accounts as Chorus Pro knows them: a buyer pays only to one of those."""

import re

from odoo import models


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    def _bank_doubt(self, number):
        """Return why a buyer may not be able to pay to this account, or ``""`` when nothing says so.

        Chorus Pro tells the names of the accounts only. They are compared when they hold account numbers;
        free names ("current account") prove nothing. Before the first check of everything nothing is known.

        :param str number: IBAN or other number, blanks allowed.
        """
        connection = self.sudo()
        if not connection.checked_at or not number:
            return ""
        names = (connection.bank_account_names or "").splitlines()
        if not names:
            return self.env._("Chorus Pro knows no bank account of your company: declare one there.")
        numbers = [digits for name in names if len(digits := re.sub(r"\D", "", name)) >= 8]
        account = re.sub(r"\D", "", number)
        if len(numbers) < len(names) or any(digits in account or account in digits for digits in numbers):
            return ""
        return self.env._(
            "The bank account %(account)s is not among those that Chorus Pro knows: %(names)s.",
            account=number,
            names=", ".join(names),
        )
