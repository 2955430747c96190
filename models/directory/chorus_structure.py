"""A public structure and its services as the directory of one environment knows them."""

from odoo import api, fields, models

from ...einvoice.terms import Recipient
from ..base.chorus_server_config import ENVIRONMENTS
from ..notice.chorus_sentences import Reason

REQUIREMENTS = [
    ("none", "Nothing"),
    ("service", "Service code"),
    ("engagement", "Engagement number"),
    ("either", "Service code or engagement number"),
    ("both", "Service code and engagement number"),
]


class ChorusStructure(models.Model):
    _name = "chorus.structure"
    _inherit = ["chorus.written.by.code"]
    _description = "Public Structure in Chorus Pro"
    _order = "name, siret"
    _rec_names_search = ["name", "siret"]

    siret = fields.Char(string="SIRET", required=True, readonly=True)
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    known = fields.Boolean(
        string="In the directory",
        default=True,
        readonly=True,
        help="Unticked: Chorus Pro was asked and does not have this SIRET.",
    )
    chorus_id = fields.Char(string="Chorus Pro identifier", readonly=True)
    name = fields.Char(readonly=True)
    active_in_chorus = fields.Boolean(string="Active", default=True, readonly=True)
    needs_service = fields.Boolean(string="Service code required", readonly=True)
    needs_engagement = fields.Boolean(string="Engagement number required", readonly=True)
    needs_service_or_engagement = fields.Boolean(
        string="Service code or engagement number required", readonly=True
    )
    requirement = fields.Selection(
        REQUIREMENTS, string="Required on invoices", compute="_compute_requirement"
    )
    moa_only = fields.Boolean(string="Project owner only (works invoices)", readonly=True)
    private = fields.Boolean(
        string="Private company", readonly=True, help="Chorus Pro lets it send invoices, not receive any."
    )
    # Empty: looked up before it was kept, or never.
    nature = fields.Selection(
        [("public", "Public body"), ("private", "Private company"), ("unsaid", "Chorus Pro does not say")],
        readonly=True,
        help="What Chorus Pro says that it is. Being listed there says nothing: suppliers are listed too.",
    )
    reports_payment = fields.Boolean(
        default=True,
        readonly=True,
        help="Unticked: this buyer never announces payments in Chorus Pro.",
    )
    in_test_data_set = fields.Boolean(string="In the test data set", readonly=True)
    looked_up_at = fields.Datetime(string="Looked up on", readonly=True)
    last_error = Reason(readonly=True)
    services_looked_up_at = fields.Datetime(string="Services looked up on", readonly=True)
    service_ids = fields.One2many("chorus.service", "structure_id", string="Services", readonly=True)

    _siret_environment_uniq = models.Constraint(
        "UNIQUE(siret, environment)", "This structure is already known in this environment."
    )

    @api.depends("needs_service", "needs_engagement", "needs_service_or_engagement")
    def _compute_requirement(self):
        for structure in self:
            structure.requirement = self._requirement_of(
                structure.needs_service, structure.needs_engagement, structure.needs_service_or_engagement
            )

    @api.model
    def _requirement_of(self, service, engagement, either):
        """AIFE, structures/consulter: "service or engagement" wins over the two separate duties."""
        if either:
            return "either"
        if service and engagement:
            return "both"
        return "service" if service else "engagement" if engagement else "none"

    @api.depends("name", "siret", "environment")
    def _compute_display_name(self):
        for structure in self:
            name = f"{structure.name} ({structure.siret})" if structure.name else structure.siret
            structure.display_name = f"[TEST] {name}" if structure.environment == "test" else name

    def _receives_invoices(self):
        """Return whether ordinary invoices can be addressed to this structure."""
        self.ensure_one()
        return self.known and self.active_in_chorus and not self.private and not self.moa_only

    def _first_service(self):
        """Return the first active ``chorus.service`` that invoices may name, or an empty one."""
        self.ensure_one()
        return self.service_ids.filtered(lambda service: service._accepts_invoices())[:1]

    # ---------------------------------------------------------------- for the checks

    @api.model
    def _recipient(self, siret, environment):
        """Return the ``einvoice.Recipient`` of a SIRET, or ``None`` when the directory was never asked."""
        return self._recipients([siret], environment).get(siret)

    @api.model
    def _recipients(self, sirets, environment):
        """Return ``{siret: einvoice.Recipient}`` for the SIRETs that were looked up in ``environment``.

        :param sirets: iterable of 14-digit strings.
        """
        structures = self.sudo().search(
            [
                ("siret", "in", list(set(sirets))),
                ("environment", "=", environment),
                ("looked_up_at", "!=", False),
            ]
        )
        services = structures._services_by_code()
        return {structure.siret: structure._as_recipient(services[structure.id]) for structure in structures}

    def _services_by_code(self):
        """Return ``{structure id: {code: (active, engagement required)}}`` in one query."""
        found = {structure_id: {} for structure_id in self.ids}
        rows = (
            self.env["chorus.service"]
            .sudo()
            .search_fetch(
                [("structure_id", "in", self.ids)],
                ["structure_id", "code", "active_in_chorus", "needs_engagement"],
            )
        )
        for service in rows:
            found[service.structure_id.id][service.code] = (
                service.active_in_chorus,
                service.needs_engagement,
            )
        return found

    def _as_recipient(self, services):
        return Recipient(
            known=self.known,
            active=self.active_in_chorus,
            needs_service=self.needs_service,
            needs_engagement=self.needs_engagement,
            needs_service_or_engagement=self.needs_service_or_engagement,
            moa_only=self.moa_only,
            private=self.private,
            name=self.name or None,
            services=services if self.services_looked_up_at else None,
        )


