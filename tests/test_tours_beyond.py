"""What stands beyond sending, in the hands of an accountant who reads French."""

from datetime import datetime, timedelta

from odoo.tests import tagged

from .common import NO_DUTY, SUPPLIER
from .test_retention import retention_term
from .test_tours_life import ToursCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursBeyond(ToursCommon):
    def test_release_of_a_retention(self):
        first = self.make_invoice(1000, invoice_payment_term_id=retention_term(self.env).id)
        self.customer.lang = "fr_FR"
        self.tour("chorus_release_retention", self.form_of(first))
        release = first.chorus_retention_invoice_ids
        self.assertEqual((release.state, release.amount_total), ("posted", 60))
        self.assertEqual(first.amount_residual, 1140)

    def test_validate(self):
        self.company.write({"chorus_validates": True, "chorus_responsible_id": self.accountant.id})
        self.simulator.control("subcontractor", {"validator": SUPPLIER})
        self._run("_cron_validate")
        self.tour("chorus_validate", "/odoo/action-l10n_fr_chorus_pro.action_chorus_validations")
        [there] = [item["status"] for item in self.simulator.ledger()["invoices"]]
        self.assertEqual(there, "VALIDEE_1")

    def test_find_customers(self):
        found = self.env["res.partner"].create(
            {"name": "Ville à trouver", "company_registry": NO_DUTY, "customer_rank": 1, "is_company": True}
        )
        self.customer.company_registry = False
        self.tour("chorus_find_customers", "/odoo/action-l10n_fr_chorus_pro.action_chorus_find")
        self.assertTrue(found._is_chorus_customer(self.company))


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursClaim(ToursCommon):
    environment = "production"
    begins = timedelta(days=80)

    def test_claim_and_prove(self):
        rates = self.env["chorus.late.rate"]
        # The tour is played today, perhaps in another half-year than this past begins in.
        while rates._next_half_year() <= datetime.now().date() + self.begins:
            rates.create({"rate": 10.15})
        late = self.deliver()
        self.tour("chorus_claim_and_prove", self.form_of(late))
        self.assertTrue(late.chorus_claimed_on)
