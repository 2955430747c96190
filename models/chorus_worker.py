from odoo import api, models

from ..worker import turns
from ..worker.automatic import serve_automatic
from ..worker.channel import Channel, guarded, run_deadline
from ..worker.sealing import seal_all, tell_heads
from ..worker.sender import recover_dead
from ..worker.turns import Turns, few_or_due, having_due, schedule
from ..worker.validations import serve_validations
from .base import transactions
from .base.chorus_authority import check_not_rendering
from .base.chorus_states import LIVE_STATES
from .base.transactions import in_transaction, wake, wake_helpers


class ChorusWorker(models.AbstractModel):
    """What the scheduled actions do, in order; the steps themselves are classes of ``worker/``."""

    _name = "chorus.worker"
    _description = "Chorus Pro worker"

    @api.model
    def _cron_send(self):
        """Send what waits: recover, transmit, prepare, find out what is unconfirmed."""
        env = self.env
        check_not_rendering(env)
        if transactions.began_late():
            return wake(env, what="send")
        deadline = run_deadline()
        guarded("recover", recover_dead, env)
        guarded("obstacles", self._watch_obstacles)
        self._look_around()
        guarded("automatic", serve_automatic, env, deadline)
        channels = few_or_due(env, self._to_send(deadline), "send")
        self._call_help(len(channels) - 1)
        left = self._take_turns(channels, deadline)
        guarded("left clicks", turns.tell_left_clicks, env)
        schedule(env, "send", deadline, left)
        # What has just been sent will have its report.
        schedule(env, "follow")

    @api.model
    def _watch_obstacles(self):
        """Look at every connection that invoices need, and at those that were stopped."""
        needed = {channel.place for channel in Channel.having(self.env, LIVE_STATES)}

        def weigh(places):
            return guarded(
                "obstacles",
                in_transaction,
                self.env,
                lambda env: env["chorus.connection"]._weigh_obstacles(needed, places),
            )

        if not weigh(needed):
            # One that cannot be told of keeps no other from being told.
            for place in needed:
                weigh([place])

    @api.model
    def _look_around(self):
        """Production only leaves a database that knows itself (``chorus.database``)."""
        guarded("look around", in_transaction, self.env, lambda env: env["chorus.database"]._look_around())

    @api.model
    def _to_send(self, deadline):
        return Channel.having(self.env, ("queued", "ready", "unconfirmed"), deadline, "send")

    @api.model
    def _send_turn(self, channel):
        guarded("send", turns.send, channel)
        guarded("notify", turns.tell_ended_clicks, channel)

    @api.model
    def _cron_follow(self):
        """Ask what became of everything that Chorus Pro holds."""
        env = self.env
        check_not_rendering(env)
        if transactions.began_late():
            return wake(env, what="follow")
        deadline = run_deadline()
        if transactions.switched_off(env, "send"):
            # The action that usually looks cannot.
            guarded("obstacles", self._watch_obstacles)
        channels = few_or_due(env, self._to_follow(deadline), "follow")
        self._call_help(sum(channel.unserved for channel in channels) - 1)
        left = self._take_turns(channels, deadline)
        schedule(env, "follow", deadline, left)

    @api.model
    def _to_follow(self, deadline):
        states = ("sent", "integrated", "hand", "unconfirmed")
        return Channel.having(self.env, states, deadline, "follow", requests=True)

    @api.model
    def _follow_turn(self, channel):
        guarded("follow", turns.follow, channel)

    @api.model
    def _take_turns(self, channels, deadline):
        """Serve channels; what falls due meanwhile has its turn when one of them lets the run wait, whatever
        action it is of.

        :return: int, how many are left
        """

        def serve(channel):
            # Not by ``self``: another thread may stand in for this one, with an environment of its own.
            worker = channel.env["chorus.worker"]
            return worker._send_turn(channel) if channel.action == "send" else worker._follow_turn(channel)

        def listed_anew(env):
            worker, listed = env["chorus.worker"], []
            # An action that a person has switched off does nothing beside another either.
            if not transactions.switched_off(env, "send"):
                listed += having_due(env, worker._to_send(deadline), "send")
            if not transactions.switched_off(env, "follow"):
                listed += having_due(env, worker._to_follow(deadline), "follow")
            return listed

        taken = Turns(channels, serve, listed_anew)
        left = taken.take()
        for other in taken.others:
            schedule(self.env, other)
        return left

    @api.model
    def _call_help(self, count):
        """Wake as many of the actions that help as there are channels besides one."""
        if count > 0:
            guarded("help", in_transaction, self.env, lambda env: wake_helpers(env, count))

    @api.model
    def _cron_help(self):
        """Serve channels beside the two other actions: as many at once as Odoo has workers for them."""
        env = self.env
        check_not_rendering(env)
        if transactions.began_late():
            return env["ir.cron"].browse(env.context.get("cron_id"))._trigger()
        deadline = run_deadline()
        self._look_around()
        left = self._take_turns(few_or_due(env, self._to_send(deadline), "send"), deadline)
        schedule(env, "send", deadline, left)
        # Whoever calls for help follows every channel: one that had its turn need not have another.
        missed = [channel for channel in self._to_follow(deadline) if channel.unserved]
        left = self._take_turns(missed, deadline)
        schedule(env, "follow", deadline, left)

    @api.model
    def _cron_seal(self):
        """Seal what Chorus Pro has judged, then tell the day's hash to whoever keeps it elsewhere."""
        env = self.env
        check_not_rendering(env)
        left = seal_all(env, run_deadline())
        if not left:
            guarded("tell heads", tell_heads, env)
        else:
            env.ref("l10n_fr_chorus_pro.cron_seal")._trigger()

    @api.model
    def _cron_validate(self):
        """Ask what waits for the validation of companies that hold contracts, if they have switched it on."""
        check_not_rendering(self.env)
        serve_validations(self.env, run_deadline())
