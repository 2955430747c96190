"""One client for several calls on a channel: connections, token and look-ups are shared."""

from typing import Any

from ..chorus_api import ChorusClient
from .channel import Channel

# After so many calls the connection's settings are read anew: it may have been switched off meanwhile.
CALLS_PER_CLIENT = 25


class SharedClient:
    """Gives the client of a channel, call after call; a context manager that closes it.

    After an error the next call begins with a client of its own.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._client: ChorusClient | None = None
        self._left = 0

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        self.forget()

    def forget(self) -> None:
        """Close the client; the next call makes a new one."""
        if self._client:
            self._client.close()
            self._client = None

    def get(self, correlation_id: str) -> ChorusClient:
        """The client for the next call; raises what :meth:`.channel.Channel.client` does.

        :param str correlation_id: of the work the call belongs to
        """
        if not self._client or not self._left:
            self.forget()
            self._client, self._left = self._channel.client(correlation_id), CALLS_PER_CLIENT
        client = self._client
        client.correlation_id = correlation_id
        self._left -= 1
        return client
