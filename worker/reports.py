"""What became of deposits that Chorus Pro took: its reports, asked for and written down."""

import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NamedTuple

from ..chorus_api import FlowReport, InvoiceSearch, errors, plain_registration, statuses
from ..models.base import moments
from ..models.notice.chorus_sentences import say
from .channel import (
    Channel,
    Env,
    Record,
    SharedClient,
    guarded,
    in_words_of_company,
    locked_deposit,
)
from .resolver import as_sent, match, search

MAX_AUTOMATIC_RESENDS = 2
# Reports that one transaction writes down; they can be asked for again when it fails.
WRITTEN_AT_ONCE = 25
# What is integrated shows in the list of changes, for all deposits at once. A rejection never does: the
# report of a deposit that has not shown up so long after it left is asked for.
REPORT_AFTER = timedelta(minutes=3)
# Chorus Pro takes the flows in turn. When so many of the oldest, one after the other, are still on their way,
# the younger ones are not asked about in this run ...
STILL_ON_THE_WAY = 5
# ... unless they left so long ago.
ASKED_EACH_AFTER = timedelta(hours=1)


class _Question(NamedTuple):
    """A deposit to ask about; ``lines`` as ``as_sent`` gives them, of those invoices nothing is known yet."""

    deposit_id: int
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
    def is_final(self) -> bool:
        """Whether the flow has come to its end."""
        return self.report is not None and statuses.flow_state(self.report.state).final

    @property
    def outcome(self) -> Any:
        """The word of the journal for it."""
        if self.error:
            return "not_found" if isinstance(self.error, errors.FlowNotFound) else "unknown"
        return "answered"


