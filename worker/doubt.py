"""What waits in a database that may be older than what has left: looked for before it leaves.

Chorus Pro shows an invoice only once it is integrated, some minutes after it was taken and up to an hour on a
busy day: nothing found at once proves nothing. So each is searched at once, every quarter of an hour, and
leaves when an hour has brought nothing. What is found is followed, and not sent.
"""

from datetime import timedelta
from typing import Any

from ..chorus_api import errors
from ..models.base import moments
from ..models.base.scheduled import retry_at
from .channel import Channel, Env, Record, guarded, locked_deposit
from .look_first import looked_first, not_looked
from .search import as_sent, ask

SEARCH_FOR = timedelta(hours=1)
SEARCH_EVERY = timedelta(minutes=15)
MIN_SEARCHES = 2


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
        if checks >= MIN_SEARCHES and now >= since + SEARCH_FOR:
            doubtful.doubtful_since = False
            deposit.write({"checks": 0, "next_action_at": now})
        else:
            deposit.write({"checks": checks, "next_action_at": now + SEARCH_EVERY})
