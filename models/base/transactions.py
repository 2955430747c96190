"""Work behind the screens: small transactions of its own, limits of time, waking, and when to try again.

The deposit protocol commits step by step, never with the caller. A scheduled action shares the limit of time
with everything that its worker does in one go: the actions that ran before it and, in the multi-process
server, the worker's sleep before them (odoo/service/server.py: the watchdog is told before the sleep, and
hears nothing until all actions are done).
"""

import logging
import math
import os
import random
import resource
import threading
import time
import weakref
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
from odoo import SUPERUSER_ID, api, models
from odoo.tools import config
from psycopg2 import errorcodes

from . import moments
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


def is_lost(error):
    """Whether an error says that PostgreSQL is gone, and not only "try the transaction again"."""
    cause = _retry_cause(error)
    return cause is not None and cause.pgcode not in _RETRY_CODES


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
    for attempt in range(1, max(tries, connect_tries) + 1):
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
def advisory_locks(env, keys, space=LOCK_SPACE):
    """Hold the transaction-level advisory locks of ``keys`` on a cursor of their own; yield which were free.

    The locks live exactly as long as this process keeps the connection: another worker, on any host,
    can therefore tell a sending that is alive from one whose process died.

    :param keys: ids of the deposits, or what else the locks are about
    :param int space: what kind of thing that is
    """
    cr = env.registry.cursor()
    try:
        cr.execute(
            "SELECT key FROM unnest(%s::int[]) AS key WHERE pg_try_advisory_xact_lock(%s, key)",
            (list(keys), space),
        )
        yield {key for (key,) in cr.fetchall()}
    finally:
        # What was done under the locks has its own transactions: that the connection is gone, which closing
        # its cursor tells too, changes nothing of it.
        try:
            with cr:
                cr.commit()  # pylint: disable=invalid-commit
        except psycopg2.Error:
            _logger.info("The cursor that held the locks of %s was lost", list(keys))


@contextmanager
def advisory_lock(env, key, space=LOCK_SPACE):
    """The same for one ``key``; yield whether it was free."""
    with advisory_locks(env, [key], space) as free:
        yield key in free


def is_unlocked(cr, key):
    """Return whether nobody holds ``key``; when so, hold it until the end of this transaction."""
    cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_SPACE, key))
    return cr.fetchone()[0]


# A worker of the multi-process server sleeps up to 60 seconds, and up to 9 more by its number.
LONGEST_SLEEP = 70
# The process that answers requests waits up to this many seconds for one, within the same limit.
LONGEST_WAIT = 4
# An action that begins with less of the limit than this is better begun anew at once, with all of it.
LATE_SHARE = 0.75
# Of the limit, and at most so many seconds, left unused at its end.
MARGIN_SHARE, LONGEST_MARGIN = 0.1, 10


class _Work(threading.local):
    """What this thread does for Odoo's scheduler."""

    cursor = staticmethod(lambda: None)
    began = None
    slept = 0.0
    ended = None
    job_began = None


_work = _Work()
_process = {"began": time.monotonic()}
os.register_at_fork(after_in_child=lambda: _process.update(began=time.monotonic()))


@contextmanager
def in_job(cursor):
    """Around one scheduled action.

    :param cursor: of the scheduler, the same one for all the actions that the worker runs in one go
    """
    now = time.monotonic()
    if _work.cursor() is not cursor:
        _work.cursor, _work.began = weakref.ref(cursor), now
        # Since the worker told the watchdog: it has ended its former actions, or was started, before.
        known = now - max(_process["began"], _work.ended or -math.inf)
        _work.slept = min(LONGEST_SLEEP, known) if config["workers"] else 0.0
    _work.job_began = now
    try:
        yield
    finally:
        _work.job_began, _work.ended = None, time.monotonic()


def hand_over():
    """What a thread that works for this one must know of its time.

    :return: function() to call first in that thread
    """
    known, started = dict(vars(_work)), getattr(threading.current_thread(), "perf_t0", None)
    database = getattr(threading.current_thread(), "dbname", None)

    def take_over():
        vars(_work).update(known)
        thread = threading.current_thread()
        # As Odoo sets them: for the time of a request, and for the log.
        if started is not None:
            thread.perf_t0 = started
        if database is not None:
            thread.dbname = database

    return take_over


_this = threading.local()


class Wait:
    """How long the thread of one turn has merely been waiting for the network, for others to ask.

    No part of what a thread hands over: those that work for it have their own waits.
    """

    since = None

    def seconds(self):
        """:return: float, 0 when it works."""
        since = self.since
        return time.monotonic() - since() if since else 0.0

    @contextmanager
    def of_this_thread(self):
        """What this thread waits for within the block is noted here."""
        _this.wait = self
        try:
            yield
        finally:
            _this.wait = None


