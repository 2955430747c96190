"""A production connection works from one database only (``chorus.database``): a copy of it makes no call.

``data/neutralize.sql`` covers Odoo's own tool; this covers ``createdb -T``, a restored dump and a cluster
that was made anew, which never run it.
"""

from odoo import fields, models
from odoo.exceptions import UserError

from ..base.chorus_server_config import option_list, parameter
from ..base.scheduled import wake
from . import chorus_database


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    fingerprint_code = fields.Char(
        string="Code of this database",
        compute="_compute_fingerprint_code",
        help="An identical clone may be allowed with chorus_pro_fingerprints in the server's configuration.",
    )
    is_another_database = fields.Boolean(compute="_compute_fingerprint_code")

    def _compute_fingerprint_code(self):
        code = chorus_database.code(self.env["chorus.database"]._hard_signs())
        for connection in self:
            connection.fingerprint_code = code
            connection.is_another_database = bool(connection._why_another_database())

    def action_confirm_database(self):
        """Confirm that this database is the one that sends the company's real invoices."""
        self.check_access("write")
        for connection in self.filtered(lambda connection: connection.environment == "production"):
            if connection._is_neutralized():
                raise UserError(connection._why_another_database())
            database = self.env["chorus.database"]._of(connection.company_id)
            if not database or not connection._why_another_database():
                continue
            database._confirm()
            connection._message_log(
                body=self.env._(
                    "%s confirmed that real invoices are sent from this database. What waits is looked for"
                    " on Chorus Pro before it leaves.",
                    self.env.user.name,
                )
            )
            wake(self.env)

    def _bind_to_database(self):
        """Remember this database at the first good production token."""
        if self.environment == "production":
            self.env["chorus.database"].sudo()._bind(self.company_id)

    def _why_another_database(self):
        """Return why this database is not the one that the connection belongs to, or ``''``."""
        if self.environment != "production":
            return ""
        if self._is_neutralized():
            return self.env._("This database is a neutralized copy: it never sends real invoices.")
        database = self.env["chorus.database"]._of(self.company_id)
        now = database._hard_signs()
        different = database._differences(now)
        if not different or chorus_database.code(now) in option_list("fingerprints"):
            return ""
        labels = {
            "database": self.env._("name of the database"),
            "uuid": self.env._("identifier of the database"),
            "oid": self.env._("the database was restored or made anew"),
            "server": self.env._("PostgreSQL server"),
        }
        return self.env._(
            "This looks like a copy of the database that sends the real invoices (changed: %s). Nothing is "
            "sent to Chorus Pro until an administrator opens the production connection and confirms.",
            ", ".join(labels[sign] for sign in different),
        )

    def _is_neutralized(self):
        return bool(parameter(self.env, "database.is_neutralized"))
