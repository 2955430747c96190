from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...chorus_api import statuses
from ...chorus_api.readers import identifier
from ..base import moments
from ..base.chorus_authority import check_not_rendering
from ..base.chorus_states import (
    INVOICE,
    INVOICES,
    LEVELS,
    LINE,
    LINE_STATES,
    LINE_TRANSITIONS,
    LIVE_SQL,
    LIVE_STATES,
    MOVE_STATES,
    OWN_LIVE_STATES,
    REQUEST,
    STEPS,
    level,
    sql_list,
    that,
)
from ..base.moments import days_between, naive_utc, past
from ..base.transactions import wake
from ..notice.chorus_notice import TO_ACT
from ..notice.chorus_sentences import Reason


class ChorusDepositLine(models.Model):
    """One invoice on its way to one environment of Chorus Pro."""

    _name = "chorus.deposit.line"
    _inherit = ["chorus.written.by.code"]
    _description = "Invoice sent to Chorus Pro"
    _order = "id desc"
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    partner_id = fields.Many2one(related="move_id.commercial_partner_id", store=True, index=True)
    environment = fields.Selection(
        [("test", "Test"), ("production", "Production")], required=True, readonly=True
    )
    deposit_id = fields.Many2one(
        "chorus.deposit", readonly=True, ondelete="restrict", index=True, check_company=True
    )
    state = fields.Selection(LINE_STATES, required=True, readonly=True, default="queued")
    live = fields.Boolean(
        "Held, or about to be, by Chorus Pro", compute="_compute_live", search="_search_live"
    )
    summary_state = fields.Selection(
        MOVE_STATES,
        "Progress",
        compute="_compute_summary_state",
        store=True,
        index=True,
    )
    level = fields.Selection(LEVELS, compute="_compute_level")
    summary_level = fields.Selection(LEVELS, "Level of the progress", compute="_compute_level")
    step = fields.Selection(STEPS, compute="_compute_level", search="_search_step")
    queued_by_id = fields.Many2one("res.users", "Sent by", readonly=True)
    alone = fields.Boolean("To be sent in a file of its own", readonly=True)
    tries = fields.Integer("Failed preparations", readonly=True)
    preparations = fields.Integer("Preparations begun without an end", readonly=True, default=0)
    resends = fields.Integer("Sent again by itself", readonly=True)
    next_action_at = fields.Datetime(readonly=True, default=lambda self: moments.now(self.env))
    message = Reason("What happened", readonly=True)
    fix_key = fields.Char("What to correct (key)", readonly=True)

    # What was sent, frozen when the file was made: only a result that matches it is ours.
    number = fields.Char("Number sent", readonly=True, index="btree_not_null")
    seller_siret = fields.Char("Seller SIRET sent", readonly=True)
    buyer_siret = fields.Char("Buyer SIRET sent", readonly=True)
    invoice_date = fields.Date("Date sent", readonly=True)
    amount_total = fields.Monetary("Total sent", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    flow_number = fields.Char(related="deposit_id.flow_number", store=True, index="btree_not_null")
    chorus_invoice_id = fields.Char("Chorus Pro identifier", readonly=True, index="btree_not_null")
    status_code = fields.Char("Status (code)", readonly=True)
    status_label = fields.Char("Status", compute="_compute_status_words")
    status_at = fields.Datetime("Status since", readonly=True)
    status_comment = fields.Text("The buyer's words", readonly=True)
    reason_asked = fields.Boolean("Reason looked for in the history", readonly=True)
    followed = fields.Boolean("Still followed", readonly=True, default=True)
    event_ids = fields.One2many("chorus.status.event", "line_id", "History", readonly=True)
    deposited_on = fields.Datetime(related="deposit_id.sent_at", store=True, string="Deposited")
    first_available_at = fields.Datetime("At the buyer's since", readonly=True)
    paid_at = fields.Datetime("Payment announced", readonly=True)
    payment_days = fields.Integer(
        "Days to payment",
        readonly=True,
        aggregator="avg",
        help="From the day on which the buyer had the invoice to the announced payment.",
    )
    looked_up_at = fields.Datetime("Looked up by its number", readonly=True)
    looks = fields.Integer("Look-ups in vain", readonly=True)
    missing_told = fields.Boolean("Told that it is not shown", readonly=True)
    first_slot = fields.Integer(
        "Place in the first real deposit",
        readonly=True,
        help="As many places as the limit of the first real deposit allows; none where no limit held.",
    )
    doubtful_since = fields.Datetime(
        "To be looked for before it is sent, since",
        readonly=True,
        help="The database was restored, copied or moved, or PostgreSQL was started again, while this invoice"
        " waited: Chorus Pro may have it already.",
    )
    replaced = fields.Boolean("Replaced by a corrected invoice", readonly=True)
    request_ids = fields.One2many("chorus.request", "line_id", "Requests", readonly=True)

    _one_live_line = models.UniqueIndex(
        f"(move_id, environment) WHERE {LIVE_SQL}", "This invoice is already on its way to Chorus Pro."
    )
    # Two clicks at once on different invoices see nothing of each other: the database has the last word.
    _one_first_slot = models.UniqueIndex(
        "(company_id, environment, first_slot)"
        f" WHERE first_slot > 0 AND state IN {sql_list(OWN_LIVE_STATES)}",
        "The first real deposit is under way.",
    )
    _known_state = models.Constraint(
        f"CHECK (state IN {sql_list(dict(LINE_STATES))})",
        "Unknown state of a deposited invoice.",
    )
    _carried_by_a_deposit = models.Constraint(
        "CHECK (state NOT IN ('ready', 'sending', 'unconfirmed', 'sent', 'rejected')"
        " OR deposit_id IS NOT NULL)",
        "An invoice on its way belongs to a deposit.",
    )
    _queue_index = models.Index("(company_id, environment, next_action_at) WHERE state = 'queued'")
    _waiting_index = models.Index(
        "(company_id, environment) WHERE state IN ('queued', 'ready', 'sending', 'unconfirmed')"
    )
    # The ORM writes IS TRUE, and PostgreSQL takes a partial index only for what is written alike.
    _open_index = models.Index(
        "(company_id, environment) WHERE followed IS TRUE AND state IN ('sent', 'integrated', 'hand')"
    )
    _rejected_index = models.Index("(company_id, environment, deposited_on) WHERE state = 'rejected'")
    _reason_index = models.Index(
        "(company_id, environment, status_at) WHERE state = 'integrated' AND reason_asked IS NOT TRUE"
        f" AND status_code IN {sql_list(statuses.that(who='supplier'))}"
    )
    # Of a period: what the overview counts, and whether there is anything in an environment.
    _period_index = models.Index("(company_id, environment, create_date)")

    @api.depends("state")
    def _compute_live(self):
        for line in self:
            line.live = line.state in LIVE_STATES

    def _search_live(self, operator, value):
        if operator not in ("in", "not in", "=", "!="):
            return NotImplemented
        values = value if operator in ("in", "not in") else [value]
        wanted = (True in list(values)) == (operator in ("in", "="))
        return [("state", "in" if wanted else "not in", LIVE_STATES)]

    @api.depends("state", "status_code", "replaced")
    def _compute_summary_state(self):
        for line in self:
            told = LINE[line.state].told_as or line.state
            if line.state == "integrated" and line.status_code:
                told = statuses.invoice_status(line.status_code).told_as
            line.summary_state = "replaced" if told == "refused" and line.replaced else told

    @api.depends("state", "summary_state")
    def _compute_level(self):
        for line in self:
            summary = INVOICE.get(line.summary_state)
            line.level = level(LINE.get(line.state))
            line.summary_level = level(summary)
            line.step = summary.step if summary else False

    def _search_step(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("summary_state", "in", [code for step in value for code in that(INVOICES, step=step)])]

    def _id_there(self):
        """Chorus Pro's identifier of the invoice as its API takes it; None when it is not known."""
        return identifier(self.chorus_invoice_id or None)

    def _offer(self):
        """What is offered to whoever acts on the invoice: the request that its status takes, else the state's
        own; False for nothing. None in an empty recordset either."""
        told = INVOICE.get(self.summary_state)
        if not told or told.step != "to_act":
            return False
        if not told.told_by_status:
            return told.offer or False
        return next((REQUEST[kind].offer for kind in statuses.invoice_status(self.status_code).asks), False)

    @api.depends("status_code")
    @api.depends_context("lang")
    def _compute_status_words(self):
        words = self.env["chorus.words"]
        for line in self:
            line.status_label = words._status_label(line.status_code)

    @api.depends("move_id.name", "environment")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.number or line.move_id.name or ""

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_ten_years(self):
        raise UserError(
            self.env._("What was sent to Chorus Pro cannot be deleted: it must be kept ten years.")
        )

    def _move_to(self, state, *, message=None, **values):
        """Move the lines along the table of transitions; their invoices follow (``account_move_follows``)."""
        check_not_rendering(self.env)
        for line in self:
            if state != line.state and state not in LINE_TRANSITIONS[line.state]:
                raise ValueError(f"line {line.id}: {line.state} -> {state} is no transition")
        if message is not None:
            values["message"] = message
        if self:
            self.write({"state": state, **values})

    def _apply_status(self, code, at, comment):
        """Write a status that Chorus Pro gave; older news than what is known is kept as history only.

        :param str code: raw Chorus Pro status, kept even when unknown.
        :param datetime at: naive UTC, or None when Chorus Pro did not say; a date beyond tomorrow is
            none.
        :return: True when the line's current status changed.
        """
        self.ensure_one()
        comment = comment or False
        # A date that has not come yet orders nothing: what is told later would be hidden until then.
        at, known_since = past(self.env, at), past(self.env, self.status_at, ahead=timedelta())
        if not self._says_more(code, at, comment):
            return False
        # Of what comes without a date only one thing is known: it was not there at the last look.
        older = bool(at and known_since and at < known_since)
        at = at or moments.now(self.env)
        self.env["chorus.status.event"]._record(self, code, at, comment)
        if older:
            return False
        values = {
            "status_code": code,
            "status_at": at,
            "status_comment": comment,
            "followed": not self._is_last_status(code),
            "reason_asked": False,
        }
        if code == "MISE_A_DISPOSITION" and not self.first_available_at:
            values["first_available_at"] = at
        if code == "MISE_EN_PAIEMENT" and not self.paid_at:
            values["paid_at"] = at
            values["payment_days"] = days_between(self.first_available_at or self.deposited_on, at) or False
        self.write(values)
        return True

    def _says_more(self, code, at, comment):
        # No words are no news: those of the history may stand there already.
        same_words = comment in (False, self.status_comment)
        return not (code == self.status_code and at in (None, self.status_at) and same_words)

    @api.model
    def _keep_history(self, told):
        """Write what a search tells of many invoices into their histories, at once; what has no date is not.

        :param told: list of (line, ``chorus_api.InvoiceSummary``)
        """
        events = []
        for line, summary in told:
            at, comment = past(self.env, naive_utc(summary.status_at)), summary.comment or False
            if summary.status and at and line._says_more(summary.status, at, comment):
                events.append((line, summary.status, at, comment))
        self.env["chorus.status.event"]._record_all(events)

    def _is_last_status(self, code):
        """Whether nothing more is expected; some buyers never announce the payment itself."""
        status = statuses.invoice_status(code)
        if status.terminal:
            return True
        if status.told_as != "approved":
            return False
        buyer = self.env["chorus.structure"].search(
            [("siret", "=", self.buyer_siret), ("environment", "=", self.environment)], limit=1
        )
        return bool(buyer.looked_up_at) and not buyer.reports_payment

    def _tell_of(self, summary, note):
        """Tell the responsible person, on the invoice, what happened in this line's environment."""
        self.ensure_one()
        self.env["chorus.notice"]._tell(self.move_id, TO_ACT[self.environment], note, summary=summary)

    def _solved(self):
        """Nobody has to act on the invoice any more, as far as this line's environment goes."""
        self.env["chorus.notice"]._solved(self.move_id, TO_ACT[self.environment])

    def _tell_never_shown(self):
        """Tell a person of an invoice that should be on Chorus Pro and that no search there shows."""
        self.ensure_one()
        number = self.number or self.move_id.name
        self._tell_of(
            self.env._("%s cannot be found on Chorus Pro", number),
            self.env._(
                "It was marked as deposited by hand, but Chorus Pro shows no such invoice. Look on the"
                " portal: if it is not there, press Not deposited by hand, then send it from here."
            )
            if self.state == "hand"
            else self.env._(
                "Chorus Pro reported it as integrated (flow %(flow)s), but no search there shows it: the"
                " buyer may never have received it. Look for it on the portal, and ask the support of"
                " Chorus Pro with the flow number.",
                flow=self.flow_number or "?",
            ),
        )

    def _tell_unwritten(self, error):
        """Tell a person that an answer of Chorus Pro about this invoice could not be written down here.

        :param Exception error: why, for instance a rule of another module
        """
        self.ensure_one()
        self._tell_of(
            self.env._("%s: an answer of Chorus Pro could not be written", self.number or self.move_id.name),
            self.env._(
                "Chorus Pro told something about this invoice that could not be written down here"
                " (%(error)s): an automated rule or another module may refuse it. Look at the invoice on"
                " the portal, and ask your administrator to look into the server's log"
                " (reference line %(ref)s).",
                error=str(error)[:200] or type(error).__name__,
                ref=self.id,
            ),
        )

    def _tell_status(self):
        """Tell the responsible person when the new status asks her to act; else close the call for help."""
        for line in self:
            if statuses.invoice_status(line.status_code).who == "supplier" and not line.replaced:
                reader = self.env["chorus.notice"]._person(line.move_id)
                line = line.with_context(lang=reader.lang or self.env.lang)
                words = line.env["chorus.words"]
                note = "\n".join(
                    part for part in (line.status_comment, words._status_action(line.status_code)) if part
                )
                line._tell_of(
                    line.env._(
                        "%(number)s: %(status)s",
                        number=line.number or line.move_id.name,
                        status=words._status_label(line.status_code),
                    ),
                    note,
                )
            else:
                line._solved()

    def _tell_not_taken(self, error):
        """Tell a person that this invoice does not leave, since what is looked at before it does fails.

        :param Exception error: why, for instance another module
        """
        self.ensure_one()
        self._tell_of(
            self.env._("%s was not sent to Chorus Pro", self.number or self.move_id.name),
            self.env._(
                "The last look at this invoice before it leaves failed (%(error)s): an automated rule or"
                " another module may be the reason. It is tried again every hour. Ask your administrator to"
                " look into the server's log (reference line %(ref)s).",
                error=str(error)[:200] or type(error).__name__,
                ref=self.id,
            ),
        )

    def action_open_invoice(self):
        """Open the invoice of this line."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id._get_records_action()

    def _queue_again(self, queued=False):
        """Queue the same invoices anew, each in a file of its own.

        :param bool queued: the invoices did nothing wrong (a neighbour was withdrawn): no resend is counted.
        """
        # The unique index must see that the former lines are no longer live.
        self.flush_model(["state"])
        lines = self.create(
            [
                {
                    "move_id": line.move_id.id,
                    "company_id": line.company_id.id,
                    "environment": line.environment,
                    "queued_by_id": line.queued_by_id.id,
                    "alone": not queued,
                    "first_slot": line.first_slot,
                    "resends": line.resends + (0 if queued else 1),
                    "doubtful_since": line.doubtful_since,
                    "by_itself": line.by_itself,
                }
                for line in self
            ]
        )
        wake(self.env)
        return lines


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
