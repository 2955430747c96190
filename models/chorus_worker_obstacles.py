"""Connections that invoices need and that cannot be used: looked at whenever the queue is sent."""

import logging

from odoo import api, models

from .chorus_notice import STOPPED
from .chorus_states import LIVE_STATES
from .transactions import in_transaction

_logger = logging.getLogger(__name__)


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _watch_obstacles(self):
        """Look at every connection that invoices need, and at those that were stopped."""
        needed = set(self._channels(LIVE_STATES))
        in_transaction(self.env, lambda env: self._weigh_obstacles(env, needed))

    @api.model
    def _weigh_obstacles(self, env, needed):
        connections = env["chorus.connection"].with_context(active_test=False)
        stopped = connections.search([("obstructed_at", "!=", False)])
        for connection in stopped:
            if (connection.company_id.id, connection.environment) not in needed:
                connection._obstacle_gone()
        for company_id, environment in needed:
            company = env["res.company"].browse(company_id)
            if connection := connections._any_for(company, environment):
                connection.with_context(tracking_disable=True)._weigh_obstacle()
            elif company.active:
                self._tell_no_connection(company, environment)

    @api.model
    def _tell_no_connection(self, company, environment):
        notice, kind = company.env["chorus.notice"], STOPPED[environment]
        if not notice._open(company, kind):
            reason = company.env["chorus.connection"]._why_not_usable()
            _logger.warning("%s, %s: nothing is sent or followed: %s", company.name, environment, reason)
            notice._tell(company, kind, lambda row: row.env["chorus.connection"]._why_not_usable())
