"""An invoice that ended here without being deposited is followed as Chorus Pro has it."""

from odoo import fields, models

from ..base.chorus_identity import of_line


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_chorus_take_over(self):
        """Follow these invoices as Chorus Pro has them, though they count as not deposited here."""
        self.check_access("write")
        for move in self:
            for environment in ("production", "test"):
                line = move._chorus_line(environment)
                if line.found_there and not line.live:
                    move._chorus_take_over(line)
        return True

    def _chorus_take_over(self, line, found=None):
        """Follow the invoice of ``line`` as Chorus Pro has it.

        :param dict found: see :meth:`_chorus_link`; what was kept when not given
        :return: the line that is followed
        """
        self.ensure_one()
        if found is None:
            found = {
                **line.found_there,
                "status_at": fields.Datetime.to_datetime(line.found_there["status_at"]) or None,
                "deposited_on": fields.Date.to_date(line.found_there["deposited_on"]),
            }
        line.found_there = False
        return self._chorus_link(line.environment, of_line(line), found)
