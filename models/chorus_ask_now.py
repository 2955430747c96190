"""Buttons that ask Chorus Pro at once: they stand above the worker, which does the asking."""

from odoo import models

from ..worker import doors


class ChorusDeposit(models.Model):
    _inherit = "chorus.deposit"

    def action_check_now(self):
        """Ask Chorus Pro now what became of the deposits. Read access is enough: nothing changes there."""
        self.check_access("read")
        for deposit in self:
            doors.check_deposit(deposit)
        self.invalidate_recordset()
        return True


class ChorusRequest(models.Model):
    _inherit = "chorus.request"

    def action_check_status(self):
        """Ask Chorus Pro what became of requests whose answer was lost; it changes nothing there."""
        self.check_access("read")
        for request in self:
            doors.check_request(request)
        return self._outcome()


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_chorus_check_now(self):
        """Ask Chorus Pro now about the deposits of these invoices."""
        self._chorus_check_may_follow()
        return self.sudo().chorus_line_ids.deposit_id.action_check_now()

    def action_chorus_check_request(self):
        """Ask what became of a request whose answer was lost."""
        self._chorus_check_may_follow()
        lost = self.sudo().chorus_request_ids.filtered(lambda request: request.state == "unknown")
        return lost.action_check_status() if lost else True

    def action_chorus_history(self):
        """Fetch the whole history of statuses of these invoices from Chorus Pro."""
        self._chorus_check_may_follow()
        for move in self:
            line = move._chorus_told_line()
            if line._id_there():
                doors.fetch_history(line)
        self.invalidate_recordset()
        return True
