"""Whether a connection may be used, in sentences; what has stopped is told."""

import logging
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ... import chorus_api
from ...chorus_api.client import OFFICIAL_DOMAIN, allowed_host, official_environment
from ..base import moments
from ..base.chorus_server_config import option_list
from ..base.chorus_states import LIVE_STATES
from ..base.transactions import switched_off
from ..notice.chorus_notice import STOPPED, notice

_logger = logging.getLogger(__name__)

# Settings are being changed, a server is being moved: a person is told of what lasts longer.
PATIENCE = timedelta(minutes=20)
# What waits for something that only a usable connection can bring.
NOT_LEFT = ("queued", "ready", "sending")


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    not_usable_reason = fields.Text(string="Why nothing is sent", compute="_compute_not_usable_reason")

    obstructed_at = fields.Datetime("Stopped since", readonly=True, copy=False)
    obstacle_told = fields.Boolean("A person was told", readonly=True, copy=False, default=False)

    def _compute_not_usable_reason(self):
        for connection in self:
            connection.not_usable_reason = connection._why_stopped()

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

    def _why_stopped(self):
        """Return why nothing is sent or followed by itself, in a translated sentence, or ``''``."""
        if reason := self._why_not_usable():
            return reason
        return self._why_asleep("send") or self._why_asleep("follow")

    @api.model
    def _why_asleep(self, what):
        """Return why nobody sends or follows, in a translated sentence, or ``''``.

        :param str what: ``send`` or ``follow``
        """
        if not (name := switched_off(self.env, what)):
            return ""
        return self.env._(
            "Odoo's scheduled action “%s” is switched off. An administrator switches it on again (Settings,"
            " Technical, Scheduled Actions, with the filter Archived).",
            name,
        )

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

    # -- sending and following that have stopped are told

    @api.model
    def _any_for(self, company, environment):
        """The connection of a company to an environment, archived or not, with sudo."""
        return self.with_context(active_test=False)._for(company, environment)

    @api.model
    def _obstacles(self, company, environment):
        """Why nothing is sent, and why nothing is followed, for a company in an environment.

        :return: two sentences, each ``''`` when it is not so
        """
        reason = self._any_for(company, environment)._why_not_usable()
        return reason or self._why_asleep("send"), reason or self._why_asleep("follow")

    def _in_use(self):
        """How many invoices wait to be sent through this connection, and how many are followed.

        :rtype: tuple[int, int]
        """
        self.ensure_one()
        return self._uses().get(self, (0, 0))

    def _uses(self):
        """The same of each connection that is in use.

        :rtype: dict[chorus.connection, tuple[int, int]]
        """
        place = [
            ("company_id", "in", self.company_id.ids),
            ("environment", "in", list(set(self.mapped("environment")))),
        ]
        left = tuple(state for state in LIVE_STATES if state not in (*NOT_LEFT, "unconfirmed"))
        lines = self.env["chorus.deposit.line"].sudo()

        def count(*domain):
            groups = lines._read_group([*place, *domain], ["company_id", "environment"], ["__count"])
            return Counter({(company, environment): number for company, environment, number in groups})

        # Each is a question of an index of its own.
        waiting = count(("state", "in", NOT_LEFT))
        unconfirmed = count(("state", "=", "unconfirmed"))
        followed = unconfirmed + count(("followed", "=", True), ("state", "in", left))
        places = {connection: (connection.company_id, connection.environment) for connection in self}
        return {
            connection: (waiting[at], followed[at])
            for connection, at in places.items()
            if waiting[at] or followed[at]
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for connection in self:
            waiting, followed = connection._in_use()
            if waiting or followed:
                raise UserError(
                    self.env._(
                        "%(connection)s cannot be deleted: invoices that wait to be sent through it:"
                        " %(waiting)s; invoices that are followed through it: %(followed)s. Archive it"
                        " instead: it can be brought back.",
                        connection=connection.display_name,
                        waiting=waiting,
                        followed=followed,
                    )
                )

    def action_archive(self):
        """Archive, and say what stops."""
        used = [(connection, *connection._in_use()) for connection in self if connection.active]
        result = super().action_archive()
        told = [
            self.env._(
                "%(connection)s is archived. Invoices that wait and are not sent any more: %(waiting)s."
                " Invoices that are not followed any more: %(followed)s. Bring it back to go on.",
                connection=connection.display_name,
                waiting=waiting,
                followed=followed,
            )
            for connection, waiting, followed in used
            if waiting or followed
        ]
        if not told:
            return result
        return notice("warning", self.env._("Chorus Pro stops"), "\n".join(told), sticky=True)

    def _why_obstructed(self):
        """Why this connection, which is needed, cannot be used, or ``''``.

        Refused keys are told of where the token is asked for.
        """
        return "" if self.state == "refused" and self.active else self._why_stopped()

    @api.model
    def _weigh_obstacles(self, needed, places):
        """Look at the connections of some places, and at those that were stopped and are not needed any more.

        :param needed: set of (company id, environment) in which invoices need a connection
        :param places: those of them that are looked at now
        :return: bool, True
        """
        connections = self.with_context(active_test=False)
        for connection in connections.search([("obstructed_at", "!=", False)]):
            if (connection.company_id.id, connection.environment) not in needed:
                connection._obstacle_gone()
        # Found, and read, together.
        ids = sorted({company_id for company_id, _environment in places})
        found = connections.sudo().search([("company_id", "in", ids)])
        by_place = {(connection.company_id.id, connection.environment): connection for connection in found}
        for place in places:
            company = self.env["res.company"].browse(place[0]).with_prefetch(ids)
            if connection := by_place.get(place):
                connection.with_context(tracking_disable=True)._weigh_obstacle()
            elif company.active:
                self._tell_there_is_none(company, place[1])
        return True

    @api.model
    def _tell_there_is_none(self, company, environment):
        told, kind = self.env["chorus.notice"], STOPPED[environment]
        if not told._open(company, kind):
            _logger.warning(
                "%s, %s: nothing is sent or followed: %s", company.name, environment, self._why_not_usable()
            )
            told._tell(company, kind, lambda row: row.env["chorus.connection"]._why_not_usable())

    def _weigh_obstacle(self):
        """Note that this connection, which is needed, cannot be used; tell a person when it lasts."""
        self.ensure_one()
        reason = self._why_obstructed()
        if not reason:
            self._obstacle_gone()
            return
        now = moments.now(self.env)
        if not self.obstructed_at:
            self.obstructed_at = now
        elif not self.obstacle_told and now - self.obstructed_at >= PATIENCE:
            _logger.warning("%s: nothing is sent or followed: %s", self.display_name, reason)
            self.obstacle_told = self.env["chorus.notice"]._tell(
                self, STOPPED[self.environment], lambda row: row._obstacle_words()
            )

    def _obstacle_words(self):
        waiting, followed = self._in_use()
        return self.env._(
            "%(reason)s\nInvoices that wait to be sent: %(waiting)s. Invoices that are not followed:"
            " %(followed)s. This is closed by itself once the connection works again.",
            reason=self._why_stopped(),
            waiting=waiting,
            followed=followed,
        )

    def _obstacle_gone(self):
        stopped = self.filtered("obstructed_at")
        stopped.write({"obstructed_at": False, "obstacle_told": False})
        for connection in stopped:
            connection.env["chorus.notice"]._solved(connection, STOPPED[connection.environment])
