"""What a run of the actions that send and follow does for one channel; whose turn it is; when the next comes.

Every due time wakes them, and work that remains goes on at once. Each channel has a share of the time, the
least recently served first.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from ..models.base import moments
from ..models.base.chorus_states import OPEN_REQUEST_STATES, sql_list
from ..models.base.transactions import fresh_env, in_transaction, wake
from .channel import Channel, Env, Record, SharedClient, guarded, progress
from .preparer import Directory, Preparer
from .probe import may_begin
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
        FROM ({_WORK[what]}) AS work GROUP BY company_id, environment
        """,
        {"now": now},
    )
    times, overdue = [], 0
    for company_id, environment, due, count in env.cr.fetchall():
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
    with fresh_env(env) as new_env:
        new_env.cr.execute(
            f"SELECT DISTINCT company_id, environment FROM ({_WORK[what]}) AS work"
            " WHERE due IS NULL OR due <= %(now)s",
            {"now": moments.now(new_env)},
        )
        due = set(new_env.cr.fetchall())
    return [
        channel
        for channel in channels
        if channel.unserved or (channel.company_id, channel.environment) in due
    ]


def take_turns(channels: Iterable[Channel], what: str, serve: Callable[[Channel], Any]) -> int:
    """Serve channels one after the other until their common deadline; one that its share cut gets another
    turn when all others had theirs.

    One that another worker has, or had meanwhile, is left to that one. Nothing is done for a channel once
    the time is up. Whose turn begins is written down first: a run that is ended by force does not begin with
    the same channel again.

    :param channels: list of :class:`.channel.Channel` with the deadline of the run, in the order of turns
    :param str what: the scheduled action, ``send`` or ``follow``
    :param serve: function(channel) that stops by itself at the channel's deadline and raises nothing
    :return: int, how many channels were cut, or had no turn and none in the last minutes either
    """
    waiting = deque(channels)
    deadline = waiting[0].deadline if waiting else 0
    cut = set()
    while waiting and (now := time.monotonic()) < deadline:
        channel = waiting.popleft()
        with channel.turn(what) as ours:
            missed, channel.unserved = channel.unserved, False
            had_more = channel in cut
            cut.discard(channel)
            if not ours:
                continue
            channel.deadline = min(deadline, now + max(SHORTEST, (deadline - now) / (len(waiting) + 1)))
            serve(channel)
            if (end := time.monotonic()) < channel.deadline:
                continue
            if had_more or end - now >= SHORTEST:
                cut.add(channel)
            else:
                # The end of the run cut a turn that had hardly begun. What is due there wakes the action in
                # any case; where nothing is, one run must not follow the other for ever.
                channel.unserved = missed
            waiting.append(channel)
    return len(cut | {channel for channel in waiting if channel.unserved})


def send(channel: Channel) -> None:
    """Transmit and prepare until nothing is due, the time is used up, or the connection fails.

    What is ready leaves while more is prepared: preparing must not use up the time of a short limit. While no
    file may leave, what is unconfirmed is looked for all the same.
    """
    if not may_begin(channel) or not (channel.deposits_rest or _send_all(channel)):
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
            progress(channel.env, prepared + sent)
            if travel.fault or (idle and not sent):
                break
    progress(channel.env, travel.just_sent())
    return not travel.fault


def tell_ended_clicks(channel: Channel) -> None:
    """Tell whoever clicked, once nothing of the click waits any more."""
    channel.transaction(
        lambda env: env["chorus.deposit.line"]._tell_ended_clicks(channel.company_id, channel.environment)
    )


def follow(channel: Channel) -> None:
    """Go on with the requests, ask what changed, then for the reports of what that did not show, then look at
    everything where that is due."""
    with SharedClient(channel) as shared:
        requests, statuses = Requests(channel), Statuses(channel, shared)

        def begin(connection: Record) -> None:
            """All that a turn with nothing due has to know before its one call, in one transaction."""
            if not requests.find_due(connection.env):
                statuses.begin(connection)

        if not may_begin(channel, begin):
            return
        if requests.serve_due():
            return
        if statuses.follow_changes():
            return
        if Reports(channel).follow_due(shared, statuses.looked):
            return
        if time.monotonic() < channel.deadline:
            statuses.check_all()
