"""One switch on the customer drives Odoo's own settings."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import SERVICE_CODE, SERVICE_DUTY, SUPPLIER, ChorusCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPartnerChorus(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.customer = self.make_customer(dematerialized_invoice_type=False).with_user(self.accountant)

    def test_the_switch_drives_format_and_sending_method(self):
        self.assertFalse(self.customer._is_chorus_customer(self.company))
        self.customer.dematerialized_invoice_type = "facturx"
        self.assertEqual(self.customer.invoice_edi_format, "facturx")
        self.assertEqual(self.customer.invoice_sending_method, "chorus_pro")
        self.assertTrue(self.customer._is_chorus_customer(self.company))
        self.customer.dematerialized_invoice_type = False
        self.assertFalse(self.customer.invoice_sending_method)
        self.assertFalse(self.customer._is_chorus_customer(self.company))

    def test_an_accountant_sets_it_outside_developer_mode(self):
        with Form(self.customer) as form:
            form.dematerialized_invoice_type = "facturx"
        self.assertEqual(self.customer.invoice_sending_method, "chorus_pro")

    def test_contacts_follow_their_company(self):
        contact = self.env["res.partner"].create({"name": "Service achats", "parent_id": self.customer.id})
        self.customer.dematerialized_invoice_type = "facturx"
        self.assertTrue(contact._is_chorus_customer(self.company))
        self.assertEqual(contact._chorus_siret(), self.customer.company_registry)
        later = (
            self.env["res.partner"]
            .with_company(self.company)
            .create({"name": "Facturation", "parent_id": self.customer.id, "type": "invoice"})
        )
        self.assertTrue(later._is_chorus_customer(self.company))

    def test_each_company_has_its_own_answer(self):
        other = self.env["res.company"].create({"name": "Autre"})
        self.customer.dematerialized_invoice_type = "facturx"
        self.assertFalse(self.customer._is_chorus_customer(other))
        self.assertFalse(self.customer.sudo().with_company(other).invoice_sending_method)

    def test_what_is_stored_besides_the_switch_does_not_matter_where_it_is_on(self):
        self.customer.dematerialized_invoice_type = "facturx"
        self.customer.sudo().write(
            {"invoice_sending_method": "email", "invoice_edi_format_store": "ubl_bis3"}
        )
        self.assertFalse(self.customer._chorus_type_conflict(self.company))

    def test_a_sending_method_without_the_switch_is_reported(self):
        other = self.make_customer(dematerialized_invoice_type=False, invoice_sending_method="chorus_pro")
        self.assertIn("choose Factur-X", other._chorus_type_conflict(self.company))

    def test_another_choice_of_the_accountant_is_left_alone(self):
        self.customer.sudo().invoice_sending_method = "email"
        self.customer.dematerialized_invoice_type = False
        self.assertEqual(self.customer.invoice_sending_method, "email")

    def test_a_siret_of_another_length_is_told_at_once(self):
        self.customer.dematerialized_invoice_type = "facturx"
        with Form(self.customer) as form:
            self.assertFalse(form.chorus_notice)
            form.company_registry = "1234567820002"
            self.assertIn("A SIRET has 14 digits: “1234567820002” is none", form.chorus_notice)
            form.company_registry = "123 456 782 00028"
            self.assertFalse(form.chorus_notice)

    def test_blanks_in_a_siret_do_not_count(self):
        self.customer.company_registry = "123 456 782 00051"
        self.assertEqual(self.customer._chorus_siret(), "12345678200051")

    def test_the_technical_service_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "FACTURES_PUBLIQUES"):
            self.customer.chorus_service_code = "factures_publiques"

    def test_the_service_is_offered_from_the_real_list(self):
        self.connect()
        self.customer.write({"company_registry": SERVICE_DUTY, "dematerialized_invoice_type": "facturx"})
        self.customer.action_chorus_look_up()
        structure = self.customer.chorus_structure_id
        offered = self.env["chorus.service"].choices(structure.id, 10)
        self.assertIn(SERVICE_CODE, [service["code"] for service in offered])
        self.assertNotIn("FACTURES_PUBLIQUES", [service["code"] for service in offered])
        with Form(self.customer) as form:
            form.chorus_service_code = SERVICE_CODE
        self.assertEqual(self.customer.chorus_service_id.code, SERVICE_CODE)

    def test_a_test_customer_is_looked_up_in_test_whatever_the_switch_says(self):
        self.connect("production")
        self.connect("test", switch_on=False)
        self.customer.sudo().write({"company_registry": SERVICE_DUTY, "chorus_test_customer": True})
        self.customer.action_chorus_look_up()
        self.assertEqual(self.customer.chorus_structure_id.environment, "test")

    def test_before_anything_is_switched_on_the_connected_environment_answers(self):
        self.connect("test", switch_on=False)
        self.customer.action_chorus_look_up()
        self.assertEqual(self.customer.chorus_structure_id.environment, "test")
        self.assertEqual(self.company._chorus_directory_environment(), "test")
        self.connect("production", switch_on=False)
        self.assertEqual(self.company._chorus_directory_environment(), "production")

    # ---------------------------------------------------------------- filled in from the directory

    def form(self, partner=None):
        """The form as the accountant has it open, in her company."""
        partners = self.env["res.partner"].with_user(self.accountant).with_company(self.company)
        return Form(partner.with_env(partners.env) if partner else partners)

    def calls(self):
        return sum(self.simulator.calls()["counts"].values())

    def press_fill(self, form):
        """Press the banner's button, as the web client does."""
        self.assertTrue(form.chorus_can_fill)
        form.chorus_fill_asked = True
        self.assertFalse(form.chorus_fill_asked)

    def test_a_typed_siret_is_offered_without_asking_anybody(self):
        self.connect()
        self.simulator.control("calls", method="DELETE")
        form = self.form()
        self.assertFalse(form.chorus_can_fill)
        form.company_registry = SERVICE_DUTY[:13]
        self.assertFalse(form.chorus_can_fill)
        form.company_registry = SERVICE_DUTY
        self.assertTrue(form.chorus_can_fill)
        self.assertIn("Chorus Pro knows its name", form.chorus_notice)
        self.assertEqual(self.calls(), 0)

    def test_a_new_customer_is_filled_in_before_it_is_saved(self):
        self.connect()
        form = self.form()
        form.company_registry = f"{SERVICE_DUTY[:9]} {SERVICE_DUTY[9:]}"
        self.press_fill(form)
        self.assertEqual(form.name, "Destinataire service obligatoire")
        self.assertEqual(form.dematerialized_invoice_type, "facturx")
        self.assertFalse(form.chorus_can_fill)
        self.assertFalse(form.chorus_notice)
        self.assertEqual(form.chorus_requirement, "service")
        partner = form.save()
        self.assertTrue(partner.is_company)
        self.assertEqual(partner.invoice_sending_method, "chorus_pro")
        self.assertFalse(partner.chorus_notice)

    def test_a_saved_customer_keeps_the_name_it_has(self):
        self.connect()
        form = self.form(self.customer)
        self.assertFalse(form.chorus_can_fill, "a SIRET that nobody has just typed is not offered")
        form.company_registry = SERVICE_DUTY
        self.press_fill(form)
        form.save()
        self.assertEqual(self.customer.name, "Mairie de Clisson")
        self.assertTrue(self.customer._is_chorus_customer(self.company))

    def test_what_was_looked_up_before_is_filled_in_without_a_call(self):
        self.connect()
        partner = self.make_customer(SERVICE_DUTY, SERVICE_DUTY, dematerialized_invoice_type=False)
        partner.with_user(self.accountant).with_company(self.company).action_chorus_look_up()
        self.simulator.control("calls", method="DELETE")
        form = self.form(partner)
        self.assertIn("is a public structure", form.chorus_notice)
        self.press_fill(form)
        form.save()
        self.assertEqual(partner.name, "Destinataire service obligatoire")
        self.assertEqual(self.calls(), 0)

    def test_no_public_structure_is_told_and_not_offered_again(self):
        self.connect()
        for siret in (SUPPLIER, "99999999999999"):
            with self.subTest(siret=siret):
                form = self.form()
                form.company_registry = siret
                with self.assertLogs("odoo.tests.form.onchange", "WARNING") as told:
                    self.press_fill(form)
                self.assertIn("is no public structure", told.output[0])
                self.assertFalse(form.name)
                self.assertFalse(form.dematerialized_invoice_type)
                self.assertFalse(form.chorus_can_fill)

    def test_a_directory_in_trouble_changes_nothing_and_may_be_asked_again(self):
        self.connect()
        self.simulator.fault("structures/v1/rechercher", "http_503", count=1)
        form = self.form()
        form.company_registry = SERVICE_DUTY
        with self.assertLogs("odoo.tests.form.onchange", "WARNING"):
            self.press_fill(form)
        self.assertFalse(form.dematerialized_invoice_type)
        self.press_fill(form)
        self.assertEqual(form.dematerialized_invoice_type, "facturx")

    def test_without_a_usable_connection_nothing_is_offered(self):
        self.make_connection()
        form = self.form()
        form.company_registry = SERVICE_DUTY
        self.assertFalse(form.chorus_can_fill)
        self.assertFalse(form.chorus_notice)
