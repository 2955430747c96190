"""A connection that let a call time out is asked something small before anything else goes through it.

Whoever waits for a gateway that hangs serves nobody else meanwhile: after its rest it gets a few seconds for
the cheapest question, never a deposit, which may be taken however late its answer comes.
"""

import logging
import uuid
from collections.abc import Callable
from typing import Any

from ..chorus_api import ChorusClient, InvoiceSearch, errors
from ..models.base import moments
from ..models.base.moments import aware_utc
from ..models.base.transactions import LOCK_SPACE, advisory_lock
from ..models.connection.chorus_connection_token import probe_client
from .channel import Channel

_logger = logging.getLogger(__name__)

# Beside the other advisory locks: one probe of a connection at a time, on any host.
_PROBE_LOCK_SPACE = LOCK_SPACE + 4


def may_begin(channel: Channel, begin: Callable[..., Any] | None = None) -> bool:
    """Whether a turn of a scheduled action may begin: the connection may be used, and answers.

    :param begin: of :meth:`.channel.Channel.usable`
    """
    return channel.usable(begin) and (not channel.doubted or _answers_again(channel))


def _answers_again(channel: Channel) -> bool:
    """Whether a connection whose last call timed out answers a probe; it rests longer when not.

    One that another worker asks just now is left to that one.
    """
    with channel.fresh() as env:
        connection_id = channel.connection_in(env).id
    with advisory_lock(channel.env, connection_id, _PROBE_LOCK_SPACE) as free:
        if not free:
            return False
        with channel.fresh() as env:
            connection = channel.connection_in(env)
            if connection._is_resting():
                return False
            if not connection.timed_out:
                return True
            client = probe_client(connection, connection._probe_seconds())
            since = aware_utc(moments.now(env))
        with client:
            fault = _ask(client, InvoiceSearch(status_changed_from=since))
        if fault:
            _logger.info("Chorus Pro %s: no answer to a probe (%s)", channel, fault)
            channel.note_fault(fault)
            return False
        channel.transaction(lambda env: channel.connection_in(env)._answered_probe())
        return True


def _ask(client: ChorusClient, search: InvoiceSearch) -> errors.ChorusError | None:
    """Ask for one row of the list of changes under a new correlation id.

    :return: why the connection cannot be used, None when it can
    """
    client.correlation_id = uuid.uuid4().hex[:12]
    try:
        client.search_invoices(search, page_size=1)
    except (errors.AccessDenied, errors.RouteNotFound):
        # It answers; an account that may not list may deposit all the same. Whoever lists says so.
        return None
    except errors.ChorusError as error:
        # A refusal is an answer; a line that drops is none, and a token that did not come neither.
        error.about_connection |= error.http_status is None
        return error if error.about_connection else None
    return None
