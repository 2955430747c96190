"""Files leave, several of a channel at once, and what came of them is written.

Those that leave together are taken together: one transaction takes them, each is posted by a thread of its
own, and what came of those that come back at about the same time is written in one transaction, while the
next ones travel. One that lets the others wait does not hold them: they leave beside it. So `width` files on
their way take `width` connections to PostgreSQL at most (one more where it is 1 or 2): one for the locks of
each group that left together, one for the short transactions, one at a time. Whoever prepares meanwhile has
one more.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any, NamedTuple

from odoo.exceptions import UserError

from ..chorus_api import errors
from ..models.base import transactions
from ..models.base.transactions import is_lost, waiting
from .channel import Channel, InTurns, SharedClient, guarded
from .gate import must_look
from .resolver import LookFirst
from .sender import Outcome, Sender, ToPost

_logger = logging.getLogger(__name__)

# Deposits that one look at the database hands out.
_AT_ONCE = 50
# One that was handed out is not again for so many seconds, whatever came of it.
_AGAIN = 60
# How long is waited, when nothing is ready, before the database is looked at again, in seconds.
_LOOK_EVERY = 2
# Those that travel beside the first that comes back are waited for: so much of the time that it took, within
# bounds in seconds. What came of them is written at once then, and the next ones leave together.
_WAIT_SHARE, _LEAST_WAIT, _MOST_WAIT = 0.2, 0.05, 0.5
# Where the pace is slow, no more travel than get their turn within so many seconds; one at least. What waits
# for it is being sent already: nobody can take it back.
_PACED = 20
# After so many files in a row of which it is not known whether they were taken, no other leaves for a while.
_MOST_UNKNOWN = 4


class _Looked(NamedTuple):
    """What came of looking for a deposit before it leaves: the error when it could not be looked for."""

    error: Any


class _Group:
    """Deposits that were taken together: their locks are held until the outcome of each is written."""

    def __init__(self, hold: ExitStack, files: list[ToPost]) -> None:
        self._hold, self._open = hold, {file.deposit_id for file in files}

    def release(self, deposit_ids: Collection[int] = ()) -> bool:
        """These have come to their end; all of them when none are given.

        :return: bool, whether all have: the locks are released
        """
        self._open -= set(deposit_ids) or self._open
        if not self._open:
            self._hold.close()
        return not self._open


class Travel:
    """What is ready leaves, up to `width` files at once; a context manager that ends when the last has ended.

    One thread takes what leaves and writes what came of it; others post.

    :param Channel channel:
    :param int width: files on their way at once
    :param bool alone: of :class:`.sender.Sender`
    :ivar bool fault: whether the connection failed, or a thread did: nothing more leaves
    """

    def __init__(self, channel: Channel, width: Any, alone: bool = False) -> None:
        self._channel, self._width = channel, width
        self._turn = threading.RLock()
        self._news = threading.Condition(self._turn)
        self._threads_channel = InTurns(channel, self._turn)
        self._sender = Sender(self._threads_channel, alone)
        self._jobs: Any = queue.SimpleQueue()
        self._handed, self._ready, self._longest, self._to_look_for = {}, [], {}, set()
        self._threads, self._groups, self._arrived = [], [], []
        # Ids of the deposits on their way.
        self._travelling: set[int] = set()
        self._sent = self._told = self._unknown = 0
        self._ended = self._answered = False
        # As many as the pace lets leave soon.
        self._paced = width
        # A connection that is gone lets none travel.
        self.fault = not width
        # When nothing was ready at the last look: it is not asked again for every file that comes back.
        self._look_at = 0.0
        # When a file left last, or came back.
        self._moved_at = time.monotonic()

    @classmethod
    def of(cls, channel: Channel) -> Any:
        """As many at once as the connection allows."""
        with channel.fresh() as env:
            connection = channel.connection_in(env)
            return cls(channel, connection.files_at_once, bool(connection.deposit_rest_count))

    def __enter__(self) -> Any:
        self._set_out()
        return self

    def _set_out(self) -> None:
        take_over = transactions.hand_over()
        try:
            for number in range(self._width):
                self._launch(self._serve, take_over, f"chorus.travel.{number + 1}")
            # Last: nothing is taken that no thread would post.
            self._launch(self._run, take_over, "chorus.travel")
        except RuntimeError:
            # The system gives no more threads: those that were started end.
            self._dismiss()
            raise

    def _dismiss(self) -> None:
        for _thread in range(self._width):
            self._jobs.put(None)

    def _launch(self, work: Callable[..., Any], take_over: Callable[[], None], name: str) -> None:
        # A server that stops does not wait for Chorus Pro.
        thread = threading.Thread(target=work, args=(take_over,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def __exit__(self, *_error: object) -> None:
        """No outcome is left behind: what is on its way is waited for, whatever has happened here."""
        with self._waiting():
            with self._news:
                self._ended = True
                self._news.notify_all()
            for thread in self._threads:
                thread.join()
        for group in self._groups:
            group.release()
        if self._answered and not self.fault:
            # Said once for all of them.
            self._channel.transaction(lambda env: self._channel.connection_in(env)._report_recovery())

    # -- for the run ----------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Something may have become ready."""
        # A thread that waits for a token lets nobody in.
        with waiting(), self._news:
            self._look_at = 0.0
            self._news.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing travels and nothing may leave, or until the time is over.

        :return: bool, whether nothing does
        """
        end = min(self._channel.deadline, time.monotonic() + seconds)
        with self._waiting(), self._news:
            while self._travelling or (not self.fault and self._may_leave()):
                if (left := end - time.monotonic()) <= 0:
                    return False
                self._news.wait(left)
        return True

    def just_sent(self) -> Any:
        """How many have left since this was last asked."""
        with waiting(), self._turn:
            count, self._told = self._sent - self._told, self._sent
        return count

    def _waiting(self) -> Any:
        """Around what waits for files on their way: the wait is as long as none of them has moved."""
        return waiting(lambda: self._moved_at)

    # -- the thread that takes and writes -------------------------------------------------------------

    def _run(self, take_over: Callable[[], None]) -> None:
        take_over()
        try:
            while self._something_to_do():
                self._step()
        except Exception:
            _logger.exception("Sending broke off, and what came of files on their way is not written")
            self._ended_for((), fault=True)
        finally:
            self._dismiss()

    def _something_to_do(self) -> bool:
        """Wait until something travels or may leave; False when nothing leaves any more."""
        with self._news:
            while not self._travelling:
                if not self._goes_on():
                    return False
                if guarded("ready", self._may_leave):
                    return True
                self._news.wait(_LOOK_EVERY)
        return True

    def _goes_on(self) -> bool:
        return not (self._ended or self.fault or self._channel.time_is_up())

    def _step(self) -> None:
        """Let files leave that have room, or write what has come back."""
        try:
            self._leave(*self._hand_out())
            arrived = self._come_back()
        except Exception:
            # What was written stands; what was not is found by whoever looks for dead sendings.
            _logger.exception("Sending broke off, and no other file leaves now")
            self._ended_for((), fault=True)
            return
        if arrived and all(getattr(result, "receipt", None) for _job, result in arrived):
            # Whatever happens to the next ones: what came back is written.
            guarded("leave meanwhile", self._leave_meanwhile, len(arrived))
        self._looked_for({job: result for job, result in arrived if isinstance(job, int)})
        self._write([(job.deposit_id, result) for job, result in arrived if isinstance(job, ToPost)])

    def _leave_meanwhile(self, back: int) -> None:
        """The next ones travel while it is written what came of those that are back, all of them well."""
        self._leave(*self._hand_out(back))

    def _room(self, back: int = 0) -> int:
        """How many files may leave now, beside those on their way.

        Each group has a connection for its locks, and one more is needed for the short transactions. Of two
        files that travel, one leaves beside the other too.

        :param back: files that have come back and are not written yet
        """
        if len(self._groups) >= max(min(2, self._width), self._width - 1):
            return 0
        if self._sender.alone:
            return 0 if self._travelling else 1
        return min(self._width, self._paced) - len(self._travelling) + back

    def _hand_out(self, back: int = 0) -> tuple[list[int], list[int]]:
        """The next of those that are ready, as many as there is room for.

        :return: ids of those that are looked for first, since they may be there already, and of the others
        """
        with self._news:
            if not self._goes_on() or (room := self._room(back)) < 1 or not self._may_leave():
                return [], []
            leaving, self._ready = self._ready[:room], self._ready[room:]
            self._handed.update(dict.fromkeys(leaving, time.monotonic()))
            self._travelling |= set(leaving)
            first = [number for number in leaving if number in self._to_look_for]
            self._to_look_for -= set(first)
        return first, [number for number in leaving if number not in first]

    def _leave(self, first: list[int], wanted: list[int]) -> None:
        """Have some looked for; take the others and have them posted."""
        deposit_ids: set[int] = {*first, *wanted}
        jobs: list[Any] = [*first]
        try:
            with ExitStack() as hold:
                if wanted:
                    files = hold.enter_context(self._sender.taken(wanted))
                    jobs += files
                    if files:
                        self._groups.append(_Group(hold.pop_all(), files))
        except Exception:
            # As above. Those that were taken are not posted.
            _logger.exception("Deposits %s could not be taken, and no other leaves now", deposit_ids)
            self._ended_for(deposit_ids, fault=True)
            return
        self._ended_for(deposit_ids - {getattr(job, "deposit_id", job) for job in jobs})
        self._moved_at = time.monotonic()
        for job in jobs:
            self._jobs.put(job)

    def _come_back(self) -> list[Any]:
        """What has come back, which is waited for; nothing when more may leave meanwhile.

        :return: list of (job, its result)
        """
        with self._news:
            while not self._arrived:
                if not self._travelling or (self._goes_on() and self._room() > 0 and self._may_leave()):
                    return []
                self._news.wait(_LOOK_EVERY)
            seconds = getattr(self._arrived[0][1], "seconds", 0)
            end = time.monotonic() + min(max(seconds * _WAIT_SHARE, _LEAST_WAIT), _MOST_WAIT)
            while len(self._arrived) < len(self._travelling) and (left := end - time.monotonic()) > 0:
                self._news.wait(left)
            arrived, self._arrived = self._arrived, []
        return arrived

    def _write(self, results: list[tuple[int, Any]]) -> None:
        """Write outcomes, and release those that they are about.

        :param results: list of (deposit id, Outcome, or None for one that broke off)
        """
        if not results:
            return
        written, numbers = {}, {deposit_id for deposit_id, _outcome in results}
        try:
            if outcomes := [outcome for _deposit_id, outcome in results if outcome]:
                written = self._sender.conclude(outcomes)
        except Exception:
            # As above.
            _logger.exception("What came of sending deposits %s could not be written", numbers)
        self._groups = [group for group in self._groups if not group.release(numbers)]
        fault = len(written) < len(numbers) or any(map(self._sender.stops, written.values()))
        self._ended_for(numbers, len(written), fault or self._breaks_at_each(list(written.values())))

    def _breaks_at_each(self, results: list[Any]) -> bool:
        """Whether the gateway breaks at one file after the other; no other leaves for a while then.

        :param results: what came of some files: receipts and errors
        """
        unknown = [result for result in results if getattr(result, "outcome", "") == errors.UNKNOWN]
        if len(unknown) < len(results):
            self._answered, self._unknown = True, 0
            return False
        self._unknown += len(unknown)
        if self._unknown < _MOST_UNKNOWN:
            return False
        error = unknown[-1]
        error.about_connection = True
        guarded(
            "let deposits rest",
            self._threads_channel.transaction,
            lambda env: self._channel.connection_in(env)._deposit_unanswered(error),
        )
        return True

    def _looked_for(self, results: dict[int, Any]) -> None:
        """Those that were looked for may leave now; not one that could not be looked for.

        :param results: deposit id → what came of looking for it, None when that broke off
        """
        for deposit_id, result in results.items():
            if not result or result.error:
                fault = not result or errors.speaks_of_connection(result.error)
                self._ended_for([deposit_id], 1, fault)
                continue
            with self._news:
                self._travelling.discard(deposit_id)
                self._ready.insert(0, deposit_id)

    def _ended_for(self, deposit_ids: Collection[int], sent: int = 0, fault: bool = False) -> None:
        with self._news:
            self._travelling -= set(deposit_ids)
            self._sent += sent
            self.fault |= fault
            self._news.notify_all()

    # -- the threads that post ------------------------------------------------------------------------

    def _serve(self, take_over: Callable[[], None]) -> None:
        take_over()
        with SharedClient(self._threads_channel) as shared:
            while (job := self._jobs.get()) is not None:
                self._do(job, shared)

    def _do(self, job: Any, shared: SharedClient) -> None:
        """Post a file, or look for a deposit; what comes of it arrives, whatever it is.

        :param job: :class:`.sender.ToPost`, or the id of a deposit to look for
        """
        deposit_id = getattr(job, "deposit_id", job)
        result: Outcome | _Looked | None = None
        try:
            if isinstance(job, ToPost):
                result = self._sender.deliver(job, shared)
            else:
                result = _Looked(LookFirst(self._threads_channel).look(job))
        except Exception as caught:
            _logger.exception("Deposit %s: its sending broke off", deposit_id)
            if isinstance(job, int) and not isinstance(caught, UserError) and not is_lost(caught):
                # It has not left, and the connection is not to blame: the others leave.
                self._sender.put_off(job, caught)
                result = _Looked(caught)
        finally:
            with self._news:
                self._moved_at = time.monotonic()
                self._arrived.append((job, result))
                self._news.notify_all()

    # -- what is ready --------------------------------------------------------------------------------

    def _may_leave(self) -> bool:
        """Whether a file is ready that has time to travel."""
        if not self._ready and time.monotonic() >= self._look_at:
            since = time.monotonic() - _AGAIN
            self._handed = {
                number: at for number, at in self._handed.items() if at > since or number in self._travelling
            }
            due = self._threads_channel.due_deposits("ready", limit=_AT_ONCE + len(self._handed))
            due = [number for number in due if number not in self._handed]
            with self._threads_channel.fresh() as env:
                self._to_look_for = must_look(env, due) if due else set()
                connection = self._threads_channel.connection_in(env) if due else None
                pause = connection._pause() if connection else 0.0
            self._paced = max(1, int(_PACED / pause)) if pause else self._width
            longest = self._sender.longest_post(due, pause)
            # Those that are looked for just now come back.
            known = {number: self._longest[number] for number in self._travelling & self._longest.keys()}
            self._longest, self._ready = known | longest, list(longest)
            self._look_at = 0.0 if self._ready else time.monotonic() + _LOOK_EVERY
        left = transactions.seconds_left()
        self._ready = [number for number in self._ready if self._longest[number] <= left]
        return bool(self._ready)
