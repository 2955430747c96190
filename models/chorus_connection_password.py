"""The technical password expires (424 days, AIFE): the responsible person hears of it in time."""

import logging

from odoo import api, fields, models

from .. import chorus_api
from .chorus_connection_token import token_renewal, write_apart
from .chorus_errors import explain
from .chorus_notice import PASSWORD, REFUSED
from .transactions import again_when_asked

_logger = logging.getLogger(__name__)

REMIND_BEFORE = (30, 15, 5)


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    password_expiry = fields.Date(
        string="Password good until",
        tracking=True,
        copy=False,
        help="Read from Chorus Pro when it tells, else typed. A reminder comes 30, 15 and 5 days before.",
    )
    password_reminder = fields.Integer(
        string="Last reminder (days before)",
        readonly=True,
        copy=False,
        default=0,
    )

    @api.model
    def _cron_watch_connections(self):
        """Daily: put secrets under the present key, ask again for a refused token, remind of the password,
        keep e-reporting straight.

        One connection that fails never stops the others.
        """
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
        if self.state == "refused" and not self._why_no_token_request():
            try:
                token_renewal(self)(None)
            except chorus_api.ChorusError as error:
                _logger.info("Connection %s: still no token (%s)", self.id, error.code)
        write_apart(self.env, self.id, lambda row: row._remind_of_password())
        if self.environment == "production":
            # E-reporting may have been installed, or may have classed them, behind our back.
            self.env["account.move"]._chorus_refresh_ereporting_of(self.company_id, reported=True)

    def _tell_of_refusal(self, error):
        self.env["chorus.notice"]._tell(self, REFUSED, lambda row: explain(row.env, error), anew=True)

    def _withdraw_refusal(self):
        self.env["chorus.notice"]._solved(self, REFUSED)

    def _remind_of_password(self):
        """Schedule the activity of the nearest reminder that is due and was not given."""
        if not self.password_expiry:
            return
        days = (self.password_expiry - fields.Date.today()).days
        due = [before for before in REMIND_BEFORE if days <= before]
        if not due:
            if self.password_reminder:
                self.password_reminder = 0
            return
        if self.password_reminder and self.password_reminder <= due[-1]:
            return
        told = self.env["chorus.notice"]._tell(
            self,
            PASSWORD,
            lambda row: row.env._(
                "The technical password of %(connection)s is good until %(date)s. Change it in Chorus Pro, "
                "Compte Technique, then type the new one in Odoo: Settings, Accounting, Chorus Pro.",
                connection=row.display_name,
                date=row.password_expiry,
            ),
            deadline=self.password_expiry,
            anew=True,
        )
        if told:
            self.password_reminder = due[-1]

    def _withdraw_reminder(self):
        """A new date closes the reminder of the old one."""
        for connection in self.sudo().filtered("password_reminder"):
            connection.password_reminder = 0
            connection.env["chorus.notice"]._solved(connection, PASSWORD)
