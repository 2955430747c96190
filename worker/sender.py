"""One file leaves exactly once, and what came of it is written: the steps of the deposit protocol."""

import hashlib
import logging
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from odoo.exceptions import UserError
from psycopg2.errors import UniqueViolation

from ..chorus_api import Settings, errors
from ..models.base import moments, transactions
from ..models.base.transactions import (
    advisory_locks,
    asks_for_retry,
    fresh_env,
    in_transaction,
    is_lost,
    is_unlocked,
)
from ..models.notice.chorus_sentences import say
from .channel import Channel, Env, Record, SharedClient, guarded, in_words_of_company, locked_deposit
from .gate import may_leave, take

_logger = logging.getLogger(__name__)

# The most that one deposit may take of the time that a scheduled action can have: for an answer to any file,
# and for the size of a large one and a slow pace besides. Small ones must find room in a short limit.
ANSWER_SHARE, SIZE_SHARE = 0.5, 0.4
# One that could not be taken waits for so long: what another module raises does not mend itself.
TRY_AGAIN = timedelta(hours=1)
# An invoice that a person's transaction holds is waited for so long before the others are written without it.
HELD_FOR = "1s"


class ToPost(NamedTuple):
    """A deposit that was taken to be sent."""

    deposit_id: int
    attempt: int
    journal_id: int
    correlation_id: str
    filename: str
    syntax: str
    content: bytes


class Outcome(NamedTuple):
    """What came of posting a deposit: a ``chorus_api.DepositReceipt`` or a ``ChorusError``."""

    deposit_id: int
    attempt: int
    journal_id: int
    receipt: Any
    error: Any
    seconds: float


def _any_taken(counts: dict[int, Any]) -> bool:
    """Whether a file was taken, by what :meth:`Sender.end` says."""
    return not all(isinstance(result, errors.ChorusError) for result in counts.values())


def _repeated(receipt: Any) -> Any:
    """The error that a receipt stands for when its flow number is that of another deposit."""
    return errors.OutcomeUnknown("flow_number_known", detail=receipt.flow_number)


