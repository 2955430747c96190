"""Which of its lines tells the story of an invoice."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_line(self, environment):
        """The line that tells the story of an environment: the live one, else the latest."""
        self.ensure_one()
        lines = self.sudo().chorus_line_ids.filtered(lambda line: line.environment == environment)
        return lines.filtered("live")[:1] or lines.sorted("id")[-1:]

    def _chorus_told_line(self):
        """The line whose story the invoice tells: production's, else that of the test."""
        return self._chorus_line("production") or self._chorus_line("test")
