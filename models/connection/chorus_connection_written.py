"""What happens when a connection is made or changed, and what is looked after once a day, each in order."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...einvoice import compact_code
from ..base.chorus_authority import check_not_rendering
from ..base.transactions import again_when_asked
from ..notice.chorus_notice import PASSWORD
from .chorus_connection_token import write_apart

# A change of these makes the last good token say nothing any more.
TOKEN_DEPENDS_ON = {"auth_url", "api_url", "client_id", "client_secret"}
# A change of these makes a new try worth while.
CREDENTIALS = TOKEN_DEPENDS_ON | {"login", "password", "active"}
FIXED = {"company_id", "environment"}


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

    @api.model_create_multi
    def create(self, vals_list):
        plain, secrets = zip(*(self._split_secrets(self._cleaned(vals)) for vals in vals_list), strict=True)
        connections = super().create(list(plain))
        for connection, values in zip(connections, secrets, strict=True):
            connection._store_secrets(values)
            connection._confirm_siret()
            connection._make_steps()
            connection.company_id._chorus_set_default_responsible()
        return connections

    def write(self, vals):
        vals = self._cleaned(vals)
        self._check_fixed(vals)
        refused = self.filtered(lambda connection: connection.state == "refused")
        plain, secrets = self._split_secrets(vals)
        changed = {name for name in plain if any(connection[name] != plain[name] for connection in self)}
        if TOKEN_DEPENDS_ON & (changed | secrets.keys()):
            self.sudo()._forget_token()
        result = super().write(plain)
        self._store_secrets(secrets)
        if "password_expiry" in vals:
            self._withdraw_reminder()
        # New credentials, or a token after a refusal, end the rest.
        if CREDENTIALS & vals.keys():
            self.sudo()._report_recovery()
        elif vals.get("state") == "connected":
            refused.sudo()._report_recovery()
        return result

    def _check_fixed(self, vals):
        for connection in self:
            for name in FIXED & vals.keys():
                field = connection._fields[name]
                if field.convert_to_write(connection[name], connection) != vals[name]:
                    raise UserError(
                        self.env._(
                            "A connection stays with its company and environment: make another one instead."
                        )
                    )

    @api.model
    def _cleaned(self, vals):
        """Return ``vals`` without the blanks that come along when a key is pasted."""
        clean = {name: value.strip() if isinstance(value, str) else value for name, value in vals.items()}
        if clean.get("supplier_siret"):
            clean["supplier_siret"] = compact_code(clean["supplier_siret"])
        return clean

    # -- what is looked after once a day on each connection, in order

    @api.model
    def _cron_watch_connections(self):
        """Daily: put secrets under the present key, ask again for a refused token, remind of the password,
        tell of full checks that are late, keep e-reporting straight.

        One connection that fails never stops the others.
        """
        check_not_rendering(self.env)
        connections = self.sudo().search([("company_id.active", "=", True)])
        try:
            connections = again_when_asked(self.env, connections._to_watch)
        except Exception:
            # What spoils the look at all of them must not keep any from being looked after.
            _logger.exception("Chorus connections could not be looked at together")
            self.env.cr.rollback()
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

    def _to_watch(self):
        """Those on which :meth:`_watch` has anything to do, found in a few statements for all of them."""
        outdated, uses, late = self._under_present_key(), self._uses(), self._late_checks()
        reported = self.env["account.move"]._chorus_with_reported(
            self.filtered(lambda connection: connection.environment == "production").company_id
        )
        return self.filtered(
            lambda connection: (
                connection in outdated
                or connection.state == "refused"
                or connection._is_reminder_due()
                or (connection in late and not connection.full_check_late)
                or (connection in uses and (connection.obstructed_at or connection._why_obstructed()))
                or (connection.environment == "production" and connection.company_id in reported)
            )
        )

    def _watch(self):
        write_apart(self.env, self.id, lambda row: row._encipher_again())
        self._heal()
        write_apart(self.env, self.id, lambda row: row._remind_of_password())
        if any(self._in_use()):
            # Whoever looks more often may be switched off.
            write_apart(self.env, self.id, lambda row: row._weigh_obstacle())
        if self in self._late_checks():
            # The check itself may fail before it could tell.
            write_apart(self.env, self.id, lambda row: row._watch_full_check())
        if self.environment == "production":
            # E-reporting may have been installed, or may have classed them, behind our back.
            self.env["account.move"]._chorus_refresh_ereporting_of(self.company_id, reported=True)

    # -- the technical password expires (424 days, AIFE): the responsible person hears of it in time

    def _reminder(self):
        """The nearest reminder whose day has come, in days before the end; 0 for none yet."""
        days = (self.password_expiry - fields.Date.today()).days
        return min((before for before in REMIND_BEFORE if days <= before), default=0)

    def _is_reminder_due(self):
        """Whether there is a reminder to give, or one to forget since the end is far again."""
        if not self.password_expiry:
            return False
        given, reminder = self.password_reminder, self._reminder()
        return (not given or given > reminder) if reminder else bool(given)

    def _remind_of_password(self):
        """Schedule the activity of the nearest reminder that is due and was not given."""
        if not self._is_reminder_due():
            return
        reminder = self._reminder()
        if not reminder:
            self.password_reminder = 0
            return
        told = self.env["chorus.notice"]._tell(
            self,
            PASSWORD,
            lambda row: row.env._(
                "The technical password of %(connection)s is good until %(date)s. Change it in Chorus Pro, "
                "Compte Technique, then type the new one in Odoo: Invoicing → Configuration → Chorus Pro → "
                "Connections.",
                connection=row.display_name,
                date=row.password_expiry,
            ),
            deadline=self.password_expiry,
            anew=True,
        )
        if told:
            self.password_reminder = reminder

    def _withdraw_reminder(self):
        """A new date closes the reminder of the old one."""
        for connection in self.sudo().filtered("password_reminder"):
            connection.password_reminder = 0
            connection.env["chorus.notice"]._solved(connection, PASSWORD)
