"""Several establishments in one company: each sales journal may name the SIRET of its own."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import COMPANY_SIRET
from .protocol import ProtocolCommon

# Of the same company: the same first nine digits.
WORKSHOP = "73282932000082"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestEstablishments(ProtocolCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.simulator.set_structure(COMPANY_SIRET, name="Siège", public=False)
        self.simulator.set_structure(WORKSHOP, name="Atelier", public=False)
        self.production = self.connect("production", first_deposit_limit=0)
        self.company.chorus_establishments = True
        sales = self.company_data["default_journal_sale"]
        self.journal = sales.copy(
            {"name": "Atelier", "code": "ATEL", "default_account_id": sales.default_account_id.id}
        )
        self.journal.with_user(self.administrator).chorus_siret = "732 829 320 00082"

    def make_ours(self):
        """An invoice of the company's own establishment."""
        return self.make_invoice(journal_id=self.company_data["default_journal_sale"].id)

    def seller(self, move):
        return move._chorus_invoices("production")[move.id].seller

    def test_the_journal_says_who_sells(self):
        ours, workshop = self.make_ours(), self.make_invoice(journal_id=self.journal.id)
        self.assertEqual(self.seller(ours).siret, COMPANY_SIRET)
        self.assertEqual(self.seller(workshop).siret, WORKSHOP)
        # The page shows what the data say; the VAT number is the company's.
        self.assertEqual(workshop._chorus_printed_sirets()[0], WORKSHOP)
        self.assertEqual(self.seller(workshop).vat_number, self.seller(ours).vat_number)

    def test_switched_off_the_company_sells(self):
        self.company.chorus_establishments = False
        self.assertEqual(self.seller(self.make_invoice(journal_id=self.journal.id)).siret, COMPANY_SIRET)

    def test_it_goes_and_is_found_under_its_own_siret(self):
        move = self.make_invoice(journal_id=self.journal.id)
        self.assertEqual(self.queue(move, "production"), {})
        self.run_send()
        self.pass_time(hours=2)
        self.run_follow()
        self.assertState(move, "integrated", "production")
        self.assertEqual(self.line(move, "production").seller_siret, WORKSHOP)
        self.assertEqual(self.taken(move.name), [(WORKSHOP, move.name)])

    def test_the_checklist_looks_for_each_siret(self):
        self.simulator.control("accounts", {"login": "TECH_1_1@cpro.fr", "structures": [COMPANY_SIRET]})
        self.production.with_user(self.administrator).action_check_all()
        step = self.production.step_ids.filtered(lambda step: step.key == "attached")
        self.assertEqual(step.result, "warning")
        self.assertIn(WORKSHOP, step.message)
        workshop = self.make_invoice(journal_id=self.journal.id)
        codes = [finding["code"] for finding in workshop._chorus_findings("production")[workshop.id]]
        self.assertIn("company_not_attached", codes)
        ours = self.make_ours()
        codes = [finding["code"] for finding in ours._chorus_findings("production")[ours.id]]
        self.assertNotIn("company_not_attached", codes)

    def test_a_siret_of_another_company_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "732829320"):
            self.journal.with_user(self.administrator).chorus_siret = "55208131766522"
        with self.assertRaisesRegex(ValidationError, "14 digits"):
            self.journal.with_user(self.administrator).chorus_siret = "73282932"

    def test_only_administrators_say_who_sells(self):
        manager = self.env["res.users"].browse(self.accountant.id)
        manager.sudo().group_ids += self.env.ref("account.group_account_manager")
        with self.assertRaises(AccessError):
            self.journal.with_user(manager).chorus_siret = False
        self.journal.with_user(manager).name = "Another name"

    def test_a_customer_is_marked_once_for_all_branches(self):
        branch = self.env["res.company"].sudo().create({"name": "Agence", "parent_id": self.company.id})
        self.assertTrue(self.customer._is_chorus_customer(branch))
        self.customer.with_company(self.company).dematerialized_invoice_type = False
        self.assertFalse(self.customer._is_chorus_customer(branch))
        new = self.make_customer("12345678200028", "Autre mairie")
        self.assertTrue(new._is_chorus_customer(branch))
        self.assertEqual(new.with_company(branch).invoice_sending_method, "chorus_pro")