@contextmanager
def waiting(since=None):
    """Around what does nothing but wait for the network.

    :param since: function() giving the ``time.monotonic()`` value since when, where something may come of the
        wait that does not end it; when not given, it begins now and ends with the block
    """
    wait = getattr(_this, "wait", None)
    if not wait:
        yield
        return
    now = time.monotonic()
    before, wait.since = wait.since, since or (lambda: now)
    try:
        yield
    finally:
        wait.since = before


def limit():
    """Seconds after which Odoo ends by force what this thread does; infinite when it never does."""
    seconds = config["limit_time_real_cron"]
    if _work.job_began is None or seconds is None or seconds < 0:
        seconds = config["limit_time_real"]
    return seconds or math.inf


def margin():
    """Seconds at the end of the limit that are not planned with."""
    return min(LONGEST_MARGIN, limit() * MARGIN_SHARE)


def seconds_left():
    """Seconds that what begins now may take; infinite without a limit, negative when it is used up."""
    return limit() - margin() - _spent(time.monotonic())


def processor_seconds_left():
    """Seconds of processor time before the system ends this process (Odoo's limit_time_cpu), less a share."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_CPU)
    if soft == resource.RLIM_INFINITY:
        return math.inf
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (soft - used.ru_utime - used.ru_stime) * (1 - MARGIN_SHARE)


def deadline(share, most):
    """``time.monotonic()`` value at which the running action should begin nothing more.

    The same for an action that Odoo calls several times in one job.

    :param float share: of the seconds that the job had left when it began
    :param float most: seconds
    """
    began = _work.job_began if _work.job_began is not None else time.monotonic()
    return began + max(0, min(most, (limit() - margin() - _spent(began)) * share))


def began_late():
    """Whether the worker had slept away much of its limit when it began this action."""
    return _work.job_began is not None and _work.slept > limit() * (1 - LATE_SHARE)


def _spent(moment):
    if _work.job_began is not None:
        return moment - _work.began + _work.slept
    started = getattr(threading.current_thread(), "perf_t0", None)
    if started is None:
        return 0
    # A request: Odoo notes by the clock on the wall when it came.
    waited = LONGEST_WAIT if config["workers"] else 0
    return max(0, time.time() - started) + waited


class IrCron(models.Model):
    _inherit = "ir.cron"

    @classmethod
    def _process_job(cls, cron_cr, job):
        """Note when the worker began, so that an action knows how long it may work."""
        with in_job(cron_cr):
            return super()._process_job(cron_cr, job)


# Minutes before the next try, by number of tries so far; the last one repeats.
RETRY_MINUTES = (1, 2, 5, 10, 20, 40, 60)
# Actions that help, as data/chorus_cron.xml has them: cron_help_1 and on.
MOST_HELPERS = 7


def wake(env, at=None, what="send"):
    """Wake a scheduled action after this transaction has committed.

    :param datetime at: when, naive UTC; now when not given
    :param str what: ``send`` or ``follow``
    """
    cron = env.ref(f"l10n_fr_chorus_pro.cron_{what}", raise_if_not_found=False)
    if cron:
        cron.sudo()._trigger(at)
    if not at:
        # The action may be at work for another company just now.
        wake_helpers(env)


def switched_off(env, what):
    """The name of a scheduled action if it is switched off, else ``""``: a week of failures does it too.

    :param str what: ``send`` or ``follow``
    """
    cron = env.ref(f"l10n_fr_chorus_pro.cron_{what}", raise_if_not_found=False)
    return cron.sudo().name if cron and not cron.sudo().active else ""


def wake_helpers(env, count=MOST_HELPERS):
    """Wake actions that serve channels beside the two, when there are several companies to serve.

    :param int count: as many as these
    """
    if count < 1 or not _several_companies(env):
        return
    for number in range(1, MOST_HELPERS + 1):
        cron = env.ref(f"l10n_fr_chorus_pro.cron_help_{number}", raise_if_not_found=False)
        if cron and cron.sudo().active:
            cron.sudo()._trigger()
            count -= 1
        if not count:
            break


def _several_companies(env):
    groups = (
        env["chorus.connection"].sudo()._read_group([("state", "=", "connected")], ["company_id"], limit=2)
    )
    return len(groups) > 1


def retry_at(env, tries, retry_after=None):
    """When to try again, naive UTC: growing, capped, with jitter so that hosts do not march in step.

    :param int tries: failed tries so far, from 1.
    :param retry_after: seconds that the server asked for, honoured when longer.
    """
    minutes = RETRY_MINUTES[min(max(tries, 1), len(RETRY_MINUTES)) - 1]
    seconds = minutes * 60 * random.uniform(0.8, 1.2)
    return moments.now(env) + timedelta(seconds=max(seconds, retry_after or 0))
