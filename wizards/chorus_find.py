"""Find my public customers: many SIRETs compared with Chorus Pro's directory, marked in one confirmation."""

import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.base.chorus_identity import SIRET_FIELD, siret_domain
from ..models.directory.siret_list import MAX_ROWS, SiretListError, read_list
from ..models.notice.chorus_notice import FOUND, dialog, notice

# In the order in which the screen shows them. What is private or unknown is counted, not shown.
STATES = [
    ("public", "Public body"),
    ("unsaid", "Chorus Pro does not say"),
    ("closed", "Takes no invoices"),
    ("waiting", "Not asked yet"),
    ("private", "Private company"),
    ("unknown", "Not in the directory"),
    ("marked", "Marked already"),
]
CHOOSABLE = ("public", "unsaid", "marked")
# Of customers; a list shows what became of each of its rows.
SHOWN = ("public", "unsaid", "closed")
MAX_SHOWN = 500


class ChorusFind(models.TransientModel):
    _name = "chorus.find"
    _description = "Find Public Customers in Chorus Pro"

    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    environment = fields.Selection([("test", "Test"), ("production", "Production")], readonly=True)
    file = fields.Binary("List (CSV)", attachment=False)
    filename = fields.Char()
    from_list = fields.Boolean(readonly=True)
    note = fields.Text("What was read", readonly=True)
    take_names = fields.Boolean(
        "Take the names of the directory",
        help="Ticked: the chosen customers get the name that Chorus Pro has. Else only those without a name.",
    )
    line_ids = fields.One2many("chorus.find.line", "wizard_id", "Customers")
    total = fields.Integer("Customers with a SIRET", readonly=True)
    answered = fields.Integer(readonly=True)
    public_count = fields.Integer(readonly=True)
    unsaid_count = fields.Integer(readonly=True)
    other_count = fields.Integer(readonly=True)
    waiting_count = fields.Integer(compute="_compute_waiting_count")
    progress = fields.Integer(compute="_compute_waiting_count")
    obstacle = fields.Char("Why Chorus Pro cannot be asked", readonly=True)

    @api.depends("total", "answered")
    def _compute_waiting_count(self):
        for wizard in self:
            wizard.waiting_count = wizard.total - wizard.answered
            wizard.progress = wizard.answered * 100 // wizard.total if wizard.total else 100

    # ---------------------------------------------------------------- opening

    @api.model
    def action_find(self):
        """Open the screen on the customers of the company."""
        self.env["chorus.structure"]._check_may_look_up()
        self.env["res.partner"].check_access("write")
        wizard = self.create({})
        wizard._gather(wizard._rows_of_customers())
        return wizard._show()

    def _show(self):
        return dialog(self, self.env._("Find public customers"), large=True)

    def action_read(self):
        """Read the list of SIRETs and services that was chosen, instead of the customers."""
        self.ensure_one()
        self._check_company()
        try:
            rows, wrong = read_list(base64.b64decode(self.file or b""))
        except SiretListError as error:
            raise UserError(self._why_not_read(error.args[0])) from error
        self.write({"from_list": True, "file": False})
        told = [self.env._("Rows read: %s.", len(rows))]
        if wrong:
            lines = ", ".join(map(str, wrong[:20]))
            told.append(self.env._("Left out, no SIRET of 14 digits, lines: %s.", lines))
        self.note = "\n".join(told)
        self._gather([(row.siret, row.service, row.name) for row in rows])
        return self._show()

    def _why_not_read(self, key):
        return {
            "too_large": self.env._("The list is too long: %s rows at most. Cut it in parts.", MAX_ROWS),
            "shortened": self.env._(
                "A spreadsheet has shortened the SIRETs (1,23E+13). Format their column as text, save as CSV"
                " again, and choose that file."
            ),
            "no_siret": self.env._(
                "No SIRET of 14 digits was found. A CSV file with a column SIRET is needed, and perhaps one"
                " named Service."
            ),
        }[key]

    def _check_company(self):
        """
        :raises AccessError: unless the user works in the company, and may write on customers
        """
        self.env["chorus.structure"]._check_may_look_up()
        self.env["res.partner"].check_access("write")
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose the company first whose customers are searched."))

    # ---------------------------------------------------------------- what is known

    def _rows_of_customers(self):
        customers = self.env["res.partner"]._chorus_to_search(self.company_id)
        return [(siret, "", "") for siret in customers]

    def _gather(self, rows):
        """Write a line for what is worth showing of these rows, and count the rest.

        :param list rows: of (SIRET, service code, name)
        """
        environment = self.company_id._chorus_directory_environment()
        sirets = {siret for siret, _service, _name in rows}
        structures = (
            self.env["chorus.structure"]
            .sudo()
            .search([("siret", "in", list(sirets)), ("environment", "=", environment)])
            .grouped("siret")
        )
        customers = self._customers(sirets)
        values, counts = [], dict.fromkeys(dict(STATES), 0)
        for siret, service, name in rows:
            structure = structures.get(siret, self.env["chorus.structure"])
            partners = customers.get(siret, self.env["res.partner"])
            state = self._state(structure, partners)
            counts[state] += 1
            if (state in SHOWN and len(values) < MAX_SHOWN) or self.from_list:
                values.append(self._line_values(siret, service, name, structure, partners[:1], state))
        connection = self.env["chorus.connection"]._for(self.company_id, environment)
        self.line_ids.sudo().unlink()
        self.env["chorus.find.line"].sudo().create(sorted(values, key=lambda line: line["rank"]))
        self.write(
            {
                "environment": environment,
                "total": len(rows),
                "answered": len(rows) - counts["waiting"],
                "public_count": counts["public"],
                "unsaid_count": counts["unsaid"],
                "other_count": counts["private"] + counts["unknown"] + counts["closed"],
                "obstacle": connection._why_no_call()
                if connection
                else self.env._("No connection to Chorus Pro is configured for this company."),
            }
        )

    def _customers(self, sirets):
        """Commercial partners of the company by SIRET, marked ones included.

        :rtype: dict[str, res.partner]
        """
        if not self.from_list:
            return self.env["res.partner"]._chorus_to_search(self.company_id)
        partners = self.env["res.partner"].with_company(self.company_id)
        found = partners.search(
            [
                *partners._check_company_domain(self.company_id),
                *siret_domain(sirets),
                "|",
                ("parent_id", "=", False),
                ("is_company", "=", True),
            ],
            order="id",
        )
        return found.grouped(lambda partner: partner._chorus_siret())

    def _state(self, structure, partners):
        if partners and all(partner._is_chorus_customer(self.company_id) for partner in partners):
            return "marked"
        if not structure._with_answer():
            return "waiting"
        if not structure.known:
            return "unknown"
        if structure.nature == "private":
            return "private"
        if not structure._receives_invoices():
            return "closed"
        return "public" if structure.nature == "public" else "unsaid"

    def _line_values(self, siret, service, name, structure, partner, state):
        services = structure.service_ids.filtered(lambda item: item._accepts_invoices())
        wanted = services.filtered(lambda item: item.code == service) if service else services.browse()
        if not wanted and not service and len(services) == 1 and structure.requirement != "none":
            wanted = services
        return {
            "wizard_id": self.id,
            "siret": siret,
            "partner_id": partner.id,
            "name": partner.name or name or structure.name or siret,
            "structure_id": structure.id,
            "state": state,
            "rank": [code for code, _label in STATES].index(state),
            "chosen": state == "public" or bool(service and wanted and state == "marked"),
            "service_id": wanted[:1].id,
            "service_code": service,
            "remark": self._remark(structure, state, service, wanted),
        }

    def _remark(self, structure, state, service, wanted):
        told = []
        if state == "unsaid":
            told.append(
                self.env._(
                    "Chorus Pro lists it without saying whether it is a public body: it lists suppliers too."
                    " Choose it only if you know that it is one."
                )
            )
        if state == "closed" and not structure.active_in_chorus:
            told.append(self.env._("Not active any more in Chorus Pro."))
        if state == "closed" and structure.moa_only:
            told.append(self.env._("It only takes invoices of works as project owner."))
        if service and not wanted and state in CHOOSABLE:
            told.append(self.env._("The service %s is not among its active services.", service))
        if state in CHOOSABLE and structure.requirement in ("service", "both") and not wanted:
            told.append(self.env._("It requires a service code: choose one, or leave it to each invoice."))
        return "\n".join(told)

    # ---------------------------------------------------------------- asking

    def action_ask(self):
        """Ask about what was not asked yet: at once what fits, the rest by the scheduled action."""
        self.ensure_one()
        self._check_company()
        rows = self._rows()
        structures = self.env["chorus.structure"]
        connection = self.env["chorus.connection"]._for(self.company_id, self.environment)
        if self.obstacle:
            raise UserError(self.obstacle)
        sirets = {siret for siret, _service, _name in rows}
        known = structures.sudo().search(
            [("siret", "in", list(sirets)), ("environment", "=", self.environment)]
        )
        missing = sorted(sirets - set(known._with_answer().mapped("siret")))
        # All is asked before anything is written: nobody waits for the network behind a row of ours.
        found, answers = structures._ask_about(connection, missing)
        structures._ask_for(self.company_id, self.environment, missing)
        structures._keep_answers(connection, found, answers)
        self._gather(rows)
        return self._show()

    def action_refresh(self):
        """Show what the scheduled action has learned meanwhile."""
        self.ensure_one()
        self._check_company()
        self._gather(self._rows())
        return self._show()

    def _rows(self):
        if not self.from_list:
            return self._rows_of_customers()
        return [(line.siret, line.service_code or "", line.name or "") for line in self.line_ids]

    # ---------------------------------------------------------------- marking

    def action_mark(self):
        """Mark the chosen customers, fill in name and service; those of a list that are none yet are made."""
        self.ensure_one()
        self._check_company()
        lines = self.line_ids.filtered(lambda line: line.chosen and line.state in CHOOSABLE)
        if not lines:
            raise UserError(self.env._("Choose at least one customer."))
        new, marked = 0, self.env["res.partner"]
        for _siret, same in lines.grouped("siret").items():
            new += not same.partner_id
            marked |= self._mark(same)
        road = self.env["chorus.road"].create({"partner_ids": marked.ids, "company_id": self.company_id.id})
        moving = road.line_ids.filtered(lambda line: line.state == "moves")
        if moving:
            road.action_move()
        if not self.env["res.partner"].sudo()._chorus_found_public(self.company_id, self.environment):
            self.env["chorus.notice"].sudo()._solved(self.company_id, FOUND)
        told = [self.env._("Customers marked: %s.", len(moving))]
        if new:
            told.append(self.env._("New customers made: %s.", new))
        if stay := road.line_ids.filtered(lambda line: line.state == "stays"):
            told += [f"{line.partner_id.name}: {line.notes}" for line in stay]
        action = notice("warning" if stay else "success", self.env._("Chorus Pro"), "\n".join(told))
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action

    def _mark(self, lines):
        """Fill in the customer of these lines, which have one SIRET; several services become contacts.

        :return: its res.partner
        """
        first = lines[0]
        structure = first.structure_id
        partners = self.env["res.partner"].with_company(self.company_id)
        partner = first.partner_id.with_company(self.company_id)
        if not partner:
            partner = partners.create(
                {
                    "name": structure.name or first.name,
                    "is_company": True,
                    SIRET_FIELD: first.siret,
                    "country_id": self.env.ref("base.fr").id,
                    "customer_rank": 1,
                }
            )
        elif structure.name and (self.take_names or partner.name in (False, "", first.siret)):
            partner.name = structure.name
        services = lines.service_id
        if len(services) == 1 and not partner.chorus_service_code:
            partner.chorus_service_code = services.code
        elif len(services) > 1:
            there = set(partner.child_ids.mapped("chorus_service_code"))
            partners.create(
                [
                    {
                        "parent_id": partner.id,
                        "type": "invoice",
                        "name": service.name or service.code,
                        "chorus_service_code": service.code,
                    }
                    for service in services
                    if service.code not in there
                ]
            )
        return partner


class ChorusFindLine(models.TransientModel):
    _name = "chorus.find.line"
    _description = "Customer Compared with Chorus Pro"
    _order = "rank, name, id"

    wizard_id = fields.Many2one("chorus.find", required=True, ondelete="cascade", index=True)
    siret = fields.Char("SIRET", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, ondelete="cascade")
    name = fields.Char("Name here", readonly=True)
    structure_id = fields.Many2one("chorus.structure", "In Chorus Pro", readonly=True, ondelete="cascade")
    requirement = fields.Selection(related="structure_id.requirement")
    state = fields.Selection(STATES, readonly=True)
    rank = fields.Integer(readonly=True)
    chosen = fields.Boolean("Mark")
    service_id = fields.Many2one(
        "chorus.service",
        domain="[('structure_id', '=', structure_id), ('active_in_chorus', '=', True)]",
    )
    service_code = fields.Char("Service of the list", readonly=True)
    remark = fields.Text(readonly=True)
