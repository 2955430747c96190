"""Chorus Pro's own copies of invoices, fetched for a person who asks; nothing changes there."""

import time
import uuid
from collections.abc import Iterable
from typing import Any

from odoo.exceptions import UserError

from ..chorus_api import errors
from .channel import Channel

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
