"""Sending and following that have stopped are told: on the invoices at once, to a person within the hour."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.chorus_states import LIVE_STATES
from ..notice.chorus_notice import STOPPED, notice

_logger = logging.getLogger(__name__)

# Settings are being changed, a server is being moved: a person is told of what lasts longer.
PATIENCE = timedelta(minutes=20)
# What waits for something that only a usable connection can bring.
NOT_LEFT = ("queued", "ready", "sending")


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    obstructed_at = fields.Datetime("Stopped since", readonly=True, copy=False)
    obstacle_told = fields.Boolean("A person was told", readonly=True, copy=False, default=False)

    @api.model
    def _any_for(self, company, environment):
        """The connection of a company to an environment, archived or not, with sudo."""
        return self.with_context(active_test=False)._for(company, environment)

    @api.model
    def _obstacle(self, company, environment):
        """Why nothing is sent or followed for a company in an environment, in a sentence, or ``''``."""
        return self._any_for(company, environment)._why_not_usable()

    def _in_use(self):
        """How many invoices wait to be sent through this connection, and how many are followed.

        :rtype: tuple[int, int]
        """
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("environment", "=", self.environment),
            ("state", "in", LIVE_STATES),
            "|", ("state", "!=", "integrated"), ("followed", "=", True),
        ]  # fmt: skip
        counts = self.env["chorus.deposit.line"].sudo()._read_group(domain, ["state"], ["__count"])
        waiting = sum(count for state, count in counts if state in NOT_LEFT)
        return waiting, sum(count for _state, count in counts) - waiting

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for connection in self:
            waiting, followed = connection._in_use()
            if waiting or followed:
                raise UserError(
                    self.env._(
                        "%(connection)s cannot be deleted: invoices that wait to be sent through it:"
                        " %(waiting)s; invoices that are followed through it: %(followed)s. Archive it"
                        " instead: it can be brought back.",
                        connection=connection.display_name,
                        waiting=waiting,
                        followed=followed,
                    )
                )

    def action_archive(self):
        """Archive, and say what stops."""
        used = [(connection, *connection._in_use()) for connection in self if connection.active]
        result = super().action_archive()
        told = [
            self.env._(
                "%(connection)s is archived. Invoices that wait and are not sent any more: %(waiting)s."
                " Invoices that are not followed any more: %(followed)s. Bring it back to go on.",
                connection=connection.display_name,
                waiting=waiting,
                followed=followed,
            )
            for connection, waiting, followed in used
            if waiting or followed
        ]
        if not told:
            return result
        return notice("warning", self.env._("Chorus Pro stops"), "\n".join(told), sticky=True)

    def _weigh_obstacle(self):
        """Note that this connection, which is needed, cannot be used; tell a person when it lasts."""
        self.ensure_one()
        # Refused keys are told of where the token is asked for.
        reason = "" if self.state == "refused" and self.active else self._why_not_usable()
        if not reason:
            self._obstacle_gone()
            return
        now = fields.Datetime.now()
        if not self.obstructed_at:
            self.obstructed_at = now
        elif not self.obstacle_told and now - self.obstructed_at >= PATIENCE:
            _logger.warning("%s: nothing is sent or followed: %s", self.display_name, reason)
            self.obstacle_told = self.env["chorus.notice"]._tell(
                self, STOPPED[self.environment], lambda row: row._obstacle_words()
            )

    def _obstacle_words(self):
        waiting, followed = self._in_use()
        return self.env._(
            "%(reason)s\nInvoices that wait to be sent: %(waiting)s. Invoices that are not followed:"
            " %(followed)s. This is closed by itself once the connection works again.",
            reason=self._why_not_usable(),
            waiting=waiting,
            followed=followed,
        )

    def _obstacle_gone(self):
        stopped = self.filtered("obstructed_at")
        stopped.write({"obstructed_at": False, "obstacle_told": False})
        for connection in stopped:
            connection.env["chorus.notice"]._solved(connection, STOPPED[connection.environment])
