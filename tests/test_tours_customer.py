"""A new customer in a browser, in French: the SIRET is typed, the rest comes from Chorus Pro's directory."""

from odoo.tests import tagged

from .common import SERVICE_DUTY
from .test_tours_life import ToursCommon

NEW = "/odoo/action-account.res_partner_action_customer/new"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursCustomer(ToursCommon):
    def test_typing_a_siret_offers_to_fill_the_customer(self):
        self.tour("chorus_fill_new_customer", NEW)
        customer = self.env["res.partner"].search([("name", "=", "Destinataire service obligatoire")])
        self.assertEqual(customer._chorus_siret(), SERVICE_DUTY)
        self.assertTrue(customer.is_company)
        self.assertTrue(customer._is_chorus_customer(self.company))

    def test_a_private_company_is_told_and_left_alone(self):
        self.tour("chorus_fill_private_company", NEW)
        self.assertFalse(self.env["res.partner"].search([("company_registry", "=", "33254021516357")]))
