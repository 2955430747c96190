"""What lists and the form show of an invoice at a glance; its evidence and late interest, from it."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..base.chorus_states import INVOICE, LEVELS, level
from .account_move_payment_period import SETTLED

# How far an invoice has come, of: deposited, made available, approved, payment under way.
REACHED = {
    "sent": 1, "hand": 1, "integrated": 1, "suspended": 2, "recycle": 2, "refused": 2, "attention": 2,
    "replaced": 2, "approved": 3, "paid": 4,
}  # fmt: skip
# Checked at one press; what is left is sent by the next one.
MAX_AT_ONCE = 500


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_badge = fields.Char("Where it stands on Chorus Pro", compute="_compute_chorus_badge")
    chorus_badge_level = fields.Selection(LEVELS, compute="_compute_chorus_badge")
    chorus_may_send = fields.Boolean("May be sent to Chorus Pro", compute="_compute_chorus_may_send")
    chorus_reached = fields.Integer("Steps taken on Chorus Pro", compute="_compute_chorus_reached")
    chorus_flow_number = fields.Char("Flow number", compute="_compute_chorus_reached")

    # A plain column, written when a letter was made.
    chorus_claimed_on = fields.Date("Late interest claimed on", readonly=True, copy=False)
    chorus_late_note = fields.Char("About the late interest", compute="_compute_chorus_late_note")

    @api.depends("chorus_step", "company_id.chorus_environment")
    def _compute_chorus_may_send(self):
        for move in self:
            environment = move.company_id.sudo().chorus_environment
            move.chorus_may_send = bool(environment and move.chorus_step == "to_send")

    @api.depends("chorus_may_send", "chorus_state", "chorus_test_state", "company_id.chorus_environment")
    @api.depends_context("lang")
    def _compute_chorus_badge(self):
        labels = dict(self._fields["chorus_state"]._description_selection(self.env))
        stopped = self.filtered("chorus_may_send")._chorus_stopped()
        for move in self:
            in_test = not move.chorus_state and move.company_id.sudo().chorus_environment == "test"
            state = move.chorus_state or (in_test and move.chorus_test_state)
            badge, colour = False, False
            if state:
                badge = f"TEST – {labels[state]}" if in_test else labels[state]
                colour = level(INVOICE.get(state))
            elif move in stopped:
                badge, colour = self.env._("To correct"), "danger"
            elif move.chorus_may_send:
                badge, colour = self.env._("To send"), "warning"
            move.chorus_badge, move.chorus_badge_level = badge, colour

    def _chorus_stopped(self):
        """Those that cannot go as they are: something on them has to be corrected first."""
        stopped = self.browse()
        for environment, moves in self.grouped(
            lambda move: move.company_id.sudo().chorus_environment
        ).items():
            for move_id, findings in moves._origin._chorus_findings(environment).items():
                if any(finding["severity"] == "block" for finding in findings):
                    stopped += self.browse(move_id)
        return stopped

    @api.depends("chorus_state", "chorus_test_state", "chorus_line_ids.flow_number")
    def _compute_chorus_reached(self):
        for move in self:
            line = move._chorus_told_line()
            reached = REACHED.get(line.summary_state, 0)
            if line.first_available_at or line.status_code == "MISE_A_DISPOSITION":
                reached = max(reached, 2)
            move.chorus_reached = reached
            move.chorus_flow_number = line.flow_number or False

    @api.model
    def chorus_is_on(self):
        """Whether one of the companies at hand sends to Chorus Pro: lists show their button then.

        :rtype: bool
        """
        reads = self.env["chorus.deposit"].has_access("read")
        return reads and any(self.env.companies.sudo().mapped("chorus_environment"))

    @api.model
    def chorus_progress(self):
        """How far what this user has sent is, while something of it waits: shown beside every screen.

        :return: ``done`` of ``total``, both 0 when nothing waits
        :rtype: dict[str, int]
        """
        lines = self.env["chorus.deposit.line"]
        done, total = (
            lines._progress(self.env.companies.ids, self.env.uid) if lines.has_access("read") else (0, 0)
        )
        return {"done": done, "total": total}

    @api.model
    def action_chorus_send_all(self, environment):
        """Open the Send screen on every invoice that the card "To send" of the overview counts.

        :param str environment: ``'test'`` or ``'production'``; companies that send elsewhere are left out
        :raises UserError: when there is none
        """
        companies = self.env.companies.filtered(
            lambda company: company.sudo().chorus_environment == environment
        )
        moves = self.search(
            [("chorus_step", "=", "to_send"), ("company_id", "in", companies.ids)],
            order="invoice_date, id",
            limit=MAX_AT_ONCE,
        )
        if not moves:
            raise UserError(self.env._("Nothing is ready to be sent."))
        return moves.action_chorus_send()

    # -- the evidence file of an invoice, opened from it

    def action_chorus_evidence(self):
        """Open the screen that makes one ZIP of everything that proves what became of these invoices."""
        self._chorus_check_may_follow()
        return self._chorus_open_wizard(
            "chorus.evidence", self.env._("Evidence file"), move_ids=[fields.Command.set(self.ids)]
        )

    # -- late interest that is claimed of a public buyer: whether it can be, and by which screen

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
        action = self._chorus_open_wizard(
            "chorus.claim", self.env._("Claim late interest"), move_ids=[fields.Command.set(self.ids)]
        )
        # Its table has a dozen columns.
        return {**action, "context": {"dialog_size": "extra-large"}}
