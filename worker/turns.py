"""What a run of the actions that send and follow does for one channel; whose turn it is; when the next comes.

Every due time wakes them, and work that remains goes on at once. Each channel has a share of the time, the
least recently served first. While a turn merely waits for the network, the next ones are served beside it.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from ..models.base import moments, transactions
from ..models.base.chorus_states import OPEN_REQUEST_STATES, sql_list
from ..models.base.transactions import Wait, fresh_env, in_transaction, wake
from .channel import Channel, Env, Record, SharedClient, guarded, progress
from .preparer import Directory, Preparer
from .reports import Reports
from .requests import Requests
from .resolver import Doubts, Resolver
from .statuses import Statuses
from .travel import Travel

# What is overdue and was not done in this run is held by another process, or failed: not at once again.
AGAIN = timedelta(minutes=1)
# So many channels are asked about whenever something wakes the action that follows.
FEW = 10
# Seconds that a turn has at least: a share of many channels would be too short to get anything done.
SHORTEST = 10
# While files travel, the queue is looked at every so many seconds.
LOOK_EVERY = 5
# A turn that has waited for the network for so many seconds is not waited for: another begins beside it. Most
# gateways answer within a second, and then turns come one after the other.
PATIENCE = 1.0
# Threads of a run that serve beside its own.
STAND_INS = 1

_logger = logging.getLogger(__name__)

# While no file leaves, nothing that is to leave is due.
_LEAVES = """greatest(next_action_at, (
            SELECT deposit_rest_until FROM chorus_connection AS connection
            WHERE connection.company_id = work.company_id AND connection.environment = work.environment
        ))"""
# What waits for another environment than the company's present one is woken by the switch.
_PRESENT = """EXISTS (
            SELECT FROM res_company WHERE res_company.id = company_id AND chorus_environment = environment
        )"""
# By scheduled action: company, environment and due time of everything that it has to go on with.
_WORK = {
    "send": f"""
        SELECT company_id, environment, next_action_at AS due FROM chorus_deposit
        WHERE state IN ('sending', 'unconfirmed')
        UNION ALL
        SELECT company_id, environment, {_LEAVES} FROM chorus_deposit AS work
        WHERE state = 'ready' AND {_PRESENT}
        UNION ALL
        SELECT company_id, environment, {_LEAVES} FROM chorus_deposit_line AS work
        WHERE state = 'queued' AND {_PRESENT}
    """,
    "follow": f"""
        SELECT company_id, environment, next_action_at AS due FROM chorus_deposit WHERE state = 'sent'
        UNION ALL
        SELECT company_id, environment, next_action_at FROM chorus_request
        WHERE state IN {sql_list(OPEN_REQUEST_STATES)}
    """,
}


def schedule(env: Env, what: str, deadline: float | None = None, left: Any = 0) -> None:
    """Wake a scheduled action when its next thing falls due; at once when it got on and work remains.

    :param str what: ``send`` or ``follow``
    :param deadline: of the run that ends now; None when this action has not run
    :param int left: channels that the run did not come to, or had to leave in the middle
    """
    with fresh_env(env) as new_env:
        due, overdue = next_due(new_env, what)
    now = moments.now(env)
    if left:
        due, overdue = now, overdue + left
    if not due:
        return
    if deadline is not None and overdue:
        done = env["ir.cron.progress"].sudo().browse(env.context.get("ir_cron_progress_id")).done
        if done:
            progress(env, 0, remaining=overdue)
        due = now if done or time.monotonic() >= deadline else now + AGAIN
    in_transaction(env, lambda env: wake(env, max(due, now), what))


def next_due(env: Env, what: str) -> Any:
    """The next due time of what may be done: a connection that rests is used when its rest ends.

    Channels that cannot be used are left out: waking would not help them, a person is told.

    :return: (datetime, naive UTC, or None; int, how many things are due now)
    """
    now = moments.now(env)
    env.cr.execute(
        f"""
        SELECT company_id, environment, min(coalesce(due, %(now)s)),
            count(*) FILTER (WHERE due IS NULL OR due <= %(now)s)
        FROM ({_WORK[what]}) AS work GROUP BY company_id, environment ORDER BY 3
        """,
        {"now": now},
    )
    times, overdue = [], 0
    for company_id, environment, due, count in env.cr.fetchall():
        if times and not count and min(times) <= due:
            # Of what is not due yet only the first matters.
            break
        connection = env["chorus.connection"]._for(env["res.company"].browse(company_id), environment)
        if connection and connection._is_resting():
            times.append(max(due, connection.rest_until))
        elif connection and (connection.state == "refused" or not connection._why_not_usable()):
            times.append(due)
            overdue += count
    return min(times, default=None), overdue


def few_or_due(env: Env, channels: list[Channel], what: str) -> list[Channel]:
    """The channels whose turn it is: few of them all; of many those with something due, or without a turn in
    the last minutes.

    What falls due at one of hundreds wakes the action again and again: the others were asked about just now.

    :param str what: ``send`` or ``follow``
    """
    if len(channels) <= FEW:
        return channels
    due = set(having_due(env, channels, what))
    return [channel for channel in channels if channel.unserved or channel in due]


def having_due(env: Env, channels: list[Channel], what: str) -> list[Channel]:
    """The channels with something due now, without those whose connection rests.

    :param str what: ``send`` or ``follow``
    """
    with fresh_env(env) as new_env:
        new_env.cr.execute(
            f"""
            SELECT DISTINCT company_id, environment FROM ({_WORK[what]}) AS work
            WHERE (due IS NULL OR due <= %(now)s) AND NOT EXISTS (
                SELECT FROM chorus_connection AS connection
                WHERE connection.company_id = work.company_id AND connection.environment = work.environment
                    AND connection.active AND connection.rest_until > %(now)s
            )
            """,
            {"now": moments.now(new_env)},
        )
        due = set(new_env.cr.fetchall())
    return [channel for channel in channels if channel.place in due]


class Turns:
    """The turns of one run: each channel has its own, the thread of the run serves one after the other.

    While the one that it serves merely waits for the network, a second thread stands in for it and serves the
    next ones, one at a time: by an environment and a cursor of its own, under the lock of each channel's turn
    as ever. When all have had their turn and one still waits, what has fallen due meanwhile is looked for, of
    either action. The run ends when both threads have come to their end.

    :param channels: list of :class:`.channel.Channel` with the deadline of the run, in the order of turns
    :param serve: function(channel) that stops by itself at the channel's deadline, raises nothing and uses
        the environment that the channel has
    :param listed_anew: function(env) giving the channels that have something due now; none when not given
    """

    def __init__(
        self,
        channels: Iterable[Channel],
        serve: Callable[[Channel], Any],
        listed_anew: Callable[[Env], list[Channel]] | None = None,
    ) -> None:
        self._waiting = deque(channels)
        self._serve, self._listed_anew = serve, listed_anew
        self._deadline = self._waiting[0].deadline if self._waiting else 0
        # Of the run: none but its own thread uses the cursor.
        self._env = self._waiting[0].env if self._waiting else None
        self._action = self._waiting[0].action if self._waiting else ""
        # Other actions that had turns too.
        self.others: set[str] = set()
        self._cut: set[Channel] = set()
        # Turns that go on, by channel; when the last one of each place ended.
        self._going_on: dict[Channel, Wait] = {}
        self._ended_at: dict[tuple[int, str], float] = {}
        self._news = threading.Condition()
        self._over = False
        self._done_beside = 0

    def take(self) -> int:
        """Serve channels until their common deadline; one that its share cut gets another turn when all
        others had theirs.

        One that another worker has, or had meanwhile, is left to that one. Nothing begins for a channel once
        the time is up. Whose turn begins is written down first: a run that is ended by force does not begin
        with the same channel again.

        :return: int, how many channels were cut, or had no turn and none in the last minutes either
        """
        if not self._waiting:
            return 0
        threads = self._start_threads()
        try:
            while channel := self._next():
                self._turn(channel)
                self._tell_progress()
        finally:
            with self._news:
                self._over = True
                self._news.notify_all()
            for thread in threads:
                thread.join()
        self._tell_progress()
        left = self._cut | {channel for channel in self._waiting if channel.unserved}
        return sum(channel.action == self._action for channel in left)

    def _tell_progress(self) -> None:
        """What was done beside the thread of the run is told to Odoo's scheduler by that thread."""
        with self._news:
            done, self._done_beside = self._done_beside, 0
        progress(self._env, done)

    # -- whose turn it is -----------------------------------------------------------------------------

    def _next(self, standing_in: bool = False) -> Channel | None:
        """The channel that the calling thread serves now, which is waited for; None when there is none.

        :param bool standing_in: whether it is another thread than that of the run, which has something to do
            only while that one waits for the network
        """
        look_at = 0.0
        while True:
            with self._news:
                if self._over or time.monotonic() >= self._deadline:
                    return None
                free = all(wait.seconds() >= PATIENCE for wait in self._going_on.values())
                if free and self._waiting and (self._going_on or not standing_in):
                    channel = self._waiting.popleft()
                    self._going_on[channel] = Wait()
                    return channel
                if not self._going_on and not standing_in:
                    return None
                if not (free and self._going_on and self._listed_anew and time.monotonic() >= look_at):
                    self._news.wait(PATIENCE / 4)
                    continue
            guarded("look for what is due", self._look_for_more)
            look_at = time.monotonic() + PATIENCE

    def _look_for_more(self) -> None:
        """While a turn waits for the network, others may come: what was clicked since the run began."""
        listed: list[Channel] = []
        if self._listed_anew:
            with fresh_env(self._env) as env:
                listed = self._listed_anew(env)
        for channel in listed:
            channel.env = self._env
        since = time.monotonic() - SHORTEST
        with self._news:
            served = {place for place, at in self._ended_at.items() if at > since}
            served |= {channel.place for channel in self._going_on}
            for channel in listed:
                # One action of each: a gateway that hangs would hang for the other too.
                if channel.place not in served:
                    served.add(channel.place)
                    self._waiting.append(channel)

    def _turn(self, channel: Channel) -> None:
        """Serve a channel that :meth:`_next` gave."""
        again = False
        try:
            with self._going_on[channel].of_this_thread():
                again = self._serve_in_turn(channel)
        finally:
            with self._news:
                del self._going_on[channel]
                self._ended_at[channel.place] = time.monotonic()
                self._waiting += [channel] if again else []
                self._news.notify_all()

    def _serve_in_turn(self, channel: Channel) -> bool:
        """:return: bool, whether its share, or the end of the run, has cut it"""
        now = time.monotonic()
        with channel.turn(channel.action) as ours:
            missed, channel.unserved = channel.unserved, False
            had_more = channel in self._cut
            self._cut.discard(channel)
            if not ours:
                return False
            self.others |= {channel.action} - {self._action}
            left = self._deadline - now
            channel.deadline = min(self._deadline, now + max(SHORTEST, left / (len(self._waiting) + 1)))
            self._serve(channel)
        if (end := time.monotonic()) < channel.deadline:
            return False
        if had_more or end - now >= SHORTEST:
            self._cut.add(channel)
        else:
            # The end of the run cut a turn that had hardly begun. What is due there wakes the action in any
            # case; where nothing is, one run must not follow the other for ever.
            channel.unserved = missed
        return True

    # -- the thread that stands in --------------------------------------------------------------------

    def _start_threads(self) -> list[threading.Thread]:
        take_over, threads = transactions.hand_over(), []
        for number in range(STAND_INS):
            # A server that stops does not wait for Chorus Pro.
            name = f"chorus.stand_in.{number + 1}"
            thread = threading.Thread(target=self._stand_in, args=(take_over,), name=name, daemon=True)
            try:
                thread.start()
            except RuntimeError:
                _logger.warning("The system gives no thread: while one channel waits, the others wait too")
                break
            threads.append(thread)
        return threads

    def _stand_in(self, take_over: Callable[[], None]) -> None:
        take_over()
        try:
            while channel := self._next(standing_in=True):
                self._turn_beside(channel)
        except Exception:
            _logger.exception("Nobody stands in any more for a run of Chorus Pro that waits")

    def _turn_beside(self, channel: Channel) -> None:
        try:
            with fresh_env(self._env) as env, channel.lent(env):
                self._turn(channel)
                # As Odoo's scheduler does for its own thread, which knows nothing of what this one cleared.
                env.registry.signal_changes()
        except Exception:
            # No connection to PostgreSQL, perhaps: it stays with the thread of the run.
            with self._news:
                self._going_on.pop(channel, None)
                self._waiting.appendleft(channel)
            raise
        finally:
            with self._news:
                self._done_beside += channel.done_beside
                channel.done_beside = 0
                self._news.notify_all()


