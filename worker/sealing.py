"""Sealing what Chorus Pro has judged, and telling the day's hash to whoever keeps it elsewhere."""

import time

from ..models.base.transactions import advisory_lock, fresh_env, in_transaction
from .channel import Env, guarded, progress

# Entries of one transaction.
BATCH = 500
# Keys of deposits are positive, those of requests small and negative.
_CHAINS = -(10**9)


def seal_company(env: Env, company_id: int, deadline: float | None = None) -> bool:
    """Append everything of a company that is not sealed yet to its chain.

    One process at a time: the lock is taken before the transaction whose snapshot sees the last entry.

    :param float deadline: ``time.monotonic()`` after which no batch begins
    :return: bool, whether everything is sealed
    """
    while deadline is None or time.monotonic() < deadline:
        with advisory_lock(env, _CHAINS - company_id) as free:
            if not free:
                return False
            done = in_transaction(
                env,
                lambda env: env["chorus.seal"]._seal_next(env["res.company"].browse(company_id), BATCH),
            )
        progress(env, done)
        if done < BATCH:
            return True
    return False


def seal_all(env: Env, deadline: float) -> int:
    """The same for every company that has something to seal.

    :return: int, companies that are left for another run
    """
    with fresh_env(env) as new_env:
        company_ids = new_env["chorus.seal"]._behind()
    return sum(not guarded("seal", seal_company, env, company_id, deadline) for company_id in company_ids)


def tell_heads(env: Env) -> None:
    """Mail the last hash of each chain to the address that its company has named, once a day."""
    with fresh_env(env) as new_env:
        companies = new_env["res.company"].search([("chorus_seal_email", "!=", False)]).ids
    for company_id in companies:
        guarded(
            "tell the head",
            in_transaction,
            env,
            lambda env, company_id=company_id: env["res.company"].browse(company_id)._chorus_mail_seal(),
        )
