"""What happens to a deposit, as verbs: whoever learns of it, a worker or a person, says it with them."""

from datetime import timedelta

from odoo import models

from ...chorus_api import errors
from ..base import moments
from ..base.moments import naive_utc
from ..base.scheduled import retry_at
from ..notice.chorus_sentences import say, together

# After so many tries that certainly sent nothing a person is told; the trying goes on, hourly.
PATIENCE_ATTEMPTS = 8
# The file may be taken and not yet integrated: look for it only after a while.
FIRST_SEARCH = timedelta(minutes=2)
# The list of changes shows what is integrated, all at once: it is looked at so long after a deposit.
FIRST_LOOK = timedelta(seconds=30)
# Minutes before the report of a deposit is asked for again, by number of answers that told nothing new.
CHECK_MINUTES = (1, 1, 2, 3, 5, 10, 15, 30, 60)
# An unknown flow, or one that does not move for so long, is shown to a person.
PATIENCE = timedelta(days=3)


class ChorusDeposit(models.Model):
    _inherit = "chorus.deposit"

    def _connection(self):
        """The connection by which it leaves, with sudo; empty when there is none."""
        return self.env["chorus.connection"]._for(self.company_id, self.environment)

    # -- sending --------------------------------------------------------------------------------------

    def _accepted(self, flow_number):
        """Chorus Pro took the file."""
        now = moments.now(self.env)
        self._move_to(
            "sent",
            flow_number=flow_number,
            sent_at=self.sent_at or now,
            checks=0,
            unconfirmed_at=False,
            next_action_at=now + FIRST_LOOK,
            message=False,
        )

    def _outcome_lost(self, message):
        """Nobody knows whether Chorus Pro took the file: it is searched there, and not sent again."""
        now = moments.now(self.env)
        self._move_to(
            "unconfirmed",
            message=message,
            checks=0,
            unconfirmed_at=self.unconfirmed_at or now,
            sent_at=self.sent_at or now,
            next_action_at=now + FIRST_SEARCH,
        )

    def _nothing_sent(self, error):
        """Chorus Pro certainly has nothing of it: try again later, or say what to repair.

        :param error: ``chorus_api.ChorusError``
        """
        sentence = self.env["chorus.words"]._error_sentence(error)
        if not errors.speaks_of_connection(error) and not error.retryable:
            if len(self.line_ids) > 1:
                self._not_as_archive(sentence)
            else:
                self._certainly_failed(sentence)
            return
        self._move_to(
            "ready",
            message=sentence,
            unconfirmed_at=False,
            next_action_at=retry_at(self.env, self.attempt_number, error.retry_after),
        )
        if self.attempt_number >= PATIENCE_ATTEMPTS and not self.needs_person:
            self._call_for_help(sentence)

    def _certainly_failed(self, sentence):
        """It cannot be sent as it is; a person is told ``sentence`` for each invoice."""
        self._move_to("failed", message=sentence)
        for line in self.line_ids:
            line._tell_of(self.env._("%s could not be sent to Chorus Pro", line.move_id.name), sentence)

    def _not_as_archive(self, sentence):
        """Chorus Pro does not take this archive: its invoices leave one by one."""
        lines = self.line_ids
        self._move_to("failed", message=sentence)
        lines._queue_again()
        self._connection()._group_verdict(False)

    def _send_anew(self):
        """Chorus Pro has nothing of it: the same file may leave again."""
        self._move_to(
            "ready",
            resends=self.resends + 1,
            unconfirmed_at=False,
            next_action_at=moments.now(self.env),
            message=False,
        )

    def _keep_back(self, gone):
        """Stop invoices that must not leave, for good; the others of the file are queued anew.

        :param dict gone: id of the invoice → the reason, a sentence
        """
        stopped = self.line_ids.filtered(lambda line: line.move_id.id in gone and line.state == "ready")
        others = self.line_ids.filtered(lambda line: line.state == "ready") - stopped
        for line in stopped:
            line._move_to("failed", message=gone[line.move_id.id])
            line._tell_of(
                line.env._("%s was not sent to Chorus Pro", line.move_id.name), gone[line.move_id.id]
            )
        if others:
            self._move_to("cancelled", message=False)
            others._queue_again(queued=True)
        else:
            self._move_to("failed", message=together(gone.values()), lines_to=False)

    def _leave_out_those_gone(self):
        """One of its invoices has gone another way: this file does not leave, the others are queued anew."""
        ready = self.line_ids.filtered(lambda line: line.state == "ready")
        if ready != self.line_ids:
            self._move_to("cancelled", message=False)
            ready._queue_again(queued=True)

    # -- report ---------------------------------------------------------------------------------------

    def _keep_report(self, report):
        """Keep what Chorus Pro answered, raw codes included.

        :param report: ``chorus_api.FlowReport``
        """
        changed = self.flow_state != report.state
        self.write(
            {
                "flow_state": report.state,
                "flow_state_at": naive_utc(report.state_at) or moments.now(self.env),
                "checks": 0 if changed else self.checks,
                "report": {
                    "state": report.state,
                    "filename": report.filename,
                    "invoice_errors": [
                        {"supplier": e.supplier, "recipient": e.recipient, "number": e.number, "text": e.text}
                        for e in report.invoice_errors
                    ],
                    "technical_errors": [
                        {"code": e.code, "text": e.text, "nature": e.nature} for e in report.technical_errors
                    ],
                },
            }
        )

    def _wait_for_report(self, retry_after=None):
        """Nothing final is known: ask again later; a person is told when that has lasted for days.

        :param retry_after: seconds that the server asked for, honoured when longer
        """
        checks = self.checks + 1
        minutes = CHECK_MINUTES[min(checks, len(CHECK_MINUTES)) - 1]
        at = moments.now(self.env) + timedelta(seconds=max(minutes * 60, retry_after or 0))
        self.write({"checks": checks, "next_action_at": at})
        if moments.now(self.env) - self.sent_at > PATIENCE and not self.needs_person:
            self._call_for_help(say(self.env, "own.nothing_final", days=PATIENCE.days))

    def _look_again(self, like=()):
        """Nothing was asked about them: they are looked for in what changed a moment later.

        :param like: deposits that are waited for first: not before one of these is asked about again
        """
        at = moments.now(self.env) + FIRST_LOOK
        self.next_action_at = max([at, min((deposit.next_action_at or at for deposit in like), default=at)])

    def _ended(self, state, message=False):
        """Its report is final: ``integrated``, ``partial`` or ``rejected``; its lines have moved already."""
        self._move_to(state, lines_to=False, next_action_at=False, message=message)

    def _all_integrated(self):
        """Chorus Pro has every invoice of it."""
        self._ended("integrated")
        if len(self.line_ids) > 1:
            self._connection()._group_verdict(True)

    def _doubt_receipts(self, flows):
        """Tell of other files of ours that were answered with the flow in which an invoice of this one is.

        They do not carry it: the flow is this file's, whose answer was lost, and theirs may never have been
        taken.

        :param dict flows: line → flow number that Chorus Pro shows for it
        """
        for line, flow_number in flows.items():
            others = self._with_flow(flow_number).filtered(
                lambda other, line=line: (
                    not other.flow_repeated and line.move_id not in other.line_ids.move_id
                )
            )
            others.flow_repeated = True
            # The unique index must see it before this file is given its number.
            others.flush_recordset(["flow_repeated"])
            others._tell_flow_repeated()

    def _close_when_complete(self):
        """End it when each of its invoices was seen on Chorus Pro, in its own flow or in another one."""
        states = set(self.line_ids.mapped("state"))
        if self.state == "unconfirmed" and not states:
            self._move_to("cancelled", next_action_at=False, message=say(self.env, "own.in_another_flow"))
        elif self.state in ("sent", "unconfirmed") and states == {"integrated"}:
            self._all_integrated()
