"""A production connection belongs to one database: a copy of it sends nothing until somebody confirms.

``data/neutralize.sql`` covers Odoo's own tool; the fingerprint covers ``createdb -T``, a restored dump and
a cloned machine, which never run it.
"""

import hashlib

import psycopg2
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .chorus_server_config import option_list


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    fingerprint = fields.Json(
        string="Belongs to the database",
        readonly=True,
        copy=False,
        help="What this production connection was confirmed for.",
    )
    fingerprint_code = fields.Char(
        string="Code of this database",
        compute="_compute_fingerprint_code",
        help="An identical clone may be allowed with chorus_pro_fingerprints in the server's configuration.",
    )
    is_another_database = fields.Boolean(compute="_compute_fingerprint_code")

    def _compute_fingerprint_code(self):
        code = _code(self._fingerprint_now())
        for connection in self:
            connection.fingerprint_code = code
            connection.is_another_database = bool(connection._why_another_database())

    def action_confirm_database(self):
        """Confirm that this database is the one that sends the company's real invoices."""
        self.check_access("write")
        for connection in self.filtered(lambda connection: connection.environment == "production"):
            if connection._is_neutralized():
                raise UserError(connection._why_another_database())
            connection.sudo().fingerprint = connection._fingerprint_now()
            connection._message_log(
                body=self.env._(
                    "%s confirmed that real invoices are sent from this database.", self.env.user.name
                )
            )

    def _bind_to_database(self):
        """Remember this database at the first good production token."""
        if self.environment == "production" and not self.fingerprint:
            self.sudo().fingerprint = self._fingerprint_now()

    def _why_another_database(self):
        """Return why this database is not the one that the connection belongs to, or ``''``."""
        if self.environment != "production":
            return ""
        if self._is_neutralized():
            return self.env._("This database is a neutralized copy: it never sends real invoices.")
        now = self._fingerprint_now()
        if not self.fingerprint or self.fingerprint == now or _code(now) in option_list("fingerprints"):
            return ""
        labels = {
            "database": self.env._("name of the database"),
            "uuid": self.env._("identifier of the database"),
            "server": self.env._("PostgreSQL server"),
            "url": self.env._("address of Odoo"),
        }
        different = [label for key, label in labels.items() if self.fingerprint.get(key) != now[key]]
        return self.env._(
            "This looks like a copy of the database that sends the real invoices (changed: %s). Nothing is "
            "sent to Chorus Pro until an administrator opens the production connection and confirms.",
            ", ".join(different),
        )

    def _is_neutralized(self):
        return bool(self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"))

    def _fingerprint_now(self):
        """Return what identifies this database: its name, uuid, PostgreSQL server and base URL."""
        get_param = self.env["ir.config_parameter"].sudo().get_param
        return {
            "database": self.env.cr.dbname,
            "uuid": get_param("database.uuid"),
            "server": self._server_identifier(),
            "url": (get_param("web.base.url") or "").rstrip("/"),
        }

    def _server_identifier(self):
        """Return the cluster's system identifier, or the database's oid where its owner may not read it."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                self.env.cr.execute("SELECT system_identifier FROM pg_control_system()")
                return f"cluster {self.env.cr.fetchone()[0]}"
        except psycopg2.errors.InsufficientPrivilege:
            self.env.cr.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            return f"database {self.env.cr.fetchone()[0]}"


def _code(fingerprint):
    """Short code of a fingerprint, which says nothing about its parts."""
    parts = "\n".join(f"{key}={fingerprint[key]}" for key in sorted(fingerprint))
    return hashlib.sha256(parts.encode()).hexdigest()[:20]
