import uuid

from odoo import api, models
from odoo.exceptions import UserError

from ..chorus_api import errors
from .moments import naive_utc
from .transactions import fresh_env, in_transaction


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _fetch_history(self, line_id):
        """Merge the whole history of one invoice (``consulter/historique``) with what is known of it.

        :raises UserError: when Chorus Pro could not be asked
        """
        with fresh_env(self.env) as env:
            line = env["chorus.deposit.line"].browse(line_id)
            channel = (line.company_id.id, line.environment)
            invoice_id = int(line.chorus_invoice_id)
        try:
            with fresh_env(self.env) as env:
                client = self._connection(env, *channel)._client(uuid.uuid4().hex[:12])
            with client:
                history = client.invoice_history(invoice_id)
        except errors.ChorusError as error:
            raise UserError(self.env["chorus.words"]._error_sentence(error)) from error
        in_transaction(self.env, lambda env: self._merge_history(env, line_id, history))

    @api.model
    def _merge_history(self, env, line_id, history):
        """Record every dated status, oldest first; the last one becomes the line's when it is newer."""
        line = env["chorus.deposit.line"].browse(line_id)
        changed = False
        for event in history.events:
            at = naive_utc(event.at)
            if not at or not event.code:
                continue
            changed |= line._apply_status(event.code, at, event.comment)
            env["chorus.status.event"]._record(line, event.code, at, event.comment or False)
        first = line.event_ids.filtered(lambda event: event.code == "MISE_A_DISPOSITION").sorted("at")[:1]
        if first and (not line.first_available_at or first.at < line.first_available_at):
            line.first_available_at = first.at
        line.move_id._chorus_sync_period()
        if changed:
            line._tell_status()
