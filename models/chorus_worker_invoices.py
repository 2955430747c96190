import logging
import time
import uuid
from datetime import timedelta

from odoo import api, models
from odoo.tools import split_every

from ..chorus_api import InvoiceSearch, errors
from . import moments
from .chorus_connection_token import client_of
from .chorus_deposit_line_after_all import ENDED_STATES
from .chorus_identity import of_line
from .chorus_states import FOLLOWED_STATES
from .chorus_worker import RECENTLY_REJECTED
from .chorus_worker_look_first import summary_values
from .moments import aware_utc, naive_utc, past
from .transactions import fresh_env, in_transaction

_logger = logging.getLogger(__name__)

# How far the window reaches back behind the newest status seen: answers may arrive out of order.
OVERLAP = timedelta(minutes=10)
# A window that is honoured by day only is still honoured.
WINDOW_TOLERANCE = timedelta(days=1)
FULL_CHECK_EVERY = timedelta(days=1)
PAGE_SIZE = 500
APPLY_BATCH = 100
# Single look-ups per run for open invoices that no list shows.
MAX_SINGLE_LOOKUPS = 50
# An invoice that so many single look-ups and days have not shown is not there, whatever the report said.
LOOKS = 5
NEVER_SHOWN = timedelta(days=7)


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _follow_invoices(self, company_id, environment, deadline):
        """Fetch what changed since the last look, for one channel.

        The window's start is a date that Chorus Pro itself gave (the newest status seen), so that no clock
        but the server's matters. A server that does not honour the window is noticed; then everything since
        the oldest open deposit is listed instead. A full check now and then does the same in any case.
        """
        with fresh_env(self.env) as env:
            connection = self._connection(env, company_id, environment)
            oldest = self._oldest_open(env, company_id, environment)
            if not connection or not oldest:
                return
            since = connection.followed_until or oldest - timedelta(days=1)
            now = moments.now(env)
            full = (
                connection.window_state == "ignored"
                or not connection.full_check_at
                or now - connection.full_check_at > FULL_CHECK_EVERY
            )
            client = client_of(connection, uuid.uuid4().hex[:12])
        start = since - OVERLAP
        seen = _Seen(start, now + moments.TOMORROW)
        try:
            with client:
                if not full:
                    self._list_changes(
                        client,
                        company_id,
                        environment,
                        InvoiceSearch(status_changed_from=aware_utc(start)),
                        seen,
                        deadline,
                    )
                if full or seen.outside:
                    listing = InvoiceSearch(deposited_from=(oldest - timedelta(days=1)).date())
                    self._list_changes(client, company_id, environment, listing, seen, deadline)
                    self._look_up_missing(client, company_id, environment, seen, deadline)
                self._fetch_reasons(client, company_id, environment, deadline)
        except errors.ChorusError as error:
            _logger.warning(
                "Chorus Pro %s of company %s: statuses could not be fetched: %s",
                environment,
                company_id,
                error,
            )
            seen.complete = False
            in_transaction(
                self.env,
                lambda env, error=error: self._connection(env, company_id, environment)._report_failure(
                    error
                ),
            )
        in_transaction(
            self.env, lambda env: self._followed(env, company_id, environment, seen, full and seen.complete)
        )

    @api.model
    def _oldest_open(self, env, company_id, environment):
        env.cr.execute(
            "SELECT min(coalesce(deposited_on, create_date)) FROM chorus_deposit_line"
            " WHERE company_id = %s AND environment = %s"
            " AND (followed AND state IN %s OR state = 'rejected' AND deposited_on > %s)",
            (company_id, environment, FOLLOWED_STATES, moments.now(env) - RECENTLY_REJECTED),
        )
        return env.cr.fetchone()[0]

    @api.model
    def _list_changes(self, client, company_id, environment, search, seen, deadline):
        """Read all pages of ``search`` and write the statuses down, batch by batch."""
        for batch in split_every(APPLY_BATCH, client.iter_invoices(search, page_size=PAGE_SIZE)):
            windowed = search.status_changed_from is not None
            results = self._write_each(
                list(batch),
                lambda env, summaries: self._apply_summaries(
                    env, company_id, environment, summaries, seen.start
                ),
                lambda env, summary, error: self._tell_summary_unwritten(
                    env, (company_id, environment), summary, error
                ),
            )
            seen.note(batch, set().union(*(spoken for spoken, _missed in results)), windowed)
            if not windowed:
                seen.missed |= set().union(*(missed for _spoken, missed in results))
            if windowed and seen.outside:
                break
            if time.monotonic() > deadline:
                seen.complete = False
                break

    @api.model
    def _apply_summaries(self, env, company_id, environment, summaries, start):
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
        lines = env["chorus.deposit.line"].search(
            [
                ("company_id", "=", company_id),
                ("environment", "=", environment),
                ("state", "in", FOLLOWED_STATES),
                ("number", "in", list(by_number)),
            ]
        )
        self._notice_after_all(env, (company_id, environment), by_number)
        spoken, missed = set(), set()
        for line in lines:
            for summary in by_number[line.number]:
                if self._is_about(line, summary):
                    spoken.add(line.id)
                    known_since = past(env, line.status_at)
                    self._apply_summary(line, summary)
                    if known_since and known_since < line.status_at < start:
                        missed.add(line.id)
        return spoken, missed

    @api.model
    def _notice_after_all(self, env, channel, by_number):
        """Invoices that ended here without being deposited, and that a search shows all the same."""
        lines = env["chorus.deposit.line"].search(
            [
                ("company_id", "=", channel[0]),
                ("environment", "=", channel[1]),
                ("state", "in", ENDED_STATES),
                ("number", "in", list(by_number)),
            ]
        )
        # A later line, or a live one, tells the invoice's story.
        for line in lines.filtered(lambda line: line == line.move_id._chorus_line(line.environment)):
            identity = of_line(line)
            summary = next((item for item in by_number[line.number] if identity.is_same(item)), None)
            if summary and not line.found_there:
                line._found_after_all(summary_values(summary))

    @api.model
    def _tell_summary_unwritten(self, env, channel, summary, error):
        """A result of a search could not be written on its invoice: a person hears, the window moves on."""
        lines = env["chorus.deposit.line"].search(
            [
                ("company_id", "=", channel[0]),
                ("environment", "=", channel[1]),
                ("state", "in", FOLLOWED_STATES),
                ("number", "=", summary.number),
            ]
        )
        for line in lines.filtered(lambda line: self._is_about(line, summary)):
            line._tell_unwritten(error)

    @api.model
    def _is_about(self, line, summary):
        if line.chorus_invoice_id:
            return line.chorus_invoice_id == str(summary.id)
        if line.flow_number and summary.flow_number:
            return line.flow_number == summary.flow_number
        return of_line(line).is_same(summary)

    @api.model
    def _apply_summary(self, line, summary):
        if line.state != "integrated":
            self._line_integrated(line, summary)
            if line.deposit_id:
                self._close_when_complete(line.deposit_id)
            return
        if summary.id and not line.chorus_invoice_id:
            line.chorus_invoice_id = str(summary.id)
        line._follow_recipient(summary)
        if summary.status and line._apply_status(
            summary.status, naive_utc(summary.status_at), summary.comment
        ):
            line._tell_status()

    @api.model
    def _look_up_missing(self, client, company_id, environment, seen, deadline):
        """Ask one by one for open invoices that the list did not show (never silently forgotten)."""
        with fresh_env(self.env) as env:
            lines = env["chorus.deposit.line"].search(
                [
                    ("company_id", "=", company_id),
                    ("environment", "=", environment),
                    ("state", "in", ("integrated", "hand")),
                    ("followed", "=", True),
                    ("id", "not in", list(seen.lines)),
                ],
                # Those never looked up first: what is not found must not keep the others from their turn.
                order="looked_up_at NULLS FIRST, id",
                limit=MAX_SINGLE_LOOKUPS,
            )
            numbers = [(line.id, line.number) for line in lines if line.number]
        for line_id, number in numbers:
            if time.monotonic() > deadline:
                break
            self._list_changes(client, company_id, environment, InvoiceSearch(number=number), seen, deadline)
            in_transaction(self.env, lambda env, line_id=line_id: self._looked_up(env, line_id))

    @api.model
    def _looked_up(self, env, line_id):
        """A single look-up has ended; what several of them have not shown within days is told, once."""
        now = moments.now(env)
        line = env["chorus.deposit.line"].browse(line_id)
        line = line.with_context(lang=env["chorus.words"]._lang(line.company_id))
        shown = bool(line.chorus_invoice_id)
        line.write({"looked_up_at": now, "looks": 0 if shown else line.looks + 1})
        known_since = line.deposited_on or line.create_date
        if not shown and not line.missing_told and line.looks >= LOOKS and now - known_since > NEVER_SHOWN:
            line.missing_told = True
            line._tell_never_shown()

    @api.model
    def _followed(self, env, company_id, environment, seen, full_check_done):
        connection = self._connection(env, company_id, environment)
        values = {}
        if seen.newest and seen.complete:
            newest = min(seen.newest, moments.now(env) + WINDOW_TOLERANCE)
            if not connection.followed_until or newest > connection.followed_until:
                values["followed_until"] = newest
        if seen.outside or (seen.missed and connection.window_state == "honoured"):
            # It shows what it should not, or has not shown what it should: it is not relied on any more.
            values["window_state"] = "ignored"
        elif seen.windowed and connection.window_state != "ignored":
            values["window_state"] = "honoured"
        if full_check_done:
            values["full_check_at"] = moments.now(env)
        if values:
            connection.write(values)


class _Seen:
    """What one run of following came across."""

    def __init__(self, start, latest):
        """
        :param datetime start: of the window, naive UTC
        :param datetime latest: what is dated later has not happened, naive UTC
        """
        self.start = start
        self.latest = latest
        self.newest = None
        self.outside = False
        self.windowed = False
        self.complete = True
        self.lines = set()
        self.missed = set()

    def note(self, batch, lines, windowed):
        self.lines |= lines
        self.windowed |= windowed
        for summary in batch:
            at = naive_utc(summary.status_at)
            if at is None or at > self.latest:
                continue
            self.newest = max(self.newest or at, at)
            if windowed and at < self.start - WINDOW_TOLERANCE:
                self.outside = True
