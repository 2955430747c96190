"""What Chorus Pro's directory says of a customer: shown, and filled in while its form is open."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..base.chorus_identity import SIRET_FIELD, is_siret
from ..notice.chorus_notice import notice
from .chorus_structure import FORBIDDEN_SERVICE, REQUIREMENTS

ACCOUNTING = "account.group_account_invoice,account.group_account_readonly"


class ResPartner(models.Model):
    _inherit = "res.partner"

    chorus_test_customer = fields.Boolean(
        string="Test customer of Chorus Pro",
        copy=False,
        readonly=True,
        help="Made from the test data set: it exists in the qualification space only.",
    )
    chorus_structure_id = fields.Many2one(
        "chorus.structure",
        string="In Chorus Pro",
        compute="_compute_chorus_structure",
        groups=ACCOUNTING,
    )
    chorus_requirement = fields.Selection(
        REQUIREMENTS,
        string="Required on invoices",
        compute="_compute_chorus_structure",
        groups=ACCOUNTING,
    )
    chorus_service_id = fields.Many2one(
        "chorus.service",
        string="Chorus Pro service (from the list)",
        compute="_compute_chorus_service",
        groups=ACCOUNTING,
        help="Services of the structure as Chorus Pro knows them.",
    )
    chorus_notice = fields.Text(
        string="Chorus Pro says",
        compute="_compute_chorus_structure",
        groups=ACCOUNTING,
    )
    chorus_can_fill = fields.Boolean(compute="_compute_chorus_structure", groups=ACCOUNTING)

    # Set by the banner's button and at once unset by the onchange: a new customer cannot be saved for a
    # button, since it has no name yet.
    chorus_fill_asked = fields.Boolean("Fill from Chorus Pro", store=False, groups=ACCOUNTING)

    @api.depends("name", SIRET_FIELD, f"commercial_partner_id.{SIRET_FIELD}", "dematerialized_invoice_type")
    @api.depends_context("company")
    def _compute_chorus_structure(self):
        environment = self.env.company._chorus_directory_environment()
        structures = (
            self.env["chorus.structure"]
            .sudo()
            .search(
                [
                    ("siret", "in", [partner._chorus_siret() for partner in self]),
                    ("environment", "in", ("test", environment)),
                    ("looked_up_at", "!=", False),
                ]
            )
        )
        known = structures.grouped(lambda structure: (structure.siret, structure.environment))
        for partner in self:
            place = "test" if partner._chorus_commercial().chorus_test_customer else environment
            structure = known.get((partner._chorus_siret(), place), self.env["chorus.structure"])
            partner.chorus_structure_id = structure
            partner.chorus_requirement = structure.known and structure.requirement
            is_customer = partner._is_chorus_customer(self.env.company)
            partner.chorus_can_fill = partner._chorus_offers_to_fill(structure, is_customer, place)
            partner.chorus_notice = partner._chorus_notice_about(structure, is_customer)

    def _chorus_offers_to_fill(self, structure, is_customer, environment):
        """Return whether the form offers to take name and type from the directory.

        A SIRET that was never looked up is offered while it is being typed, not on each saved customer.
        """
        if structure:
            return structure._receives_invoices() and not (is_customer and self.name)
        typed = self._chorus_siret()
        saved = self._origin._chorus_siret() if self._origin else ""
        if self.id or not is_siret(typed) or typed == saved:
            return False
        connection = self.env["chorus.connection"]._for(self.env.company, environment)
        return bool(connection) and not connection._why_no_call()

    def _chorus_notice_about(self, structure, is_customer):
        siret = self._chorus_siret()
        if is_customer and siret and not is_siret(siret):
            return self.env._(
                "A SIRET has 14 digits: “%s” is none, and its invoices would be rejected.", siret
            )
        if is_customer and structure and not structure.known:
            return self.env._(
                "Chorus Pro does not know this SIRET: invoices to this customer would be rejected."
            )
        if is_customer and structure and not structure.active_in_chorus:
            return self.env._(
                "This structure is not active in Chorus Pro any more: invoices to it are rejected."
            )
        if structure and structure._receives_invoices() and not is_customer:
            return self.env._(
                "%s is a public structure in Chorus Pro: its invoices can go there as Factur-X.",
                structure.name,
            )
        if not structure and self.chorus_can_fill:
            return self.env._("If this SIRET is that of a public structure, Chorus Pro knows its name.")
        return self._chorus_type_conflict(self.env.company)

    @api.depends("chorus_service_code", "chorus_structure_id")
    @api.depends_context("company")
    def _compute_chorus_service(self):
        services = self.env["chorus.service"]._by_code(
            self.chorus_structure_id, self.filtered("chorus_service_code").mapped("chorus_service_code")
        )
        for partner in self:
            key = (partner.chorus_structure_id.id, partner.chorus_service_code)
            partner.chorus_service_id = services.get(key, False)

    @api.constrains("chorus_service_code")
    def _check_chorus_service_code(self):
        if any((partner.chorus_service_code or "").strip().upper() == FORBIDDEN_SERVICE for partner in self):
            raise ValidationError(
                self.env._(
                    "%s is a technical service of Chorus Pro: invoices addressed to it are rejected.",
                    FORBIDDEN_SERVICE,
                )
            )

    # ---------------------------------------------------------------- buttons
    def action_chorus_look_up(self):
        """Look the customers' structures up in Chorus Pro; say what was found."""
        self.check_access("read")
        structures = self.env["chorus.structure"]
        structures._check_may_look_up()
        commercial = self.commercial_partner_id
        wrong = commercial.filtered(lambda partner: not is_siret(partner._chorus_siret()))
        if not commercial - wrong:
            names = ", ".join(wrong.mapped("display_name"))
            raise UserError(self.env._("Fill in the SIRET (14 digits) of: %s.", names or "?"))
        problems = [self.env._("No SIRET of 14 digits: %s", partner.display_name) for partner in wrong]
        environment = self.env.company._chorus_directory_environment()
        places = (commercial - wrong).grouped(
            lambda partner: "test" if partner.chorus_test_customer else environment
        )
        answers = structures._look_up_all(
            [
                (
                    self.env["chorus.connection"]._for(self.env.company, place),
                    [partner._chorus_siret() for partner in partners],
                )
                for place, partners in places.items()
            ]
        )
        problems += [f"{siret}: {problem}" for siret, problem in answers if problem]
        return notice(
            "warning" if problems else "success",
            self.env._("Chorus Pro directory (TEST)")
            if environment == "test"
            else self.env._("Chorus Pro directory"),
            "\n".join(problems) or self.env._("Structures looked up: %s.", len(answers)),
        )

    # -- a customer filled in from Chorus Pro's directory while its form is open, before anything is saved

    @api.onchange("chorus_fill_asked")
    def _onchange_chorus_fill_asked(self):
        """Take the name, when there is none, and the type from the directory, which is asked first if needed.

        :return: the onchange's warning when there is nothing to fill in.
        """
        if not self.chorus_fill_asked:
            return None
        self.chorus_fill_asked = False
        siret = self._chorus_siret()
        structure, problem = self.chorus_structure_id.sudo(), ""
        if not structure and is_siret(siret):
            structure, problem = self._chorus_ask(siret)
        if structure and structure._receives_invoices():
            self.dematerialized_invoice_type = "facturx"
            self.is_company = True
            if structure.name and self.name in (False, "", siret):
                self.name = structure.name
            return None
        return {
            "warning": {
                "type": "notification",
                "title": self.env._("Chorus Pro directory"),
                "message": problem
                or self.env._("%s is no public structure that receives invoices through Chorus Pro.", siret),
            }
        }

    def _chorus_ask(self, siret):
        """Look a SIRET up for a form; return its ``chorus.structure`` with sudo, and what went wrong."""
        structures = self.env["chorus.structure"]
        structures._check_may_look_up()
        company = self.env.company
        place = "test" if self.chorus_test_customer else company._chorus_directory_environment()
        connection = self.env["chorus.connection"]._for(company, place)
        problem = structures._look_up(connection, [siret])[siret]
        self.invalidate_recordset(["chorus_structure_id"])
        found = structures.sudo().search([("siret", "=", siret), ("environment", "=", place)])
        return found.filtered("looked_up_at"), problem
