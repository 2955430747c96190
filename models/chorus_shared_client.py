"""One client for several calls of a worker: connections, token and look-ups are shared."""

from .chorus_connection_token import client_of
from .transactions import fresh_env

# After so many calls the connection's settings are read anew: it may have been switched off meanwhile.
CALLS_PER_CLIENT = 25


class SharedClient:
    """Gives the client of a channel, call after call; a context manager that closes it.

    After an error the next call begins with a client of its own.
    """

    def __init__(self, worker):
        self._worker = worker
        self._client = None
        # (company id, environment) of the last call
        self.channel = None
        self._left = 0

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.forget()

    def forget(self):
        """Close the client; the next call makes a new one."""
        if self._client:
            self._client.close()
            self._client = None

    def get(self, channel, correlation_id):
        """The client for the next call.

        :param tuple channel: (company id, environment)
        :param str correlation_id: of the work the call belongs to
        :raises UserError: when the connection may not be used
        :raises chorus_api.ChorusError: when PISTE gives no token; nothing was asked of Chorus Pro
        """
        if not self._client or self.channel != channel or not self._left:
            self.forget()
            with fresh_env(self._worker.env) as env:
                self._client = client_of(self._worker._connection(env, *channel), correlation_id)
            self.channel, self._left = channel, CALLS_PER_CLIENT
        self._client.correlation_id = correlation_id
        self._left -= 1
        return self._client
