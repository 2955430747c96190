"""Secrets of a connection: typed once, never given to a browser, an export or log; used from one database.

The visible fields are always empty; what is typed in them is enciphered (``chorus_server_config``) into
columns that only code running as superuser reads. The server's configuration may give any credential instead.

A production connection works from one database only (``chorus.database``): a copy of it makes no call.
``data/neutralize.sql`` covers Odoo's own tool; this covers ``createdb -T``, a restored dump and a cluster
that was made anew, which never run it.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base import chorus_server_config
from ..base.chorus_server_config import CREDENTIALS, option_list, parameter
from ..base.transactions import wake
from . import chorus_database
from .chorus_connection import server_credential

STORED_IN = {"client_secret": "client_secret_cipher", "password": "password_cipher"}
SOURCES = [("missing", "Not filled in"), ("database", "Saved"), ("server", "From the server's configuration")]


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    client_secret = fields.Char(
        compute="_compute_no_secret",
        readonly=False,
        copy=False,
        exportable=False,
        help="PISTE: beside the Client ID. It is never shown again once saved.",
    )
    password = fields.Char(
        string="Technical password",
        compute="_compute_no_secret",
        readonly=False,
        copy=False,
        exportable=False,
        help="Password of the technical account. It is never shown again once saved.",
    )
    # Read together, and with nothing else.
    client_secret_cipher = fields.Char(groups=fields.NO_ACCESS, copy=False, prefetch="secrets")
    password_cipher = fields.Char(groups=fields.NO_ACCESS, copy=False, prefetch="secrets")
    token_cipher = fields.Char(groups=fields.NO_ACCESS, copy=False, prefetch="secrets")
    client_id_source = fields.Selection(SOURCES, compute="_compute_sources")
    client_secret_source = fields.Selection(SOURCES, string="Client Secret saved", compute="_compute_sources")
    login_source = fields.Selection(SOURCES, compute="_compute_sources")
    password_source = fields.Selection(SOURCES, string="Password saved", compute="_compute_sources")

    fingerprint_code = fields.Char(
        string="Code of this database",
        compute="_compute_fingerprint_code",
        help="An identical clone may be allowed with chorus_pro_fingerprints in the server's configuration.",
    )
    is_another_database = fields.Boolean(compute="_compute_fingerprint_code")

    def _compute_no_secret(self):
        self.client_secret = False
        self.password = False

    def _compute_sources(self):
        for connection in self:
            for name in CREDENTIALS:
                connection[f"{name}_source"] = connection._credential_source(name)

    def action_forget_secrets(self):
        """Erase the saved secret, password and token."""
        self.check_access("write")
        self.sudo().write(dict.fromkeys(STORED_IN.values(), False))
        self.sudo()._forget_token()
        for connection in self:
            connection.message_post(body=self.env._("The saved secrets were erased."))

    def _forget_token(self):
        """Go back to "not connected yet": the settings behind the last good token have changed."""
        self.with_context(tracking_disable=True).write(
            {
                "state": "draft",
                "token_cipher": False,
                "token_expiry": False,
                "last_error": False,
            }
        )

    # ---------------------------------------------------------------- reading, by code only
    def _has_credential(self, name):
        return self._credential_source(name) != "missing"

    def _credential_source(self, name):
        connection = self.sudo()
        if server_credential(connection, name):
            return "server"
        return "database" if connection[STORED_IN.get(name, name)] else "missing"

    def _why_unreadable_secrets(self):
        """Return why a saved secret cannot be deciphered, or ``''``."""
        unreadable = any(
            self._credential_source(name) == "database"
            and chorus_server_config.decrypt(self.env, self.sudo()[column]) is None
            for name, column in STORED_IN.items()
        )
        if not unreadable:
            return ""
        if not option_list("encryption_keys"):
            return self.env._(
                "The saved secrets of the connection to Chorus Pro cannot be read any more: either this"
                " database was restored or duplicated as a copy, so that Odoo gave it a new secret, or the"
                " server has lost chorus_pro_encryption_keys. An administrator types the client secret and"
                " the password again on the connection, then presses Refresh Token; or restores"
                " chorus_pro_encryption_keys in the server's configuration."
            )
        return self.env._(
            "The saved secrets of the connection to Chorus Pro were enciphered with a key that "
            "this server "
            "does not have. Type the client secret and the password again, or restore "
            "chorus_pro_encryption_keys in the server's configuration."
        )

    # ---------------------------------------------------------------- writing
    @api.model
    def _split_secrets(self, vals):
        """Return ``(plain values, typed secrets)``; an empty secret means "unchanged"."""
        plain = {name: value for name, value in vals.items() if name not in STORED_IN}
        return plain, {name: vals[name] for name in STORED_IN if vals.get(name)}

    def _store_secrets(self, secrets):
        """Encipher and store what was typed; say that it changed, never what it is.

        :param dict secrets: field name → text.
        """
        if not secrets:
            return
        try:
            ciphers = {
                STORED_IN[name]: chorus_server_config.encrypt(self.env, text)
                for name, text in secrets.items()
            }
        except chorus_server_config.WeakKey:
            raise UserError(
                self.env._(
                    "Each key of chorus_pro_encryption_keys, in the server's configuration, must "
                    "have at least "
                    "%s characters.",
                    chorus_server_config.MIN_KEY_LENGTH,
                )
            ) from None
        self.check_access("write")
        self.sudo().write(ciphers)
        labels = ", ".join(self._fields[name]._description_string(self.env) for name in secrets)
        for connection in self:
            connection._message_log(body=self.env._("Changed: %s.", labels))

    def _encipher_again(self):
        """Put the saved secrets under the first key of the configuration."""
        for connection, changed in self.sudo()._under_present_key().items():
            connection.write(changed)

    def _under_present_key(self):
        """The saved secrets that are not under the first key, as it would have them.

        :return: dict connection → dict column → cipher, of those that have any
        """
        columns = (*STORED_IN.values(), "token_cipher")
        # One question for all of them; they are never read along with other fields.
        self.fetch(columns)
        ciphers = set(filter(None, (connection[column] for connection in self for column in columns)))
        rotated = chorus_server_config.rotate(self.env, ciphers)
        changed = {
            connection: {
                column: rotated[connection[column]] for column in columns if connection[column] in rotated
            }
            for connection in self
        }
        return {connection: values for connection, values in changed.items() if values}

    # -- a production connection works from one database only (``chorus.database``)

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


def credential_of(connection, name):
    """Return one of ``CREDENTIALS``, from the server's configuration or the database, or ``''``.

    A function and no method: what people may write in templates reaches every method of a record, and no
    function of this module. The other doors to secrets are like it (``chorus_connection_token``).
    """
    connection.ensure_one()
    connection = connection.sudo()
    given = server_credential(connection, name)
    if given or name not in STORED_IN:
        return given or connection[name] or ""
    return chorus_server_config.decrypt(connection.env, connection[STORED_IN[name]]) or ""


class _HideSecretsInCallLog(logging.Filter):
    """At DEBUG level the server logs the arguments of each remote call: not those of this model."""

    def filter(self, record):
        args = record.args if isinstance(record.args, tuple) else ()
        if args and getattr(args[0], "_name", "").startswith("chorus.connection"):
            record.args = (*args[:-1], "hidden")
        return True


logging.getLogger("odoo.service.model").addFilter(_HideSecretsInCallLog())
