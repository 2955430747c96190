"""A file whose invoice may be on Chorus Pro already is looked for there by number before it leaves."""

import logging
import uuid
from datetime import timedelta

from odoo import api, fields, models

from ..chorus_api import errors
from . import moments
from .chorus_sending_sql import must_look
from .moments import naive_utc
from .transactions import fresh_env

_logger = logging.getLogger(__name__)


class ChorusDeposit(models.Model):
    _inherit = "chorus.deposit"

    looked_at = fields.Datetime("Looked for before it left", readonly=True)


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _look_first(self, deposit_id):
        """Search the invoices of a file by number when they may be there already (``must_look``).

        Those that are there are taken over as they are, the file is taken back, and its other invoices are
        queued anew. The statement that takes a deposit refuses one that was not looked for.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None
        """
        with fresh_env(self.env) as env:
            if not must_look(env, deposit_id):
                return None
            deposit = env["chorus.deposit"].browse(deposit_id)
            channel = (deposit.company_id.id, deposit.environment)
            wanted = [self._frozen(line) for line in deposit.line_ids]
        try:
            found = self._search_frozen(channel, wanted, uuid.uuid4().hex[:12])
        except errors.ChorusError as error:
            _logger.info("Deposit %s waits: it could not be looked for (%s)", deposit_id, error.code)
            self._write_each(
                [deposit_id],
                lambda env, _ids, error=error: self._look_later(env, deposit_id, error),
                self._not_looked,
            )
            self._note_fault(channel, error)
            return error
        self._write_each(
            [deposit_id], lambda env, _ids: self._looked_first(env, deposit_id, found), self._not_looked
        )
        return None

    @api.model
    def _look_later(self, env, deposit_id, error):
        deposit = self._deposit(env, deposit_id, lock=True)
        if deposit.state == "ready":
            deposit.next_action_at = self._retry_at(1, error.retry_after)

    @api.model
    def _not_looked(self, env, deposit_id, error):
        """What was found could not be written: the file stays here, and a person hears of it."""
        deposit = self._deposit(env, deposit_id, lock=True)
        deposit.next_action_at = moments.now(deposit.env) + timedelta(hours=1)
        for line in deposit.line_ids:
            line._tell_unwritten(error)

    @api.model
    def _looked_first(self, env, deposit_id, found):
        """
        :param dict found: line id → ``chorus_api.InvoiceSummary``
        """
        deposit = self._deposit(env, deposit_id, lock=True)
        if deposit.state != "ready":
            return
        if not found:
            deposit.looked_at = moments.now(deposit.env)
            return
        lines = deposit.line_ids
        there = lines.filtered(lambda line: line.id in found)
        deposit._move_to(
            "cancelled", message=deposit.env._("Not sent: Chorus Pro has it already, see the invoice.")
        )
        (lines - there)._queue_again(queued=True)
        for line in there:
            line._take_over(summary_values(found[line.id]))


def summary_values(summary):
    """What is kept of a ``chorus_api.InvoiceSummary`` to follow its invoice from there."""
    return {
        "chorus_invoice_id": str(summary.id),
        "flow_number": summary.flow_number,
        "status_code": summary.status,
        "status_at": naive_utc(summary.status_at),
        "status_comment": summary.comment,
        "deposited_on": summary.deposited_on,
    }
