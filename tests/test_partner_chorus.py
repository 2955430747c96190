"""One switch on the customer drives Odoo's own settings."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import SERVICE_CODE, SERVICE_DUTY, ChorusCommon


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

    def test_a_contradiction_is_reported(self):
        self.customer.dematerialized_invoice_type = "facturx"
        self.assertFalse(self.customer._chorus_type_conflict(self.company))
        self.customer.sudo().invoice_sending_method = "email"
        self.assertIn("another way", self.customer._chorus_type_conflict(self.company))
        self.customer.sudo().write({"invoice_sending_method": "chorus_pro", "invoice_edi_format": "ubl_bis3"})
        self.assertIn("not Factur-X", self.customer._chorus_type_conflict(self.company))
        self.customer.dematerialized_invoice_type = "facturx"
        self.assertFalse(self.customer._chorus_type_conflict(self.company))
        other = self.make_customer(dematerialized_invoice_type=False, invoice_sending_method="chorus_pro")
        self.assertIn("choose Factur-X", other._chorus_type_conflict(self.company))

    def test_another_choice_of_the_accountant_is_left_alone(self):
        self.customer.sudo().invoice_sending_method = "email"
        self.customer.dematerialized_invoice_type = False
        self.assertEqual(self.customer.invoice_sending_method, "email")

    def test_blanks_in_a_siret_do_not_count(self):
        self.customer.company_registry = "123 456 782 00051"
        self.assertEqual(self.customer._chorus_siret(), "12345678200051")

    def test_the_technical_service_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "FACTURES_PUBLIQUES"):
            self.customer.chorus_service_code = "factures_publiques"

    def test_the_service_is_chosen_from_the_real_list(self):
        self.connect()
        self.customer.write({"company_registry": SERVICE_DUTY, "dematerialized_invoice_type": "facturx"})
        self.customer.action_chorus_look_up()
        services = self.customer.chorus_structure_id.service_ids
        with Form(self.customer) as form:
            form.chorus_service_id = services.filtered(lambda service: service.code == SERVICE_CODE)
            self.assertEqual(form.chorus_service_code, SERVICE_CODE)
        self.assertEqual(self.customer.chorus_service_code, SERVICE_CODE)

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

    def test_a_public_structure_offers_to_fill_the_customer(self):
        self.connect()
        partner = self.make_customer(SERVICE_DUTY, SERVICE_DUTY, dematerialized_invoice_type=False)
        partner = partner.with_user(self.accountant)
        partner.action_chorus_look_up()
        self.assertTrue(partner.chorus_can_fill)
        self.assertIn("is a public structure", partner.chorus_notice)
        partner.action_chorus_fill()
        self.assertEqual(partner.name, "Destinataire service obligatoire")
        self.assertEqual(partner.dematerialized_invoice_type, "facturx")
        self.assertFalse(partner.chorus_can_fill)
