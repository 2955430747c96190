"""Files leave, each exactly once, several of a channel at once, and what came of it is written.

The threads share nothing but the list of what is ready: each deposit goes through the whole protocol of
:class:`Sender` in one thread, with cursors and a client of its own. Among them all one short transaction runs
at a time, so that `width` files on the way take `width + 1` connections to PostgreSQL: one for the lock of
each, one for their transactions; whoever prepares meanwhile has one more.
"""

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

from psycopg2.errors import UniqueViolation

from ..chorus_api import Settings, errors
from ..models.base import moments, transactions
from ..models.base.transactions import advisory_lock, fresh_env, in_transaction, is_unlocked
from ..models.notice.chorus_sentences import say
from .channel import Channel, Env, InTurns, SharedClient, guarded, in_words_of_company
from .gate import may_leave, take
from .resolver import LookFirst

_logger = logging.getLogger(__name__)

# The most that one deposit may take of the time that a scheduled action can have: for an answer to any file,
# and for the size of a large one besides. Small ones must find room in a short limit.
ANSWER_SHARE, SIZE_SHARE = 0.5, 0.4


class ToPost(NamedTuple):
    """A deposit that was taken to be sent."""

    attempt: int
    filename: str
    syntax: str
    content: bytes


def _repeated(receipt: Any) -> Any:
    """The error that a receipt stands for when its flow number is that of another deposit."""
    return errors.OutcomeUnknown("flow_number_known", detail=receipt.flow_number)


