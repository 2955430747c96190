"""Several files of a channel travel at once, while the next ones are prepared.

The threads share nothing but the list of what is ready: each deposit goes through the whole protocol of
:mod:`.sender` in one thread, with cursors and a client of its own. Among them all one short transaction runs
at a time, so that `width` files on the way take `width + 1` connections to PostgreSQL: one for the lock of
each, one for their transactions; whoever prepares meanwhile has one more.
"""

import logging
import threading
import time
from typing import Any

from odoo import modules

from ..chorus_api import errors
from ..models.base import scheduled
from .channel import Channel, InTurns
from .sender import Sender
from .shared_client import SharedClient

_logger = logging.getLogger(__name__)

# Deposits that one look at the database hands out.
_AT_ONCE = 50
# One that was handed out is not again for so many seconds, whatever came of it.
_AGAIN = 60
# How long a thread that found nothing ready waits before it looks by itself, in seconds.
_LOOK_EVERY = 2


class Travel:
    """What is ready leaves, up to `width` files at once; a context manager that ends when the last has ended.

    :param Channel channel:
    :param int width: files on their way at once. 0: they leave one after the other within :meth:`go_on`.
    :ivar bool fault: whether the connection failed, or a thread did: nothing more leaves
    """

    def __init__(self, channel: Channel, width: Any) -> None:
        self._channel, self._width = channel, width
        self._turn = threading.RLock()
        self._news = threading.Condition(self._turn)
        self._threads_channel = InTurns(channel, self._turn)
        self._handed, self._ready, self._threads = {}, [], []
        self._travelling = self._sent = self._told = 0
        self._ended = self.fault = False

    @classmethod
    def of(cls, channel: Channel) -> Any:
        """As many at once as the connection allows."""
        # Odoo's tests share one cursor, which threads would wait for.
        if modules.module.current_test:
            return cls(channel, 0)
        with channel.fresh() as env:
            return cls(channel, channel.connection_in(env).files_at_once)

    def __enter__(self) -> Any:
        take_over = scheduled.hand_over()
        for number in range(self._width):
            thread = threading.Thread(
                target=self._run, args=(take_over,), name=f"chorus.travel.{number + 1}", daemon=True
            )
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """No outcome is left behind: what is on its way is waited for, whatever has happened here."""
        with self._news:
            self._ended = True
            self._news.notify_all()
        for thread in self._threads:
            thread.join()
        if self._width and self._sent and not self.fault:
            # Said once for all of them.
            self._channel.transaction(lambda env: self._channel.connection_in(env)._report_recovery())

    # -- for the run ----------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Something may have become ready."""
        if not self._width:
            sent, self.fault = Sender(self._channel).send_all()
            self._sent += sent
        with self._news:
            self._news.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing travels and nothing may leave, or until the time is over.

        :return: bool, whether nothing does
        """
        end = min(self._channel.deadline, time.monotonic() + seconds)
        with self._news:
            while self._width and (self._travelling or (not self.fault and self._may_leave())):
                if (left := end - time.monotonic()) <= 0:
                    return False
                self._news.wait(left)
        return True

    def just_sent(self) -> Any:
        """How many have left since this was last asked."""
        with self._turn:
            count, self._told = self._sent - self._told, self._sent
        return count

    # -- threads --------------------------------------------------------------------------------------

    def _run(self, take_over: Any) -> None:
        take_over()
        sender = Sender(self._threads_channel)
        with SharedClient(self._threads_channel) as shared:
            while (deposit_id := self._next()) is not None:
                outcome, fault = None, True
                try:
                    outcome = sender.post(deposit_id, shared)
                    fault = errors.speaks_of_connection(outcome)
                except Exception:
                    # What was written stands; what was not is found by whoever looks for dead sendings.
                    _logger.exception(
                        "Deposit %s: its sending broke off, and no other leaves now", deposit_id
                    )
                finally:
                    self._came_back(outcome, fault)

    def _next(self) -> Any:
        """The deposit to send now, which is waited for; None when no more leaves."""
        with self._news:
            while not (self._ended or self.fault or self._channel.time_is_up()):
                if self._may_leave():
                    deposit_id, _longest = self._ready.pop(0)
                    self._handed[deposit_id] = time.monotonic()
                    self._travelling += 1
                    return deposit_id
                self._news.wait(_LOOK_EVERY)
        return None

    def _came_back(self, outcome: Any, fault: bool) -> None:
        with self._news:
            self._travelling -= 1
            self._sent += bool(outcome)
            self.fault |= fault
            self._news.notify_all()

    def _may_leave(self) -> bool:
        """Whether a file is ready that has time to travel."""
        if not self._ready:
            since = time.monotonic() - _AGAIN
            self._handed = {number: at for number, at in self._handed.items() if at > since}
            due = self._threads_channel.due_deposits("ready", limit=_AT_ONCE + len(self._handed))
            longest = Sender(self._threads_channel).longest_post(
                [number for number in due if number not in self._handed]
            )
            self._ready = list(longest.items())
        left = scheduled.seconds_left()
        self._ready = [(number, longest) for number, longest in self._ready if longest <= left]
        return bool(self._ready)
