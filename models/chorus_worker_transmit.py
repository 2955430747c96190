import hashlib
import logging
import time
import uuid
from datetime import timedelta
from functools import partial

from odoo import api, models
from psycopg2.errors import UniqueViolation

from ..chorus_api import Settings, errors
from . import chorus_sending_sql as sending
from . import moments, server_time
from .chorus_shared_client import SharedClient
from .transactions import advisory_lock, fresh_env, in_transaction, is_unlocked

_logger = logging.getLogger(__name__)

# After so many tries that certainly sent nothing a person is told; the trying goes on, hourly.
PATIENCE_ATTEMPTS = 8
# The file may be taken and not yet integrated: look for it only after a while.
FIRST_SEARCH = timedelta(minutes=2)
# The most that one deposit may take of the time that a scheduled action can have: for an answer to any file,
# and for the size of a large one besides. Small ones must find room in a short limit.
ANSWER_SHARE, SIZE_SHARE = 0.5, 0.4


def _repeated(receipt):
    """The error that a receipt stands for when its flow number is that of another deposit."""
    return errors.OutcomeUnknown("flow_number_known", detail=receipt.flow_number)


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _transmit_all(self, company_id, environment, deadline):
        """Send what is ready, until the time is used up or the connection fails.

        :return: (int, how many this process sent; bool, whether the connection failed)
        """
        with SharedClient(self) as shared:
            outcome = self._transmit_ready(company_id, environment, deadline, shared)
        self._tell_invoices(company_id, environment)
        return outcome

    @api.model
    def _transmit_ready(self, company_id, environment, deadline, shared):
        sent = 0
        while time.monotonic() < deadline:
            taken = False
            due = self._due_deposits(company_id, environment, "ready", limit=50)
            longest = self._longest_post(due)
            for deposit_id in due:
                if longest[deposit_id] > server_time.seconds_left():
                    continue
                outcome = self._transmit_one(deposit_id, shared)
                if not outcome:
                    continue
                taken = True
                sent += 1
                if errors.speaks_of_connection(outcome):
                    return sent, True
                if time.monotonic() > deadline:
                    return sent, False
            if not taken:
                break
        return sent, False

    @api.model
    def _longest_post(self, deposit_ids):
        """How long posting each deposit may take at most; never more than Odoo's own limit allows at all.

        :return: dict deposit id → seconds
        """
        with fresh_env(self.env) as env:
            sizes = env["chorus.deposit"].browse(deposit_ids).read(["size"], load=None)
        whole, settings = server_time.limit() - server_time.margin(), Settings()
        answer = min(settings.deposit_base, whole * ANSWER_SHARE)
        longest = {}
        for row in sizes:
            # Base64 makes four bytes of three.
            upload = settings.deposit_time(row["size"] * 4 // 3) - settings.deposit_base
            longest[row["id"]] = answer + min(upload, whole * SIZE_SHARE)
        return longest

    @api.model
    def _transmit_one(self, deposit_id, shared=None):
        """Post one deposit exactly once, and write what came of it.

        1. take the advisory lock (it says "this process lives"), write ``sending`` with a new attempt
           number, commit; 2. post; 3. write the outcome by compare-and-set on the attempt number, commit;
        4. release the lock. A process that dies at any point leaves ``sending`` without a lock, which
        ``_recover_dead`` turns into ``unconfirmed``: never posted again blindly.

        :param SharedClient shared: gives the client when several deposits are sent in a row.
        :return: what came of it (``chorus_api.DepositReceipt`` or ``ChorusError``), or None when the deposit
            was not there to take.
        """
        if shared is None:
            with SharedClient(self) as shared:
                outcome = self._transmit_one(deposit_id, shared)
            if shared.channel:
                self._tell_invoices(*shared.channel)
            return outcome
        if error := self._look_first(deposit_id):
            return error
        correlation_id = uuid.uuid4().hex[:12]
        with advisory_lock(self.env, deposit_id) as free:
            if not free:
                return None
            taken = in_transaction(self.env, lambda env: self._start_sending(env, deposit_id, correlation_id))
            if not taken:
                return None
            attempt, filename, syntax, content, channel = taken
            started = time.monotonic()
            receipt = error = None
            posting = False
            try:
                client = shared.get(channel, correlation_id)
                posting = True
                receipt = client.deposit_flow(content, filename, syntax)
            except errors.ChorusError as caught:
                error = caught
            except Exception as caught:
                _logger.exception(
                    "Deposit %s (%s): unexpected error while sending", deposit_id, correlation_id
                )
                # Once the call has begun the body may have left: only before it is the outcome known.
                kind = errors.OutcomeUnknown if posting else errors.NotSent
                error = kind("unexpected", detail=type(caught).__name__, correlation_id=correlation_id)
            seconds = time.monotonic() - started
            if error:
                shared.forget()
            if receipt:
                _logger.info(
                    "Deposit %s taken as flow %s (%s)", deposit_id, receipt.flow_number, correlation_id
                )

            def end(env, receipt=receipt, error=error):
                return self._end_sending(env, deposit_id, attempt, receipt, error, seconds, correlation_id)

            try:
                error = in_transaction(self.env, end, connect_tries=9)
            except UniqueViolation:
                # Another deposit was given the same flow number at this moment.
                error = _repeated(receipt)
                in_transaction(self.env, partial(end, receipt=None, error=error), connect_tries=9)
        return error or receipt

    @api.model
    def _start_sending(self, env, deposit_id, correlation_id):
        """Take a deposit in this transaction.

        :return: (attempt number, filename, syntax, bytes to post, (company id, environment)), or None
        """
        if not self._may_leave(env, deposit_id):
            return None
        taken = sending.take(env, deposit_id, correlation_id)
        if not taken:
            self._not_to_take(env, deposit_id)
            return None
        content = self._file(env, deposit_id)
        if hashlib.sha256(content).hexdigest() != taken.sha256:
            deposit = self._deposit(env, deposit_id)
            env["chorus.attempt"]._of(deposit_id, correlation_id)._end("not_sent", 0)
            self._certainly_failed(
                deposit, deposit.env._("The stored file is missing or damaged: send it again.")
            )
            return None
        return taken.attempt, taken.filename, taken.syntax, content, (taken.company_id, taken.environment)

    @api.model
    def _not_to_take(self, env, deposit_id):
        """Why a deposit could not be taken: one of its invoices may have gone another way.

        Then this file must not leave any more; its other invoices are queued anew.
        """
        deposit = self._deposit(env, deposit_id).try_lock_for_update()
        if not deposit or deposit.state != "ready" or deposit.next_action_at > moments.now(env):
            return
        ready = deposit.line_ids.filtered(lambda line: line.state == "ready")
        if ready != deposit.line_ids:
            deposit._move_to("cancelled", message=False)
            ready._queue_again(queued=True)

    @api.model
    def _file(self, env, deposit_id):
        """The bytes of a deposit's stored file; none when it is missing."""
        domain = [
            ("res_model", "=", "chorus.deposit"),
            ("res_field", "=", "file"),
            ("res_id", "=", deposit_id),
        ]
        return env["ir.attachment"].search_fetch(domain, ["store_fname"], limit=1).raw or b""

    @api.model
    def _end_sending(self, env, deposit_id, attempt, receipt, error, seconds, correlation_id):
        """Write the outcome, unless another attempt has begun meanwhile (fencing).

        :return: the error that counts: a receipt with the number of another deposit is none
        """
        if receipt and sending.accept(env, deposit_id, attempt, receipt.flow_number, seconds, correlation_id):
            return None
        deposit = self._deposit(env, deposit_id, lock=True)
        env = deposit.env
        if receipt and deposit._flow_is_known(receipt.flow_number):
            receipt, error = None, _repeated(receipt)
        journal = env["chorus.attempt"]._of(deposit_id, correlation_id)
        if receipt:
            journal._end("accepted", seconds)
        else:
            known = {"nothing_done": "not_sent" if error.retryable else "refused"}
            journal._end(known.get(error.outcome, "unknown"), seconds, error)
        if deposit.attempt_number != attempt or deposit.state not in ("sending", "unconfirmed"):
            _logger.warning("Deposit %s: outcome of attempt %s came late", deposit_id, attempt)
            return error
        connection = self._connection(env, deposit.company_id.id, deposit.environment)
        if receipt:
            self._taken(deposit, receipt.flow_number)
            connection._report_recovery()
        elif error.outcome != "unknown":
            # Also when the sending was taken for dead meanwhile: what is certain is worth more.
            self._not_sent(deposit, error)
            connection._report_failure(error)
        elif deposit.state == "sending":
            self._make_unconfirmed(deposit, env["chorus.words"]._error_sentence(error))
            connection._report_failure(error)
        return error

    @api.model
    def _taken(self, deposit, flow_number):
        now = moments.now(deposit.env)
        deposit._move_to(
            "sent",
            flow_number=flow_number,
            sent_at=deposit.sent_at or now,
            checks=0,
            unconfirmed_at=False,
            next_action_at=now,
            message=False,
        )
        if deposit.environment == "production":
            deposit.line_ids.move_id._chorus_mark_sent()

    @api.model
    def _make_unconfirmed(self, deposit, message):
        now = moments.now(deposit.env)
        deposit._move_to(
            "unconfirmed",
            message=message,
            checks=0,
            unconfirmed_at=deposit.unconfirmed_at or now,
            sent_at=deposit.sent_at or now,
            next_action_at=now + FIRST_SEARCH,
        )

    @api.model
    def _not_sent(self, deposit, error):
        """Chorus Pro certainly has nothing of it: try again later, or say what to repair."""
        sentence = deposit.env["chorus.words"]._error_sentence(error)
        if not errors.speaks_of_connection(error) and not error.retryable:
            self._certainly_failed(deposit, sentence)
            return
        deposit._move_to(
            "ready",
            message=sentence,
            unconfirmed_at=False,
            next_action_at=self._retry_at(deposit.attempt_number, error.retry_after),
        )
        if deposit.attempt_number >= PATIENCE_ATTEMPTS and not deposit.needs_person:
            deposit._call_for_help(sentence)

    @api.model
    def _certainly_failed(self, deposit, sentence):
        deposit._move_to("failed", message=sentence)
        for line in deposit.line_ids:
            line._tell_of(deposit.env._("%s could not be sent to Chorus Pro", line.move_id.name), sentence)

    @api.model
    def _recover_dead(self):
        """Turn deposits left in ``sending`` by a dead process into ``unconfirmed``."""
        with fresh_env(self.env) as env:
            suspects = env["chorus.deposit"].search([("state", "=", "sending")], limit=1000).ids

        def step(env, deposit_id):
            if not is_unlocked(env.cr, deposit_id):
                return
            deposit = self._deposit(env, deposit_id).try_lock_for_update()
            if deposit and deposit.state == "sending":
                _logger.warning("Deposit %s was being sent by a process that is gone", deposit_id)
                env["chorus.attempt"].search(
                    [("deposit_id", "=", deposit_id), ("outcome", "=", "running")]
                ).outcome = "unknown"
                self._make_unconfirmed(
                    deposit,
                    deposit.env._(
                        "The server stopped while it was sending. Chorus Pro is asked whether it has it."
                    ),
                )

        for deposit_id in suspects:
            self._guarded("recover", in_transaction, self.env, lambda env, i=deposit_id: step(env, i))
