import logging
import time
import uuid
from datetime import timedelta

from odoo import api, fields, models

from ..chorus_api import InvoiceSearch, errors, explain, statuses
from .chorus_connection_rest import is_channel_fault
from .chorus_shared_client import SharedClient
from .moments import naive_utc
from .transactions import fresh_env, in_transaction

_logger = logging.getLogger(__name__)

# Minutes before the report of a deposit is asked for again, by number of answers that told nothing new.
CHECK_MINUTES = (1, 1, 2, 3, 5, 10, 15, 30, 60)
# An unknown flow, or one that does not move for so long, is shown to a person.
PATIENCE = timedelta(days=3)
MAX_AUTOMATIC_RESENDS = 2


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _follow_deposits(self, company_id, environment, deadline):
        """Ask for the report of each deposit that is due."""
        with SharedClient(self) as shared:
            for deposit_id in self._due_deposits(company_id, environment, "sent"):
                if time.monotonic() > deadline:
                    break
                if is_channel_fault(self._guarded("report", self._follow_one, deposit_id, shared)):
                    break
                self._progress(1)

    @api.model
    def _follow_one(self, deposit_id, shared=None):
        """Ask what became of one deposit (``consulterCRDetaille``) and write it down.

        :param SharedClient shared: gives the client when several deposits are followed in a row.
        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None.
        """
        if shared is None:
            with SharedClient(self) as shared:
                return self._follow_one(deposit_id, shared)
        with fresh_env(self.env) as env:
            deposit = env["chorus.deposit"].browse(deposit_id)
            if deposit.state != "sent":
                return None
            flow_number = deposit.flow_number
            channel = (deposit.company_id.id, deposit.environment)
            wanted = [self._frozen(line) for line in deposit.line_ids if line.state == "sent"]
        correlation_id = uuid.uuid4().hex[:12]
        started = time.monotonic()
        report = error = None
        found = {}
        try:
            client = shared.get(channel, correlation_id)
            report = client.flow_report(flow_number)
            kind = statuses.flow_state(report.state).kind
            if kind == "partial" or (kind == "integrated" and report.invoice_errors):
                found = self._match(client.iter_invoices(InvoiceSearch(flow_number=flow_number)), wanted)
            if kind in ("rejected", "incident", "partial"):
                # A rejection may be that of a copy: what Chorus Pro already holds must not be freed.
                missing = [item for item in wanted if item[0] not in found]
                found |= self._search_frozen(channel, missing, correlation_id)
        except errors.ChorusError as caught:
            error = caught
            shared.forget()
        seconds = time.monotonic() - started
        in_transaction(
            self.env,
            lambda env: self._reported(env, deposit_id, report, found, error, seconds, correlation_id),
        )
        self._note_fault(channel, error)
        return error

    @api.model
    def _match(self, summaries, wanted):
        found = {}
        summaries = list(summaries)
        for line_id, *identity in wanted:
            for summary in summaries:
                if self._same_invoice(summary, *identity):
                    found[line_id] = summary
        return found

    @api.model
    def _reported(self, env, deposit_id, report, found, error, seconds, correlation_id):
        deposit = self._deposit(env, deposit_id, lock=True)
        if deposit.state != "sent":
            return
        journal = env["chorus.attempt"]._start(deposit, "report", correlation_id)
        if error:
            journal._end("not_found" if isinstance(error, errors.FlowNotFound) else "unknown", seconds, error)
            self._wait_for_report(deposit, error.retry_after)
            return
        journal._end("answered", seconds)
        self._connection(env, deposit.company_id.id, deposit.environment)._report_recovery()
        self._keep_report(deposit, report)
        state = statuses.flow_state(report.state)
        handler = {
            "integrated": self._flow_integrated,
            "partial": self._flow_partial,
            "rejected": self._flow_rejected,
            "incident": self._flow_rejected,
        }.get(state.kind)
        if handler:
            handler(deposit, report, found)
        else:
            self._wait_for_report(deposit)

    @api.model
    def _keep_report(self, deposit, report):
        """Keep what Chorus Pro answered, raw codes included."""
        changed = deposit.flow_state != report.state
        deposit.write(
            {
                "flow_state": report.state,
                "flow_state_at": naive_utc(report.state_at) or fields.Datetime.now(),
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
        at = fields.Datetime.now() + timedelta(seconds=max(minutes * 60, retry_after or 0))
        deposit.write({"checks": checks, "next_action_at": at})
        if fields.Datetime.now() - deposit.sent_at > PATIENCE and not deposit.needs_person:
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
        for line in deposit.line_ids.filtered(lambda line: line.state == "sent"):
            self._line_integrated(line)
        self._all_integrated(deposit)

    @api.model
    def _flow_partial(self, deposit, report, found):
        """Some invoices are in, some are not: the search tells which are in, the report which are not."""
        texts = self._texts_by_number(report)
        for line in deposit.line_ids.filtered(lambda line: line.state == "sent"):
            if line.id in found:
                self._line_integrated(line, found[line.id])
            elif line.number in texts:
                self._line_rejected(line, texts[line.number])
        if deposit.line_ids.filtered(lambda line: line.state == "sent"):
            self._wait_for_report(deposit)
        else:
            deposit._move_to("partial", lines_to=False, next_action_at=False, message=False)

    @api.model
    def _flow_rejected(self, deposit, report, found):
        texts = self._texts_by_number(report)
        general = [f"{e.code} {e.text}".strip() for e in report.technical_errors]
        incident = statuses.flow_state(report.state).kind == "incident"
        grouped = len(deposit.line_ids) > 1
        for line in deposit.line_ids.filtered(lambda line: line.state == "sent"):
            if line.id in found:
                self._line_integrated(line, found[line.id])
                continue
            again = line.resends < MAX_AUTOMATIC_RESENDS and (incident or (grouped and not texts))
            self._line_rejected(line, texts.get(line.number) or general, tell=not again)
            if again:
                line._queue_again()
        deposit._move_to(
            "rejected", lines_to=False, next_action_at=False, message=self._rejection_words(deposit, general)
        )
        if grouped and not texts:
            self._connection(deposit.env, deposit.company_id.id, deposit.environment)._group_verdict(False)

    @api.model
    def _texts_by_number(self, report):
        texts = {}
        for item in report.invoice_errors:
            texts.setdefault(item.number, []).append(item.text)
        return texts

    @api.model
    def _rejection_words(self, record, texts):
        words = record.env["chorus.words"]
        sentences = [words._explained(item) for text in texts for item in explain(text)]
        return "\n".join(sentences) or record.env._("Chorus Pro rejected the file without a reason.")

    @api.model
    def _line_integrated(self, line, summary=None):
        """Chorus Pro holds the invoice; ``summary`` gives its identifier and first status when known."""
        if line.state != "integrated":
            line._move_to("integrated", message=False)
        line.move_id._chorus_solved()
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
            line.move_id._chorus_tell(line.env._("%s was rejected by Chorus Pro", line.number), message)

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
