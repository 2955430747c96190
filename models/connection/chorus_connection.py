"""The connection of one company to one environment of Chorus Pro.

The server's configuration knows a company by its SIRET, by the one that an administrator confirmed: whoever
may edit contacts may write another company's SIRET on this one, and it must not come to its credentials.
"""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.chorus_identity import is_siret
from ..base.chorus_server_config import (
    API_URL,
    AUTH_URL,
    ENVIRONMENTS,
    PORTAL,
    any_by_siret,
    by_siret,
    credential,
)
from ..notice.chorus_sentences import Reason


class ChorusConnection(models.Model):
    _name = "chorus.connection"
    _description = "Chorus Pro Connection"
    _inherit = ["mail.thread", "mail.activity.mixin", "chorus.kept.from.texts"]
    _order = "company_id, environment desc"
    _check_company_auto = True

    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    environment = fields.Selection(
        ENVIRONMENTS,
        required=True,
        default="test",
        help="Test: the qualification space of Chorus Pro, where nothing reaches a real public body. "
        "Production: real invoices.",
    )
    auth_url = fields.Char(
        string="API Auth BaseUrl",
        required=True,
        compute="_compute_urls",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Where PISTE hands out tokens.",
    )
    api_url = fields.Char(
        string="API BaseUrl",
        required=True,
        compute="_compute_urls",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Where Chorus Pro answers, through PISTE.",
    )
    client_id = fields.Char(
        string="Client ID",
        copy=False,
        tracking=True,
        help="PISTE: your application, tab Authentification, Identifiants Oauth.",
    )
    login = fields.Char(
        string="Technical username",
        copy=False,
        tracking=True,
        help="Login of the technical account made in Chorus Pro, such as TECH_1_123456@cpro.fr.",
    )
    state = fields.Selection(
        [("draft", "Not connected yet"), ("connected", "Connected"), ("refused", "Refused by PISTE")],
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    connected_at = fields.Datetime(string="Last good token", readonly=True, copy=False)
    token_expiry = fields.Datetime(string="Token good until", readonly=True, copy=False)
    last_error = Reason(string="Last error", readonly=True, copy=False)
    supplier_siret = fields.Char(
        string="Supplier SIRET of the test data set",
        copy=False,
        tracking=True,
        help="In test, Chorus Pro does not know your company: this SIRET takes its place in what is sent.",
    )
    company_environment = fields.Selection(
        related="company_id.chorus_environment",
        string="Company's invoices go to",
    )
    portal_url = fields.Char(string="Portal", compute="_compute_portal_url")

    _company_environment_uniq = models.Constraint(
        "UNIQUE(company_id, environment)",
        "This company already has a connection to this environment.",
    )

    confirmed_siret = fields.Char(
        string="Confirmed SIRET",
        readonly=True,
        copy=False,
        tracking=True,
        help="The company's SIRET when an administrator last made this connection or pressed Refresh Token:"
        " credentials of the server's configuration are only taken for this one.",
    )

    # ---------------------------------------------------------------- for the code that sends
    @api.model
    def _for(self, company, environment):
        """Return the connection of ``company`` to ``environment``, with sudo, or an empty recordset."""
        domain = [("company_id", "=", company.id), ("environment", "=", environment)]
        # One there is at most; its settings are read with it.
        return self.sudo().search_fetch(domain, order="id", limit=1)

    # ---------------------------------------------------------------- fields
    @api.depends("environment")
    def _compute_urls(self):
        for connection in self:
            connection.auth_url = AUTH_URL.get(connection.environment)
            connection.api_url = API_URL.get(connection.environment)

    @api.depends("environment")
    def _compute_portal_url(self):
        for connection in self:
            connection.portal_url = PORTAL.get(connection.environment)

    @api.depends("company_id", "environment")
    def _compute_display_name(self):
        labels = dict(self._fields["environment"]._description_selection(self.env))
        for connection in self:
            connection.display_name = self.env._(
                "Chorus Pro %(environment)s – %(company)s",
                environment=(labels.get(connection.environment) or "").upper(),
                company=connection.company_id.name,
            )

    def _creation_message(self):
        return self.env._("The connection was created.")

    @api.constrains("supplier_siret")
    def _check_supplier_siret(self):
        for siret in self.filtered("supplier_siret").mapped("supplier_siret"):
            if not is_siret(siret):
                raise ValidationError(self.env._("A SIRET has 14 digits: “%s” has not.", siret))

    def _form_action(self):
        """Return the action that opens this connection."""
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "name": self.env._("Connection to Chorus Pro"),
            "view_mode": "form",
            "views": [(False, "form")],
            "res_id": self.id,
        }

    # -- the server's configuration knows a company by its SIRET

    def _confirm_siret(self):
        """An administrator stands by the companies' present SIRETs."""
        for connection in self:
            siret = connection._company_siret()
            if (connection.confirmed_siret or "") != siret:
                connection.confirmed_siret = siret

    def _company_siret(self):
        return self.company_id.partner_id._chorus_own_siret()

    def _why_another_siret(self):
        """Return why the server's credentials for a SIRET are not this company's, or ``''``."""
        connection = self.sudo()
        if not any_by_siret(connection.environment):
            return ""
        present, confirmed = connection._company_siret(), connection.confirmed_siret or ""
        concerned = any(by_siret(siret, connection.environment) for siret in (present, confirmed))
        if present == confirmed or not concerned:
            return ""
        return self.env._(
            "The SIRET of %(company)s is now %(present)s instead of %(confirmed)s, and the server's"
            " configuration gives access to Chorus Pro by SIRET: nothing is sent or followed. Put the SIRET"
            " right on the company; or an administrator opens the connection and presses Refresh Token to"
            " confirm it.",
            company=connection.company_id.name,
            present=present or self.env._("empty"),
            confirmed=confirmed or self.env._("empty"),
        )


def server_credential(connection, name):
    """Return one of ``CREDENTIALS`` as the server's configuration gives it, or ``''``.

    No method, as templates reach those.
    """
    connection = connection.sudo()
    if connection._why_another_siret():
        return ""
    siret = connection.confirmed_siret or ""
    return credential(name, connection.company_id.id, connection.environment, siret)