def send(channel: Channel) -> None:
    """Transmit and prepare until nothing is due, the time is used up, or the connection fails.

    What is ready leaves while more is prepared: preparing must not use up the time of a short limit. While no
    file may leave, what is unconfirmed is looked for all the same.
    """
    if not channel.may_begin() or not (channel.deposits_rest or _send_all(channel)):
        return
    Resolver(channel).resolve_due()


def _send_all(channel: Channel) -> bool:
    """:return: bool, False when the connection failed: nothing else is asked of it now"""
    preparer = Preparer(channel)
    with Travel.of(channel) as travel:
        while time.monotonic() < channel.deadline and channel.is_present():
            if Doubts(channel).settle_all():
                return False
            travel.go_on()
            prepared = 0
            if not travel.fault and time.monotonic() < channel.deadline:
                asked = guarded("ask the directory", Directory(channel).ask)
                if asked and not channel.usable():
                    return False
                prepared = preparer.prepare_next()
            idle = not prepared and travel.wait(LOOK_EVERY)
            sent = travel.just_sent()
            channel.progress(prepared + sent)
            if travel.fault or (idle and not sent):
                break
    channel.progress(travel.just_sent())
    return not travel.fault


def tell_ended_clicks(channel: Channel) -> None:
    """Tell whoever clicked, once nothing of the click waits any more."""
    channel.transaction(
        lambda env: env["chorus.deposit.line"]._tell_ended_clicks(channel.company_id, channel.environment)
    )


def tell_left_clicks(env: Env) -> None:
    """Tell of the clicks that ended outside a turn of their channel: see ``_ended_clicks``."""
    with fresh_env(env) as new_env:
        channels = new_env["chorus.deposit.line"]._ended_clicks()
    for company_id, environment in channels:
        guarded("notify", tell_ended_clicks, Channel(env, company_id, environment))


def follow(channel: Channel) -> None:
    """Go on with the requests, ask what changed, then for the reports of what that did not show, then look at
    everything where that is due."""
    with SharedClient(channel) as shared:
        requests, statuses = Requests(channel), Statuses(channel, shared)

        def begin(connection: Record) -> None:
            """All that a turn with nothing due has to know before its one call, in one transaction."""
            if not requests.find_due(connection.env):
                statuses.begin(connection)

        if not channel.may_begin(begin):
            return
        if requests.serve_due():
            return
        if statuses.follow_changes():
            return
        if Reports(channel).follow_due(shared, statuses.looked):
            return
        if time.monotonic() < channel.deadline:
            statuses.check_all()
