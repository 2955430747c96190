"""Finding the public bodies among the customers, and a list of SIRETs and services."""

import base64
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.directory.siret_list import SiretListError, read_list
from .common import BOTH_DUTIES, NO_DUTY, SERVICE_CODE, SERVICE_DUTY, SUPPLIER, ChorusCommon

CLOSED = "21999998100015"
MANY_SERVICES = "21999999900014"
UNKNOWN = "99999999999999"
FOUND = "l10n_fr_chorus_pro.activity_found"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestFindCustomers(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.connect()
        self.company.chorus_responsible_id = self.accountant
        self.town = self.plain(NO_DUTY, "Ma mairie")
        self.strict = self.plain(SERVICE_DUTY, "Mairie à service")
        self.private = self.plain(SUPPLIER, "Un fournisseur")
        self.closed = self.plain(CLOSED, "Fermée")
        self.nobody = self.plain(UNKNOWN, "Personne")

    def plain(self, siret, name):
        """A customer that nobody has marked."""
        return self.make_customer(siret, name, dematerialized_invoice_type=False, customer_rank=1)

    def open(self):
        action = self.env["chorus.find"].with_user(self.accountant).action_find()
        return self.env["chorus.find"].with_user(self.accountant).browse(action["res_id"])

    def states(self, wizard):
        return {line.siret: line.state for line in wizard.line_ids}

    def run_directory(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("l10n_fr_chorus_pro.cron_directory").method_direct_trigger()
        self.env.invalidate_all()

    def test_opening_asks_nobody(self):
        before = self.simulator.calls()["counts"]
        wizard = self.open()
        self.assertEqual(self.simulator.calls()["counts"], before)
        self.assertGreaterEqual(wizard.waiting_count, 5)
        self.assertFalse(wizard.public_count)

    def test_public_by_what_chorus_pro_says_never_by_a_mere_hit(self):
        wizard = self.open()
        wizard.action_ask()
        self.assertEqual(wizard.waiting_count, 0)
        states = self.states(wizard)
        self.assertEqual(states[NO_DUTY], "public")
        self.assertEqual(states[SERVICE_DUTY], "public")
        self.assertEqual(states[CLOSED], "closed")
        # Chorus Pro lists it, as a supplier; it does not know the other one.
        self.assertNotIn(SUPPLIER, states)
        self.assertNotIn(UNKNOWN, states)
        wizard.action_mark()
        company = self.company
        for customer in (self.town, self.strict):
            self.assertTrue(customer._is_chorus_customer(company), customer.name)
        for customer in (self.private, self.closed, self.nobody):
            self.assertFalse(customer._is_chorus_customer(company), customer.name)
        self.assertEqual(self.town.name, "Ma mairie")

    def test_where_chorus_pro_does_not_say_a_person_decides(self):
        wizard = self.open()
        wizard.action_ask()
        structure = self.env["chorus.structure"].sudo().search([("siret", "=", NO_DUTY)])
        structure.nature = "unsaid"
        wizard.action_refresh()
        line = wizard.line_ids.filtered(lambda line: line.siret == NO_DUTY)
        self.assertEqual(line.state, "unsaid")
        self.assertFalse(line.chosen)
        self.assertIn("lists suppliers too", line.remark)
        line.chosen = True
        wizard.action_mark()
        self.assertTrue(self.town._is_chorus_customer(self.company))

    def test_names_and_the_only_service_are_filled_in(self):
        wizard = self.open()
        wizard.action_ask()
        line = wizard.line_ids.filtered(lambda line: line.siret == SERVICE_DUTY)
        services = line.structure_id.service_ids.filtered(lambda item: item._accepts_invoices())
        line.service_id = services.filtered(lambda item: item.code == SERVICE_CODE)
        wizard.take_names = True
        wizard.action_mark()
        self.assertEqual(self.strict.chorus_service_code, SERVICE_CODE)
        self.assertEqual(self.strict.name, line.structure_id.name)

    def test_what_the_click_leaves_the_scheduled_action_asks(self):
        wizard = self.open()
        structures = self.env["chorus.structure"]
        structures.sudo()._ask_for(self.company, "test", [NO_DUTY, SERVICE_DUTY, SUPPLIER])
        self.run_directory()
        wizard.action_refresh()
        self.assertEqual(self.states(wizard)[NO_DUTY], "public")
        activity = self.company.partner_id.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(FOUND)
        )
        self.assertIn("Ma mairie", activity.note)
        self.assertEqual(activity.user_id, self.accountant)
        # Marked: nothing is left to be told.
        wizard.action_mark()
        self.assertFalse(activity.exists())

    def test_a_month_later_the_new_customers_are_asked(self):
        wizard = self.open()
        wizard.action_ask()
        wizard.action_mark()
        self.run_directory()
        new = self.plain(BOTH_DUTIES, "Nouvelle mairie")
        self.company.sudo().chorus_search_next = "2020-01-01"
        self.run_directory()
        found = self.env["res.partner"].sudo()._chorus_found_public(self.company, "test")
        self.assertEqual(found, new)
        self.assertTrue(
            self.company.partner_id.activity_ids.filtered(
                lambda activity: activity.activity_type_id == self.env.ref(FOUND)
            )
        )

    @mute_logger("odoo.addons.l10n_fr_chorus_pro.models.directory.chorus_structure_refresh")
    def test_a_company_whose_search_raises_keeps_nobody_from_being_looked_up(self):
        self.company.sudo().chorus_search_next = "2020-01-01"
        due = self.make_customer(BOTH_DUTIES, "Marquée")
        with patch.object(
            self.env.registry["res.partner"], "_chorus_to_search", side_effect=ValueError("Somebody else's")
        ):
            self.run_directory()
        self.assertTrue(
            self.env["chorus.structure"].search([("siret", "=", due.company_registry)]).looked_up_at
        )

    def test_a_company_that_never_searched_is_not_searched(self):
        self.run_directory()
        self.assertFalse(self.env["chorus.structure"].search([("siret", "=", BOTH_DUTIES)]))
        self.assertFalse(self.company.chorus_search_next)

    # ---------------------------------------------------------------- a list

    def read_list(self, text):
        wizard = self.open()
        wizard.file = base64.b64encode(text.encode())
        wizard.action_read()
        return wizard

    def test_a_list_makes_customers_with_their_services(self):
        wizard = self.read_list(
            f"SIRET;Service;Nom\n{SERVICE_DUTY};{SERVICE_CODE};Mairie\n{BOTH_DUTIES};;Autre\n12;;Rien\n"
            f"{MANY_SERVICES};SIM001;Ville\n{MANY_SERVICES};SIM002;Ville\n"
        )
        self.assertIn("4", wizard.note.splitlines()[1])
        wizard.action_ask()
        wizard.action_mark()
        self.assertEqual(self.strict.chorus_service_code, SERVICE_CODE)
        made = self.env["res.partner"].search([("company_registry", "=", BOTH_DUTIES)])
        self.assertTrue(made._is_chorus_customer(self.company))
        town = self.env["res.partner"].search(
            [("company_registry", "=", MANY_SERVICES), ("parent_id", "=", False)]
        )
        self.assertEqual(sorted(town.child_ids.mapped("chorus_service_code")), ["SIM001", "SIM002"])

    def test_a_list_that_a_spreadsheet_spoilt_is_told(self):
        with self.assertRaisesRegex(UserError, "shortened"):
            self.read_list("SIRET\n1,23457E+13\n")
        with self.assertRaisesRegex(UserError, "No SIRET"):
            self.read_list("a;b\nc;d\n")

    def test_lists_as_people_keep_them(self):
        for text, rows in (
            (f"{NO_DUTY};S1\n", [(NO_DUTY, "S1", "")]),
            (f"Nom client,N° SIRET,Code service\nVille,{NO_DUTY},S1\n", [(NO_DUTY, "S1", "Ville")]),
            ("\ufeffSIRET\tService\n123 456 782 00051\t\n", [(NO_DUTY, "", "")]),
        ):
            with self.subTest(text=text):
                self.assertEqual([tuple(row) for row in read_list(text.encode())[0]], rows)
        unicode_text = f"SIRET\tService\r\n{NO_DUTY}\tS1\r\n".encode("utf-16")
        self.assertEqual([tuple(row) for row in read_list(unicode_text)[0]], [(NO_DUTY, "S1", "")])
        for content in (b"x" * 2_000_001, b"", b"PK\x03\x04" + bytes(range(256)) * 9, b'"' + b"7" * 200_000):
            with self.assertRaises(SiretListError):
                read_list(content)

    def test_blank_lines_of_a_list_count_as_lines_and_as_nothing_else(self):
        rows, wrong = read_list(f"\r\n\r\nSIRET,Service\r\n{NO_DUTY},S1\r\n ,\r\n12,S2\r\n".encode())
        self.assertEqual([tuple(row) for row in rows], [(NO_DUTY, "S1", "")])
        self.assertEqual(wrong, [6], "the line as a spreadsheet or an editor counts it")

    def test_a_list_of_five_thousand_is_read_and_one_more_is_not(self):
        sirets = [f"{number:014d}" for number in range(5_001)]
        rows, wrong = read_list("\n".join(["SIRET", *sirets[:-1]]).encode())
        self.assertEqual(len(rows) + len(wrong), 5_000)
        with self.assertRaises(SiretListError):
            read_list("\n".join(["SIRET", *sirets]).encode())
