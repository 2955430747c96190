"""The last gate before deposits: taking them is one statement, which looks at what must be true.

It writes what ``chorus.deposit._move_to`` would (tests/test_protocol_steps.py compares the two), and nothing
when anything is out of the ordinary. An invoice that another channel has meanwhile, or that is not posted any
more, is not deposited.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, NamedTuple

from ..models.base import moments
from ..models.base.chorus_channels import CHANNEL_FIELDS
from .channel import Env, Record, in_words_of_company

# When an invoice is in somebody else's hands just now, its deposit is looked at again after this time.
COME_BACK = timedelta(seconds=30)


# Those that are free are locked without waiting, as are their invoices if they are ready and due.
_LOCK = """
WITH deposit AS (
    SELECT id, state = 'ready' AND next_action_at <= %(now)s AS due FROM chorus_deposit
    WHERE id = ANY(%(deposits)s)
    FOR NO KEY UPDATE SKIP LOCKED
), line AS (
    SELECT line.deposit_id, line.move_id
    FROM deposit JOIN chorus_deposit_line AS line ON line.deposit_id = deposit.id AND deposit.due
), move AS (
    SELECT id, state FROM account_move WHERE id IN (SELECT move_id FROM line)
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT deposit.id, line.move_id, move.state
FROM deposit LEFT JOIN line ON line.deposit_id = deposit.id LEFT JOIN move ON move.id = line.move_id
"""


def may_leave(env: Env, deposit_ids: Collection[int]) -> set[int]:
    """Look once more at every other channel of the invoices of some deposits, in this transaction.

    The deposits and their invoices are locked without waiting. What another transaction wrote on them after
    this one began makes PostgreSQL refuse the lock, and the step runs again: what is read after the lock
    is what stands. Taking a deposit writes on its invoices (see ``_TAKE``), so that a transaction of
    another channel that began before fails in its turn.

    :return: ids of those that may leave; nothing of the others leaves now, and the reason is written
    """
    rows = _execute(env, _LOCK, deposits=list(deposit_ids))
    # By deposit: the state of each of its invoices, None of one that is not free.
    states: dict[int, dict[int, str | None]] = {}
    for deposit_id, move_id, state in rows:
        of_one = states.setdefault(deposit_id, {})
        if move_id:
            of_one[move_id] = state
    moves = env["account.move"].browse(move_id for of_one in states.values() for move_id in of_one)
    known = [name for name in CHANNEL_FIELDS if name in moves._fields]
    if known:
        moves.fetch([*known, "chorus_despite"])
    deposits = env["chorus.deposit"].browse(states)
    # One that has no invoices here is not there to take, which taking it finds out.
    return {deposit.id for deposit in deposits if _may_leave(deposit, states[deposit.id], known)}


def _may_leave(deposit: Record, states: dict[int, str | None], known: list[str]) -> bool:
    """Whether one may, by the states of its invoices and what is known of other channels."""
    env = deposit.env
    if None in states.values():
        deposit.next_action_at = moments.now(env) + COME_BACK
        return False
    moves = env["account.move"].browse(states)
    if left_books := moves.filtered(lambda move: states[move.id] != "posted"):
        # Whoever did it went past the gate of writing: what is a draft here must not be at the buyer's.
        left_books._chorus_withdraw(deposit.environment)
        return False
    gone = moves.filtered(lambda move: move._chorus_in_the_way()) if known else moves.browse()
    if gone:
        # The company's language is asked for only when there is something to say.
        deposit = in_words_of_company(deposit)
        gone = gone.with_env(deposit.env)
        deposit._keep_back({move.id: move._chorus_channel_sentence() for move in gone})
    return not gone


# An earlier line of one of the invoices has left, or was deposited by hand, whatever became of it: the
# invoice may be there. What was searched for within the last hour and not found may leave.
LOOKED_FOR = """(
    (deposit.looked_at > %(now)s - interval '1 hour') IS TRUE
    OR NOT EXISTS (
        SELECT FROM chorus_deposit_line AS line
        JOIN chorus_deposit_line AS former
            ON former.move_id = line.move_id AND former.environment = line.environment AND former.id < line.id
        LEFT JOIN chorus_deposit AS gone ON gone.id = former.deposit_id
        WHERE line.deposit_id = deposit.id
            AND (gone.sent_at IS NOT NULL OR (gone.id IS NULL AND former.number IS NOT NULL))
    )
)"""

_MUST_LOOK = f"""
SELECT deposit.id FROM chorus_deposit AS deposit
WHERE deposit.id = ANY(%(deposits)s) AND deposit.state = 'ready' AND deposit.next_action_at <= %(now)s
    AND NOT {LOOKED_FOR}
"""

# A file leaves only for the environment that its company has now. The company's row is locked, so that a
# switch either waits for this transaction or makes it fail and begin again: none is taken once it is done.
# And only by a connection that has not been archived, and whose keys are neither erased nor refused, since
# the first of those that travel was taken.
# And only after a run has looked around since PostgreSQL was started, here or on a copied machine: what may
# have left before is doubtful then (``chorus.database``).
_TAKE = f"""
WITH wanted AS (
    SELECT * FROM unnest(%(deposits)s, %(correlations)s) AS wanted (deposit_id, correlation_id)
), present AS (
    SELECT deposit.id
    FROM chorus_deposit AS deposit
        JOIN res_company AS company ON company.id = deposit.company_id
    WHERE deposit.id = ANY(%(deposits)s) AND company.chorus_environment = deposit.environment
        AND EXISTS (
            SELECT FROM chorus_connection AS connection
            WHERE connection.company_id = company.id AND connection.environment = deposit.environment
                AND connection.active IS TRUE AND connection.state = 'connected'
        )
    FOR SHARE OF company
), taken AS (
    UPDATE chorus_deposit AS deposit
    SET state = 'sending', attempt_number = coalesce(attempt_number, 0) + 1, last_error = NULL,
        write_uid = %(user)s, write_date = %(now)s
    WHERE id IN (SELECT id FROM present) AND state = 'ready' AND next_action_at <= %(now)s
        AND NOT EXISTS (
            SELECT FROM chorus_deposit_line AS line
            WHERE line.deposit_id = deposit.id
                AND (line.state != 'ready' OR line.doubtful_since IS NOT NULL)
        )
        AND {LOOKED_FOR}
        AND (environment != 'production' OR EXISTS (
            SELECT FROM chorus_database AS known
            WHERE known.company_id = deposit.company_id
                AND known.server_start = extract(epoch FROM pg_postmaster_start_time())::text
        ))
    RETURNING id, company_id, attempt_number, filename, syntax, sha256
), lines AS (
    UPDATE chorus_deposit_line AS line
    SET state = 'sending', message = NULL, write_uid = %(user)s, write_date = %(now)s
    FROM taken WHERE line.deposit_id = taken.id
    RETURNING line.move_id
), touched AS (
    -- The same value in a new version of the row: PostgreSQL refuses whoever sends the invoice another way on
    -- an older view of it.
    UPDATE account_move AS move SET chorus_state = move.chorus_state
    FROM lines WHERE move.id = lines.move_id
), journal AS (
    INSERT INTO chorus_attempt (
        deposit_id, company_id, number, kind, started_at, outcome, correlation_id,
        create_uid, create_date, write_uid, write_date
    )
    SELECT id, company_id, attempt_number, 'send', %(now)s, 'running', correlation_id,
        %(user)s, %(now)s, %(user)s, %(now)s
    FROM taken JOIN wanted ON wanted.deposit_id = taken.id
    RETURNING id, deposit_id
)
SELECT taken.id, taken.attempt_number, journal.id, taken.filename, taken.syntax, taken.sha256
FROM taken JOIN journal ON journal.deposit_id = taken.id
"""


class Taken(NamedTuple):
    """A deposit that this process may post now, once."""

    deposit_id: int
    attempt: int
    journal_id: int
    filename: str
    syntax: str
    sha256: str


def must_look(env: Env, deposit_ids: Collection[int]) -> set[int]:
    """Which of some deposits, ready and due, must first be looked for on Chorus Pro, by numbers."""
    return {deposit_id for (deposit_id,) in _execute(env, _MUST_LOOK, deposits=list(deposit_ids))}


def take(env: Env, attempts: dict[int, str]) -> list[Taken]:
    """Take deposits that are ready and due: they and their lines are being sent, with a new attempt number.

    :param attempts: id of the deposit → correlation id of its attempt
    :return: what to post, without the deposits that are not there to take, or one of whose lines is not
    """
    rows = _execute(env, _TAKE, deposits=list(attempts), correlations=list(attempts.values()))
    return [Taken(*row) for row in rows]


def _execute(env: Env, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    env.flush_all()
    env.cr.execute(statement, {"user": env.uid, "now": moments.now(env), **values})
    rows = env.cr.fetchall()
    env.invalidate_all(flush=False)
    return rows
