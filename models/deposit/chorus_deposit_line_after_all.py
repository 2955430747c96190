"""An invoice that was rejected, not sent or withdrawn here, and that Chorus Pro lists all the same."""

from odoo import fields, models

from ..base.moments import naive_utc

# What ended here; Chorus Pro may have it even so (a report that was wrong, a flow that came through late).
ENDED_STATES = ("rejected", "failed", "cancelled")


def summary_values(summary):
    """What is kept of a ``chorus_api.InvoiceSummary`` to follow its invoice from there."""
    return {
        "chorus_invoice_id": str(summary.id),
        "flow_number": summary.flow_number,
        "status_code": summary.status,
        "status_at": naive_utc(summary.status_at),
        "status_comment": summary.comment,
        "deposited_on": summary.deposited_on,
    }


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
