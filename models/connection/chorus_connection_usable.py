"""Whether a connection may be used, in sentences: nothing is asked or sent while one of them is not empty."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ... import chorus_api
from ...chorus_api.access import OFFICIAL_DOMAIN, allowed_host, official_environment
from ..base.chorus_server_config import option_list


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    not_usable_reason = fields.Text(string="Why nothing is sent", compute="_compute_not_usable_reason")

    def _compute_not_usable_reason(self):
        for connection in self:
            connection.not_usable_reason = connection._why_not_usable()

    @api.constrains("auth_url", "api_url", "environment")
    def _check_urls(self):
        for connection in self:
            if reason := connection._why_wrong_url():
                raise ValidationError(reason)

    def _why_not_usable(self):
        """Return why nothing may be sent through this connection, in a translated sentence, or ``''``."""
        if not self:
            return self.env._("No connection to Chorus Pro is configured for this company and environment.")
        connection = self.sudo()
        return connection._why_no_call() or connection._why_no_deposit() or ""

    def _why_no_call(self):
        """Return why Chorus Pro may not be called at all, or ``''``."""
        if reason := self._why_no_token_request():
            return reason
        if self.state == "refused":
            return self.env._(
                "PISTE refused the keys of the connection to Chorus Pro: %s", self.last_error or ""
            )
        if self.state != "connected":
            return self.env._(
                "The connection to Chorus Pro has never had a good token with its present settings: an "
                "administrator opens it and presses Refresh Token."
            )
        return ""

    def _why_no_token_request(self, with_account=True):
        """Return why not even a token may be asked for, or ``''``.

        :param bool with_account: whether the technical account has to be there as well; PISTE looks at the
            keys only
        """
        self.ensure_one()
        if not self.active:
            return self.env._("The connection to Chorus Pro is archived.")
        if reason := self._why_another_siret():
            return reason
        if missing := self._missing_settings(with_account):
            return self.env._(
                "The connection to Chorus Pro is not complete. Fill in: %s.", ", ".join(missing)
            )
        return self._why_another_database() or self._why_unreadable_secrets() or self._why_wrong_url()

    def _why_no_deposit(self):
        """Return why look-ups are fine but a deposit is not, or ``''``."""
        if self.environment == "test" and not self.supplier_siret:
            return self.env._(
                "In test, the supplier SIRET of the test data set must take the place of your company's: "
                "fill it in on the test connection, or import the test data set."
            )
        return ""

    def _missing_settings(self, with_account):
        """Return the labels of the settings without which nothing can be asked."""
        account = ["login", "password"] if with_account else []
        labels = self.fields_get(["auth_url", "api_url", "client_id", "client_secret", *account], ["string"])
        filled = {name: self[name] for name in ("auth_url", "api_url")}
        return [
            label["string"]
            for name, label in labels.items()
            if not (filled[name] if name in filled else self._has_credential(name))
        ]

    def _endpoints(self):
        """Return the ``chorus_api.Endpoints``.

        :raises ValueError: when an address is not https (loopback aside).
        """
        return chorus_api.Endpoints(self.auth_url, self.api_url)

    def _why_wrong_url(self):
        """Return why one of the addresses may not receive credentials, or ``''``."""
        for url in (self.auth_url, self.api_url):
            if not allowed_host(url, option_list("allowed_hosts")):
                return self.env._(
                    "Credentials are only sent to the State's portal (%(domain)s), not to “%(url)s”. If that "
                    "address is right, the server's administrator adds its host to chorus_pro_allowed_hosts "
                    "in the configuration file.",
                    domain=OFFICIAL_DOMAIN,
                    url=url,
                )
        try:
            self._endpoints()
        except ValueError as error:
            return {
                "not_https": self.env._("The addresses of Chorus Pro must start with https://."),
                "no_path": self.env._("The API Auth BaseUrl needs its path, such as /api/oauth/token."),
            }.get(getattr(error, "code", ""), self.env._("The addresses of Chorus Pro cannot be read."))
        places = {official_environment(url) for url in (self.auth_url, self.api_url)}
        if places <= {self.environment} or places == {""}:
            return ""
        return self.env._(
            "The addresses do not belong to this environment: hosts of %(domain)s whose name begins with"
            " “sandbox-” are the test, the others are production; both addresses must be of the same. Write"
            " the API Auth BaseUrl and the API BaseUrl of %(environment)s.",
            domain=OFFICIAL_DOMAIN,
            environment=dict(self._fields["environment"]._description_selection(self.env)).get(
                self.environment
            ),
        )
