import logging
import time
import uuid
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import split_every

from ..chorus_api import FlowReport, InvoiceSearch, errors, explain, plain_registration, statuses
from . import moments
from .chorus_shared_client import SharedClient
from .moments import naive_utc
from .transactions import fresh_env

_logger = logging.getLogger(__name__)

# Minutes before the report of a deposit is asked for again, by number of answers that told nothing new.
CHECK_MINUTES = (1, 1, 2, 3, 5, 10, 15, 30, 60)
# An unknown flow, or one that does not move for so long, is shown to a person.
PATIENCE = timedelta(days=3)
MAX_AUTOMATIC_RESENDS = 2
# Reports that one transaction writes down; they can be asked for again when it fails.
WRITTEN_AT_ONCE = 25


class _Question(NamedTuple):
    """A deposit to ask about; ``lines`` as ``_frozen`` gives them, of those invoices nothing is known yet."""

    deposit_id: int
    channel: tuple
    flow_number: str
    lines: list


class _Answer(NamedTuple):
    """What came of asking: a report or an error; ``found`` gives the summary of invoices by line id."""

    deposit_id: int
    report: FlowReport | None
    found: dict
    error: errors.ChorusError | None
    seconds: float
    correlation_id: str

    @property
    def outcome(self):
        """The word of the journal for it."""
        if self.error:
            return "not_found" if isinstance(self.error, errors.FlowNotFound) else "unknown"
        return "answered"


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _follow_deposits(self, company_id, environment, deadline):
        """Ask for the report of each deposit that is due; write the answers down some at a time."""
        due = self._due_deposits(company_id, environment, "sent")
        with SharedClient(self) as shared:
            for deposit_ids in split_every(WRITTEN_AT_ONCE, due):
                answers, go_on = self._ask_reports(deposit_ids, shared, deadline)
                self._guarded("report", self._write_answers, (company_id, environment), answers)
                self._progress(len(answers))
                if not go_on:
                    break

    @api.model
    def _ask_reports(self, deposit_ids, shared, deadline):
        """:return: (list of _Answer; bool, False when the time is used up or the connection fails)"""
        answers = []
        for question in self._questions(deposit_ids):
            if time.monotonic() > deadline:
                return answers, False
            answer = self._guarded("report", self._ask_report, question, shared)
            if answer:
                answers.append(answer)
                if errors.speaks_of_connection(answer.error):
                    return answers, False
        return answers, True

    @api.model
    def _follow_one(self, deposit_id):
        """Ask what became of one deposit (``consulterCRDetaille``) and write it down.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None.
        """
        for question in self._questions([deposit_id]):
            with SharedClient(self) as shared:
                answer = self._ask_report(question, shared)
            self._write_answers(question.channel, [answer])
            return answer.error
        return None

    @api.model
    def _questions(self, deposit_ids):
        """What to ask about those of the deposits that Chorus Pro has taken.

        :rtype: list[_Question]
        """
        with fresh_env(self.env) as env:
            return [
                _Question(
                    deposit.id,
                    (deposit.company_id.id, deposit.environment),
                    deposit.flow_number,
                    [self._frozen(line) for line in deposit.line_ids if line.state == "sent"],
                )
                for deposit in env["chorus.deposit"].browse(deposit_ids)
                if deposit.state == "sent"
            ]

    @api.model
    def _ask_report(self, question, shared):
        """Ask for one report; look for the invoices themselves where it does not say enough.

        :param _Question question:
        :param SharedClient shared: gives the client
        :rtype: _Answer
        """
        correlation_id = uuid.uuid4().hex[:12]
        started = time.monotonic()
        report = error = None
        found = {}
        try:
            client = shared.get(question.channel, correlation_id)
            report = client.flow_report(question.flow_number)
            kind = statuses.flow_state(report.state).kind
            if kind == "partial" or (kind == "integrated" and report.invoice_errors):
                search = InvoiceSearch(flow_number=question.flow_number)
                found = self._match(client.iter_invoices(search), question.lines)
            if kind in ("rejected", "incident", "partial"):
                # A rejection may be that of a copy: what Chorus Pro already holds must not be freed.
                missing = [item for item in question.lines if item[0] not in found]
                found |= self._search_frozen(question.channel, missing, correlation_id)
        except errors.FlowNotFound as caught:
            error = caught
        except errors.ChorusError as caught:
            error = caught
            shared.forget()
        return _Answer(question.deposit_id, report, found, error, time.monotonic() - started, correlation_id)

    @api.model
    def _write_answers(self, channel, answers):
        """Write down what was answered about deposits of a channel: together, one by one if that fails."""
        self._write_each(answers, lambda env, some: self._reports(env, channel, some), self._report_unwritten)
        for answer in answers:
            self._note_fault(channel, answer.error)

    @api.model
    def _report_unwritten(self, env, answer, error):
        """The report of one deposit could not be written: it is asked for again later, and a person hears."""
        deposit = self._deposit(env, answer.deposit_id, lock=True)
        self._wait_for_report(deposit)
        for line in deposit.line_ids:
            line._tell_unwritten(error)

    @api.model
    def _reports(self, env, channel, answers):
        """Write several answers in this transaction; a deposit that went on meanwhile is left alone."""
        env.cr.execute(
            "SELECT id FROM chorus_deposit WHERE id = ANY(%s) AND state = 'sent' ORDER BY id FOR UPDATE",
            ([answer.deposit_id for answer in answers],),
        )
        locked = [row[0] for row in env.cr.fetchall()]
        deposits = env["chorus.deposit"].browse(locked)
        deposits = deposits.with_context(lang=env["chorus.words"]._lang(deposits.company_id))
        by_id = {deposit.id: deposit for deposit in deposits}
        told = [answer for answer in answers if answer.deposit_id in by_id]
        if not told:
            return
        env["chorus.attempt"]._note([(by_id[answer.deposit_id], "report", answer) for answer in told])
        if any(not answer.error for answer in told):
            self._connection(deposits.env, *channel)._report_recovery()
        for answer in told:
            self._reported(by_id[answer.deposit_id], answer)

    @api.model
    def _match(self, summaries, wanted):
        found = {}
        summaries = list(summaries)
        for line_id, identity in wanted:
            for summary in summaries:
                if identity.is_same(summary):
                    found[line_id] = summary
        return found

    @api.model
    def _reported(self, deposit, answer):
        """Write on one deposit what Chorus Pro answered about it."""
        if answer.error:
            self._wait_for_report(deposit, answer.error.retry_after)
            return
        report = answer.report
        self._keep_report(deposit, report)
        handler = {
            "integrated": self._flow_integrated,
            "partial": self._flow_partial,
            "rejected": self._flow_rejected,
            "incident": self._flow_rejected,
        }.get(statuses.flow_state(report.state).kind)
        if handler:
            handler(deposit, report, answer.found)
        else:
            self._wait_for_report(deposit)

    @api.model
    def _keep_report(self, deposit, report):
        """Keep what Chorus Pro answered, raw codes included."""
        changed = deposit.flow_state != report.state
        deposit.write(
            {
                "flow_state": report.state,
                "flow_state_at": naive_utc(report.state_at) or moments.now(deposit.env),
                "checks": 0 if changed else deposit.checks,
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

    @api.model
    def _wait_for_report(self, deposit, retry_after=None):
        checks = deposit.checks + 1
        minutes = CHECK_MINUTES[min(checks, len(CHECK_MINUTES)) - 1]
        at = moments.now(deposit.env) + timedelta(seconds=max(minutes * 60, retry_after or 0))
        deposit.write({"checks": checks, "next_action_at": at})
        if moments.now(deposit.env) - deposit.sent_at > PATIENCE and not deposit.needs_person:
            deposit._call_for_help(
                deposit.env._(
                    "Chorus Pro took this file more than %s days ago and has said nothing final about it."
                    " Look on the portal under the flow number, or ask the support of Chorus Pro; it is"
                    " still followed.",
                    PATIENCE.days,
                )
            )

    # -- verdicts -------------------------------------------------------------------------------------

    @api.model
    def _flow_integrated(self, deposit, report, found):
        if report.invoice_errors:
            self._flow_partial(deposit, report, found)
            return
        sent = deposit.line_ids.filtered(lambda line: line.state == "sent")
        if self._each_line(sent, self._line_integrated) == sent:
            self._all_integrated(deposit)
        else:
            self._wait_for_report(deposit)

    @api.model
    def _flow_partial(self, deposit, report, found):
        """Some invoices are in, some are not: the search tells which are in, the report which are not."""
        texts = self._texts_by_invoice(report)

        def write(line):
            if line.id in found:
                self._line_integrated(line, found[line.id])
            elif reasons := self._texts_of(line, texts):
                self._line_rejected(line, reasons)

        self._each_line(deposit.line_ids.filtered(lambda line: line.state == "sent"), write)
        if deposit.line_ids.filtered(lambda line: line.state == "sent"):
            self._wait_for_report(deposit)
        else:
            deposit._move_to("partial", lines_to=False, next_action_at=False, message=False)

    @api.model
    def _flow_rejected(self, deposit, report, found):
        texts = self._texts_by_invoice(report)
        general = [f"{e.code} {e.text}".strip() for e in report.technical_errors]
        incident = statuses.flow_state(report.state).kind == "incident"
        grouped = len(deposit.line_ids) > 1

        def write(line):
            if line.id in found:
                self._line_integrated(line, found[line.id])
                return
            again = line.resends < MAX_AUTOMATIC_RESENDS and (incident or (grouped and not texts))
            self._line_rejected(line, self._texts_of(line, texts) or general, tell=not again)
            if again:
                line._queue_again()

        sent = deposit.line_ids.filtered(lambda line: line.state == "sent")
        if self._each_line(sent, write) != sent:
            self._wait_for_report(deposit)
            return
        if texts and not general:
            message = deposit.env._("Chorus Pro rejected it: the reason stands beside the invoice.")
        else:
            message = self._rejection_words(deposit, general)
        deposit._move_to("rejected", lines_to=False, next_action_at=False, message=message)
        if grouped and not texts:
            self._connection(deposit.env, deposit.company_id.id, deposit.environment)._group_verdict(False)

    @api.model
    def _texts_by_invoice(self, report):
        """:return: dict (SIRET of the supplier, number) → list of texts"""
        texts = {}
        for item in report.invoice_errors:
            texts.setdefault((plain_registration(item.supplier), item.number), []).append(item.text)
        return texts

    @api.model
    def _texts_of(self, line, texts):
        """What the report says of one invoice: numbers are unique for one supplier only.

        A row that names no supplier speaks of ours.
        """
        return texts.get((plain_registration(line.seller_siret), line.number)) or texts.get(("", line.number))

    @api.model
    def _rejection_words(self, record, texts):
        words = record.env["chorus.words"]
        sentences = [words._explained(item) for text in texts for item in explain(text)]
        return "\n".join(sentences) or record.env._("Chorus Pro rejected the file without a reason.")

    @api.model
    def _line_integrated(self, line, summary=None):
        """Chorus Pro holds the invoice; ``summary`` gives its identifier and first status when known."""
        if line.state != "integrated":
            if summary and summary.flow_number and summary.flow_number != line.flow_number:
                # It came with another flow than this one, which was only refused as its double.
                line.deposit_id = line.env["chorus.deposit"]._adopted(
                    line.company_id, line.environment, summary.flow_number, summary.deposited_on
                )
            line._move_to("integrated", message=False)
        line.move_id._chorus_solved(line.environment)
        if summary:
            if summary.id and not line.chorus_invoice_id:
                line.chorus_invoice_id = str(summary.id)
            if summary.status and line._apply_status(
                summary.status, naive_utc(summary.status_at), summary.comment
            ):
                line._tell_status()

    @api.model
    def _line_rejected(self, line, texts, tell=True):
        message = self._rejection_words(line, texts)
        keys = [item.field for text in texts for item in explain(text) if item.field]
        line._move_to("rejected", message=message, fix_key=keys[0] if keys else False)
        if tell:
            line._tell_of(line.env._("%s was rejected by Chorus Pro", line.number), message)

    @api.model
    def _close_when_complete(self, deposit):
        states = set(deposit.line_ids.mapped("state"))
        if deposit.state in ("sent", "unconfirmed") and states == {"integrated"}:
            self._all_integrated(deposit)

    @api.model
    def _all_integrated(self, deposit):
        deposit._move_to("integrated", lines_to=False, next_action_at=False, message=False)
        if len(deposit.line_ids) > 1:
            self._connection(deposit.env, deposit.company_id.id, deposit.environment)._group_verdict(True)
