"""What a public buyer owes and by when: legal period, delay, interest. Estimates, never entries."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mapping.payment import read_dues, retained_items
from ..base.chorus_states import INVOICES, that
from ..base.moments import due_date, half_year, late_interest, local_day, suspensions

# Code de la commande publique D2192-35: lump sum for recovery costs, in euros, for each late invoice.
INDEMNITY = 40.0
# No payment is expected of these.
SETTLED = that(INVOICES, settled=True)


class AccountMove(models.Model):
    _inherit = "account.move"

    # Written when the story on Chorus Pro changes; plain columns, so that installing computes nothing.
    chorus_available_on = fields.Date(
        "With the buyer since",
        readonly=True,
        copy=False,
        help="The day on which Chorus Pro made the invoice available to the buyer, else that of the deposit.",
    )
    chorus_due_date = fields.Date(
        "Legal payment date (estimate)",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Counted from the day on which the buyer had the invoice, without the days on which it was"
        " suspended. Empty while the invoice is suspended.",
    )
    chorus_ordered_on = fields.Date(
        "Payment ordered on",
        readonly=True,
        copy=False,
        help="The day on which Chorus Pro said that the payment order was issued.",
    )
    chorus_paid_on = fields.Date(
        "Payment announced on",
        readonly=True,
        copy=False,
        help="The day on which Chorus Pro said that the payment is on its way. It reconciles nothing.",
    )
    _chorus_paid_index = models.Index("(company_id, chorus_paid_on) WHERE chorus_paid_on IS NOT NULL")
    chorus_suspended_days = fields.Integer("Days suspended", readonly=True, copy=False)
    chorus_overdue = fields.Boolean(
        "Legal payment date passed", compute="_compute_chorus_late", search="_search_chorus_overdue"
    )
    chorus_days_late = fields.Integer("Days late", compute="_compute_chorus_late")
    chorus_late_rate = fields.Float("Rate of late interest (%)", compute="_compute_chorus_late")
    chorus_late_half_year = fields.Date(
        "Half-year of the rate",
        compute="_compute_chorus_late",
        help="First day of the half-year in which the interest began to run: its rate counts to the end.",
    )
    chorus_late_rate_from = fields.Date("Rate known from", compute="_compute_chorus_late")
    chorus_late_rate_missing = fields.Boolean(
        "The rate of the half-year is not known", compute="_compute_chorus_late"
    )
    chorus_late_until = fields.Date("Interest counted until", compute="_compute_chorus_late")
    chorus_late_final = fields.Boolean(
        "Date of payment known",
        compute="_compute_chorus_late",
        help="Until it is known, interest goes on every day and every figure is an estimate.",
    )
    chorus_paid_late = fields.Boolean(
        "Paid after the legal payment date",
        compute="_compute_chorus_paid_late",
        search="_search_chorus_paid_late",
    )
    chorus_late_principal = fields.Monetary(
        "Amount that bears interest",
        compute="_compute_chorus_late",
        currency_field="company_currency_id",
        help="What was still owed when the legal payment date had passed, without what was credited and"
        " without a retention.",
    )
    chorus_late_interest = fields.Monetary(
        "Late interest (estimate)", compute="_compute_chorus_late", currency_field="company_currency_id"
    )
    chorus_indemnity = fields.Monetary(
        "Recovery costs (estimate)", compute="_compute_chorus_late", currency_field="company_currency_id"
    )

    def _chorus_sync_period(self):
        """Write when the buyer has to pay, as far as Chorus Pro told what happened."""
        # Read at once for all: each invoice looks at the events of one of its lines.
        self.sudo().chorus_line_ids.filtered("status_code").event_ids.fetch(["at", "code"])
        same = defaultdict(list)
        for move in self.filtered(lambda move: move.move_type == "out_invoice"):
            values = move._chorus_period()
            changes = tuple((name, value) for name, value in values.items() if move[name] != value)
            if changes:
                same[changes].append(move.id)
        for changes, move_ids in same.items():
            # Dates told by Chorus Pro are no entry: an invoice's own write checks nothing of them.
            models.BaseModel.write(self.sudo().browse(move_ids), dict(changes))

    @api.model
    def _chorus_sync_period_of(self, partners):
        """The same for the invoices to these customers, or redirected to them, that a buyer has before her
        and has not paid.

        What was paid was paid by the date that held then.
        """
        debtors = Domain("commercial_partner_id", "in", partners.ids)
        debtors |= Domain("chorus_recipient_id", "in", partners.ids)
        self.sudo().search(
            debtors & Domain("chorus_available_on", "!=", False) & Domain("chorus_paid_on", "=", False)
        )._chorus_sync_period()

    def _chorus_period(self):
        """The dates of the payment by the buyer, as values of this invoice."""
        line = self._chorus_told_line()
        start = line.first_available_at or line.deposited_on
        if not start or line.state not in ("sent", "integrated"):
            return {
                "chorus_available_on": False,
                "chorus_due_date": False,
                "chorus_ordered_on": False,
                "chorus_paid_on": False,
                "chorus_suspended_days": 0,
            }
        # Without a status there was no event: most outcomes of a sending need not look for any.
        events = [(event.at, event.code) for event in line.event_ids] if line.status_code else []
        spans = suspensions(events)
        ordered = [at for at, code in events if code == "MANDATEE"]
        days = self._chorus_payment_days()
        return {
            "chorus_available_on": local_day(start),
            "chorus_due_date": due_date(local_day(start), days, spans) or False,
            "chorus_ordered_on": local_day(min(ordered)) if ordered else False,
            "chorus_paid_on": local_day(line.paid_at) if line.paid_at else False,
            "chorus_suspended_days": sum((until - since).days for since, until in spans if until),
        }

    def _chorus_debtor(self):
        """The public body that has to pay: whom the invoice was redirected to, else the customer."""
        self.ensure_one()
        return self.chorus_recipient_id.commercial_partner_id or self.commercial_partner_id

    def _chorus_payment_days(self):
        """:return: int, days that the public body has to pay"""
        return int(self._chorus_debtor().chorus_payment_delay or 30)

    def _chorus_settled_on(self):
        """The day on which nothing was owed any more (announced, else reconciled here), or None."""
        self.ensure_one()
        if self.chorus_paid_on:
            return self.chorus_paid_on
        if self.payment_state not in ("paid", "in_payment", "reversed"):
            return None
        partials = self.line_ids.matched_credit_ids
        return max(partials.mapped("max_date"), default=None) or fields.Date.context_today(self)

    def _chorus_retention_items(self):
        """The journal items of the retention of this invoice, empty where there is none."""
        if self.move_type != "out_invoice" or self.state != "posted":
            return self.env["account.move.line"]
        items = self.line_ids.filtered(lambda item: item.display_type == "payment_term")
        return retained_items(self, items)

    def _chorus_retention_left(self):
        """:return: float, what is still open of the retention, in the invoice's currency"""
        return sum(self._chorus_retention_items().mapped("amount_residual_currency"))

    def _chorus_late_parts(self, until):
        """What was still owed when the legal payment date had passed, by the day on which it was paid.

        What was credited was never owed, and a retention (retenue de garantie) is due on a day of its own:
        both bear no interest here. Payments that the bank brought after the announced day were made on it.

        :param date until: the day on which the rest was paid, else today
        :return: list of (amount in the company's currency, day, days late), the first day first
        """
        self.ensure_one()
        total, rest, parts = self.amount_total_signed, self.amount_residual_signed, []
        kept, owed = self._chorus_retained(), []
        if total != rest:
            moved = self.chorus_retention_invoice_ids.chorus_retention_entry_id
            for partial in self.line_ids.matched_credit_ids.sorted("max_date"):
                settled_by = partial.credit_move_id.move_id
                if settled_by.move_type == "out_refund":
                    total -= partial.amount
                elif settled_by in moved:
                    # An invoice of its own asks for it now.
                    total, kept = total - partial.amount, kept - partial.amount
                elif partial.max_date < until:
                    parts.append((partial.amount, partial.max_date))
        parts.append((total - sum(amount for amount, _day in parts), until))
        round_ = self.company_currency_id.round
        # The retention is what is paid last.
        for amount, day in reversed(parts):
            held, kept = min(amount, kept), max(kept - amount, 0.0)
            days = (day - self.chorus_due_date).days
            if (amount := round_(amount - held)) > 0 and days > 0:
                owed.insert(0, (amount, day, days))
        return owed

    def _chorus_retained(self):
        """:return: float, what the buyer keeps back as a guarantee, in the company's currency"""
        if not self.invoice_payment_term_id.line_ids.filtered("chorus_retention"):
            return 0.0
        items = self.line_ids.filtered(lambda item: item.display_type == "payment_term")
        kept = sum(due.amount for due in read_dues(self, items) if due.retention)
        return self.company_currency_id.round(
            kept * abs(self.amount_total_signed) / (self.amount_total or 1.0)
        )

    @api.depends(
        "chorus_due_date", "chorus_paid_on", "payment_state", "amount_residual_signed", "chorus_state"
    )
    def _compute_chorus_late(self):
        today = fields.Date.context_today(self)
        rates = {}
        for move in self:
            settled = move._chorus_settled_on()
            due = move.chorus_due_date
            late = max(((settled or today) - due).days, 0) if due else 0
            if (move.chorus_state or move.chorus_test_state) in SETTLED or move.payment_state == "reversed":
                late = 0
            row, begins = self.env["chorus.late.rate"], False
            parts = move._chorus_late_parts(settled or today) if late else []
            late = max((days for _amount, _until, days in parts), default=0)
            if late:
                begins = half_year(fields.Date.add(due, days=1))
                if begins not in rates:
                    rates[begins] = row._in_force(begins)
                row = rates[begins]
            rate = row.rate
            move.chorus_days_late = late
            # What was paid late is claimed, not overdue; of a retention that is open, the day has not come.
            move.chorus_overdue = bool(late and not settled) and (
                move.currency_id.compare_amounts(move.amount_residual, move._chorus_retention_left()) > 0
            )
            move.chorus_late_rate = rate
            move.chorus_late_half_year = begins
            move.chorus_late_rate_from = row.date_from
            move.chorus_late_rate_missing = bool(late) and row.date_from != begins
            move.chorus_late_until = max((until for _amount, until, _days in parts), default=False)
            move.chorus_late_final = bool(late and settled)
            move.chorus_late_principal = sum(amount for amount, _until, _days in parts)
            move.chorus_late_interest = sum(
                move.company_currency_id.round(late_interest(amount, rate, days))
                for amount, _until, days in parts
            )
            move.chorus_indemnity = INDEMNITY if late else 0.0

    @api.depends("chorus_due_date", "chorus_paid_on", "chorus_state")
    def _compute_chorus_paid_late(self):
        for move in self:
            paid, due = move.chorus_paid_on, move.chorus_due_date
            move.chorus_paid_late = bool(
                paid and due and paid > due and move.chorus_state and move.chorus_state not in SETTLED
            )

    def _search_chorus_paid_late(self, operator, value):
        """Production only, like what is overdue."""
        if operator != "in":
            return NotImplemented
        late = Domain(
            [("chorus_paid_on", "!=", False), ("chorus_state", "not in", [False, *SETTLED])]
        ) & Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%s > %s) IS TRUE",
                model._field_to_sql(alias, "chorus_paid_on", query),
                model._field_to_sql(alias, "chorus_due_date", query),
            ),
            predicate=lambda move: move.chorus_paid_late,
        )
        return late if True in value else ~late

    def _search_chorus_overdue(self, operator, value):
        """Production only: what was sent to test is owed by nobody."""
        if operator != "in":
            return NotImplemented
        overdue = self._chorus_overdue_domain("chorus_state")
        return overdue if True in value else ~overdue

    @api.model
    def _chorus_overdue_domain(self, state_field):
        """Invoices whose legal payment date has passed.

        :param str state_field: the field that holds the story of the environment
        """
        overdue = Domain(
            [
                ("chorus_due_date", "<", fields.Date.context_today(self)),
                ("chorus_paid_on", "=", False),
                ("payment_state", "not in", ("paid", "in_payment", "reversed")),
                (state_field, "not in", [False, *SETTLED]),
            ]
        )
        # A retention has a day of its own: only those few tell by their parts whether more is open.
        kept = self.env["account.payment.term.line"].sudo().search([("chorus_retention", "=", True)])
        if kept:
            with_retention = Domain("invoice_payment_term_id", "in", kept.payment_id.ids)
            partly = Domain("payment_state", "=", "partial")
            moves = self.search(overdue & with_retention & partly)
            overdue &= Domain("id", "not in", moves.filtered(lambda move: not move.chorus_overdue).ids)
        return overdue
