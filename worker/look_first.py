"""A file whose invoice may be on Chorus Pro already is looked for there by number before it leaves."""

import logging
import uuid
from datetime import timedelta
from typing import Any

from ..chorus_api import errors
from ..models.base import moments
from ..models.base.scheduled import retry_at
from ..models.deposit.chorus_deposit_outcome import summary_values
from ..models.notice.chorus_sentences import say
from .channel import Channel, Env, locked_deposit
from .search import as_sent, search
from .sending_sql import must_look

_logger = logging.getLogger(__name__)


class LookFirst:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def look(self, deposit_id: int) -> Any:
        """Search the invoices of a file by number when they may be there already (``must_look``).

        Those that are there are taken over as they are, the file is taken back, and its other invoices are
        queued anew. The statement that takes a deposit refuses one that was not looked for.

        :return: the ``chorus_api.ChorusError`` when Chorus Pro could not be asked, else None
        """
        with self.channel.fresh() as env:
            if not must_look(env, deposit_id):
                return None
            wanted = as_sent(env["chorus.deposit"].browse(deposit_id).line_ids)
        try:
            found = search(self.channel, wanted, uuid.uuid4().hex[:12])
        except errors.ChorusError as error:
            _logger.info("Deposit %s waits: it could not be looked for (%s)", deposit_id, error.code)
            self.channel.write_each(
                [deposit_id],
                lambda env, _ids, error=error: self._look_later(env, deposit_id, error),
                not_looked,
            )
            self.channel.note_fault(error)
            return error
        self.channel.write_each(
            [deposit_id], lambda env, _ids: looked_first(env, deposit_id, found), not_looked
        )
        return None

    def _look_later(self, env: Env, deposit_id: int, error: errors.ChorusError) -> None:
        deposit = locked_deposit(env, deposit_id)
        if deposit.state == "ready":
            deposit.next_action_at = retry_at(env, 1, error.retry_after)


def not_looked(env: Env, deposit_id: int, error: errors.ChorusError) -> None:
    """What was found could not be written: the file stays here, and a person hears of it."""
    deposit = locked_deposit(env, deposit_id)
    deposit.next_action_at = moments.now(env) + timedelta(hours=1)
    for line in deposit.line_ids:
        line._tell_unwritten(error)


def looked_first(env: Env, deposit_id: int, found: Any) -> None:
    """Write down what a search before the sending has found.

    :param dict found: line id → ``chorus_api.InvoiceSummary``
    """
    deposit = locked_deposit(env, deposit_id)
    if deposit.state != "ready":
        return
    if not found:
        deposit.looked_at = moments.now(env)
        return
    lines = deposit.line_ids
    there = lines.filtered(lambda line: line.id in found)
    deposit._move_to("cancelled", message=say(deposit.env, "own.has_it_already"))
    (lines - there)._queue_again(queued=True)
    for line in there:
        line.move_id._chorus_take_over(line, summary_values(found[line.id]))
