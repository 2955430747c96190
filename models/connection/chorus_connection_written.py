"""What happens when a connection is made or changed: everything that follows from it, in order."""

from odoo import api, models
from odoo.exceptions import UserError

from ...einvoice import compact_code

# A change of these makes the last good token say nothing any more.
TOKEN_DEPENDS_ON = {"auth_url", "api_url", "client_id", "client_secret"}
# A change of these makes a new try worth while.
CREDENTIALS = TOKEN_DEPENDS_ON | {"login", "password", "active"}
FIXED = {"company_id", "environment"}


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

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
