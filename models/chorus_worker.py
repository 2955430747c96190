import logging
import random
import time
from datetime import timedelta

from odoo import api, models

from ..chorus_api import errors
from . import moments, server_time
from .chorus_authority import check_not_rendering
from .transactions import fresh_env, in_transaction

_logger = logging.getLogger(__name__)

# Minutes before the next try, by number of tries so far; the last one repeats.
RETRY_MINUTES = (1, 2, 5, 10, 20, 40, 60)
# A cron run begins nothing new after this share of the time that Odoo leaves it, and never works longer
# than MAX_RUN_SECONDS.
RUN_SHARE = 0.5
MAX_RUN_SECONDS = 600
# As long as so a rejected invoice is looked out for in what Chorus Pro lists.
RECENTLY_REJECTED = timedelta(days=10)


class ChorusWorker(models.AbstractModel):
    """What the scheduled actions do: prepare, transmit, resolve and follow, for every company.

    Each step runs in small transactions of its own and may run in any number of processes on any number
    of hosts: PostgreSQL's row locks, one advisory lock per deposit being posted and the partial unique
    index on the lines are the only coordination.
    """

    _name = "chorus.worker"
    _description = "Chorus Pro worker"

    # -- entry points ---------------------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send what waits: recover, transmit, prepare, find out what is unconfirmed."""
        if server_time.began_late():
            return self._wake(what="send")
        deadline = self._run_deadline()
        self._guarded("recover", self._recover_dead)
        self._guarded("tell", self._tell_what_was_left)
        self._guarded("obstacles", self._watch_obstacles)
        self._guarded(
            "look around", in_transaction, self.env, lambda env: env["chorus.database"]._look_around()
        )
        for company_id, environment in self._channels(("queued", "ready", "unconfirmed")):
            self._guarded("send", self._serve_queue, company_id, environment, deadline)
        self._schedule("send", deadline)
        # What has just been sent will have its report.
        self._schedule("follow")

    @api.model
    def _cron_follow(self):
        """Ask what became of everything that Chorus Pro holds."""
        if server_time.began_late():
            return self._wake(what="follow")
        deadline = self._run_deadline()
        for company_id, environment in self._channels(("sent", "integrated", "hand", "unconfirmed")):
            self._guarded("follow", self._serve_following, company_id, environment, deadline)
        self._schedule("follow", deadline)

    @api.model
    def _wake(self, at=None, what="send"):
        """Wake the scheduled action after this transaction has committed (now, or at ``at``, naive UTC)."""
        cron = self.env.ref(f"l10n_fr_chorus_pro.cron_{what}", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at)

    # -- one channel (company, environment) -----------------------------------------------------------

    @api.model
    def _serve_queue(self, company_id, environment, deadline):
        """Transmit and prepare until nothing is due, the time is used up, or the connection fails.

        What is ready leaves before more is prepared: preparing must not use up the time of a short limit.
        """
        if not self._usable(company_id, environment):
            return
        pace = self._prepare_pace(company_id, environment)
        while time.monotonic() < deadline and self._is_present(company_id, environment):
            if self._settle_doubts(company_id, environment, deadline):
                return
            sent, fault = self._transmit_all(company_id, environment, deadline)
            prepared = 0
            if not fault and time.monotonic() < deadline:
                asked = self._guarded(
                    "ask the directory", self._ask_directory, company_id, environment, deadline
                )
                if asked and not self._usable(company_id, environment):
                    return
                prepared = self._prepare_next(company_id, environment, pace)
            self._progress(prepared + sent)
            if fault:
                return
            if not prepared and not sent:
                break
        for deposit_id in self._due_deposits(company_id, environment, "unconfirmed"):
            if time.monotonic() > deadline:
                break
            if errors.speaks_of_connection(self._guarded("resolve", self._resolve_one, deposit_id)):
                return
        if time.monotonic() < deadline:
            self._follow_deposits(company_id, environment, deadline)

    @api.model
    def _serve_following(self, company_id, environment, deadline):
        if not self._usable(company_id, environment):
            return
        self._follow_deposits(company_id, environment, deadline)
        if time.monotonic() < deadline:
            self._follow_invoices(company_id, environment, deadline)

    # -- small tools ----------------------------------------------------------------------------------

    @api.model
    def _run_deadline(self):
        """:return: ``time.monotonic()`` value at which this run must stop by itself."""
        return server_time.deadline(RUN_SHARE, MAX_RUN_SECONDS)

    @api.model
    def _channels(self, states):
        """:return: list of (company id, environment) with lines in one of ``states``, in random order."""
        with fresh_env(self.env) as env:
            env.cr.execute(
                "SELECT DISTINCT company_id, environment FROM chorus_deposit_line"
                " WHERE state IN %(states)s AND (followed OR state != 'integrated')"
                # A report that rejects may be wrong: what is there all the same is noticed.
                " OR state = 'rejected' AND 'integrated' IN %(states)s AND deposited_on > %(recently)s",
                {"states": tuple(states), "recently": moments.now(env) - RECENTLY_REJECTED},
            )
            channels = env.cr.fetchall()
        random.shuffle(channels)
        return channels

    @api.model
    def _is_present(self, company_id, environment):
        """Whether the company sends to this environment now; what waits for another one is left alone."""
        with fresh_env(self.env) as env:
            return env["res.company"].browse(company_id).chorus_environment == environment

    @api.model
    def _connection(self, env, company_id, environment):
        return env["chorus.connection"]._for(env["res.company"].browse(company_id), environment)

    @api.model
    def _deposit(self, env, deposit_id, lock=False):
        """The deposit, in an environment that speaks the company's language.

        :param bool lock: wait for its row (a recovery or a person may hold it) and keep it.
        """
        if lock:
            env.cr.execute("SELECT id FROM chorus_deposit WHERE id = %s FOR UPDATE", (deposit_id,))
        deposit = env["chorus.deposit"].browse(deposit_id)
        return deposit.with_context(lang=env["chorus.words"]._lang(deposit.company_id))

    @api.model
    def _usable(self, company_id, environment):
        """Whether the channel's connection may be used; the reason is logged when not.

        Keys that PISTE refused are tried again now and then: it was seen to refuse good ones.
        """
        with fresh_env(self.env) as env:
            connection = self._connection(env, company_id, environment)
            if connection and connection._is_resting():
                return False
            reason = connection._why_not_usable() if connection else "no connection"
            healed = reason and connection and connection._heal()
            refused = reason and connection and connection.state == "refused"
        if refused and not healed:
            self._note_fault((company_id, environment), errors.InvalidCredentials("invalid_client"))
        if reason and not healed:
            _logger.info("Chorus Pro %s of company %s rests: %s", environment, company_id, reason)
        return healed or not reason

    @api.model
    def _note_fault(self, channel, error):
        """Leave a channel alone for a while when ``error`` is about its connection."""
        if errors.speaks_of_connection(error):
            in_transaction(self.env, lambda env: self._connection(env, *channel)._report_failure(error))

    @api.model
    def _due_deposits(self, company_id, environment, state, limit=500):
        with fresh_env(self.env) as env:
            return (
                env["chorus.deposit"]
                .search(
                    [
                        ("company_id", "=", company_id),
                        ("environment", "=", environment),
                        ("state", "=", state),
                        ("next_action_at", "<=", moments.now(env)),
                    ],
                    order="next_action_at, id",
                    limit=limit,
                )
                .ids
            )

    @api.model
    def _retry_at(self, tries, retry_after=None):
        """When to try again, naive UTC: growing, capped, with jitter so that hosts do not march in step.

        :param int tries: failed tries so far, from 1.
        :param retry_after: seconds that the server asked for, honoured when longer.
        """
        minutes = RETRY_MINUTES[min(max(tries, 1), len(RETRY_MINUTES)) - 1]
        seconds = minutes * 60 * random.uniform(0.8, 1.2)
        return moments.now(self.env) + timedelta(seconds=max(seconds, retry_after or 0))

    @api.model
    def _guarded(self, what, step, *args):
        """Run one step; an error is logged with its traceback and stops nothing else."""
        check_not_rendering(self.env)
        try:
            return step(*args)
        except Exception:
            _logger.exception("Chorus Pro: step %s %s failed; the others go on", what, args)
            return None
