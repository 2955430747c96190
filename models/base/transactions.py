"""Small transactions of their own: the deposit protocol commits step by step, never with the caller."""

import logging
import random
import time
from contextlib import contextmanager

import psycopg2
from odoo import SUPERUSER_ID, api
from psycopg2 import errorcodes

from .chorus_authority import BY_CODE, check_not_rendering

_logger = logging.getLogger(__name__)

# PostgreSQL says "try the transaction again" with these, and has done nothing.
_RETRY_CODES = {
    errorcodes.SERIALIZATION_FAILURE,
    errorcodes.DEADLOCK_DETECTED,
    errorcodes.LOCK_NOT_AVAILABLE,
}
# Longest pause before a lost connection to PostgreSQL is tried again, in seconds.
_LONGEST_PAUSE = 5
# First key of our advisory locks, so that they meet nobody else's: a deposit being sent (or, negative, a
# request), the renewal of a connection's token (RENEWAL_LOCK_SPACE), a channel in its turn of an action.
LOCK_SPACE = 0x43505250
TURN_LOCK_SPACES = {"send": LOCK_SPACE + 2, "follow": LOCK_SPACE + 3}


def asks_for_retry(error):
    """Whether an error says "try the transaction again", or that PostgreSQL is gone: never to be swallowed.

    The transaction that it ended knows nothing about what was being written. Templates and other layers wrap
    errors: what they were made from counts.
    """
    return _retry_cause(error) is not None


def ends_transaction(error):
    """Whether an error comes from PostgreSQL: nothing more can be done in its transaction."""
    return any(isinstance(cause, psycopg2.Error) for cause in _causes(error))


def _retry_cause(error):
    kinds = (psycopg2.OperationalError, psycopg2.InterfaceError)
    return next((cause for cause in _causes(error) if isinstance(cause, kinds)), None)


def _causes(error):
    """An exception and those that it was made from, outermost first."""
    seen = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return seen


@contextmanager
def fresh_env(env):
    """Yield a superuser environment on its own cursor; commit when the block ends, roll back when it raises.

    :param env: any environment of the database.
    :raises AccessError: when an expression of a template or report asks for it
    """
    check_not_rendering(env)
    with env.registry.cursor() as cr:
        # The lines and the journal tell the story; a chatter message per step would bury the others.
        context = {"lang": env.context.get("lang"), "tracking_disable": True, **BY_CODE}
        yield api.Environment(cr, SUPERUSER_ID, context)


def in_transaction(env, step, *, tries=8, connect_tries=5):
    """Run ``step(env)`` in a transaction of its own and return its result.

    A serialization failure runs it again (nothing was done); a lost connection to PostgreSQL is tried
    again for a few seconds, since the outcome of a deposit must be written down if at all possible.

    :raises psycopg2.Error: when PostgreSQL keeps refusing.
    """
    for attempt in range(1, tries + 1):
        try:
            with fresh_env(env) as new_env:
                return step(new_env)
        except Exception as caught:
            error = _retry_cause(caught)
            if error is None:
                raise
            lost = error.pgcode not in _RETRY_CODES
            limit = connect_tries if lost else tries
            if attempt >= limit:
                raise
            _logger.info(
                "Chorus step runs again (%s), attempt %s", error.pgcode or "connection lost", attempt
            )
            pause = random.uniform(0, (0.2 if lost else 0.02) * 2**attempt)
            time.sleep(min(pause, _LONGEST_PAUSE))
    raise AssertionError("unreachable")


def again_when_asked(env, step, *, tries=5):
    """Run ``step()`` in the caller's own transaction and return its result; roll back and run it again when
    PostgreSQL asks for that.

    For a scheduled action that commits after each piece: what stands in its transaction is this piece only.

    :raises psycopg2.Error: when PostgreSQL keeps refusing; the caller rolls back, as after any other error.
    """
    for attempt in range(1, tries):
        try:
            return step()
        except Exception as error:
            if not asks_for_retry(error):
                raise
            _logger.info("A scheduled step runs again (%s), attempt %s", error, attempt)
        env.cr.rollback()
        time.sleep(random.uniform(0, 0.05 * 2**attempt))
    return step()


@contextmanager
def advisory_lock(env, key, space=LOCK_SPACE):
    """Hold the transaction-level advisory lock of ``key`` on a cursor of its own; yield whether it was free.

    The lock lives exactly as long as this process keeps the connection: another worker, on any host,
    can therefore tell a sending that is alive from one whose process died.

    :param int key: id of the deposit, or what else the lock is about
    :param int space: what kind of thing that is
    """
    with env.registry.cursor() as cr:
        cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (space, key))
        free = cr.fetchone()[0]
        try:
            yield free
        finally:
            try:
                cr.commit()  # pylint: disable=invalid-commit
            except psycopg2.Error:
                _logger.info("The cursor that held the lock of %s was lost", key)


def is_unlocked(cr, key):
    """Return whether nobody holds ``key``; when so, hold it until the end of this transaction."""
    cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_SPACE, key))
    return cr.fetchone()[0]
