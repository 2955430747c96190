"""Whether Chorus Pro has invoices: deposits whose answer was lost, files looked for before they leave.

What is searched by number is never posted again blindly.

Chorus Pro shows an invoice only once it is integrated, some minutes after it was taken and up to an hour on a
busy day: nothing found at once proves nothing. So what waits in a database that may be older than what has
left is searched at once, every quarter of an hour, and leaves when an hour has brought nothing. What is found
is followed, and not sent.
"""

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..chorus_api import ChorusError, InvoiceSearch, errors
from ..models.base import moments
from ..models.base.chorus_identity import of_line
from ..models.base.transactions import retry_at
from ..models.deposit.chorus_deposit_outcome import summary_values
from ..models.notice.chorus_sentences import say
from .channel import Channel, Env, Record, guarded, locked_deposit
from .gate import must_look


def as_sent(lines: Record) -> list[Any]:
    """What to search for lines.

    :return: list of (id of the line, the ``InvoiceIdentity`` of what was sent for it)
    """
    return [(line.id, of_line(line)) for line in lines]


def match(summaries: Any, wanted: Any) -> Any:
    """Those of the results of a search that are ours.

    :param summaries: iterable of ``chorus_api.InvoiceSummary``
    :param wanted: of :func:`as_sent`
    :return: dict line id → ``chorus_api.InvoiceSummary``
    """
    found = {}
    summaries = list(summaries)
    for line_id, identity in wanted:
        for summary in summaries:
            if identity.is_same(summary):
                found[line_id] = summary
    return found


def search(channel: Channel, wanted: Any, correlation_id: str) -> Any:
    """Search each invoice by its number.

    :param wanted: of :func:`as_sent`
    :return: dict line id → ``chorus_api.InvoiceSummary`` of the invoices that Chorus Pro has
    :raises chorus_api.ChorusError: when Chorus Pro could not be asked.
    """
    found = {}
    with channel.client(correlation_id) as client:
        for line_id, identity in wanted:
            for summary in client.iter_invoices(InvoiceSearch(number=identity.number)):
                if identity.is_same(summary):
                    found[line_id] = summary
                    break
    return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search has brought, as of :func:`search`, or why Chorus Pro could not be asked; in seconds."""

    found: dict
    error: ChorusError | None
    seconds: float
    correlation_id: str

    def kept(self, deposit: Record) -> None:
        """Write it to the deposit's journal (``chorus.attempt``)."""
        journal = deposit.env["chorus.attempt"]._start(deposit, "search", self.correlation_id)
        outcome = "unknown" if self.error else "found" if self.found else "not_found"
        journal._end(outcome, self.seconds, self.error)


def ask(channel: Channel, wanted: Any) -> Any:
    """Search each invoice by its number, whatever comes of it; the channel is told of a fault by who asks.

    :param wanted: of :func:`as_sent`
    :rtype: Answer
    """
    correlation_id, started = uuid.uuid4().hex[:12], time.monotonic()
    found, error = {}, None
    try:
        found = search(channel, wanted, correlation_id)
    except ChorusError as caught:
        error = caught
    return Answer(found, error, time.monotonic() - started, correlation_id)


MAX_RESENDS = 3
# A server that was down for a day comes back past every horizon: it must have looked more than once.
MIN_SEARCHES = 3