class Reports:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def follow_due(self, shared: SharedClient, looked: bool = False) -> bool:
        """Ask for the report of each deposit that is due; write the answers down some at a time.

        :param SharedClient shared: gives the client
        :param bool looked: whether this run has read what changed: what is integrated has shown there, and
            the others are asked about when they are late only
        :return: bool, whether the connection failed
        """
        due = self.channel.due_deposits("sent")
        if looked:
            due = sorted(self._late(due, REPORT_AFTER))
        while due:
            count = STILL_ON_THE_WAY if looked else WRITTEN_AT_ONCE
            asked, due = due[:count], due[count:]
            answers, go_on = self._ask_some(asked, shared)
            guarded("report", self._write, answers)
            self.channel.progress(len(answers))
            if not go_on:
                return any(errors.speaks_of_connection(answer.error) for answer in answers)
            if looked and due and not any(answer.is_final for answer in answers):
                due = self._late(due, ASKED_EACH_AFTER, like=asked)
        return False

    def _late(self, deposit_ids: Iterable[int], age: Any, like: Any = ()) -> Any:
        """Put off the deposits that left less than ``age`` ago.

        :param like: ids of deposits, the next of which to be asked about says when their turn comes
        :return: list of the ids of the others
        """

        def step(env: Env) -> Any:
            deposits = env["chorus.deposit"].browse(deposit_ids)
            young = deposits.filtered(lambda deposit: deposit.sent_at > moments.now(env) - age)
            # One that another process has in hand is seen to there.
            locked = young.try_lock_for_update().filtered(lambda deposit: deposit.state == "sent")
            locked._look_again(env["chorus.deposit"].browse(like))
            return (deposits - young).ids

        return self.channel.transaction(step) if deposit_ids else []

    def follow(self, deposit_id: int) -> Any:
        """Ask what became of one deposit (``consulterCRDetaille``) and write it down.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None.
        """
        for question in self._questions([deposit_id]):
            with SharedClient(self.channel) as shared:
                answer = self._ask(question, shared)
            self._write([answer])
            return answer.error
        return None

    # -- asking ---------------------------------------------------------------------------------------

    def _ask_some(self, deposit_ids: Iterable[int], shared: SharedClient) -> Any:
        """:return: (list of _Answer; bool, False when the time is used up or the connection fails)"""
        answers = []
        for question in self._questions(deposit_ids):
            if self.channel.time_is_up():
                return answers, False
            answer = guarded("report", self._ask, question, shared)
            if answer:
                answers.append(answer)
                if errors.speaks_of_connection(answer.error):
                    return answers, False
        return answers, True

    def _questions(self, deposit_ids: Iterable[int]) -> list[Any]:
        """What to ask about those of the deposits that Chorus Pro has taken.

        :rtype: list[_Question]
        """
        with self.channel.fresh() as env:
            return [
                _Question(
                    deposit.id,
                    deposit.flow_number,
                    as_sent(deposit.line_ids.filtered(lambda line: line.state == "sent")),
                )
                for deposit in env["chorus.deposit"].browse(deposit_ids)
                if deposit.state == "sent"
            ]

    def _ask(self, question: Any, shared: SharedClient) -> Any:
        """Ask for one report; look for the invoices themselves where it does not say enough.

        :param _Question question:
        :param SharedClient shared: gives the client
        :rtype: _Answer
        """
        correlation_id = uuid.uuid4().hex[:12]
        started = time.monotonic()
        report = None
        error: errors.ChorusError | None = None
        found: dict[int, Any] = {}
        try:
            client = shared.get(correlation_id)
            report = client.flow_report(question.flow_number)
            kind = statuses.flow_state(report.state).kind
            if kind == "partial" or (kind == "integrated" and report.invoice_errors):
                wanted = InvoiceSearch(flow_number=question.flow_number)
                found = match(client.iter_invoices(wanted), question.lines)
            if kind in ("rejected", "incident", "partial"):
                # A rejection may be that of a copy: what Chorus Pro already holds must not be freed.
                missing = [item for item in question.lines if item[0] not in found]
                found |= search(self.channel, missing, correlation_id)
        except errors.FlowNotFound as caught:
            error = caught
        except errors.ChorusError as caught:
            error = caught
            shared.forget()
        return _Answer(question.deposit_id, report, found, error, time.monotonic() - started, correlation_id)

    # -- writing --------------------------------------------------------------------------------------

    def _write(self, answers: Any) -> None:
        """Write down what was answered about deposits: together, one by one if that fails."""
        self.channel.write_each(answers, self._write_some, self._unwritten)
        for answer in answers:
            self.channel.note_fault(answer.error)

    def _unwritten(self, env: Env, answer: Any, error: Exception) -> None:
        """The report of one deposit could not be written: it is asked for again later, and a person hears."""
        deposit = locked_deposit(env, answer.deposit_id)
        deposit._wait_for_report()
        for line in deposit.line_ids:
            line._tell_unwritten(error)

    def _write_some(self, env: Env, answers: Any) -> None:
        """Write several answers in this transaction; a deposit that went on meanwhile is left alone."""
        env.cr.execute(
            "SELECT id FROM chorus_deposit WHERE id = ANY(%s) AND state = 'sent' ORDER BY id FOR UPDATE",
            ([answer.deposit_id for answer in answers],),
        )
        deposits = in_words_of_company(env["chorus.deposit"].browse([row[0] for row in env.cr.fetchall()]))
        by_id = {deposit.id: deposit for deposit in deposits}
        told = [answer for answer in answers if answer.deposit_id in by_id]
        if not told:
            return
        env["chorus.attempt"]._note([(by_id[answer.deposit_id], "report", answer) for answer in told])
        if any(not answer.error for answer in told):
            self.channel.connection_in(deposits.env)._report_recovery()
        for answer in told:
            self._write_one(by_id[answer.deposit_id], answer)

    def _write_one(self, deposit: Record, answer: Any) -> None:
        """Write on one deposit what Chorus Pro answered about it."""
        if answer.error:
            deposit._wait_for_report(answer.error.retry_after)
            return
        report = answer.report
        deposit._keep_report(report)
        handler = {
            "integrated": self._flow_integrated,
            "partial": self._flow_partial,
            "rejected": self._flow_rejected,
            "incident": self._flow_rejected,
        }.get(statuses.flow_state(report.state).kind)
        if handler:
            handler(deposit, report, answer.found)
        else:
            deposit._wait_for_report()

    # -- verdicts -------------------------------------------------------------------------------------

    def _flow_integrated(self, deposit: Record, report: Any, found: Any) -> None:
        if report.invoice_errors:
            self._flow_partial(deposit, report, found)
            return
        sent = _sent(deposit)
        if sent._each_alone(lambda line: line._integrated()) == sent:
            deposit._all_integrated()
        else:
            deposit._wait_for_report()

    def _flow_partial(self, deposit: Record, report: Any, found: Any) -> None:
        """Some invoices are in, some are not: the search tells which are in, the report which are not."""
        texts = _texts_by_invoice(report)

        def write(line: Record) -> None:
            if line.id in found:
                line._integrated(found[line.id])
            elif reasons := _texts_of(line, texts):
                line._rejected(reasons)

        _sent(deposit)._each_alone(write)
        if _sent(deposit):
            deposit._wait_for_report()
        else:
            deposit._ended("partial")

    def _flow_rejected(self, deposit: Record, report: Any, found: Any) -> None:
        texts = _texts_by_invoice(report)
        general = [f"{e.code} {e.text}".strip() for e in report.technical_errors]
        incident = statuses.flow_state(report.state).kind == "incident"
        grouped = len(deposit.line_ids) > 1

        def write(line: Record) -> None:
            if line.id in found:
                line._integrated(found[line.id])
                return
            own = _texts_of(line, texts)
            # In a file of its own one hears what is wrong with it, or that nothing is.
            again = line.resends < MAX_AUTOMATIC_RESENDS and (incident or (grouped and not own))
            line._rejected(own or general, tell=not again)
            if again:
                line._queue_again()

        sent = _sent(deposit)
        if sent._each_alone(write) != sent:
            deposit._wait_for_report()
            return
        if texts and not general:
            message = say(deposit.env, "own.reason_beside")
        else:
            message = deposit.line_ids._rejection_words(general)
        deposit._ended("rejected", message)
        if grouped and not texts:
            self.channel.connection_in(deposit.env)._group_verdict(False)


def _sent(deposit: Record) -> Any:
    return deposit.line_ids.filtered(lambda line: line.state == "sent")


def _texts_by_invoice(report: Any) -> Any:
    """:return: dict (SIRET of the supplier, number) → list of texts"""
    texts = {}
    for item in report.invoice_errors:
        texts.setdefault((plain_registration(item.supplier), item.number), []).append(item.text)
    return texts


def _texts_of(line: Record, texts: Any) -> Any:
    """What the report says of one invoice: numbers are unique for one supplier only.

    A row that names no supplier speaks of ours.
    """
    return texts.get((plain_registration(line.seller_siret), line.number)) or texts.get(("", line.number))
