"""First steps: trying with real invoices in test, one real invoice before many in production."""

from odoo import fields, models

from ..notice.chorus_notice import dialog


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    supplier_login = fields.Char(
        string="Login of the supplier's manager",
        readonly=True,
        copy=False,
        help="With it you log in to the qualification space; its password stands in the data set only.",
    )
    replace_buyer = fields.Boolean(
        string="Replace the buyer too",
        help="Test with real invoices: in the copy that is sent, and only there, the customer is "
        "replaced by a "
        "recipient of the test data set that requires the same.",
    )
    first_deposit_limit = fields.Integer(
        string="Invoices in the first real deposit",
        default=1,
        help="Until Chorus Pro has taken a first real invoice of this company, no more than this number is "
        "sent. 0: no limit.",
    )
    _first_deposit_limit_positive = models.Constraint(
        "CHECK(first_deposit_limit >= 0)", "The limit of the first real deposit cannot be negative."
    )

    def _max_deposit_now(self):
        """Return how many invoices may be sent at most for now, or ``None`` without limit.

        The limit holds in production until an invoice of the company was integrated.
        """
        self.ensure_one()
        connection = self.sudo()
        if not connection.first_deposit_limit or connection._first_deposit_done():
            return None
        return connection.first_deposit_limit

    def _first_deposit_done(self):
        """Whether Chorus Pro has integrated a real invoice of the company; in test nobody waits for one."""
        self.ensure_one()
        if self.environment != "production":
            return True
        integrated = [
            ("company_id", "=", self.company_id.id),
            ("environment", "=", "production"),
            ("state", "=", "integrated"),
        ]
        return bool(self.env["chorus.deposit.line"].sudo().search_count(integrated, limit=1))

    def action_import_test_data(self):
        """Open the import of the test data set."""
        self.ensure_one()
        self.check_access("write")
        wizard = self.env["chorus.test.data"].create({"connection_id": self.id})
        return dialog(wizard, self.env._("Import the test data set"))

    def action_switch_environment(self):
        """Open the screen that puts the company on this connection's environment."""
        self.ensure_one()
        self.check_access("write")
        company = self.company_id
        switch = self.env["chorus.switch"].create({"company_id": company.id, "target": self.environment})
        return dialog(switch, self.env._("Switch Chorus Pro"))

    def _test_recipient_for(self, partner):
        """Return the ``chorus.structure`` of the test data set that takes the buyer's place, or an empty one.

        It requires what the real buyer requires (nothing, when the production directory does not know it).
        Empty in production, when the option is off, when the partner is itself in the test data set, and
        when the data set has no such recipient.
        """
        self.ensure_one()
        structures = self.env["chorus.structure"].sudo()
        connection = self.sudo()
        if connection.environment != "test" or not connection.replace_buyer:
            return structures
        siret = partner._chorus_siret()
        candidates = structures.search(
            [
                ("environment", "=", "test"),
                ("in_test_data_set", "=", True),
                ("known", "=", True),
                ("active_in_chorus", "=", True),
                ("moa_only", "=", False),
                ("siret", "!=", connection.supplier_siret),
            ],
            order="siret",
        )
        if siret in candidates.mapped("siret"):
            return structures
        buyer = structures.search([("siret", "=", siret), ("environment", "=", "production")], limit=1)
        requirement = buyer.requirement or "none"
        return candidates.filtered(lambda structure: structure.requirement == requirement)[:1]

    def _test_service_for(self, partner):
        """Return the service code of the recipient that takes the buyer's place: ``''`` when it needs none.

        ``None`` when nobody takes the buyer's place.
        """
        stand_in = self._test_recipient_for(partner)
        if not stand_in:
            return None
        return stand_in._first_service().code or ""