class Resolver:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def resolve_due(self) -> bool:
        """Resolve what is due, until the time is used up.

        :return: bool, whether the connection failed
        """
        for deposit_id in self.channel.due_deposits("unconfirmed"):
            if self.channel.time_is_up():
                break
            if errors.speaks_of_connection(guarded("resolve", self.resolve, deposit_id)):
                return True
        return False

    def resolve(self, deposit_id: int) -> Any:
        """Find out whether Chorus Pro has an unconfirmed deposit; never post it again blindly.

        Each invoice is searched by its number. Only a result that matches seller, buyer, number, date and
        total is ours; it names the flow, so the lost flow number comes back. What is not found is searched
        again later, until the horizon of the connection; past it the file may be sent again where the
        administrator allowed that, else a person decides.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None.
        """
        with self.channel.fresh() as env:
            deposit = env["chorus.deposit"].browse(deposit_id)
            if deposit.state != "unconfirmed":
                return None
            wanted = as_sent(deposit.line_ids.filtered(lambda line: line.state == "unconfirmed"))
        answer = ask(self.channel, wanted)
        self.channel.write_each(
            [deposit_id],
            lambda env, _ids: self._resolved(env, deposit_id, answer),
            self._unresolved,
        )
        self.channel.note_fault(answer.error)
        return answer.error

    def _unresolved(self, env: Env, deposit_id: int, error: Exception) -> None:
        """What was found could not be written: it is searched again later, and a person hears of it."""
        deposit = locked_deposit(env, deposit_id)
        self._search_later(deposit, deposit.checks + 1)
        for line in deposit.line_ids:
            line._tell_unwritten(error)

    def _search_later(self, deposit: Record, checks: Any, retry_after: float | None = None) -> None:
        deposit.write({"checks": checks, "next_action_at": retry_at(deposit.env, checks, retry_after)})

    def _resolved(self, env: Env, deposit_id: int, answer: Any) -> None:
        deposit = locked_deposit(env, deposit_id)
        if deposit.state != "unconfirmed":
            return
        answer.kept(deposit)
        checks = deposit.checks + 1
        if answer.error:
            self._search_later(deposit, checks, answer.error.retry_after)
            return
        self.channel.connection_in(env)._report_recovery()
        if answer.found:
            self._adopt_found(deposit, answer.found)
            return
        self._still_missing(deposit, checks)

    def _adopt_found(self, deposit: Record, found: Any) -> None:
        """Chorus Pro has invoices of this deposit: take its flow number and go on from there."""
        lines = deposit.line_ids.filtered(lambda line: line.id in found)
        flows = {line: found[line.id].flow_number for line in lines if found[line.id].flow_number}
        deposit._doubt_receipts(flows)
        # In a flow of another deposit an earlier try is found: this file's own flow stays unknown.
        if own := sorted(
            flow for flow in set(flows.values()) if all(deposit._with_flow(flow).mapped("flow_repeated"))
        ):
            deposit._accepted({deposit: own[0]})
        lines._each_alone(lambda line: line._integrated(found[line.id]))
        deposit._close_when_complete()
        if deposit.state == "unconfirmed":
            # Held without a flow number, and not all of it: the rest is searched on.
            deposit.next_action_at = retry_at(deposit.env, deposit.checks + 1)

    def _searched_enough(self, deposit: Record) -> bool:
        searches = deposit.env["chorus.attempt"].search_count(
            [
                ("deposit_id", "=", deposit.id),
                ("outcome", "=", "not_found"),
                ("kind", "=", "search"),
                ("started_at", ">=", deposit.unconfirmed_at),
            ]
        )
        return searches >= MIN_SEARCHES

    def _still_missing(self, deposit: Record, checks: Any) -> None:
        env = deposit.env
        connection = self.channel.connection_in(env)
        waited = moments.now(env) - deposit.unconfirmed_at
        if waited < timedelta(hours=connection.resolve_horizon_hours) or not self._searched_enough(deposit):
            self._search_later(deposit, checks)
        elif connection.auto_resend and deposit.resends < MAX_RESENDS:
            deposit.message_post(
                body=env._(
                    "Chorus Pro has had no trace of this file for %s hours: it is sent again.",
                    connection.resolve_horizon_hours,
                )
            )
            deposit._send_anew()
        else:
            self._search_later(deposit, checks)
            if not deposit.needs_person:
                deposit._call_for_help(say(env, "own.not_known_whether"))


_logger = logging.getLogger(__name__)


