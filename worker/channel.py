"""One company's way to one environment of Chorus Pro, and what every step on it needs.

Several calls share one client: connections, token and look-ups.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from ..chorus_api import ChorusClient, errors
from ..models.base import moments, transactions
from ..models.base.chorus_authority import check_not_rendering
from ..models.base.chorus_states import OPEN_REQUEST_STATES, sql_list
from ..models.base.transactions import (
    TURN_LOCK_SPACES,
    advisory_lock,
    asks_for_retry,
    fresh_env,
    in_transaction,
)
from ..models.connection.chorus_connection_rest import may_ask
from ..models.connection.chorus_connection_token import client_maker, client_of

# After so many calls the connection's settings are read anew: it may have been switched off meanwhile.
CALLS_PER_CLIENT = 25
# Threads that begin at the same moment read them once: what was read serves so many seconds.
SETTINGS_GOOD_FOR = 1.0


class SharedClient:
    """Gives the client of a channel, call after call; a context manager that closes it.

    After an error the next call begins with a client of its own.
    """

    def __init__(self, channel: "Channel") -> None:
        self._channel = channel
        self._client: ChorusClient | None = None
        self._left = 0

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        self.forget()

    def forget(self) -> None:
        """Close the client; the next call makes a new one."""
        if self._client:
            self._client.close()
            self._client = None

    def begin(self, connection: "Record") -> None:
        """Make the client of the first calls, where the connection was found to be usable in its transaction.

        :param connection: ``chorus.connection`` of the channel, with sudo
        """
        self._client, self._left = client_of(connection, usable=True), CALLS_PER_CLIENT

    def get(self, correlation_id: str) -> ChorusClient:
        """The client for the next call; raises what :meth:`.channel.Channel.client` does.

        :param str correlation_id: of the work the call belongs to
        """
        if not self._client or not self._left:
            self.forget()
            self._client, self._left = self._channel.client(correlation_id), CALLS_PER_CLIENT
        client = self._client
        client.correlation_id = correlation_id
        self._left -= 1
        return client


_logger = logging.getLogger(__name__)

# A recordset of Odoo, and its environment: a type checker knows nothing of them.
Record = Any
Env = Any

# A cron run begins nothing new after this share of the time that Odoo leaves it, and never works longer
# than MAX_RUN_SECONDS.
RUN_SHARE = 0.5
MAX_RUN_SECONDS = 600
# A channel that had its turn within so long is not missed by a run that does not come to it.
TURN_EVERY = timedelta(minutes=10)
# States of lines by the partial index that finds them.
WAITING_STATES = {"queued", "ready", "sending", "unconfirmed"}
OPEN_STATES = {"sent", "integrated", "hand"}
# As long as so a rejected invoice is looked out for in what Chorus Pro lists.
RECENTLY_REJECTED = timedelta(days=10)


def run_deadline() -> Any:
    """:return: ``time.monotonic()`` value at which a run that begins now must stop by itself."""
    return transactions.deadline(RUN_SHARE, MAX_RUN_SECONDS)


def guarded(what: str, step: Callable[..., Any], *args: Any) -> Any:
    """Run one step; an error is logged with its traceback and stops nothing else."""
    try:
        return step(*args)
    except Exception:
        _logger.exception("Chorus Pro: step %s %s failed; the others go on", what, args)
        return None


def locked_deposit(env: Env, deposit_id: int) -> Any:
    """The deposit in its company's language; its row is waited for (a person may hold it) and kept."""
    env.cr.execute("SELECT id FROM chorus_deposit WHERE id = %s FOR UPDATE", (deposit_id,))
    return in_words_of_company(env["chorus.deposit"].browse(deposit_id))


def in_words_of_company(records: Record) -> Any:
    """Deposits or lines of one company, in an environment that speaks the company's language."""
    return records.with_context(lang=records.env["chorus.words"]._lang(records.company_id))


