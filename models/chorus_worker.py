from odoo import api, models

from ..worker import following, sending
from ..worker.channel import Channel, guarded, run_deadline
from ..worker.due import schedule
from ..worker.obstacles import watch_obstacles
from ..worker.requests import serve_requests
from ..worker.sender import recover_dead
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
        for channel in Channel.having(env, ("queued", "ready", "unconfirmed"), deadline):
            guarded("send", sending.serve, channel)
            guarded("notify", sending.tell_ended_clicks, channel)
        schedule(env, "send", deadline)
        # What has just been sent will have its report.
        schedule(env, "follow")

    @api.model
    def _cron_follow(self):
        """Ask what became of everything that Chorus Pro holds."""
        env = self.env
        check_not_rendering(env)
        guarded("requests", serve_requests, env)
        if server_time.began_late():
            return wake(env, what="follow")
        deadline = run_deadline()
        for channel in Channel.having(env, ("sent", "integrated", "hand", "unconfirmed"), deadline):
            guarded("follow", following.serve, channel)
        schedule(env, "follow", deadline)
