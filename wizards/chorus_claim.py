from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date

from ..models.invoice.chorus_late_rate import POINTS
from ..models.notice.chorus_notice import RATE
from .chorus_chosen_invoices import MAX_INVOICES


class ChorusClaim(models.TransientModel):
    """Late interest of invoices: what is owed and why, then one letter for each public body.

    A rate is never invented: where the half-year has none, the figures are shown with the last known one, the
    company is asked for it, and no letter is made.
    """

    _name = "chorus.claim"
    _inherit = ["chorus.chosen.invoices"]
    _description = "Claim late interest"

    line_ids = fields.One2many("chorus.claim.line", "wizard_id", "Computation", readonly=True)
    letter_ids = fields.One2many("chorus.claim.letter", "wizard_id", "Letters", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    claimed_count = fields.Integer(compute="_compute_sums")
    interest = fields.Monetary("Late interest", compute="_compute_sums")
    indemnity = fields.Monetary("Recovery costs", compute="_compute_sums")
    provisional = fields.Boolean(compute="_compute_sums")
    missing_half_year = fields.Date("Half-year without a rate", compute="_compute_sums")
    missing_note = fields.Char("What is missing", compute="_compute_sums")
    central_rate = fields.Float(
        "Rate of the European Central Bank (%)",
        digits=(6, 3),
        help="Of its main refinancing operations, in force on the first day of the half-year.",
    )
    may_add_rate = fields.Boolean(compute="_compute_may_add_rate")

    @api.depends("line_ids")
    def _compute_sums(self):
        for wizard in self:
            claimed = wizard.line_ids.filtered(lambda line: line.state != "out")
            missing = claimed.filtered(lambda line: line.state == "no_rate").sorted("half_year")[:1]
            wizard.claimed_count = len(claimed)
            wizard.interest = sum(claimed.mapped("interest"))
            wizard.indemnity = sum(claimed.mapped("indemnity"))
            wizard.provisional = not all(claimed.mapped("final"))
            wizard.missing_half_year = missing.half_year
            wizard.missing_note = missing.move_id._chorus_missing_rate_note() if missing else False

    @api.depends_context("uid")
    def _compute_may_add_rate(self):
        self.may_add_rate = self.env["chorus.late.rate"].has_access("create")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._compute_claims()
        return wizards

    def _compute_claims(self):
        """Compute every invoice anew, as of today."""
        self._check_chosen()
        if len(self.move_ids) > MAX_INVOICES:
            raise UserError(self.env._("Choose at most %s invoices at a time.", MAX_INVOICES))
        self.sudo().line_ids = [
            Command.clear(),
            *(Command.create(self._claim(move)) for move in self.move_ids),
        ]
        if self.missing_half_year:
            self._ask_for_rate()

    def _claim(self, move):
        """The values of the line of an invoice."""
        why_not = move._chorus_why_no_claim()
        debtor = move._chorus_debtor()
        if why_not:
            return {"move_id": move.id, "debtor_id": debtor.id, "state": "out", "remark": why_not}
        claimed = move.chorus_claimed_on
        return {
            "move_id": move.id,
            "debtor_id": debtor.id,
            "state": "no_rate"
            if move.chorus_late_rate_missing
            else "final"
            if move.chorus_late_final
            else "estimate",
            "final": move.chorus_late_final,
            "principal": move.chorus_late_principal,
            "available_on": move.chorus_available_on,
            "period": move._chorus_payment_days(),
            "due_date": move.chorus_due_date,
            "until": move.chorus_late_until,
            "days": move.chorus_days_late,
            "half_year": move.chorus_late_half_year,
            "rate": move.chorus_late_rate,
            "interest": move.chorus_late_interest,
            "indemnity": move.chorus_indemnity,
            "remark": self.env._("Claimed before, on %s.", format_date(self.env, claimed))
            if claimed
            else False,
        }

    def _ask_for_rate(self):
        """Ask whoever looks after Chorus Pro in the company for the rate that no letter leaves without."""
        missing = self.missing_half_year

        def note(company):
            return company.env._(
                "The late-payment rate of the half-year that begins on %(begins)s is not known here, and late"
                " interest waits for it. It is the rate of the European Central Bank's main refinancing"
                " operations in force on %(begins)s, plus eight points. An accounting administrator adds it"
                " in Invoicing → Configuration → Chorus Pro → Late-payment rates.",
                begins=format_date(company.env, missing),
            )

        self.env["chorus.notice"]._tell(self.company_id, RATE, note)

    def action_add_rate(self):
        """Add the rate of the half-year that lacks one, and compute anew."""
        self.ensure_one()
        self.check_access("write")
        if not self.missing_half_year:
            raise UserError(self.env._("Every rate is known."))
        if not self.central_rate:
            raise UserError(
                self.env._(
                    "Type the rate of the European Central Bank in force on %s.",
                    format_date(self.env, self.missing_half_year),
                )
            )
        # With the user's own rights: rates belong to accounting administrators.
        self.env["chorus.late.rate"].create(
            {"date_from": self.missing_half_year, "rate": self.central_rate + POINTS}
        )
        self.central_rate = 0.0
        self.move_ids.invalidate_recordset()
        self._compute_claims()
        return self._reopen(self.env._("Claim late interest"))

    def action_letter(self):
        """Make one letter for each public body, kept on its invoices."""
        self.ensure_one()
        self.check_access("write")
        self._compute_claims()
        lines = self.line_ids.filtered(lambda line: line.state != "out")
        if not lines:
            raise UserError("\n".join(f"{line.move_id.name}: {line.remark}" for line in self.line_ids))
        if self.missing_half_year:
            raise UserError(self.env._("No letter is made before the rate is known. %s", self.missing_note))
        letters = self.env["chorus.claim.letter"].sudo()
        for debtor, of_debtor in lines.grouped("debtor_id").items():
            letters |= letters.create(
                {
                    "wizard_id": self.id,
                    "partner_id": debtor.id,
                    "line_ids": [Command.set(of_debtor.ids)],
                }
            )
        letters.sudo(False)._make()
        return self._reopen(self.env._("Claim late interest"))


class ChorusClaimLine(models.TransientModel):
    """One invoice: what is owed because it was, or is, paid late. Figures of the day of the screen."""

    _name = "chorus.claim.line"
    _inherit = ["chorus.written.by.code"]
    _description = "Late interest of an invoice"

    wizard_id = fields.Many2one("chorus.claim", required=True, ondelete="cascade", index=True)
    letter_id = fields.Many2one("chorus.claim.letter", ondelete="set null", index=True, readonly=True)
    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    debtor_id = fields.Many2one("res.partner", "Public body", readonly=True)
    currency_id = fields.Many2one(related="move_id.company_currency_id")
    state = fields.Selection(
        [("final", "Final"), ("estimate", "Estimate"), ("no_rate", "Rate missing"), ("out", "Not late")],
        readonly=True,
    )
    final = fields.Boolean("Date of payment known", readonly=True)
    principal = fields.Monetary("Amount that bears interest", readonly=True)
    available_on = fields.Date("With the buyer since", readonly=True)
    period = fields.Integer("Payment period (days)", readonly=True)
    due_date = fields.Date("Legal payment date", readonly=True)
    until = fields.Date("Counted until", readonly=True)
    days = fields.Integer("Days late", readonly=True)
    half_year = fields.Date("Half-year of the rate", readonly=True)
    rate = fields.Float("Rate (% a year)", digits=(6, 3), readonly=True)
    interest = fields.Monetary("Late interest", readonly=True)
    indemnity = fields.Monetary("Recovery costs", readonly=True)
    remark = fields.Char(readonly=True)
