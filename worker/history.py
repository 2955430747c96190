"""What is read for a person: the history of an invoice, the buyer's words, Chorus Pro's own copies."""

import logging
import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from odoo.exceptions import UserError

from ..chorus_api import ChorusClient, errors, statuses
from ..models.base import moments
from ..models.base.moments import naive_utc, past
from .channel import Channel, Env

_logger = logging.getLogger(__name__)

# Histories read per run for the sake of a reason.
MAX_REASONS = 20
# An older status was dealt with; its history is a button away.
REASONS_OF = timedelta(days=30)


class History:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def read_whole(self, line_id: int) -> None:
        """Merge the whole history of one invoice (``consulter/historique``) with what is known of it.

        :raises UserError: when Chorus Pro could not be asked
        """
        with self.channel.fresh() as env:
            invoice_id = env["chorus.deposit.line"].browse(line_id)._id_there()
        try:
            with self.channel.client(uuid.uuid4().hex[:12]) as client:
                history = client.invoice_history(invoice_id)
        except errors.ChorusError as error:
            raise UserError(self.channel.env["chorus.words"]._error_sentence(error)) from error
        self.channel.transaction(lambda env: self._merge(env, line_id, history))

    def fetch_reasons(self, client: ChorusClient) -> None:
        """Read the buyer's words in the history where a status asks the supplier to act and came without any.

        Reference §2.2: the reason stands in ``histoStatutCommentaire``; that the search repeats it is
        declared, not seen. Each status is asked about once.

        :raises chorus_api.ChorusError: about the connection; a refusal about one invoice stops nothing
        """
        with self.channel.fresh() as env:
            lines = env["chorus.deposit.line"].search(
                [
                    *self.channel.domain,
                    ("state", "=", "integrated"),
                    ("status_code", "in", statuses.that(who="supplier")),
                    ("status_comment", "=", False),
                    ("reason_asked", "=", False),
                    ("replaced", "=", False),
                    ("chorus_invoice_id", "!=", False),
                    ("status_at", ">=", moments.now(env) - REASONS_OF),
                ],
                # The newest first: a history that never comes must not hold back the later ones.
                order="status_at desc, id desc",
                limit=MAX_REASONS,
            )
            asked = [(line.id, line._id_there()) for line in lines if line._id_there()]
        for line_id, invoice_id in asked:
            if self.channel.time_is_up():
                break
            try:
                history = client.invoice_history(invoice_id)
            except errors.ChorusError as error:
                if error.about_connection:
                    raise
                _logger.info("The history of Chorus Pro invoice %s did not come: %s", invoice_id, error)
                if not isinstance(error, (errors.Refused, errors.BadAnswer)):
                    # Asked again by the next run; the other invoices and the window need not wait for it.
                    continue
                history = None
            self.channel.write_each(
                [line_id],
                lambda env, line_ids, history=history: self._note_reason(env, line_ids[0], history),
                self._reason_unwritten,
            )

    def _reason_unwritten(self, env: Env, line_id: int, error: Exception) -> None:
        line = env["chorus.deposit.line"].browse(line_id)
        # Asked once, as ever: it would fail again each time.
        env.cr.execute("UPDATE chorus_deposit_line SET reason_asked = TRUE WHERE id = %s", (line_id,))
        line._tell_unwritten(error)

    def _note_reason(self, env: Env, line_id: int, history: Any) -> None:
        line = env["chorus.deposit.line"].browse(line_id)
        last = history.events[-1] if history and history.events else None
        if history:
            self._merge(env, line_id, history)
        if last and last.code == line.status_code and last.comment and not line.status_comment:
            # The search told no date either, so the history's is older than the one we gave it.
            line.status_comment = last.comment
            line._tell_status()
        line.reason_asked = True

    def _merge(self, env: Env, line_id: int, history: Any) -> None:
        """Record every dated status, oldest first; the last one becomes the line's when it is newer."""
        line = env["chorus.deposit.line"].browse(line_id)
        changed = False
        for event in history.events:
            at = past(env, naive_utc(event.at))
            if not at or not event.code or (line.deposited_on and at < line.deposited_on - moments.TOMORROW):
                continue
            changed |= line._apply_status(event.code, at, event.comment)
            env["chorus.status.event"]._record(line, event.code, at, event.comment or False)
        first = line.event_ids.filtered(lambda event: event.code == "MISE_A_DISPOSITION").sorted("at")[:1]
        if first and (not line.first_available_at or first.at < line.first_available_at):
            line.first_available_at = first.at
        line.move_id._chorus_sync_period()
        if changed:
            line._tell_status()


# A person waits: what has not come by then is told.
PATIENCE = 240  # seconds


class Copies:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def fetch_copies(self, invoice_ids: Iterable[int]) -> dict[Any, Any]:
        """Fetch the file of each invoice by itself, so that it is certain which is whose.

        :param invoice_ids: Chorus Pro's identifiers
        :return: dict: identifier → bytes, or a sentence why it did not come
        """
        words = self.channel.env["chorus.words"]
        ends, result, stopped = time.monotonic() + PATIENCE, {}, None
        try:
            with self.channel.client(uuid.uuid4().hex[:12]) as client:
                for invoice_id in invoice_ids:
                    if not stopped and time.monotonic() > ends:
                        stopped = self.channel.env._("Chorus Pro answers too slowly: ask for fewer invoices.")
                    if stopped:
                        result[invoice_id] = stopped
                        continue
                    try:
                        result[invoice_id] = client.download_invoices([invoice_id])
                    except errors.ChorusError as error:
                        result[invoice_id] = words._error_sentence(error)
                        if errors.speaks_of_connection(error):
                            stopped = result[invoice_id]
        except errors.ChorusError as error:
            stopped = words._error_sentence(error)
        except UserError as error:
            stopped = str(error)
        return {invoice_id: result.get(invoice_id) or stopped for invoice_id in invoice_ids}
