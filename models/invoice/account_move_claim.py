"""Late interest that is claimed of a public buyer: whether it can be, and by which screen."""

from odoo import api, fields, models
from odoo.tools import format_date

from .account_move_payment_period import SETTLED


class AccountMove(models.Model):
    _inherit = "account.move"

    # A plain column, written when a letter was made.
    chorus_claimed_on = fields.Date("Late interest claimed on", readonly=True, copy=False)
    chorus_late_note = fields.Char("About the late interest", compute="_compute_chorus_late_note")

    @api.depends("chorus_days_late", "chorus_late_rate_missing", "chorus_late_final")
    @api.depends_context("lang")
    def _compute_chorus_late_note(self):
        for move in self:
            notes = []
            if move.chorus_late_rate_missing:
                notes.append(move._chorus_missing_rate_note())
            if move.chorus_days_late and not move.chorus_late_final:
                notes.append(
                    self.env._("An estimate until the date of payment is known: interest goes on every day.")
                )
            move.chorus_late_note = " ".join(notes) or False

    def _chorus_missing_rate_note(self):
        """Which half-year has no rate, and what is assumed instead."""
        self.ensure_one()
        begins = format_date(self.env, self.chorus_late_half_year)
        if not self.chorus_late_rate_from:
            return self.env._("No rate is known of the half-year that begins on %s.", begins)
        return self.env._(
            "No rate is known of the half-year that begins on %(begins)s: that of %(known)s is assumed"
            " (%(rate)s %%).",
            begins=begins,
            known=format_date(self.env, self.chorus_late_rate_from),
            rate=f"{self.chorus_late_rate:g}",
        )

    def _chorus_why_no_claim(self):
        """Why no late interest can be claimed for this invoice, in words; "" when it can."""
        self.ensure_one()
        if self.move_type != "out_invoice" or not self.chorus_state:
            return self.env._("It was not deposited on Chorus Pro: no legal payment date is known.")
        if self.chorus_state in SETTLED or self.payment_state == "reversed":
            return self.env._("No payment is expected of it: look at its status.")
        if self.chorus_state == "suspended":
            return self.env._(
                "The buyer has suspended it: the payment period stands still. Complete it first."
            )
        if not self.chorus_due_date:
            return self.env._("It is not with the buyer yet: the payment period has not begun.")
        if not self.chorus_days_late:
            return self.env._(
                "It is not late: the legal payment date is %s.",
                format_date(self.env, self.chorus_due_date),
            )
        return ""

    def _chorus_claimed(self, day):
        """A letter about these invoices was made on ``day``."""
        # No entry: an invoice's own write checks nothing of it.
        models.BaseModel.write(self.sudo(), {"chorus_claimed_on": day})

    def action_chorus_claim(self):
        """Open the screen that computes the late interest of these invoices and makes the letter."""
        self._chorus_check_may_follow()
        self.check_access("write")
        return self._chorus_open_wizard(
            "chorus.claim", self.env._("Claim late interest"), move_ids=[fields.Command.set(self.ids)]
        )
