"""What the buyers make of the invoices: statuses, fetched as changes since the last look.

Now and then every open invoice is looked at, whatever the changes say: by days of deposit, in steps.
"""

import logging
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from odoo.fields import Domain
from odoo.tools import split_every

from ..chorus_api import ChorusClient, InvoiceSearch, errors
from ..models.base import moments
from ..models.base.chorus_identity import of_line
from ..models.base.chorus_states import FOLLOWED_STATES
from ..models.base.moments import aware_utc, naive_utc, past
from ..models.connection.chorus_connection_follow import WHOLE
from ..models.deposit.chorus_deposit_outcome import ENDED_STATES, summary_values
from .channel import RECENTLY_REJECTED, Channel, Env, Record, SharedClient, in_words_of_company
from .history import History

# When not even one part fits into a run, the next one asks for a share of its days.
FINER = 4


class FullCheck:
    """
    :param channel: the :class:`.channel.Channel`
    :param datetime oldest: when the oldest open invoice was deposited, naive UTC
    :param list_part: function(first day, last day, whether earlier days were left out) that lists and writes
        the deposits of some days, and returns whether all of them were listed; the last day may be None
    """

    def __init__(self, channel: Channel, oldest: Any, list_part: Any) -> None:
        self.channel = channel
        self.first = (oldest - timedelta(days=1)).date()
        self.list_part = list_part

    def go_on(self) -> bool:
        """Go on where the last run stopped, part by part, until it is done or the time is used up.

        :return: bool, whether every open invoice has been looked at
        """
        with self.channel.fresh() as env:
            connection = self.channel.connection_in(env)
            start = max(self.first, connection.full_check_from or self.first)
            days = connection.full_check_days or WHOLE
            today = moments.now(env).date()
        began = start
        while True:
            end = start + timedelta(days=days - 1)
            end = end if end < today else None
            if not self.list_part(start, end, start > self.first):
                self._remember(start, max(1, days // FINER) if start == began else days)
                return False
            if not end:
                self._remember(False, min(WHOLE, 2 * days))
                return True
            start = end + timedelta(days=1)
            self._remember(start, days)
            if self.channel.time_is_up():
                return False

    def _remember(self, start: Any, days: int) -> None:
        def step(env: Env) -> None:
            connection = self.channel.connection_in(env)
            values = {"full_check_from": start, "full_check_days": days}
            changed = {name: value for name, value in values.items() if connection[name] != value}
            if changed:
                connection.with_context(tracking_disable=True).write(changed)

        self.channel.transaction(step)


_logger = logging.getLogger(__name__)

# How far the window reaches back behind the newest status seen: answers may arrive out of order.
OVERLAP = timedelta(minutes=10)
# A window that is honoured by day only is still honoured.
WINDOW_TOLERANCE = timedelta(days=1)
FULL_CHECK_EVERY = timedelta(days=1)
PAGE_SIZE = 500
APPLY_BATCH = 100
# What a result is compared with. A line with no news is read no further.
COMPARED = (
    "number", "state", "chorus_invoice_id", "buyer_siret", "status_code", "status_at", "status_comment"
)  # fmt: skip
# Single look-ups per run for open invoices that no list shows.
MAX_SINGLE_LOOKUPS = 50
# An invoice that so many single look-ups and days have not shown is not there, whatever the report said.
LOOKS = 5
NEVER_SHOWN = timedelta(days=7)


class Statuses:
    """
    :param channel: the :class:`.channel.Channel`
    :param shared: the :class:`.shared_client.SharedClient` of the run
    :ivar bool looked: whether this run has read everything that changed, as far as the search tells it
    """

    def __init__(self, channel: Channel, shared: SharedClient) -> None:
        self.channel = channel
        self.shared = shared
        self.looked = False
        self._begun = False
        self._oldest = None
        # When the turn begins: whether nothing of the connection is to be put right; the newest status known.
        self._settled, self._known = False, None

    def begin(self, connection: Record) -> None:
        """Read how far the statuses are known; make the client when something is open.

        :param connection: ``chorus.connection`` of the channel, with sudo, found usable in its transaction
        """
        self._read(connection.env, connection)
        if self._oldest:
            self.shared.begin(connection)

    def _read(self, env: Env, connection: Record) -> None:
        self._begun = True
        self._oldest = connection and self._oldest_open(env)
        if not self._oldest:
            return
        now = moments.now(env)
        # A date that has not come yet would hide what changes until then.
        since = min(connection.followed_until or self._oldest - timedelta(days=1), now)
        self._trusted = connection.window_state != "ignored"
        self._full = (
            not self._trusted
            or not connection.full_check_at
            or now - connection.full_check_at > FULL_CHECK_EVERY
        )
        self._settled = (
            not (connection.rest_count or connection.rest_until) and connection.window_state == "honoured"
        )
        # One that has not come yet is put right.
        known = connection.followed_until
        self._known = known if known and known <= now else None
        self._seen: _Seen = _Seen(since - OVERLAP, now + moments.TOMORROW)
        self._checking: _Seen = _Seen(since - OVERLAP, now + moments.TOMORROW)

    def follow_changes(self) -> bool:
        """Fetch what changed since the last look: statuses, and what Chorus Pro has integrated meanwhile.

        The window's start is a date that Chorus Pro itself gave (the newest status seen), so that no clock
        but the server's matters. A server that does not honour the window is noticed; then everything since
        the oldest open deposit is listed instead (:meth:`check_all`).

        :return: bool, whether the connection failed
        """
        if not self._begun:
            with self.channel.fresh() as env:
                self._read(env, self.channel.connection_in(env))
        if not self._oldest or not self._trusted:
            return False
        fault = self._asking(self._list_changes)
        self._full |= self._seen.outside
        self.looked = self._seen.complete and not self._seen.outside
        if self._is_news():
            self.channel.transaction(self._note_changes)
        return fault

    def _list_changes(self, client: ChorusClient) -> None:
        window = InvoiceSearch(status_changed_from=aware_utc(self._seen.start))
        self._seen.complete = self._list_all(client, window, self._seen)

    def check_all(self) -> None:
        """Look at every open invoice when that is due, whatever the changes said; then ask for the words of
        buyers that did not come with a status."""
        if not self._oldest:
            return
        checked = []
        if self._full:
            self._asking(lambda client: checked.append(self._check(client)))
            self.channel.transaction(lambda env: self._note_checked(env, any(checked)))
        if not self.channel.time_is_up():
            self._asking(History(self.channel).fetch_reasons)

    def _check(self, client: ChorusClient) -> Any:
        def part(*days: int) -> Any:
            return self._check_part(client, self._checking, *days)

        return FullCheck(self.channel, self._oldest, part).go_on()

    def _asking(self, step: Callable[..., Any]) -> bool:
        """Call ``step(client)``; what goes wrong is logged and told to the connection.

        :return: bool, whether the connection failed
        """
        try:
            step(self.shared.get(uuid.uuid4().hex[:12]))
        except errors.ChorusError as error:
            self.shared.forget()
            _logger.warning(
                "Chorus Pro %s of company %s: statuses could not be fetched: %s",
                self.channel.environment,
                self.channel.company_id,
                error,
            )
            self.channel.note_fault(error)
            return errors.speaks_of_connection(error)
        return False

    def _oldest_open(self, env: Env) -> Any:
        env.cr.execute(
            "SELECT min(coalesce(deposited_on, create_date)) FROM chorus_deposit_line"
            " WHERE company_id = %s AND environment = %s"
            " AND (followed IS TRUE AND state IN ('sent', 'integrated', 'hand') AND state IN %s"
            " OR state = 'rejected' AND deposited_on > %s)",
            (
                self.channel.company_id,
                self.channel.environment,
                FOLLOWED_STATES,
                moments.now(env) - RECENTLY_REJECTED,
            ),
        )
        return env.cr.fetchone()[0]

    def _list_all(self, client: ChorusClient, search: Any, seen: Any) -> bool:
        """Read all pages of ``search`` and write the statuses down, batch by batch.

        :return: bool, whether all of them were read: False when the time was used up
        """
        windowed = search.status_changed_from is not None
        for batch in split_every(APPLY_BATCH, client.iter_invoices(search, page_size=PAGE_SIZE)):
            results = self.channel.write_each(
                list(batch),
                lambda env, summaries: self._apply(env, summaries, seen.start),
                self._tell_unwritten_summary,
            )
            seen.note(batch, set().union(*(spoken for spoken, _missed in results)), windowed)
            if not windowed:
                seen.missed |= set().union(*(missed for _spoken, missed in results))
            if windowed and seen.outside:
                break
            if self.channel.time_is_up():
                return False
        return True

    def _check_part(self, client: ChorusClient, seen: Any, start: Any, end: Any, later: Any) -> bool:
        """Look at the deposits of some days, listed or not.

        :param date start: first day
        :param end: last day, None when there is none
        :param bool later: whether there are earlier days, which another part looks at
        :return: bool, whether all of them were listed
        """
        try:
            complete = self._list_all(client, InvoiceSearch(deposited_from=start, deposited_to=end), seen)
        except errors.BadAnswer as error:
            if error.code != "too_many_pages":
                raise
            return False
        if complete:
            self._look_up_missing(client, seen, start if later else None, end)
        return complete

    def _lines(self, env: Env, states: Iterable[str], numbers: Iterable[str]) -> Any:
        return env["chorus.deposit.line"].search_fetch(
            [*self.channel.domain, ("state", "in", states), ("number", "in", list(numbers))], COMPARED
        )

    def _apply(self, env: Env, summaries: Any, start: Any) -> Any:
        """Write the results of a search on our lines.

        :param datetime start: of the window, naive UTC
        :return: ids of the lines that the results speak of, and of those among them whose news are older
            than the window: an earlier window should have shown them
        :rtype: tuple[set[int], set[int]]
        """
        by_number = {}
        for summary in summaries:
            if summary.number:
                by_number.setdefault(summary.number, []).append(summary)
        found = self._lines(env, (*FOLLOWED_STATES, *ENDED_STATES), by_number)
        lines = found.filtered(lambda line: line.state in FOLLOWED_STATES)
        self._notice_after_all(found - lines, by_number)
        spoken, missed = set(), set()
        told = [(line, summary) for line in lines for summary in _about(line, by_number[line.number])]
        lines._keep_history(told)
        for line, summary in told:
            spoken.add(line.id)
            known_since = past(env, line.status_at)
            line._seen(summary)
            if known_since and known_since < line.status_at < start:
                missed.add(line.id)
        return spoken, missed

    def _notice_after_all(self, lines: Record, by_number: Any) -> None:
        """Invoices that ended here without being deposited, and that a search shows all the same."""
        # A later line, or a live one, tells the invoice's story.
        for line in lines.filtered(lambda line: line == line.move_id._chorus_line(line.environment)):
            identity = of_line(line)
            summary = next((item for item in by_number[line.number] if identity.is_same(item)), None)
            if summary and not line.found_there:
                line._found_after_all(summary_values(summary))

    def _tell_unwritten_summary(self, env: Env, summary: Any, error: Exception) -> None:
        """A result of a search could not be written on its invoice: a person hears, the window moves on."""
        lines = self._lines(env, (*FOLLOWED_STATES, *ENDED_STATES), [summary.number])
        for line in lines.filtered(lambda line: _is_about(line, summary)):
            line._tell_unwritten(error)

    # -- what no list shows ---------------------------------------------------------------------------

    def _look_up_missing(
        self, client: ChorusClient, seen: Any, since: datetime | None = None, until: datetime | None = None
    ) -> None:
        """Ask one by one for open invoices that the list did not show (never silently forgotten).

        :param date since, until: first and last day of deposit that were listed, None without such a bound
        """
        days = Domain.TRUE
        if since:
            days &= Domain("deposited_on", ">=", since) | Domain("deposited_on", "=", False)
        if until:
            days &= Domain("deposited_on", "<", until + timedelta(days=1))
        with self.channel.fresh() as env:
            lines = env["chorus.deposit.line"].search(
                [
                    *self.channel.domain,
                    ("state", "in", ("integrated", "hand")),
                    ("followed", "=", True),
                    ("id", "not in", list(seen.lines)),
                    *days,
                ],
                # Those never looked up first: what is not found must not keep the others from their turn.
                order="looked_up_at NULLS FIRST, id",
                limit=MAX_SINGLE_LOOKUPS,
            )
            numbers = [(line.id, line.number) for line in lines if line.number]
        for line_id, number in numbers:
            if self.channel.time_is_up():
                break
            self._list_all(client, InvoiceSearch(number=number), seen)
            self.channel.transaction(lambda env, line_id=line_id: self._looked_up(env, line_id))

    def _looked_up(self, env: Env, line_id: int) -> None:
        """A single look-up has ended; what several of them have not shown within days is told, once."""
        now = moments.now(env)
        line = in_words_of_company(env["chorus.deposit.line"].browse(line_id))
        shown = bool(line._id_there())
        line.write({"looked_up_at": now, "looks": 0 if shown else line.looks + 1})
        known_since = line.deposited_on or line.create_date
        if not shown and not line.missing_told and line.looks >= LOOKS and now - known_since > NEVER_SHOWN:
            line.missing_told = True
            line._tell_never_shown()

    def _is_news(self) -> bool:
        """Whether the list of changes says more of the connection than was known when the turn began."""
        seen = self._seen
        later = seen.newest is not None and (self._known is None or seen.newest > self._known)
        return later or not self._settled or seen.outside or not seen.complete

    def _note_changes(self, env: Env) -> None:
        """Write down how far the list of changes was read."""
        connection = self.channel.connection_in(env)
        values = {}
        if self._seen.complete:
            connection._report_recovery()
            values = self._known_until(connection, self._seen)
        if self._seen.outside:
            # It shows what it should not: it is not relied on any more.
            values["window_state"] = "ignored"
        elif self._seen.windowed and connection.window_state == "unknown":
            values["window_state"] = "honoured"
        if values:
            connection.write(values)

    def _note_checked(self, env: Env, checked: Any) -> None:
        """Write down what the full check has shown.

        :param bool checked: whether it came to its end
        """
        connection = self.channel.connection_in(env)
        values = {}
        if checked:
            values = {"full_check_at": moments.now(env), **self._known_until(connection, self._checking)}
        if self._checking.missed and connection.window_state == "honoured":
            # The window has not shown what it should.
            values["window_state"] = "ignored"
        if values:
            connection.write(values)
        connection._watch_full_check(checked)

    def _known_until(self, connection: Record, seen: Any) -> Any:
        """:return: dict, the newest status as a value of the connection where it goes beyond what it knows"""
        if not seen.newest:
            return {}
        now = moments.now(connection.env)
        newest, known = min(seen.newest, now), connection.followed_until
        return {} if known and newest <= known <= now else {"followed_until": newest}


def _is_about(line: Record, summary: Any) -> Any:
    if line._id_there():
        return line.chorus_invoice_id == str(summary.id)
    if line.flow_number and summary.flow_number:
        return line.flow_number == summary.flow_number
    return of_line(line).is_same(summary)


def _about(line: Record, summaries: Any) -> list[Any]:
    """Those that are about a line; once one of them tells Chorus Pro's identifier, none of another one."""
    about = [summary for summary in summaries if _is_about(line, summary)]
    known = next((summary.id for summary in about if summary.id), None)
    return [summary for summary in about if summary.id in (known, None)]


class _Seen:
    """What one run of following came across."""

    def __init__(self, start: datetime, latest: datetime) -> None:
        """
        :param datetime start: of the window, naive UTC
        :param datetime latest: what is dated later has not happened, naive UTC
        """
        self.start = start
        self.latest = latest
        self.newest = None
        self.outside = False
        self.windowed = False
        # Whether all of the window was read.
        self.complete = False
        self.lines = set()
        self.missed = set()

    def note(self, batch: Any, lines: Record, windowed: Any) -> None:
        self.lines |= lines
        self.windowed |= windowed
        for summary in batch:
            at = naive_utc(summary.status_at)
            if at is None or at > self.latest:
                continue
            self.newest = max(self.newest or at, at)
            if windowed and at < self.start - WINDOW_TOLERANCE:
                self.outside = True