class Sender:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def longest_post(self, deposit_ids: Iterable[int]) -> Any:
        """How long posting each deposit may take at most; never more than Odoo's own limit allows at all.

        :return: dict deposit id → seconds
        """
        with self.channel.fresh() as env:
            sizes = env["chorus.deposit"].browse(deposit_ids).read(["size"], load=None)
        whole, settings = transactions.limit() - transactions.margin(), Settings()
        answer = min(settings.deposit_base, whole * ANSWER_SHARE)
        longest = {}
        for row in sizes:
            # Base64 makes four bytes of three.
            upload = settings.deposit_time(row["size"] * 4 // 3) - settings.deposit_base
            longest[row["id"]] = answer + min(upload, whole * SIZE_SHARE)
        return longest

    def post(self, deposit_id: int, shared: SharedClient) -> Any:
        """Post one deposit exactly once, and write what came of it.

        1. take the advisory lock (it says "this process lives"), write ``sending`` with a new attempt
           number, commit; 2. post; 3. write the outcome by compare-and-set on the attempt number, commit;
        4. release the lock. A process that dies at any point leaves ``sending`` without a lock, which
        :func:`recover_dead` turns into ``unconfirmed``: never posted again blindly.

        :param SharedClient shared: gives the client
        :return: what came of it (``chorus_api.DepositReceipt`` or ``ChorusError``), or None when the deposit
            was not there to take.
        """
        if error := LookFirst(self.channel).look(deposit_id):
            return error
        correlation_id = uuid.uuid4().hex[:12]
        with advisory_lock(self.channel.env, deposit_id) as free:
            if not free:
                return None
            taken = self.channel.transaction(lambda env: self.start(env, deposit_id, correlation_id))
            if not taken:
                return None
            started = time.monotonic()
            receipt = error = None
            posting = False
            try:
                client = shared.get(correlation_id)
                posting = True
                receipt = client.deposit_flow(taken.content, taken.filename, taken.syntax)
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

            def end(env: Env, receipt: Any = receipt, error: Exception = error) -> Any:
                return self.end(env, deposit_id, taken.attempt, receipt, error, seconds, correlation_id)

            try:
                error = self.channel.transaction(end, connect_tries=9)
            except UniqueViolation:
                # Another deposit was given the same flow number at this moment.
                error = _repeated(receipt)
                self.channel.transaction(partial(end, receipt=None, error=error), connect_tries=9)
        return error or receipt

    def start(self, env: Env, deposit_id: int, correlation_id: str) -> Any:
        """Take a deposit in this transaction.

        :rtype: ToPost | None
        """
        if not may_leave(env, deposit_id):
            return None
        taken = take(env, deposit_id, correlation_id)
        if not taken:
            self._not_to_take(env, deposit_id)
            return None
        content = self._file(env, deposit_id)
        if hashlib.sha256(content).hexdigest() != taken.sha256:
            deposit = in_words_of_company(env["chorus.deposit"].browse(deposit_id))
            env["chorus.attempt"]._of(deposit_id, correlation_id)._end("not_sent", 0)
            deposit._certainly_failed(say(deposit.env, "own.file_damaged"))
            return None
        return ToPost(taken.attempt, taken.filename, taken.syntax, content)

    def _not_to_take(self, env: Env, deposit_id: int) -> None:
        """Why a deposit could not be taken: one of its invoices may have gone another way."""
        deposit = in_words_of_company(env["chorus.deposit"].browse(deposit_id)).try_lock_for_update()
        if deposit and deposit.state == "ready" and deposit.next_action_at <= moments.now(env):
            deposit._leave_out_those_gone()

    def _file(self, env: Env, deposit_id: int) -> Any:
        """The bytes of a deposit's stored file; none when it is missing."""
        domain = [
            ("res_model", "=", "chorus.deposit"),
            ("res_field", "=", "file"),
            ("res_id", "=", deposit_id),
        ]
        return env["ir.attachment"].search_fetch(domain, ["store_fname"], limit=1).raw or b""

    def end(
        self,
        env: Env,
        deposit_id: int,
        attempt: int,
        receipt: Any,
        error: Any,
        seconds: float,
        correlation_id: str,
    ) -> Any:
        """Write the outcome, unless another attempt has begun meanwhile (fencing).

        :return: the error that counts: a receipt with the number of another deposit is none
        """
        env.cr.execute("SELECT id FROM chorus_deposit WHERE id = %s FOR UPDATE", (deposit_id,))
        deposit = env["chorus.deposit"].browse(deposit_id)
        if receipt and deposit._with_flow(receipt.flow_number):
            receipt, error = None, _repeated(receipt)
        if error:
            # Words are needed: those of the company.
            deposit = in_words_of_company(deposit)
            env = deposit.env
        journal = env["chorus.attempt"]._of(deposit_id, correlation_id)
        if receipt:
            journal._end("accepted", seconds)
        else:
            known = {"nothing_done": "not_sent" if error.retryable else "refused"}
            journal._end(known.get(error.outcome, "unknown"), seconds, error)
        if deposit.attempt_number != attempt or deposit.state not in ("sending", "unconfirmed"):
            _logger.warning("Deposit %s: outcome of attempt %s came late", deposit_id, attempt)
            return error
        if receipt:
            deposit._accepted(receipt.flow_number)
            return error
        connection = self.channel.connection_in(env)
        if error.outcome != "unknown":
            # Also when the sending was taken for dead meanwhile: what is certain is worth more.
            deposit._nothing_sent(error)
            connection._report_failure(error)
        elif deposit.state == "sending":
            deposit._outcome_lost(env["chorus.words"]._error_sentence(error))
            connection._report_failure(error)
        return error


def recover_dead(env: Env) -> None:
    """Turn deposits left in ``sending`` by a dead process into ``unconfirmed``."""
    with fresh_env(env) as new_env:
        suspects = new_env["chorus.deposit"].search([("state", "=", "sending")], limit=1000).ids
    for deposit_id in suspects:
        guarded("recover", in_transaction, env, lambda env, i=deposit_id: _recover(env, i))


def _recover(env: Env, deposit_id: int) -> None:
    if not is_unlocked(env.cr, deposit_id):
        return
    deposit = in_words_of_company(env["chorus.deposit"].browse(deposit_id)).try_lock_for_update()
    if deposit and deposit.state == "sending":
        _logger.warning("Deposit %s was being sent by a process that is gone", deposit_id)
        env["chorus.attempt"].search(
            [("deposit_id", "=", deposit_id), ("outcome", "=", "running")]
        ).outcome = "unknown"
        deposit._outcome_lost(say(deposit.env, "own.stopped_while_sending"))


# Deposits that one look at the database hands out.
_AT_ONCE = 50
# One that was handed out is not again for so many seconds, whatever came of it.
_AGAIN = 60
# How long a thread that found nothing ready waits before it looks by itself, in seconds.
_LOOK_EVERY = 2


class Travel:
    """What is ready leaves, up to `width` files at once; a context manager that ends when the last has ended.

    :param Channel channel:
    :param int width: files on their way at once
    :ivar bool fault: whether the connection failed, or a thread did: nothing more leaves
    """

    def __init__(self, channel: Channel, width: Any) -> None:
        self._channel, self._width = channel, width
        self._turn = threading.RLock()
        self._news = threading.Condition(self._turn)
        self._threads_channel = InTurns(channel, self._turn)
        self._handed, self._ready, self._threads = {}, [], []
        self._travelling = self._sent = self._told = 0
        self._ended = self.fault = False
        # When nothing was ready at the last look: threads do not ask again for every file that comes back.
        self._look_at = 0.0

    @classmethod
    def of(cls, channel: Channel) -> Any:
        """As many at once as the connection allows."""
        with channel.fresh() as env:
            return cls(channel, channel.connection_in(env).files_at_once)

    def __enter__(self) -> Any:
        self._set_out()
        return self

    def _set_out(self) -> None:
        take_over = transactions.hand_over()
        for number in range(self._width):
            thread = threading.Thread(
                target=self._run, args=(take_over,), name=f"chorus.travel.{number + 1}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def __exit__(self, *_error: object) -> None:
        """No outcome is left behind: what is on its way is waited for, whatever has happened here."""
        with self._news:
            self._ended = True
            self._news.notify_all()
        for thread in self._threads:
            thread.join()
        if self._sent and not self.fault:
            # Said once for all of them.
            self._channel.transaction(lambda env: self._channel.connection_in(env)._report_recovery())

    # -- for the run ----------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Something may have become ready."""
        with self._news:
            self._look_at = 0.0
            self._news.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing travels and nothing may leave, or until the time is over.

        :return: bool, whether nothing does
        """
        end = min(self._channel.deadline, time.monotonic() + seconds)
        with self._news:
            while self._travelling or (not self.fault and self._may_leave()):
                if (left := end - time.monotonic()) <= 0:
                    return False
                self._news.wait(left)
        return True

    def just_sent(self) -> Any:
        """How many have left since this was last asked."""
        with self._turn:
            count, self._told = self._sent - self._told, self._sent
        return count

    # -- threads --------------------------------------------------------------------------------------

    def _run(self, take_over: Any) -> None:
        take_over()
        with SharedClient(self._threads_channel) as shared:
            while (deposit_id := self._next()) is not None:
                self._send(deposit_id, shared)

    def _next(self) -> Any:
        """The deposit to send now, which is waited for; None when no more leaves."""
        with self._news:
            while self._goes_on():
                if self._may_leave():
                    return self._hand_out()
                self._news.wait(_LOOK_EVERY)
        return None

    def _goes_on(self) -> bool:
        return not (self._ended or self.fault or self._channel.time_is_up())

    def _hand_out(self) -> int:
        """The next of those that are ready."""
        deposit_id, _longest = self._ready.pop(0)
        self._handed[deposit_id] = time.monotonic()
        self._travelling += 1
        return deposit_id

    def _send(self, deposit_id: int, shared: SharedClient) -> None:
        outcome, fault = None, True
        try:
            outcome = Sender(self._threads_channel).post(deposit_id, shared)
            fault = errors.speaks_of_connection(outcome)
        except Exception:
            # What was written stands; what was not is found by whoever looks for dead sendings.
            _logger.exception("Deposit %s: its sending broke off, and no other leaves now", deposit_id)
        finally:
            self._came_back(outcome, fault)

    def _came_back(self, outcome: Any, fault: bool) -> None:
        with self._news:
            self._travelling -= 1
            self._sent += bool(outcome)
            self.fault |= fault
            self._news.notify_all()

    def _may_leave(self) -> bool:
        """Whether a file is ready that has time to travel."""
        if not self._ready and time.monotonic() >= self._look_at:
            since = time.monotonic() - _AGAIN
            self._handed = {number: at for number, at in self._handed.items() if at > since}
            due = self._threads_channel.due_deposits("ready", limit=_AT_ONCE + len(self._handed))
            longest = Sender(self._threads_channel).longest_post(
                [number for number in due if number not in self._handed]
            )
            self._ready = list(longest.items())
            self._look_at = 0.0 if self._ready else time.monotonic() + _LOOK_EVERY
        left = transactions.seconds_left()
        self._ready = [(number, longest) for number, longest in self._ready if longest <= left]
        return bool(self._ready)
