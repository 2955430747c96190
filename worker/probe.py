"""A connection that let a call time out is asked something small before a turn on its channel begins."""

from collections.abc import Callable
from typing import Any

from ..models.connection.chorus_connection_rest import may_ask
from .channel import Channel


def may_begin(channel: Channel, begin: Callable[..., Any] | None = None) -> bool:
    """Whether a turn of a scheduled action may begin: the connection may be used, and answers.

    :param begin: of :meth:`.channel.Channel.usable`
    """
    return channel.usable(begin) and (not channel.doubted or _answers_again(channel))


def _answers_again(channel: Channel) -> bool:
    with channel.fresh() as env:
        connection_id = channel.connection_in(env).id
    return bool(may_ask(channel.env, connection_id))
