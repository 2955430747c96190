"""The connection of one company to one environment of Chorus Pro."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .chorus_environments import API_URL, AUTH_URL, ENVIRONMENTS, PORTAL
from .chorus_structure import is_siret

# A change of these makes the last good token say nothing any more.
TOKEN_DEPENDS_ON = {"auth_url", "api_url", "client_id", "client_secret"}


class ChorusConnection(models.Model):
    _name = "chorus.connection"
    _description = "Chorus Pro Connection"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
    last_error = fields.Text(string="Last error", readonly=True, copy=False)
    supplier_siret = fields.Char(
        string="Supplier SIRET of the test data set",
        copy=False,
        tracking=True,
        help="In test, Chorus Pro does not know your company: this SIRET takes its place in what is sent.",
    )
    not_usable_reason = fields.Text(string="Why nothing is sent", compute="_compute_not_usable_reason")
    company_environment = fields.Selection(
        related="company_id.chorus_environment",
        string="Company's invoices go to",
    )
    portal_url = fields.Char(string="Portal", compute="_compute_portal_url")

    _company_environment_uniq = models.Constraint(
        "UNIQUE(company_id, environment)",
        "This company already has a connection to this environment.",
    )

    # ---------------------------------------------------------------- for the code that sends

    @api.model
    def _for(self, company, environment):
        """Return the connection of ``company`` to ``environment``, with sudo, or an empty recordset."""
        return self.sudo().search(
            [("company_id", "=", company.id), ("environment", "=", environment)], limit=1
        )

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

    def _compute_not_usable_reason(self):
        for connection in self:
            connection.not_usable_reason = connection._why_not_usable()

    @api.constrains("auth_url", "api_url", "environment")
    def _check_urls(self):
        for connection in self:
            if reason := connection._why_wrong_url():
                raise ValidationError(reason)

    @api.constrains("supplier_siret")
    def _check_supplier_siret(self):
        for siret in self.filtered("supplier_siret").mapped("supplier_siret"):
            if not is_siret(siret):
                raise ValidationError(self.env._("A SIRET has 14 digits: “%s” has not.", siret))

    def _open(self, company, environment):
        """Return the action that opens this connection, or an empty form for it."""
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "name": self.env._("Connection to Chorus Pro"),
            "view_mode": "form",
            "views": [(False, "form")],
            "res_id": self.id,
            "context": {"default_company_id": company.id, "default_environment": environment},
        }

    # ---------------------------------------------------------------- writing

    @api.model_create_multi
    def create(self, vals_list):
        plain, secrets = zip(*(self._split_secrets(self._cleaned(vals)) for vals in vals_list), strict=True)
        connections = super().create(list(plain))
        for connection, values in zip(connections, secrets, strict=True):
            connection._store_secrets(values)
            connection._make_steps()
            connection.company_id._chorus_set_default_responsible()
        return connections

    def write(self, vals):
        vals = self._cleaned(vals)
        if fixed := {"company_id", "environment"} & vals.keys():
            for connection in self:
                if any(
                    connection._fields[name].convert_to_write(connection[name], connection) != vals[name]
                    for name in fixed
                ):
                    raise UserError(
                        self.env._(
                            "A connection stays with its company and environment: make another one instead."
                        )
                    )
        plain, secrets = self._split_secrets(vals)
        changed = {name for name in plain if any(connection[name] != plain[name] for connection in self)}
        if TOKEN_DEPENDS_ON & (changed | secrets.keys()):
            self.sudo()._forget_token()
        result = super().write(plain)
        self._store_secrets(secrets)
        return result

    @api.model
    def _cleaned(self, vals):
        """Return ``vals`` without the blanks that come along when a key is pasted."""
        clean = {name: value.strip() if isinstance(value, str) else value for name, value in vals.items()}
        if clean.get("supplier_siret"):
            clean["supplier_siret"] = "".join(clean["supplier_siret"].split())
        return clean