class Sender:
    """Posts deposits exactly once each, and writes what came of it.

    1. :meth:`taken` takes their advisory locks (they say "this process lives"), writes ``sending`` with a new
       attempt number, commits; 2. :meth:`deliver` posts one; 3. :meth:`conclude` writes outcomes by
       compare-and-set on the attempt number, commits; 4. then the locks are released. A process that dies at
       any point leaves ``sending`` without a lock, which :func:`recover_dead` turns into ``unconfirmed``:
       never posted again blindly.
    """

    def __init__(self, channel: Channel, alone: bool = False) -> None:
        """
        :param bool alone: the last files got no answer: until one is taken, each leaves alone, one a rest
        """
        self.channel = channel
        self.alone = alone

    def longest_post(self, deposit_ids: Iterable[int], pause: float = 0.0) -> Any:
        """How long posting each deposit may take at most; never more than Odoo's own limit allows at all.

        :param pause: seconds between two calls, for which it may have to wait
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
            longest[row["id"]] = answer + min(upload + pause, whole * SIZE_SHARE)
        return longest

    @contextmanager
    def taken(self, deposit_ids: Collection[int]) -> Iterator[list[ToPost]]:
        """Take deposits, and hold their locks as long as the block runs: until each outcome is written.

        :return: list[ToPost], without those that are not there to take
        """
        attempts = {deposit_id: uuid.uuid4().hex[:12] for deposit_id in deposit_ids}
        with advisory_locks(self.channel.env, attempts) as free:
            yield self._start_each({number: attempts[number] for number in attempts if number in free})

    def _start_each(self, attempts: dict[int, str]) -> list[ToPost]:
        """Take them in one transaction; one by one when that fails: none keeps another from leaving."""
        try:
            return self.channel.transaction(lambda env: self.start(env, attempts))
        except Exception as caught:
            if is_lost(caught):
                raise
            error = caught
            _logger.exception("Taking %s deposits failed", len(attempts))
        if len(attempts) < 2:
            for number in attempts:
                self.put_off(number, error)
            return []
        alone = [guarded("take", self._start_each, {number: name}) for number, name in attempts.items()]
        return [file for files in alone for file in files or ()]

    def put_off(self, deposit_id: int, error: Exception) -> None:
        """Have a deposit wait that cannot leave; it keeps no other from leaving.

        :param error: why; what PostgreSQL refuses just now is still due, and tried again by the next run
        """
        if not asks_for_retry(error):
            guarded("put off", self.channel.transaction, lambda env: _not_taken(env, deposit_id, error))

    def deliver(self, file: ToPost, shared: SharedClient) -> Outcome:
        """Post one file that was taken; nothing is written."""
        started = time.monotonic()
        receipt = error = None
        posting = False
        try:
            client = shared.get(file.correlation_id)
            posting = True
            receipt = client.deposit_flow(file.content, file.filename, file.syntax)
        except errors.ChorusError as caught:
            error = caught
        except Exception as caught:
            _logger.exception(
                "Deposit %s (%s): unexpected error while sending", file.deposit_id, file.correlation_id
            )
            # Once the call has begun the body may have left: only before it is the outcome known.
            kind = errors.OutcomeUnknown if posting else errors.NotSent
            error = kind("unexpected", detail=type(caught).__name__, correlation_id=file.correlation_id)
        if error:
            shared.forget()
        if receipt:
            _logger.info(
                "Deposit %s taken as flow %s (%s)", file.deposit_id, receipt.flow_number, file.correlation_id
            )
        seconds = time.monotonic() - started
        return Outcome(file.deposit_id, file.attempt, file.journal_id, receipt, error, seconds)

    def conclude(self, outcomes: list[Outcome], hurry: bool | None = None) -> dict[int, Any]:
        """Write outcomes in one transaction; each in its own when that fails.

        :param hurry: whether rows that somebody holds are waited for only a moment; several wait for no other
        :return: id of each deposit whose outcome is written → what counts, a receipt or an error
        """
        hurry = len(outcomes) > 1 if hurry is None else hurry

        def write(env: Env) -> dict[int, Any]:
            if hurry:
                env.cr.execute("SELECT set_config('lock_timeout', %s, true)", (HELD_FOR,))
            return self.end(env, outcomes)

        try:
            counts = self.channel.transaction(write, tries=2 if hurry else 8, connect_tries=9)
            self.alone = self.alone and not _any_taken(counts)
            return counts
        except Exception as error:
            if is_lost(error) or (len(outcomes) < 2 and asks_for_retry(error)):
                raise
            alone = outcomes[0] if len(outcomes) == 1 else None
            if alone and not (isinstance(error, UniqueViolation) and alone.receipt):
                raise
            _logger.info("Writing %s outcomes of sendings is tried another way: %s", len(outcomes), error)
        if alone:
            # Another deposit was given the same flow number at this moment.
            return self.conclude([alone._replace(receipt=None, error=_repeated(alone.receipt))])
        # Those that nobody holds first; then each is waited for.
        written = [guarded("outcome", self.conclude, [outcome], True) for outcome in outcomes]
        left = [outcome for outcome, done in zip(outcomes, written, strict=True) if not done]
        written += [guarded("outcome", self.conclude, [outcome]) for outcome in left]
        return {number: result for results in written for number, result in (results or {}).items()}

    def stops(self, result: Any) -> bool:
        """Whether nothing else may leave, after this has come of a sending.

        :param result: what counts, a receipt or an error
        """
        doubtful = getattr(result, "outcome", "") == errors.UNKNOWN
        return errors.speaks_of_connection(result) or (self.alone and doubtful)

    def start(self, env: Env, attempts: dict[int, str]) -> list[ToPost]:
        """Take deposits in this transaction.

        :param attempts: id of the deposit → correlation id of its attempt
        """
        if self.alone and not self.channel.connection_in(env)._try_one_deposit():
            return []
        may = may_leave(env, attempts)
        taken = take(env, {number: name for number, name in attempts.items() if number in may}) if may else []
        for deposit_id in may - {row.deposit_id for row in taken}:
            self._not_to_take(env, deposit_id)
        contents = self._files(env, [row.deposit_id for row in taken])
        files = []
        for row in taken:
            content, correlation_id = contents.get(row.deposit_id, b""), attempts[row.deposit_id]
            if not content:
                # A file store may be away for a minute: nothing has to be clicked again for that.
                deposit = in_words_of_company(env["chorus.deposit"].browse(row.deposit_id))
                raise UserError(deposit.env._("Odoo cannot read the stored file just now"))
            if hashlib.sha256(content).hexdigest() != row.sha256:
                deposit = in_words_of_company(env["chorus.deposit"].browse(row.deposit_id))
                env["chorus.attempt"].browse(row.journal_id)._end("not_sent", 0)
                deposit._certainly_failed(say(deposit.env, "own.file_damaged"))
                continue
            files.append(ToPost(*row[:3], correlation_id, row.filename, row.syntax, content))
        if self.alone and not files:
            self.channel.connection_in(env)._deposit_declined()
        return files

    def _not_to_take(self, env: Env, deposit_id: int) -> None:
        """Why a deposit could not be taken: one of its invoices may have gone another way."""
        deposit = in_words_of_company(env["chorus.deposit"].browse(deposit_id)).try_lock_for_update()
        if deposit and deposit.state == "ready" and deposit.next_action_at <= moments.now(env):
            deposit._leave_out_those_gone()

    def _files(self, env: Env, deposit_ids: list[int]) -> dict[int, bytes]:
        """The bytes of deposits' stored files, by deposit, without those that are missing."""
        domain = [
            ("res_model", "=", "chorus.deposit"),
            ("res_field", "=", "file"),
            ("res_id", "in", deposit_ids),
        ]
        stored = env["ir.attachment"].search_fetch(domain, ["res_id", "store_fname"]) if deposit_ids else ()
        return {attachment.res_id: attachment.raw or b"" for attachment in stored}

    def end(self, env: Env, outcomes: list[Outcome]) -> dict[int, Any]:
        """Write outcomes, each unless another attempt has begun meanwhile (fencing).

        :return: id of the deposit → what counts: a receipt with the number of another deposit is an error
        """
        deposits = env["chorus.deposit"].browse(outcome.deposit_id for outcome in outcomes)
        receipts = [outcome.receipt for outcome in outcomes if outcome.receipt]
        holders = deposits._by_flow([receipt.flow_number for receipt in receipts])
        counts, accepted = {}, {}
        for deposit, outcome in zip(deposits, outcomes, strict=True):
            row = env["chorus.attempt"].browse(outcome.journal_id)
            receipt, error = outcome.receipt, outcome.error
            if receipt and holders.get(receipt.flow_number, deposit) - deposit:
                receipt, error = None, _repeated(receipt)
            counts[deposit.id] = error or receipt
            if receipt:
                row._end("accepted", outcome.seconds)
            else:
                known = {"nothing_done": "not_sent" if error.retryable else "refused"}
                row._end(known.get(error.outcome, "unknown"), outcome.seconds, error)
            if deposit.attempt_number != outcome.attempt or deposit.state not in ("sending", "unconfirmed"):
                _logger.warning("Deposit %s: outcome of attempt %s came late", deposit.id, outcome.attempt)
            elif receipt:
                accepted[deposit] = receipt.flow_number
                # Another file of this very moment that was answered with the same number has none.
                holders[receipt.flow_number] = deposit
            else:
                # Words are needed: those of the company.
                self._end_badly(in_words_of_company(deposit), error)
        deposits.browse(deposit.id for deposit in accepted)._accepted(accepted)
        if self.alone and _any_taken(counts):
            self.channel.connection_in(env)._deposit_taken()
        return counts

    def _end_badly(self, deposit: Record, error: Any) -> None:
        connection = self.channel.connection_in(deposit.env)
        if error.outcome != "unknown":
            # Also when the sending was taken for dead meanwhile: what is certain is worth more.
            deposit._nothing_sent(error)
            connection._report_failure(error)
            if self.alone:
                connection._deposit_declined()
        elif deposit.state == "sending":
            deposit._outcome_lost(deposit.env["chorus.words"]._error_sentence(error))
            connection._report_failure(error)
            connection._deposit_unanswered(error)


def _not_taken(env: Env, deposit_id: int, error: Exception) -> None:
    """What is looked at before it leaves failed: it is tried again in an hour, and a person hears of it."""
    deposit = locked_deposit(env, deposit_id)
    if deposit.state == "ready":
        deposit.next_action_at = moments.now(env) + TRY_AGAIN
        for line in deposit.line_ids:
            line._tell_not_taken(error)


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
