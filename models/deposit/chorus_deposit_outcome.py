"""What happens to a deposit and its invoices, as verbs: whoever learns of it, worker or person, uses them."""

import logging
from datetime import timedelta

from odoo import fields, models

from ...chorus_api import errors, explain
from ..base import moments
from ..base.chorus_authority import BY_CODE
from ..base.chorus_identity import siret_domain
from ..base.moments import naive_utc
from ..base.transactions import asks_for_retry, retry_at
from ..notice.chorus_sentences import say, together

_logger = logging.getLogger(__name__)

# What ended here; Chorus Pro may have it even so (a report that was wrong, a flow that came through late).
ENDED_STATES = ("rejected", "failed", "cancelled")
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

    def _accepted(self, flows):
        """Chorus Pro took the files.

        :param dict flows: deposit → its flow number
        """
        now = moments.now(self.env)
        for deposit, flow_number in flows.items():
            deposit.write({"flow_number": flow_number, "sent_at": deposit.sent_at or now})
        self._move_to(
            "sent",
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
        """Doubt other files of ours that were answered with the flow in which an invoice of this one is.

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
            for other in others:
                other._receipt_of_another()
            # The unique index must see it before this file is given its number.
            others.flush_recordset(["flow_number", "flow_repeated"])

    def _receipt_of_another(self):
        """The flow number that was answered is another file's: whether this one was taken is not known.

        Invoices that Chorus Pro does not show are looked for, as after a lost answer. When their report was
        no plain one, or it shows them all, a person is told instead.
        """
        not_shown = self.line_ids.filtered(
            lambda line: line.state in ("sent", "integrated") and not line._id_there()
        )
        if self.state not in ("sent", "integrated") or not not_shown:
            self.flow_repeated = True
            self._tell_flow_repeated()
            return
        message = say(self.env, "own.receipt_of_another", flow=self.flow_number)
        now = moments.now(self.env)
        self._move_to(
            "unconfirmed",
            lines_to=False,
            message=message,
            flow_number=False,
            # The report was that of the other file.
            flow_state=False,
            flow_state_at=False,
            report=False,
            checks=0,
            sent_at=self.sent_at or now,
            unconfirmed_at=now,
            next_action_at=now + FIRST_SEARCH,
        )
        not_shown._move_to("unconfirmed", message=message)

    def _close_when_complete(self):
        """End it when each of its invoices was seen on Chorus Pro, in its own flow or in another one."""
        states = set(self.line_ids.mapped("state"))
        if self.state == "unconfirmed" and not states:
            self._move_to("cancelled", next_action_at=False, message=say(self.env, "own.in_another_flow"))
        elif self.state in ("sent", "unconfirmed") and states == {"integrated"}:
            self._all_integrated()


def summary_values(summary):
    """What is kept of a ``chorus_api.InvoiceSummary`` to follow its invoice from there."""
    return {
        "chorus_invoice_id": str(summary.id or "") or False,
        "flow_number": summary.flow_number,
        "status_code": summary.status,
        "status_at": naive_utc(summary.status_at),
        "status_comment": summary.comment,
        "deposited_on": summary.deposited_on,
    }


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    found_there = fields.Json("Found on Chorus Pro after all", readonly=True)

    def _integrated(self, summary=None):
        """Chorus Pro holds the invoice.

        :param summary: ``chorus_api.InvoiceSummary``, which gives its identifier and status when known
        """
        self.ensure_one()
        if self.state != "integrated":
            if summary and summary.flow_number and summary.flow_number != self.flow_number:
                # It came with another flow than this one, which was only refused as its double.
                self.deposit_id = self.env["chorus.deposit"]._adopted(
                    self.company_id, self.environment, summary.flow_number, summary.deposited_on
                )
            self._move_to("integrated", message=False)
        self._solved()
        if summary:
            self._identified(summary)
            self._told(summary)

    def _seen(self, summary):
        """A search shows the invoice: it is there, with the status that the search tells.

        :param summary: ``chorus_api.InvoiceSummary``
        """
        self.ensure_one()
        if self.state == "integrated":
            self._identified(summary)
            self._follow_recipient(summary)
            self._told(summary)
            return
        self._integrated(summary)
        if self.deposit_id:
            self.deposit_id._close_when_complete()

    def _identified(self, summary):
        if summary.id and not self._id_there():
            self.chorus_invoice_id = str(summary.id)

    def _told(self, summary):
        """Write the status that a search gives."""
        if summary.status and self._apply_status(
            summary.status, naive_utc(summary.status_at), summary.comment
        ):
            self._tell_status()

    def _rejected(self, texts, tell=True):
        """Chorus Pro rejected the invoice and holds nothing of it.

        :param list[str] texts: the reasons as Chorus Pro gave them
        :param bool tell: whether a person has to hear of it
        """
        self.ensure_one()
        message = self._rejection_words(texts)
        keys = [item.field for text in texts for item in explain(text) if item.field]
        self._move_to("rejected", message=message, fix_key=keys[0] if keys else False)
        if tell:
            self._tell_of(self.env._("%s was rejected by Chorus Pro", self.number), message)

    def _rejection_words(self, texts):
        """The reasons of a rejection in words for an accountant; a sentence also when there is none."""
        words = self.env["chorus.words"]
        sentences = [words._explained(item) for text in texts for item in explain(text)]
        return together(sentences) or say(self.env, "own.rejected_without_reason")

    def _together_or_alone(self, write):
        """Call ``write(lines)`` for all of these behind one savepoint; when that fails, for each alone."""
        if len(self) > 1:
            try:
                with self.env.cr.savepoint():
                    return write(self)
            except Exception as error:
                if asks_for_retry(error):
                    raise
                _logger.info("Writing %s lines at once failed; one by one now: %s", len(self), error)
        self._each_alone(write)

    def _each_alone(self, write):
        """Call ``write(line)`` for each of these lines, each behind a savepoint; tell of failures.

        :return: those that were written
        """
        written = self.browse()
        for line in self:
            try:
                with self.env.cr.savepoint():
                    write(line)
            except Exception as error:
                if asks_for_retry(error):
                    raise
                _logger.exception("Writing the answer of Chorus Pro about line %s failed", line.id)
                line._tell_unwritten(error)
            else:
                written |= line
        return written

    # -- an invoice that was rejected, not sent or withdrawn here, and that Chorus Pro lists all the same

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

    # -- an invoice that a person sent to another recipient on the portal: the search tells it, we follow

    def _follow_recipient(self, summary):
        """Take over the recipient, service and engagement that Chorus Pro tells of this invoice.

        :param chorus_api.InvoiceSummary summary: of this very invoice, known by its identifier
        """
        siret = summary.recipient
        if not siret or siret == self.buyer_siret or self.chorus_invoice_id != str(summary.id):
            return
        self.buyer_siret = siret
        words = self.with_context(lang=self.env["chorus.words"]._lang(self.company_id)).env
        move = self.move_id.with_context(**BY_CODE)
        partner = move._chorus_partner_of(siret)
        wanted = {
            "buyer_reference": summary.service,
            "purchase_order_reference": summary.engagement,
            "chorus_recipient_id": partner.id if partner != move.commercial_partner_id else False,
        }
        changes = {name: value for name, value in wanted.items() if value or name == "chorus_recipient_id"}
        move.write(changes)
        move._chorus_sync_period()
        move.with_context(no_new_invoice=True).message_post(
            body=words._(
                "On Chorus Pro, %(number)s was redirected to %(name)s (SIRET %(siret)s). Its service, "
                "engagement and payment period follow the new recipient.",
                number=move.name,
                name=partner.display_name or summary.recipient_name or siret,
                siret=siret,
            )
            if partner
            else words._(
                "On Chorus Pro, %(number)s was redirected to %(name)s (SIRET %(siret)s), who is no customer "
                "here. Create this customer, so that its payment period is known.",
                number=move.name,
                name=summary.recipient_name or siret,
                siret=siret,
            )
        )


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_partner_of(self, siret):
        """The customer with this SIRET that the invoice's company may use, possibly empty."""
        return (
            self.env["res.partner"]
            .sudo()
            .search(
                [
                    *siret_domain([siret]),
                    ("is_company", "=", True),
                    ("company_id", "in", (False, self.company_id.id)),
                ],
                limit=1,
            )
            .commercial_partner_id
        )
