import logging
import time
import uuid
from datetime import timedelta

from odoo import api, models

from ..chorus_api import InvoiceSearch, errors
from . import moments
from .chorus_connection_token import client_of
from .chorus_identity import of_line
from .transactions import fresh_env

_logger = logging.getLogger(__name__)

MAX_RESENDS = 3
# A server that was down for a day comes back past every horizon: it must have looked more than once.
MIN_SEARCHES = 3


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _resolve_one(self, deposit_id):
        """Find out whether Chorus Pro has an unconfirmed deposit; never post it again blindly.

        Each invoice is searched by its number. Only a result that matches seller, buyer, number, date and
        total is ours; it names the flow, so the lost flow number comes back. What is not found is searched
        again later, until the horizon of the connection; past it the file may be sent again where the
        administrator allowed that, else a person decides.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None.
        """
        with fresh_env(self.env) as env:
            deposit = env["chorus.deposit"].browse(deposit_id)
            if deposit.state != "unconfirmed":
                return None
            channel = (deposit.company_id.id, deposit.environment)
            wanted = [self._frozen(line) for line in deposit.line_ids if line.state == "unconfirmed"]
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
            lambda env, _ids: self._resolved(env, deposit_id, found, error, seconds, correlation_id),
            self._unresolved,
        )
        self._note_fault(channel, error)
        return error

    @api.model
    def _frozen(self, line):
        """:return: (id of the line, the ``InvoiceIdentity`` of what was sent for it)"""
        return line.id, of_line(line)

    @api.model
    def _search_frozen(self, channel, wanted, correlation_id):
        """:return: dict line id → ``chorus_api.InvoiceSummary`` of the invoices that Chorus Pro has.

        :raises chorus_api.ChorusError: when Chorus Pro could not be asked.
        """
        found = {}
        with fresh_env(self.env) as env:
            client = client_of(self._connection(env, *channel), correlation_id)
        with client:
            for line_id, identity in wanted:
                for summary in client.iter_invoices(InvoiceSearch(number=identity.number)):
                    if identity.is_same(summary):
                        found[line_id] = summary
                        break
        return found

    @api.model
    def _unresolved(self, env, deposit_id, error):
        """What was found could not be written: it is searched again later, and a person hears of it."""
        deposit = self._deposit(env, deposit_id, lock=True)
        checks = deposit.checks + 1
        deposit.write({"checks": checks, "next_action_at": self._retry_at(checks)})
        for line in deposit.line_ids:
            line._tell_unwritten(error)

    @api.model
    def _resolved(self, env, deposit_id, found, error, seconds, correlation_id):
        deposit = self._deposit(env, deposit_id, lock=True)
        if deposit.state != "unconfirmed":
            return
        journal = env["chorus.attempt"]._start(deposit, "search", correlation_id)
        checks = deposit.checks + 1
        if error:
            journal._end("unknown", seconds, error)
            deposit.write({"checks": checks, "next_action_at": self._retry_at(checks, error.retry_after)})
            return
        self._connection(env, deposit.company_id.id, deposit.environment)._report_recovery()
        if found:
            journal._end("found", seconds)
            self._adopt_found(deposit, found)
            return
        journal._end("not_found", seconds)
        self._still_missing(deposit, checks)

    @api.model
    def _adopt_found(self, deposit, found):
        """Chorus Pro has invoices of this deposit: take its flow number and go on from there."""
        flows = {summary.flow_number for summary in found.values() if summary.flow_number}
        # In a flow of another deposit an earlier try is found: this file's own flow stays unknown.
        if own := sorted(flow for flow in flows if not deposit._flow_is_known(flow)):
            self._taken(deposit, own[0])
        self._each_line(
            deposit.line_ids.filtered(lambda line: line.id in found),
            lambda line: self._line_integrated(line, found[line.id]),
        )
        self._close_when_complete(deposit)
        if deposit.state == "unconfirmed":
            # Held without a flow number, and not all of it: the rest is searched on.
            deposit.next_action_at = self._retry_at(deposit.checks + 1)

    @api.model
    def _searched_enough(self, deposit):
        searches = deposit.env["chorus.attempt"].search_count(
            [
                ("deposit_id", "=", deposit.id),
                ("outcome", "=", "not_found"),
                ("kind", "=", "search"),
                ("started_at", ">=", deposit.unconfirmed_at),
            ]
        )
        return searches >= MIN_SEARCHES

    @api.model
    def _still_missing(self, deposit, checks):
        env = deposit.env
        connection = self._connection(env, deposit.company_id.id, deposit.environment)
        waited = moments.now(env) - deposit.unconfirmed_at
        if waited < timedelta(hours=connection.resolve_horizon_hours) or not self._searched_enough(deposit):
            deposit.write({"checks": checks, "next_action_at": self._retry_at(checks)})
        elif connection.auto_resend and deposit.resends < MAX_RESENDS:
            deposit.message_post(
                body=env._(
                    "Chorus Pro has had no trace of this file for %s hours: it is sent again.",
                    connection.resolve_horizon_hours,
                )
            )
            deposit._move_to(
                "ready",
                resends=deposit.resends + 1,
                unconfirmed_at=False,
                next_action_at=moments.now(env),
                message=False,
            )
        else:
            deposit.write({"checks": checks, "next_action_at": self._retry_at(checks)})
            if not deposit.needs_person:
                deposit._call_for_help(
                    env._(
                        "It is not known whether Chorus Pro took this file: the answer was lost, and no"
                        " invoice of it has been found there. Look on the portal, then choose: send it again,"
                        " type its flow number, or give up."
                    )
                )