class Channel:
    """
    :param env: of the run; nothing is written in its transaction
    :param int company_id:
    :param str environment: ``test`` or ``production``
    :param float deadline: ``time.monotonic()`` after which nothing new begins; that of a run when not given
    """

    def __init__(self, env: Env, company_id: int, environment: str, deadline: float | None = None) -> None:
        check_not_rendering(env)
        self.env = env
        self.company_id = company_id
        self.environment = environment
        self.deadline = run_deadline() if deadline is None else deadline
        # The scheduled action that its turn is of, ``send`` or ``follow``.
        self.action = "send"
        # Whether it had no turn in the last minutes.
        self.unserved = False
        # When its last turn began, as this process knows it; and whether that was given by this process.
        self.turn_at, self.served_here = None, False
        # Whether its connection let the last call time out, and whether no file leaves since the last ones
        # got no answer, as ``usable`` found it: see ``may_begin`` and ``turns``.
        self.doubted = self.deposits_rest = False
        # What a thread beside that of the run has done for it, until the run's own has told the scheduler.
        self._is_lent, self.done_beside = False, 0

    def __repr__(self) -> str:
        return f"<{self.environment} of company {self.company_id}>"

    @classmethod
    def of(cls, record: Record) -> Any:
        """The channel of a deposit or a line."""
        return cls(record.env, record.company_id.id, record.environment)

    @classmethod
    def having(
        cls,
        env: Env,
        states: Iterable[str],
        deadline: float | None = None,
        turns_of: Any = "send",
        requests: bool = False,
    ) -> Any:
        """The channels with lines in one of ``states``, the least recently served first.

        :param str turns_of: the scheduled action whose turns count
        :param bool requests: also the channels with open requests
        """
        # Each question is one of an index of chorus.deposit.line, and for a channel one look into it.
        looks = [
            (
                "state IN ('queued', 'ready', 'sending', 'unconfirmed') AND state IN %(states)s",
                WAITING_STATES,
            ),
            (
                "followed IS TRUE AND state IN ('sent', 'integrated', 'hand') AND state IN %(states)s",
                OPEN_STATES,
            ),
            # A report that rejects may be wrong: what is there all the same is noticed.
            ("state = 'rejected' AND deposited_on > %(recently)s", {"integrated"}),
        ]
        places = "line.company_id = company.id AND line.environment = place.environment"
        asked = [
            f"EXISTS (SELECT FROM chorus_deposit_line AS line WHERE {places} AND {look})"
            for look, kind in looks
            if kind & set(states)
        ]
        if requests:
            asked.append(
                "(company.id, place.environment) IN (SELECT line.company_id, line.environment"
                " FROM chorus_request AS request"
                " JOIN chorus_deposit_line AS line ON line.id = request.line_id"
                f" WHERE request.state IN {sql_list(OPEN_REQUEST_STATES)})"
            )
        with fresh_env(env) as new_env:
            now = moments.now(new_env)
            new_env.cr.execute(
                f"""
                SELECT company.id, place.environment, turn.at FROM res_company AS company
                CROSS JOIN (VALUES ('test'), ('production')) AS place(environment)
                LEFT JOIN LATERAL (
                    SELECT max({turns_of}_turn_at) AS at FROM chorus_connection
                    WHERE company_id = company.id AND environment = place.environment AND active
                ) AS turn ON TRUE
                WHERE {" OR ".join(asked)} ORDER BY turn.at NULLS FIRST, random()
                """,
                {"states": tuple(states), "recently": now - RECENTLY_REJECTED},
            )
            channels = new_env.cr.fetchall()
        made = [cls(env, company_id, environment, deadline) for company_id, environment, _at in channels]
        for channel, (_company, _environment, at) in zip(made, channels, strict=True):
            channel.unserved = at is None or at < now - TURN_EVERY
            channel.turn_at, channel.action = at, turns_of
        return made

    @property
    def place(self) -> tuple[int, str]:
        """The company and the environment."""
        return self.company_id, self.environment

    @contextmanager
    def lent(self, env: Env) -> Iterator[None]:
        """To another thread than that of the run, which works by an environment of its own.

        :param env: of that thread
        """
        own, self.env, self._is_lent = self.env, env, True
        try:
            yield
        finally:
            self.env, self._is_lent = own, False

    def progress(self, done: int) -> None:
        """Tell Odoo's scheduler how much was done, by the cursor of the run, which its own thread uses."""
        if self._is_lent:
            self.done_beside += done
        else:
            progress(self.env, done)

    @property
    def domain(self) -> list[Any]:
        """Of what belongs to the channel."""
        return [("company_id", "=", self.company_id), ("environment", "=", self.environment)]

    # -- transactions ---------------------------------------------------------------------------------

    def fresh(self) -> Any:
        """A superuser environment on a cursor of its own, as a context manager."""
        return fresh_env(self.env)

    def transaction(self, step: Callable[..., Any], **patience: Any) -> Any:
        """Run ``step(env)`` in a transaction of its own, again when PostgreSQL asks for it.

        :param patience: of ``in_transaction``
        :return: what ``step`` returned
        """
        return in_transaction(self.env, step, **patience)

    def write_each(self, items: Any, write: Any, unwritten: Any, **patience: Any) -> list[Any]:
        """Write answers in one transaction; when that fails, each in its own; tell of those that fail alone.

        One bad record never stops the others.

        :param list items: what was answered
        :param write: function(env, list of items)
        :param unwritten: function(env, item, error) that tells a person, in a transaction of its own
        :param patience: of ``in_transaction``
        :return: list of what ``write`` returned, one for each transaction that succeeded
        :raises psycopg2.Error: when PostgreSQL asked for a retry to the end: nothing is lost, the next run
            asks again
        """
        if not items:
            return []
        try:
            return [self.transaction(lambda env: write(env, items), **patience)]
        except Exception as caught:
            if asks_for_retry(caught):
                raise
            error = caught
            _logger.exception("Writing %s answers of Chorus Pro failed", len(items))
        if len(items) > 1:
            alone = (self.write_each([item], write, unwritten, **patience) for item in items)
            return [result for results in alone for result in results]
        guarded("tell", self.transaction, lambda env: unwritten(env, items[0], error))
        return []

    # -- time -----------------------------------------------------------------------------------------

    def time_is_up(self) -> bool:
        return time.monotonic() > self.deadline

    def due_deposits(self, state: str, limit: int = 500) -> Any:
        """:return: ids of the deposits in ``state`` whose next step is due, the longest due first"""
        with self.fresh() as env:
            due = [*self.domain, ("state", "=", state), ("next_action_at", "<=", moments.now(env))]
            return env["chorus.deposit"].search(due, order="next_action_at, id", limit=limit).ids

    # -- the connection -------------------------------------------------------------------------------

    def connection_in(self, env: Env) -> Any:
        """The ``chorus.connection`` of the channel in ``env``, with sudo; empty when there is none."""
        return env["chorus.connection"]._for(env["res.company"].browse(self.company_id), self.environment)

    def client(self, correlation_id: str) -> Any:
        """A new ``chorus_api.ChorusClient``: a context manager.

        :raises UserError: when the connection may not be used
        :raises chorus_api.ChorusError: when PISTE gives no token; nothing was asked of Chorus Pro
        """
        with self.fresh() as env:
            return client_of(self.connection_in(env), correlation_id)

    @contextmanager
    def turn(self, what: str) -> Iterator[Any]:
        """Hold the channel for one turn of an action, and write down that it begins: no other worker, on any
        host, has it meanwhile.

        :param str what: ``send`` or ``follow``
        :return: bool, as what the block gets: whether it is ours, and had no turn by another worker since it
            was listed
        """
        number = 2 * self.company_id + (self.environment == "production")
        with advisory_lock(self.env, number, TURN_LOCK_SPACES[what]) as free:
            yield free and guarded("turn", self.transaction, lambda env: self._begin_turn(env, what))

    def _begin_turn(self, env: Env, what: str) -> bool:
        """Write down that a turn begins, unless another worker had one since the channel was listed.

        :return: bool, whether it is ours
        """
        # Whoever writes on the connection just now is not waited for: the order of turns is no promise.
        env.cr.execute(
            f"""
            WITH place AS (
                SELECT id, {what}_turn_at AS at FROM chorus_connection
                WHERE company_id = %(company)s AND environment = %(environment)s AND active
            ), ours AS (
                SELECT %(served)s OR max(at) IS NOT DISTINCT FROM %(known)s::timestamp AS yes FROM place
            ), noted AS (
                UPDATE chorus_connection SET {what}_turn_at = %(now)s WHERE id IN (
                    SELECT id FROM chorus_connection WHERE id IN (SELECT id FROM place)
                    FOR NO KEY UPDATE SKIP LOCKED
                ) AND (SELECT yes FROM ours)
            )
            SELECT yes FROM ours
            """,
            {
                "company": self.company_id,
                "environment": self.environment,
                "served": self.served_here,
                "known": self.turn_at,
                "now": moments.now(env),
            },
        )
        ours = bool(env.cr.fetchone()[0])
        self.served_here |= ours
        return ours

    def is_present(self) -> bool:
        """Whether the company sends to this environment now; what waits for another one is left alone."""
        with self.fresh() as env:
            return env["res.company"].browse(self.company_id).chorus_environment == self.environment

    def usable(self, begin: Callable[..., Any] | None = None) -> Any:
        """Whether the channel's connection may be used; the reason is logged when not.

        Keys that PISTE refused are tried again now and then: it was seen to refuse good ones.

        :param begin: function(connection) to call in the same transaction, when it may be used and is not
            doubted
        """
        with self.fresh() as env:
            connection = self.connection_in(env)
            if connection and connection._is_resting():
                return False
            reason = connection._why_not_usable() if connection else "no connection"
            self.doubted = bool(connection) and connection.timed_out
            self.deposits_rest = bool(connection) and connection._deposits_rest()
            seconds = connection._probe_seconds() if self.doubted else None
            healed = reason and connection and connection._heal(seconds)
            if begin and not reason and not self.doubted:
                begin(connection)
            refused = reason and connection and connection.state == "refused"
        if refused and not healed:
            self.note_fault(errors.InvalidCredentials("invalid_client"))
        if reason and not healed:
            _logger.info("Chorus Pro %s of company %s rests: %s", self.environment, self.company_id, reason)
        return healed or not reason

    def may_begin(self, begin: Callable[..., Any] | None = None) -> bool:
        """Whether a turn of a scheduled action may begin: the connection may be used, and one that let a call
        time out answers something small first.

        :param begin: of :meth:`usable`
        """
        return self.usable(begin) and (not self.doubted or self._answers_again())

    def _answers_again(self) -> bool:
        with self.fresh() as env:
            connection_id = self.connection_in(env).id
        return bool(may_ask(self.env, connection_id))

    def note_fault(self, error: Exception) -> None:
        """Leave the channel alone for a while when ``error`` is about its connection."""
        if errors.speaks_of_connection(error):
            self.transaction(lambda env: self.connection_in(env)._report_failure(error))


