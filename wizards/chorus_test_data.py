"""Import the file of a test data set: shown first, corrected, then made into test customers."""

import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..chorus_api.data_set import MAX_BYTES, DataSetError, read_data_set
from ..einvoice import compact_code
from ..models.base.chorus_authority import BY_CODE
from ..models.base.chorus_identity import SIRET_FIELD, is_siret, siret_domain
from ..models.notice.chorus_notice import dialog

KINDS = [("supplier", "Supplier (you)"), ("recipient", "Customer"), ("ignore", "Leave out")]
# The data set gives names and SIRETs only; Chorus Pro takes any address (seen live).
PLACEHOLDER_ADDRESS = {"street": "1 rue du Test", "zip": "75001", "city": "Paris"}
MAX_CUSTOMERS = 200


class ChorusTestData(models.TransientModel):
    _name = "chorus.test.data"
    _description = "Import the Test Data Set of Chorus Pro"

    connection_id = fields.Many2one(
        "chorus.connection",
        required=True,
        readonly=True,
        ondelete="cascade",
        domain="[('environment', '=', 'test')]",
    )
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    understood = fields.Text(string="What was understood", readonly=True)
    problem = fields.Text(string="Why it was not taken", readonly=True)
    line_ids = fields.One2many("chorus.test.data.line", "wizard_id", string="Structures")
    made_ids = fields.Many2many("res.partner", string="Test customers", readonly=True)
    outcome = fields.Text(string="What was made", readonly=True)

    @api.onchange("file")
    def _onchange_file(self):
        """Choosing the file reads it; the file itself, which holds passwords, is not kept."""
        if not self.file:
            return
        try:
            values = self._understand()
        except UserError as error:
            self.problem, self.file, self.filename = str(error), False, False
            return
        self.problem = False
        self.update(values)

    def action_read(self):
        """Read the file and show what it says, as choosing it on the screen does; nothing is changed yet."""
        self.ensure_one()
        self.env["chorus.connection"].check_access("write")
        self.write(self._understand())
        return dialog(self, self.env._("Import the test data set"))

    def _understand(self):
        """:return: the wizard's values for what the file says"""
        data_set = self._read_file()
        return {
            "understood": self.env._(
                "Suppliers: %(suppliers)s; customers: %(recipients)s. The SIRETs come from the column "
                "“%(siret)s”, the names from “%(name)s”. Correct what is wrong below, then create them.",
                suppliers=len(data_set.suppliers),
                recipients=len(data_set.recipients),
                siret=data_set.columns["siret"],
                name=data_set.columns.get("name") or "–",
            ),
            "line_ids": [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {"kind": row.kind, "siret": row.siret, "name": row.name, "login": row.login}
                    )
                    for row in data_set.rows[:MAX_CUSTOMERS]
                ),
            ],
            "file": False,
        }

    def action_create(self):
        """Make the test customers, set the supplier's SIRET and look the structures up."""
        self.ensure_one()
        self.env["chorus.connection"].check_access("write")
        supplier, recipients = self._checked_lines()
        connection = self.connection_id
        directory = self.env["chorus.structure"]
        callable_now = not connection.sudo()._why_no_call()
        # All is asked before anything is written: nobody waits for the network behind a row of ours.
        nothing = (None, {})
        asked = (
            directory._ask_about(connection.sudo(), recipients.mapped("siret")) if callable_now else nothing
        )
        connection.supplier_siret = supplier.siret
        connection.supplier_login = supplier.login
        partners = self._make_customers(recipients)
        structures = directory._with_rows("test", recipients.mapped("siret"))
        for line in recipients:
            structure = structures[line.siret]
            structure.in_test_data_set = True
            structure.name = structure.name or line.name
        if callable_now:
            directory._keep_answers(connection.sudo(), *asked)
            self._set_services(partners)
        self.made_ids = partners
        self.outcome = "\n".join(self._told(supplier, len(partners)))
        return dialog(self, self.env._("Import the test data set"))

    def _told(self, supplier, count):
        """:return: sentences that say what was made and what comes next"""
        told = [
            self.env._("Test customers made or brought up to date: %s.", count),
            self.env._("In test, the SIRET %s takes the place of your company's.", supplier.siret),
        ]
        if supplier.login:
            told.append(
                self.env._(
                    "You log in to the qualification space as %s; its password stands in the data set only.",
                    supplier.login,
                )
            )
        reason = self.connection_id.sudo()._why_no_call()
        told.append(
            self.env._("What comes next: type the keys and the technical account on the connection.")
            if reason
            else self.env._("What comes next: check everything, then switch to test and send an invoice.")
        )
        return told

    def action_check(self):
        """Check every step of the connection, now that it has its data set."""
        self.ensure_one()
        return self.connection_id.action_check_all()

    def action_customers(self):
        """Open the customers that were made."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test customers of Chorus Pro"),
            "res_model": "res.partner",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self.made_ids.ids)],
        }

    # ---------------------------------------------------------------- reading

    def _read_file(self):
        # Four characters of base64 hold three bytes: measured before anything is decoded.
        content = self.with_context(bin_size=False).file or b""
        if len(content) > MAX_BYTES * 4 / 3 + 4:
            raise UserError(self._problem("too_large"))
        try:
            return read_data_set(base64.b64decode(content))
        except DataSetError as error:
            raise UserError(self._problem(error.code)) from None
        except (binascii.Error, ValueError):
            raise UserError(self._problem("not_text")) from None

    def _problem(self, code):
        """Return why the file was not taken, and what to do; nothing was changed."""
        sentences = {
            "empty": self.env._("Choose the file that you downloaded from the qualification space."),
            "too_large": self.env._("This file is far larger than a test data set."),
            "spreadsheet": self.env._(
                "This is a spreadsheet or an archive. Choose the CSV file as downloaded."
            ),
            "not_text": self.env._("This file is not a text file. Choose the CSV file as downloaded."),
            "not_a_table": self.env._("No columns were found in this file."),
            "shortened_numbers": self.env._(
                "A spreadsheet program shortened the SIRETs (1,2E+13). Download the file again and import it "
                "without opening it."
            ),
            "no_siret": self.env._("No SIRET (14 digits) was found in this file."),
            "no_recipient": self.env._("No public structure was found in this file."),
        }
        return self.env._("%s Nothing was changed.", sentences[code])

    # ---------------------------------------------------------------- creating

    def _checked_lines(self):
        """Return (supplier line, recipient lines) after refusing what makes no sense."""
        suppliers = self.line_ids.filtered(lambda line: line.kind == "supplier")
        recipients = self.line_ids.filtered(lambda line: line.kind == "recipient")
        sirets = (suppliers + recipients).mapped("siret")
        if wrong := [siret for siret in sirets if not is_siret(siret)]:
            raise UserError(self.env._("A SIRET has 14 digits: %s", ", ".join(wrong[:10])))
        if len(set(sirets)) != len(sirets):
            raise UserError(self.env._("The same SIRET stands twice in the list."))
        if len(suppliers) != 1:
            raise UserError(
                self.env._("Choose exactly one supplier: the structure that stands for your company.")
            )
        if not recipients:
            raise UserError(self.env._("No customer is left in the list."))
        return suppliers, recipients

    def _make_customers(self, lines):
        """Return the test customers of ``lines``, made or brought up to date."""
        company = self.connection_id.company_id
        partner_model = self.env["res.partner"].with_company(company).with_context(**BY_CODE)
        existing = (
            partner_model.with_context(active_test=False)
            .search(
                [
                    ("chorus_test_customer", "=", True),
                    *siret_domain(lines.mapped("siret")),
                    ("company_id", "=", company.id),
                ]
            )
            .grouped(SIRET_FIELD)
        )
        partners = partner_model
        for line in lines:
            values = {"name": line.name, "active": True, "dematerialized_invoice_type": "facturx"}
            if partner := existing.get(line.siret):
                partner.write(values)
                partners += partner
                continue
            partners += partner_model.create(
                {
                    **values,
                    **PLACEHOLDER_ADDRESS,
                    SIRET_FIELD: line.siret,
                    "company_id": company.id,
                    "is_company": True,
                    "chorus_test_customer": True,
                    "country_id": self.env.ref("base.fr").id,
                }
            )
            partners[-1:]._chorus_propose_payment_term()
        return partners

    def _set_services(self, partners):
        """Give each customer whose structure asks for a service the first one that takes invoices."""
        structures = (
            self.env["chorus.structure"]
            .sudo()
            .search(
                [
                    ("environment", "=", "test"),
                    ("siret", "in", [partner._chorus_own_siret() for partner in partners]),
                ]
            )
            .grouped("siret")
        )
        for partner in partners:
            structure = structures.get(partner._chorus_own_siret())
            if structure and structure.requirement in ("service", "both") and not partner.chorus_service_code:
                partner.chorus_service_code = structure._first_service().code


class ChorusTestDataLine(models.TransientModel):
    _name = "chorus.test.data.line"
    _description = "Structure of a Test Data Set"

    wizard_id = fields.Many2one("chorus.test.data", required=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True, default="recipient")
    siret = fields.Char(string="SIRET", required=True)
    name = fields.Char(required=True)
    login = fields.Char("Login of its manager")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["siret"] = compact_code(vals.get("siret") or "")
        return super().create(vals_list)
