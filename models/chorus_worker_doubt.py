"""What waits in a database that may be older than what has left: looked for before it leaves.

Chorus Pro shows an invoice only once it is integrated, some minutes after it was taken and up to an hour on a
busy day: nothing found at once proves nothing. So each is searched at once, every quarter of an hour, and
leaves when an hour has brought nothing. What is found is followed, and not sent.
"""

import time
import uuid
from datetime import timedelta

from odoo import api, fields, models

from ..chorus_api import errors
from . import moments
from .transactions import fresh_env

SEARCH_FOR = timedelta(hours=1)
SEARCH_EVERY = timedelta(minutes=15)
MIN_SEARCHES = 2


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    doubtful_since = fields.Datetime(
        "To be looked for before it is sent, since",
        readonly=True,
        help="The database was restored, copied or moved, or PostgreSQL was started again, while this invoice"
        " waited: Chorus Pro may have it already.",
    )


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _settle_doubts(self, company_id, environment, deadline):
        """Look for the doubtful invoices of a channel that are due.

        :return: bool, whether the connection failed
        """
        with fresh_env(self.env) as env:
            due = (
                env["chorus.deposit"]
                .search(
                    [
                        ("company_id", "=", company_id),
                        ("environment", "=", environment),
                        ("state", "=", "ready"),
                        ("next_action_at", "<=", moments.now(env)),
                        ("line_ids.doubtful_since", "!=", False),
                    ],
                    order="next_action_at, id",
                )
                .ids
            )
        for deposit_id in due:
            if time.monotonic() > deadline:
                break
            if errors.speaks_of_connection(self._guarded("look for", self._settle_doubt, deposit_id)):
                return True
        return False

    @api.model
    def _settle_doubt(self, deposit_id):
        """Search the invoices of a deposit that has not left, by number, and write down what was found.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None.
        """
        with fresh_env(self.env) as env:
            deposit = env["chorus.deposit"].browse(deposit_id)
            channel = (deposit.company_id.id, deposit.environment)
            wanted = [self._frozen(line) for line in deposit.line_ids if line.state == "ready"]
        correlation_id = uuid.uuid4().hex[:12]
        started = time.monotonic()
        found, error = {}, None
        try:
            found = self._search_frozen(channel, wanted, correlation_id)
        except errors.ChorusError as caught:
            error = caught
        seconds = time.monotonic() - started
        self._write_each(
            [deposit_id],
            lambda env, _ids: self._searched_first(env, deposit_id, found, error, seconds, correlation_id),
            self._not_looked,
        )
        self._note_fault(channel, error)
        return error

    @api.model
    def _searched_first(self, env, deposit_id, found, error, seconds, correlation_id):
        deposit = self._deposit(env, deposit_id, lock=True)
        doubtful = deposit.line_ids.filtered("doubtful_since")
        if deposit.state != "ready" or not doubtful:
            return
        journal = deposit.env["chorus.attempt"]._start(deposit, "search", correlation_id)
        if error:
            journal._end("unknown", seconds, error)
            deposit.next_action_at = self._retry_at(deposit.checks + 1, error.retry_after)
        elif found:
            journal._end("found", seconds)
            self._looked_first(env, deposit_id, found)
        else:
            journal._end("not_found", seconds)
            self._not_there(deposit, doubtful)

    @api.model
    def _not_there(self, deposit, doubtful):
        now, since = moments.now(deposit.env), min(doubtful.mapped("doubtful_since"))
        checks = deposit.checks + 1
        if checks >= MIN_SEARCHES and now >= since + SEARCH_FOR:
            doubtful.doubtful_since = False
            deposit.write({"checks": 0, "next_action_at": now})
        else:
            deposit.write({"checks": checks, "next_action_at": now + SEARCH_EVERY})