class InTurns(Channel):
    """A channel as its travelling threads see it: they take turns with their short transactions."""

    def __init__(self, channel: Channel, turn: Any) -> None:
        super().__init__(channel.env, channel.company_id, channel.environment, channel.deadline)
        self._turn = turn
        self._make_client: Callable[..., ChorusClient] | None = None
        self._read_at = 0.0

    @contextmanager
    def fresh(self) -> Iterator[Any]:
        with self._turn, super().fresh() as env:
            yield env

    def transaction(self, step: Callable[..., Any], **patience: Any) -> Any:
        with self._turn:
            return super().transaction(step, **patience)

    def client(self, correlation_id: str) -> Any:
        # One token is asked for, and every other thread that needs one finds it saved.
        with self._turn:
            if time.monotonic() - self._read_at > SETTINGS_GOOD_FOR or not self._make_client:
                with self.fresh() as env:
                    self._make_client = client_maker(self.connection_in(env), self._turn)
                self._read_at = time.monotonic()
            return self._make_client(correlation_id=correlation_id)


def progress(env: Env, done: Any, remaining: Any = None) -> None:
    """Tell Odoo's scheduler how far the run got."""
    if (done or remaining) and env.context.get("ir_cron_progress_id"):
        env["ir.cron"]._commit_progress(done, remaining=remaining)
