"""The guided checklist: each step broken once and told, in order, with what to do."""

from datetime import timedelta

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.models.connection.chorus_connection_step import STEPS
from odoo.tests import tagged
from odoo.tools import format_date

from .common import SUPPLIER, ChorusCommon

DOMAINS = ("factures", "structures", "transverses", "utilisateurs")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionChecklist(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.make_connection().with_user(self.administrator)
        self.make_customer(chorus_test_customer=True)

    def check(self):
        """Press the button; return ``{step: result}``."""
        self.notice = self.connection.action_check_all()["params"]
        return {step.key: step.result for step in self.connection.step_ids}

    def message(self, key):
        return self.connection.step_ids.filtered(lambda step: step.key == key).message

    def test_every_step_explains_itself_before_anything_is_checked(self):
        self.assertEqual(self.connection.step_ids.mapped("key"), list(STEPS))
        for step in self.connection.step_ids:
            self.assertTrue(step.name and step.explanation and step.link.startswith("https://"))
            self.assertEqual(step.result, "todo")
        production = self.make_connection("production")
        self.assertNotIn("data_set", production.step_ids.mapped("key"))

    def test_all_good(self):
        results = self.check()
        self.assertEqual(set(results.values()), {"ok"}, self.connection.step_ids.mapped("message"))
        self.assertEqual(self.notice["type"], "success")
        self.assertTrue(self.connection.checked_at)
        self.assertTrue(all(self.connection.step_ids.mapped("checked_at")))
        self.assertIn("Compte courant", self.connection.bank_account_names)

    def test_wrong_keys_come_first_and_the_rest_waits(self):
        self.connection.client_secret = "wrong"
        results = self.check()
        self.assertEqual(results.pop("keys"), "failed")
        self.assertEqual(set(results.values()), {"waiting"})
        self.assertIn("PISTE gives a token", self.notice["message"])

    def test_each_api_that_is_not_subscribed_is_named(self):
        for domain in DOMAINS:
            with self.subTest(domain=domain):
                self.simulator.reset()
                self.simulator.control("clients", {"client_id": "simulator-client", "apis": {domain: False}})
                results = self.check()
                self.assertEqual(next(key for key, result in results.items() if result == "failed"), domain)
                self.assertIn("CGU", self.message(domain))
                self.assertEqual(results["keys"], "ok")

    def test_terms_that_were_not_accepted_look_the_same_and_say_both(self):
        self.simulator.control("clients", {"client_id": "simulator-client", "terms": {"factures": False}})
        self.assertEqual(self.check()["factures"], "failed")

    def test_engagements_are_optional(self):
        self.simulator.control(
            "clients", {"client_id": "simulator-client", "apis": {"engagementsJuridiques": False}}
        )
        results = self.check()
        self.assertEqual(results["engagements"], "warning")
        self.assertEqual(self.notice["type"], "success")

    def test_a_wrong_technical_password_is_told_from_a_missing_subscription(self):
        self.connection.password = "wrong"
        results = self.check()
        self.assertEqual(results["account"], "failed")
        self.assertEqual(results["factures"], "ok")
        self.assertEqual(results["attached"], "waiting")
        self.assertIn("30 minutes", self.message("account"))

    def test_a_token_that_dies_on_the_way_is_no_fault_of_the_account(self):
        """401 at random when calls are chained fast: one client's claim (reference §7, 12)."""
        for route in ("structures/v1/rechercher", "utilisateurs/v1/monCompte/recuperer/rattachements"):
            self.simulator.fault(route, "expired_token", count=1)
            self.assertEqual(set(self.check().values()), {"ok"})

    def test_a_company_that_is_not_attached(self):
        self.simulator.control("accounts", {"login": "TECH_1_1@cpro.fr", "structures": ["35068473658377"]})
        results = self.check()
        self.assertEqual(results["attached"], "failed")
        self.assertIn(SUPPLIER, self.message("attached"))
        self.assertEqual(results["bank"], "waiting")

    def test_no_bank_account_declared(self):
        self.simulator.set_structure(SUPPLIER, banks=[])
        self.assertEqual(self.check()["bank"], "warning")

    def test_the_date_of_the_password_is_read(self):
        self.check()
        self.assertGreater(self.connection.password_expiry, fields.Date.today())
        self.assertIn(format_date(self.env, self.connection.password_expiry), self.message("password_expiry"))

    def test_a_password_near_its_end(self):
        self.simulator.control(
            "accounts",
            {
                "login": "TECH_1_1@cpro.fr",
                "expires_at": fields.Datetime.to_string(fields.Datetime.now() + timedelta(days=10)),
            },
        )
        self.assertEqual(self.check()["password_expiry"], "warning")

    def test_without_data_set(self):
        self.env["res.partner"].search([("chorus_test_customer", "=", True)]).active = False
        self.assertEqual(self.check()["data_set"], "warning")
        self.connection.supplier_siret = "99999999999999"
        self.assertEqual(self.check()["data_set"], "failed")

    def test_a_server_in_trouble_is_no_fault_of_the_administrator(self):
        self.simulator.fault("structures/v1/rechercher", "http_503", count=1)
        results = self.check()
        self.assertEqual(results["structures"], "warning")
        self.assertEqual(results["account"], "ok")
