"""Free ports on 127.0.0.1, each reserved for one process as long as it lives."""

import socket

from .. import console
from . import locks

_FIRST, _LAST = 18000, 18400
_kept = []


def reserve(count=1):
    """Reserve `count` ports until this process ends; returns them as a list."""
    result = []
    for port in range(_FIRST, _LAST):
        lock = locks.take(f"port-{port}")
        if lock and _unused(port):
            _kept.append(lock)
            result.append(port)
            if len(result) == count:
                return result
        elif lock:
            lock.close()
    raise console.Stop(f"No free port between {_FIRST} and {_LAST}")


def _unused(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
