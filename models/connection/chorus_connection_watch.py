"""What is looked after once a day on each connection, in order."""

import logging

from odoo import api, models

from ..base.chorus_authority import check_not_rendering
from ..base.transactions import again_when_asked
from .chorus_connection_token import write_apart

_logger = logging.getLogger(__name__)


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    @api.model
    def _cron_watch_connections(self):
        """Daily: put secrets under the present key, ask again for a refused token, remind of the password,
        keep e-reporting straight.

        One connection that fails never stops the others.
        """
        check_not_rendering(self.env)
        connections = self.sudo().search([("company_id.active", "=", True)])
        remaining = len(connections)
        for connection in connections:
            try:
                again_when_asked(self.env, connection._watch)
            except Exception:
                _logger.exception("Chorus connection %s could not be watched", connection.id)
                self.env.cr.rollback()
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    def _watch(self):
        write_apart(self.env, self.id, lambda row: row._encipher_again())
        self._heal()
        write_apart(self.env, self.id, lambda row: row._remind_of_password())
        if self.environment == "production":
            # E-reporting may have been installed, or may have classed them, behind our back.
            self.env["account.move"]._chorus_refresh_ereporting_of(self.company_id, reported=True)
