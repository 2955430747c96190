"""The journal of what was tried with a deposit, and of the statuses that an invoice has had."""

from odoo import api, fields, models

from ..base import moments


class ChorusAttempt(models.Model):
    """Journal of a deposit: one row per attempt to send or to find out; no secret, no answer body."""

    _name = "chorus.attempt"
    _inherit = ["chorus.written.by.code"]
    _description = "Chorus Pro attempt"
    _order = "id desc"

    KEPT_PER_DEPOSIT = 50

    deposit_id = fields.Many2one(
        "chorus.deposit", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="deposit_id.company_id", store=True, index=True)
    number = fields.Integer("Attempt", readonly=True)
    kind = fields.Selection(
        [("send", "Send"), ("search", "Look for it"), ("report", "Ask for the report")],
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(required=True, readonly=True, default=lambda self: moments.now(self.env))
    outcome = fields.Selection(
        [
            ("running", "Under way"),
            ("accepted", "Taken"),
            ("refused", "Refused"),
            ("not_sent", "Did not leave"),
            ("unknown", "Unknown"),
            ("found", "Found"),
            ("not_found", "Not found"),
            ("answered", "Answered"),
        ],
        required=True,
        readonly=True,
        default="running",
    )
    http_status = fields.Integer("HTTP status", readonly=True)
    duration_ms = fields.Integer("Duration (ms)", readonly=True)
    correlation_id = fields.Char("Reference", readonly=True)
    error = fields.Char(readonly=True)

    @api.model
    def _start(self, deposit, kind, correlation_id):
        """Open a row; the oldest searches beyond the bound leave, the sendings stay."""
        self._prune(deposit)
        return self.create(
            {
                "deposit_id": deposit.id,
                "number": deposit.attempt_number,
                "kind": kind,
                "correlation_id": correlation_id,
            }
        )

    @api.model
    def _note(self, rows):
        """Write down attempts that have ended, all at once.

        :param rows: list of (deposit, kind, answer with outcome, seconds, error and correlation_id)
        """
        self._prune(self.env["chorus.deposit"].union(*(deposit for deposit, _kind, _answer in rows)))
        self.create(
            [
                {
                    "deposit_id": deposit.id,
                    "number": deposit.attempt_number,
                    "kind": kind,
                    "correlation_id": answer.correlation_id,
                    **self._ending(answer.outcome, answer.seconds, answer.error),
                }
                for deposit, kind, answer in rows
            ]
        )

    @api.model
    def _prune(self, deposits):
        """Make room for one more row of each deposit."""
        self.flush_model(["deposit_id", "kind"])
        self.env.cr.execute(
            """
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY deposit_id ORDER BY id DESC) AS age
                FROM chorus_attempt WHERE deposit_id = ANY(%s) AND kind != 'send'
            ) AS known WHERE age > %s
            """,
            (deposits.ids, self.KEPT_PER_DEPOSIT),
        )
        if old := self.browse([row[0] for row in self.env.cr.fetchall()]):
            old.sudo().unlink()

    def _end(self, outcome, seconds, error=None):
        """Close the row. ``error``: ``chorus_api.ChorusError`` or None; ``seconds``: the call's duration."""
        self.write(self._ending(outcome, seconds, error))

    @api.model
    def _ending(self, outcome, seconds, error=None):
        return {
            "outcome": outcome,
            "duration_ms": round(seconds * 1000),
            "http_status": getattr(error, "http_status", None) or (0 if error else 200),
            "error": str(error)[:300] if error else False,
        }


class ChorusStatusEvent(models.Model):
    """One step of an invoice's life at the buyer's, as Chorus Pro told it."""

    _name = "chorus.status.event"
    _inherit = ["chorus.written.by.code"]
    _description = "Chorus Pro status"
    _order = "at desc, id desc"

    line_id = fields.Many2one(
        "chorus.deposit.line", required=True, readonly=True, ondelete="cascade", index=True
    )
    move_id = fields.Many2one(related="line_id.move_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    environment = fields.Selection(related="line_id.environment")
    code = fields.Char("Status (code)", required=True, readonly=True)
    label = fields.Char("Status", compute="_compute_words")
    sentence = fields.Text("What it means", compute="_compute_words")
    at = fields.Datetime("Date", required=True, readonly=True)
    comment = fields.Text("The buyer's words", readonly=True)
    sealed = fields.Boolean(readonly=True, copy=False)

    _once = models.UniqueIndex("(line_id, code, at)")
    _unsealed_index = models.Index("(company_id, id) WHERE sealed IS NOT TRUE")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_words(self):
        words = self.env["chorus.words"]
        for event in self:
            event.label = words._status_label(event.code)
            event.sentence = words._status_meaning(event.code)

    @api.model
    def _record(self, line, code, at, comment):
        """Keep one event; the same code at the same time is the same event, its comment may be completed."""
        known = self._known(line, code, at) or self._record_all([(line, code, at, comment)])
        if comment and comment != known.comment:
            # What is completed is sealed anew.
            known.write({"comment": comment, "sealed": False})
        return known

    @api.model
    def _record_all(self, rows):
        """Keep events that are not known yet, all at once.

        :param rows: list of (line, code, naive UTC moment, the buyer's words or False)
        """
        new = {
            (line.id, code, at): {"line_id": line.id, "code": code, "at": at, "comment": comment}
            for line, code, at, comment in rows
            if not self._known(line, code, at)
        }
        return self.create(list(new.values()))

    @api.model
    def _known(self, line, code, at):
        events = line.event_ids.with_env(self.env)
        return events.filtered(lambda event: (event.code, event.at) == (code, at))[:1]