class LookFirst:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def look(self, deposit_id: int) -> Any:
        """Search the invoices of a file by number when they may be there already (``must_look``).

        Those that are there are taken over as they are, the file is taken back, and its other invoices are
        queued anew. The statement that takes a deposit refuses one that was not looked for.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None
        """
        with self.channel.fresh() as env:
            if not must_look(env, [deposit_id]):
                return None
            wanted = as_sent(env["chorus.deposit"].browse(deposit_id).line_ids)
        try:
            found = search(self.channel, wanted, uuid.uuid4().hex[:12])
        except errors.ChorusError as error:
            _logger.info("Deposit %s waits: it could not be looked for (%s)", deposit_id, error.code)
            self.channel.write_each(
                [deposit_id],
                lambda env, _ids, error=error: self._look_later(env, deposit_id, error),
                not_looked,
            )
            self.channel.note_fault(error)
            return error
        self.channel.write_each(
            [deposit_id], lambda env, _ids: looked_first(env, deposit_id, found), not_looked
        )
        return None

    def _look_later(self, env: Env, deposit_id: int, error: errors.ChorusError) -> None:
        deposit = locked_deposit(env, deposit_id)
        if deposit.state == "ready":
            deposit.next_action_at = retry_at(env, 1, error.retry_after)


def not_looked(env: Env, deposit_id: int, error: errors.ChorusError) -> None:
    """What was found could not be written: the file stays here, and a person hears of it."""
    deposit = locked_deposit(env, deposit_id)
    deposit.next_action_at = moments.now(env) + timedelta(hours=1)
    for line in deposit.line_ids:
        line._tell_unwritten(error)


def looked_first(env: Env, deposit_id: int, found: Any) -> None:
    """Write down what a search before the sending has found.

    :param dict found: line id → ``chorus_api.InvoiceSummary``
    """
    deposit = locked_deposit(env, deposit_id)
    if deposit.state != "ready":
        return
    if not found:
        deposit.looked_at = moments.now(env)
        return
    lines = deposit.line_ids
    there = lines.filtered(lambda line: line.id in found)
    deposit._move_to("cancelled", message=say(deposit.env, "own.has_it_already"))
    (lines - there)._queue_again(queued=True)
    for line in there:
        line.move_id._chorus_take_over(line, summary_values(found[line.id]))


SEARCH_FOR = timedelta(hours=1)
SEARCH_EVERY = timedelta(minutes=15)
MIN_SEARCHES_IN_DOUBT = 2


class Doubts:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def settle_all(self) -> bool:
        """Look for the doubtful invoices of the channel that are due.

        :return: bool, whether the connection failed
        """
        with self.channel.fresh() as env:
            due = [
                *self.channel.domain,
                ("state", "=", "ready"),
                ("next_action_at", "<=", moments.now(env)),
                ("line_ids.doubtful_since", "!=", False),
            ]
            deposit_ids = env["chorus.deposit"].search(due, order="next_action_at, id").ids
        for deposit_id in deposit_ids:
            if self.channel.time_is_up():
                break
            if errors.speaks_of_connection(guarded("look for", self.settle, deposit_id)):
                return True
        return False

    def settle(self, deposit_id: int) -> Any:
        """Search the invoices of a deposit that has not left, by number, and write down what was found.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None.
        """
        with self.channel.fresh() as env:
            lines = env["chorus.deposit"].browse(deposit_id).line_ids
            wanted = as_sent(lines.filtered(lambda line: line.state == "ready"))
        answer = ask(self.channel, wanted)
        self.channel.write_each(
            [deposit_id],
            lambda env, _ids: self._searched(env, deposit_id, answer),
            not_looked,
        )
        self.channel.note_fault(answer.error)
        return answer.error

    def _searched(self, env: Env, deposit_id: int, answer: Any) -> None:
        deposit = locked_deposit(env, deposit_id)
        doubtful = deposit.line_ids.filtered("doubtful_since")
        if deposit.state != "ready" or not doubtful:
            return
        answer.kept(deposit)
        if answer.error:
            deposit.next_action_at = retry_at(env, deposit.checks + 1, answer.error.retry_after)
        elif answer.found:
            looked_first(env, deposit_id, answer.found)
        else:
            self._not_there(deposit, doubtful)

    def _not_there(self, deposit: Record, doubtful: Any) -> None:
        now, since = moments.now(deposit.env), min(doubtful.mapped("doubtful_since"))
        checks = deposit.checks + 1
        if checks >= MIN_SEARCHES_IN_DOUBT and now >= since + SEARCH_FOR:
            doubtful.doubtful_since = False
            deposit.write({"checks": 0, "next_action_at": now})
        else:
            deposit.write({"checks": checks, "next_action_at": now + SEARCH_EVERY})
