from odoo import api, models

from ..worker import following, sending
from ..worker.automatic import serve_automatic
from ..worker.channel import Channel, guarded, run_deadline
from ..worker.due import schedule
from ..worker.obstacles import watch_obstacles
from ..worker.sealing import seal_all, tell_heads
from ..worker.sender import recover_dead
from ..worker.turns import take_turns
from .base import server_time
from .base.chorus_authority import check_not_rendering
from .base.chorus_wake import wake
from .base.transactions import in_transaction


class ChorusWorker(models.AbstractModel):
    """What the scheduled actions do, in order; the steps themselves are classes of ``worker/``."""

    _name = "chorus.worker"
    _description = "Chorus Pro worker"

    @api.model
    def _cron_send(self):
        """Send what waits: recover, transmit, prepare, find out what is unconfirmed."""
        env = self.env
        check_not_rendering(env)
        if server_time.began_late():
            return wake(env, what="send")
        deadline = run_deadline()
        guarded("recover", recover_dead, env)
        guarded("obstacles", watch_obstacles, env)
        guarded("look around", in_transaction, env, lambda env: env["chorus.database"]._look_around())
        guarded("automatic", serve_automatic, env, deadline)
        channels = Channel.having(env, ("queued", "ready", "unconfirmed"), deadline, "send")
        left = take_turns(channels, "send", self._send_turn)
        schedule(env, "send", deadline, left)
        # What has just been sent will have its report.
        schedule(env, "follow")

    @api.model
    def _send_turn(self, channel):
        guarded("send", sending.serve, channel)
        guarded("notify", sending.tell_ended_clicks, channel)

    @api.model
    def _cron_follow(self):
        """Ask what became of everything that Chorus Pro holds."""
        env = self.env
        check_not_rendering(env)
        if server_time.began_late():
            return wake(env, what="follow")
        deadline = run_deadline()
        states = ("sent", "integrated", "hand", "unconfirmed")
        channels = Channel.having(env, states, deadline, "follow", requests=True)
        left = take_turns(channels, "follow", lambda channel: guarded("follow", following.serve, channel))
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
