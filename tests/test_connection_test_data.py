"""The test data set: read, corrected, made into test customers that never spoil the books."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import NO_DUTY, SERVICE_CODE, SERVICE_DUTY, STATE, SUPPLIER, ChorusCommon

DATA_SET = f"""Type;Raison sociale;SIRET;LOGIN compte GP;Mot de passe Compte GP
Privé;Fournisseur {SUPPLIER};{SUPPLIER};gp@example.org;S3cret-of-GP
Public;Destinataire sans paramètre;{NO_DUTY};;
Public;Destinataire service obligatoire;{SERVICE_DUTY};;
Public;Destinataire Etat;{STATE};;
"""


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionTestData(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.connect(supplier_siret=False, switch_on=False).with_user(self.administrator)

    def upload(self, text, encoding="utf-8"):
        action = self.connection.action_import_test_data()
        wizard = self.env["chorus.test.data"].with_user(self.administrator).browse(action["res_id"])
        content = text if isinstance(text, bytes) else text.encode(encoding)
        wizard.file = base64.b64encode(content)
        wizard.action_read()
        return wizard

    def customers(self):
        return self.env["res.partner"].search([("chorus_test_customer", "=", True)])

    def test_it_shows_what_it_understood_before_anything_is_made(self):
        wizard = self.upload(DATA_SET, "cp1252")
        self.assertIn("Suppliers: 1; customers: 3.", wizard.understood)
        self.assertIn("column “SIRET”, the names from “Raison sociale”", wizard.understood)
        self.assertEqual(wizard.line_ids.mapped("kind"), ["supplier", "recipient", "recipient", "recipient"])
        self.assertFalse(self.customers())
        self.assertFalse(self.connection.supplier_siret)
        self.assertNotIn("S3cret-of-GP", str(wizard.read()) + str(wizard.line_ids.read()))

    def test_it_makes_test_customers_and_sets_the_supplier(self):
        wizard = self.upload(DATA_SET)
        wizard.action_create()
        customers = self.env["res.partner"].search(wizard.action_customers()["domain"])
        self.assertEqual(len(customers), 3)
        self.assertEqual(self.connection.supplier_siret, SUPPLIER)
        for customer in customers:
            self.assertTrue(customer.chorus_test_customer)
            self.assertEqual(customer.company_id, self.company)
            self.assertTrue(customer._is_chorus_customer(self.company))
        by_siret = customers.grouped("company_registry")
        self.assertEqual(by_siret[SERVICE_DUTY].chorus_service_code, SERVICE_CODE)
        self.assertEqual(by_siret[STATE].chorus_service_code, "SFACETAT")
        self.assertFalse(by_siret[NO_DUTY].chorus_service_code)
        self.assertFalse(self.connection._why_not_usable())

    def test_choosing_the_file_reads_it_and_the_end_says_what_comes_next(self):
        self.connection.write({"client_id": False, "login": False})
        action = self.connection.action_import_test_data()
        wizard = self.env["chorus.test.data"].with_user(self.administrator).browse(action["res_id"])
        with Form(wizard) as form:
            form.file = base64.b64encode(b"no table")
            self.assertIn("No columns", form.problem)
            form.file = base64.b64encode(DATA_SET.encode())
            self.assertFalse(form.problem)
            self.assertIn("customers: 3", form.understood)
        self.assertFalse(wizard.file, "it holds passwords")
        self.assertEqual(wizard.action_create()["res_id"], wizard.id)
        for part in ("up to date: 3", SUPPLIER, "gp@example.org", "type the keys"):
            self.assertIn(part, wizard.outcome)
        self.assertEqual(self.connection.supplier_login, "gp@example.org")
        self.assertNotIn("S3cret", str(wizard.read()) + str(self.connection.read()))

    def test_a_second_import_brings_up_to_date_instead_of_doubling(self):
        self.upload(DATA_SET).action_create()
        before = self.customers()
        before.active = False
        self.upload(DATA_SET.replace("Destinataire Etat", "Etat, autre nom")).action_create()
        self.assertEqual(self.customers(), before)
        self.assertIn("Etat, autre nom", before.mapped("name"))

    def test_a_person_corrects_what_was_misread(self):
        wizard = self.upload(DATA_SET.replace("Privé;Fournisseur", "Public;Organisme"))
        with self.assertRaisesRegex(UserError, "exactly one supplier"):
            wizard.action_create()
        wizard.line_ids[0].kind = "supplier"
        wizard.line_ids[-1].kind = "ignore"
        wizard.action_create()
        self.assertEqual(len(self.customers()), 2)
        self.assertEqual(self.connection.supplier_siret, SUPPLIER)

    def test_nonsense_changes_nothing_and_says_why(self):
        for content, reason in (
            (b"PK\x03\x04 rest of a spreadsheet", "spreadsheet"),
            (b"\x00\x01\x02", "not a text file"),
            (b"a;b\nc;d\n", "No SIRET"),
            (b"just words", "No columns"),
            (b"SIRET;Nom\n1,23457E+13;Mairie\n", "shortened"),
            (f"SIRET;Nom\n{SUPPLIER};Fournisseur\n".encode(), "No public structure"),
            (b"x;" * 1_200_000, "far larger"),
        ):
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, f"{reason}.*Nothing was"):
                self.upload(content)
        self.assertFalse(self.customers())

    def test_wrong_corrections_are_refused(self):
        wizard = self.upload(DATA_SET)
        wizard.line_ids[1].siret = "123"
        with self.assertRaisesRegex(UserError, "14 digits"):
            wizard.action_create()
        wizard.line_ids[1].siret = STATE
        with self.assertRaisesRegex(UserError, "twice"):
            wizard.action_create()
        self.assertFalse(self.customers())

    def test_only_administrators_import(self):
        wizard = self.upload(DATA_SET)
        for call in (
            lambda: self.env["chorus.test.data"].with_user(self.accountant).create({}),
            wizard.with_user(self.accountant).action_create,
            wizard.with_user(self.accountant).action_read,
        ):
            with self.assertRaises(AccessError):
                call()

    # ---------------------------------------------------------------- the books

    def test_a_test_customer_is_not_invoiced_where_invoices_are_real(self):
        customer = self.make_customer(chorus_test_customer=True)
        move = self.init_invoice("out_invoice", partner=customer, amounts=[100])
        self.connect("production", switch_on=False)
        with self.assertRaisesRegex(UserError, "qualification space only"):
            move.with_user(self.accountant).action_post()
        self.assertEqual(move.state, "draft")

    def test_a_company_that_only_tests_may_invoice_a_test_customer(self):
        customer = self.make_customer(chorus_test_customer=True)
        self.make_connection("production")
        move = self.init_invoice("out_invoice", partner=customer, amounts=[100])
        move.with_user(self.accountant).action_post()
        self.assertEqual(move.state, "posted")

    # ---------------------------------------------------------------- testing with real invoices

    def test_the_buyer_is_replaced_by_one_that_requires_the_same(self):
        self.upload(DATA_SET).action_create()
        real = self.make_customer("21440036600012", "Ville de Nantes")
        self.env["chorus.structure"].sudo().create(
            {
                "siret": "21440036600012",
                "environment": "production",
                "needs_service": True,
                "looked_up_at": "2026-01-01",
            }
        )
        self.assertFalse(self.connection._test_recipient_for(real))
        self.connection.replace_buyer = True
        self.assertIn(self.connection._test_recipient_for(real).siret, (SERVICE_DUTY, STATE))
        self.assertIn(self.connection._test_service_for(real), (SERVICE_CODE, "SFACETAT"))
        move = self.init_invoice("out_invoice", partner=real, amounts=[100], post=True)
        move.buyer_reference = "SERVICE_OF_NANTES"
        sent = move._chorus_invoices("test")[move.id]
        self.assertEqual(sent.buyer.siret, self.connection._test_recipient_for(real).siret)
        self.assertEqual(sent.buyer_reference, self.connection._test_service_for(real))
        self.assertEqual(move._chorus_invoices("production")[move.id].buyer_reference, "SERVICE_OF_NANTES")
        unknown = self.make_customer("21350238800019", "Ville de Rennes")
        self.assertEqual(self.connection._test_recipient_for(unknown).siret, NO_DUTY)
        self.assertFalse(self.connection._test_recipient_for(self.customers()[:1]))
        self.assertIsNone(self.connection._test_service_for(self.customers()[:1]))
