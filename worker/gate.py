"""The last gate before a deposit: taking it is one statement, which looks at what must be true.

It writes what ``chorus.deposit._move_to`` would (tests/test_protocol_steps.py compares the two), and nothing
when anything is out of the ordinary. An invoice that another channel has meanwhile, or that is not posted any
more, is not deposited.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from ..models.base import moments
from ..models.base.chorus_channels import CHANNEL_FIELDS
from .channel import Env, in_words_of_company

# When an invoice is in somebody else's hands just now, its deposit is looked at again after this time.
COME_BACK = timedelta(seconds=30)


def may_leave(env: Env, deposit_id: int) -> bool:
    """Look once more at every other channel of the invoices of a deposit, in this transaction.

    The deposit and its invoices are locked without waiting. What another transaction wrote on them after
    this one began makes PostgreSQL refuse the lock, and the step runs again: what is read after the lock
    is what stands. Taking the deposit writes on the invoices (see sending_sql), so that a transaction of
    another channel that began before fails in its turn.

    :return: bool; when False, nothing of the deposit leaves now, and the reason is written
    """
    deposit = env["chorus.deposit"].browse(deposit_id).try_lock_for_update(allow_referencing=True)
    if not deposit:
        return False
    env.cr.execute(
        "SELECT line.move_id, move.state FROM chorus_deposit_line AS line"
        " JOIN account_move AS move ON move.id = line.move_id"
        " JOIN chorus_deposit AS deposit ON deposit.id = line.deposit_id"
        " WHERE deposit.id = %s AND deposit.state = 'ready' AND deposit.next_action_at <= %s",
        (deposit_id, moments.now(env)),
    )
    states = dict(env.cr.fetchall())
    moves = env["account.move"].browse(states)
    if not moves:
        # Not there to take, which taking it finds out.
        return True
    if moves.try_lock_for_update(allow_referencing=True) != moves:
        deposit.next_action_at = moments.now(env) + COME_BACK
        return False
    if left_books := moves.filtered(lambda move: states[move.id] != "posted"):
        # Whoever did it went past the gate of writing: what is a draft here must not be at the buyer's.
        left_books._chorus_withdraw(deposit.environment)
        return False
    known = [name for name in CHANNEL_FIELDS if name in moves._fields]
    if not known:
        return True
    moves.fetch([*known, "chorus_despite"])
    gone = moves.filtered(lambda move: move._chorus_in_the_way())
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
WHERE deposit.id = %(deposit)s AND deposit.state = 'ready' AND deposit.next_action_at <= %(now)s
    AND NOT {LOOKED_FOR}
"""

# A file leaves only for the environment that its company has now. The company's row is locked, so that a
# switch either waits for this transaction or makes it fail and begin again: none is taken once it is done.
# And only after a run has looked around since PostgreSQL was started, here or on a copied machine: what may
# have left before is doubtful then (``chorus.database``).
_TAKE = f"""
WITH present AS (
    SELECT company.id
    FROM chorus_deposit AS deposit
        JOIN res_company AS company ON company.id = deposit.company_id
    WHERE deposit.id = %(deposit)s AND company.chorus_environment = deposit.environment
    FOR SHARE OF company
), taken AS (
    UPDATE chorus_deposit AS deposit
    SET state = 'sending', attempt_number = coalesce(attempt_number, 0) + 1, last_error = NULL,
        write_uid = %(user)s, write_date = %(now)s
    WHERE id = %(deposit)s AND state = 'ready' AND next_action_at <= %(now)s
        AND company_id IN (SELECT id FROM present)
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
    RETURNING id, company_id, environment, attempt_number, filename, syntax, sha256
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
    SELECT id, company_id, attempt_number, 'send', %(now)s, 'running', %(correlation)s,
        %(user)s, %(now)s, %(user)s, %(now)s
    FROM taken
)
SELECT company_id, environment, attempt_number, filename, syntax, sha256 FROM taken
"""


class Taken(NamedTuple):
    """A deposit that this process may post now, once."""

    company_id: int
    environment: str
    attempt: int
    filename: str
    syntax: str
    sha256: str


def must_look(env: Env, deposit_id: int) -> bool:
    """Whether a deposit that is ready and due must first be looked for on Chorus Pro, by numbers."""
    return bool(_execute(env, _MUST_LOOK, deposit=deposit_id))


def take(env: Env, deposit_id: int, correlation_id: str) -> Any:
    """Take a deposit that is ready and due: it and its lines are being sent, with a new attempt number.

    :return: what to post, or None when the deposit, or one of its lines, is not there to take
    :rtype: Taken | None
    """
    row = _execute(env, _TAKE, deposit=deposit_id, correlation=correlation_id)
    return Taken(*row) if row else None


def _execute(env: Env, statement: Any, **values: Any) -> Any:
    env.flush_all()
    env.cr.execute(statement, {"user": env.uid, "now": moments.now(env), **values})
    row = env.cr.fetchone()
    env.invalidate_all(flush=False)
    return row
