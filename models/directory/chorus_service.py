"""A service of a public structure: the address of an invoice inside it."""

from odoo import api, fields, models

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
