"""An invoice that was rejected, not sent or withdrawn here, and that Chorus Pro lists all the same."""

from odoo import fields, models

from .chorus_identity import of_line

# What ended here; Chorus Pro may have it even so (a report that was wrong, a flow that came through late).
ENDED_STATES = ("rejected", "failed", "cancelled")


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    found_there = fields.Json("Found on Chorus Pro after all", readonly=True)

    def _found_after_all(self, found):
        """Keep what a search shows of the invoice, and tell a person; only that is done without her.

        :param dict found: see :meth:`account.move._chorus_link`
        """
        self.ensure_one()
        self.found_there = {
            **found,
            "status_at": fields.Datetime.to_string(found["status_at"]) or False,
            "deposited_on": fields.Date.to_string(found["deposited_on"]) or False,
        }
        words = self.env["chorus.words"]
        self._tell_of(
            self.env._("%s: Chorus Pro has it after all", self.number),
            self.env._(
                "Here it counts as not deposited, but Chorus Pro lists it (%(status)s). Do not send it again:"
                " open the invoice and press Take it over; it is followed from then on.",
                status=words._status_label(found["status_code"]) or "?",
            ),
        )

    def _take_over(self, found=None):
        """Follow the invoice as Chorus Pro has it.

        :param dict found: see :meth:`account.move._chorus_link`; what was kept when not given
        :return: the line that is followed
        """
        self.ensure_one()
        if found is None:
            found = {
                **self.found_there,
                "status_at": fields.Datetime.to_datetime(self.found_there["status_at"]) or None,
                "deposited_on": fields.Date.to_date(self.found_there["deposited_on"]),
            }
        self.found_there = False
        return self.move_id._chorus_link(self.environment, of_line(self), found)


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_chorus_take_over(self):
        """Follow these invoices as Chorus Pro has them, though they count as not deposited here."""
        self.check_access("write")
        for move in self:
            for environment in ("production", "test"):
                line = move._chorus_line(environment)
                if line.found_there and not line.live:
                    line._take_over()
        return True
