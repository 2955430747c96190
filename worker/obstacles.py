"""Connections that invoices need and that cannot be used: looked at whenever the queue is sent."""

import logging
from typing import Any

from ..models.base.chorus_states import LIVE_STATES
from ..models.base.transactions import in_transaction
from ..models.notice.chorus_notice import STOPPED
from .channel import Channel, Env, Record, guarded

_logger = logging.getLogger(__name__)


def watch_obstacles(env: Env) -> None:
    """Look at every connection that invoices need, and at those that were stopped."""
    needed = {(channel.company_id, channel.environment) for channel in Channel.having(env, LIVE_STATES)}
    if not guarded("obstacles", in_transaction, env, lambda env: _weigh(env, needed, needed)):
        # One that cannot be told of keeps no other from being told.
        for place in needed:
            guarded("obstacle", in_transaction, env, lambda env, place=place: _weigh(env, needed, [place]))


def _weigh(env: Env, needed: Any, places: Any) -> bool:
    connections = env["chorus.connection"].with_context(active_test=False)
    stopped = connections.search([("obstructed_at", "!=", False)])
    for connection in stopped:
        if (connection.company_id.id, connection.environment) not in needed:
            connection._obstacle_gone()
    for company_id, environment in places:
        company = env["res.company"].browse(company_id)
        if connection := connections._any_for(company, environment):
            connection.with_context(tracking_disable=True)._weigh_obstacle()
        elif company.active:
            _tell_no_connection(company, environment)
    return True


def _tell_no_connection(company: Record, environment: str) -> None:
    notice, kind = company.env["chorus.notice"], STOPPED[environment]
    if not notice._open(company, kind):
        reason = company.env["chorus.connection"]._why_not_usable()
        _logger.warning("%s, %s: nothing is sent or followed: %s", company.name, environment, reason)
        notice._tell(company, kind, lambda row: row.env["chorus.connection"]._why_not_usable())
