"""What became of deposits whose answer was lost: searched by number, never posted again blindly."""

from datetime import timedelta
from typing import Any

from ..chorus_api import errors
from ..models.base import moments
from ..models.base.scheduled import retry_at
from ..models.notice.chorus_sentences import say
from .channel import Channel, Env, Record, guarded, locked_deposit
from .search import as_sent, ask

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
            deposit._accepted(own[0])
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