# AIFE: invoices addressed to this technical service are rejected.
FORBIDDEN_SERVICE = "FACTURES_PUBLIQUES"


class ChorusService(models.Model):
    _name = "chorus.service"
    _inherit = ["chorus.written.by.code"]
    _description = "Service of a Public Structure in Chorus Pro"
    _order = "active_in_chorus desc, code"
    _rec_names_search = ["code", "name"]

    structure_id = fields.Many2one(
        "chorus.structure", required=True, readonly=True, ondelete="cascade", index=True
    )
    environment = fields.Selection(related="structure_id.environment")
    code = fields.Char(required=True, readonly=True)
    name = fields.Char(readonly=True)
    chorus_id = fields.Char(string="Chorus Pro identifier", readonly=True)
    active_in_chorus = fields.Boolean(string="Active", default=True, readonly=True)
    needs_engagement = fields.Boolean(string="Engagement number required", readonly=True)
    rule_looked_up_at = fields.Datetime(string="Rule looked up on", readonly=True)

    _structure_code_uniq = models.Constraint("UNIQUE(structure_id, code)", "This service is already known.")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for service in self:
            name = f"{service.code} – {service.name}" if service.name else service.code
            service.display_name = name if service.active_in_chorus else self.env._("%s (inactive)", name)

    @api.model
    def choices(self, structure, most):
        """The services that take invoices, for the list under the field in which a code is typed.

        :param int structure: id of the structure
        :param int most: how many at most
        :return: list of dicts with ``code`` and ``name``
        """
        domain = [
            ("structure_id", "=", structure),
            ("active_in_chorus", "=", True),
            ("code", "!=", FORBIDDEN_SERVICE),
        ]
        return [
            {"code": service.code, "name": service.name or ""} for service in self.search(domain, limit=most)
        ]

    @api.model
    def _by_code(self, structures, codes):
        """Return ``{(structure id, code): service}`` for some codes of some structures, in one query."""
        services = self.sudo().search(
            [("structure_id", "in", structures.ids), ("code", "in", list(set(codes)))]
        )
        return {(service.structure_id.id, service.code): service for service in services}

    def _accepts_invoices(self):
        """Return whether an invoice may be addressed to this service."""
        self.ensure_one()
        return self.active_in_chorus and self.code != FORBIDDEN_SERVICE
