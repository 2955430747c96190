"""The last gate before a deposit: an invoice that another channel has meanwhile is not deposited."""

from datetime import timedelta

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
        "SELECT line.move_id FROM chorus_deposit_line AS line"
        " JOIN chorus_deposit AS deposit ON deposit.id = line.deposit_id"
        " WHERE deposit.id = %s AND deposit.state = 'ready' AND deposit.next_action_at <= %s",
        (deposit_id, moments.now(env)),
    )
    moves = env["account.move"].browse(row[0] for row in env.cr.fetchall())
    if not moves:
        # Not there to take, which taking it finds out.
        return True
    if moves.try_lock_for_update(allow_referencing=True) != moves:
        deposit.next_action_at = moments.now(env) + COME_BACK
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
