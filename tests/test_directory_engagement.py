"""Engagement numbers of the State and the company's bank accounts, checked before sending."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import format_date

from .common import STATE, ChorusCommon

OPEN, CLOSED = "1300000001", "1300000099"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDirectoryEngagement(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.connect()
        self.state_customer = self.make_customer(STATE, "Services de l'Etat")

    def make_invoice(self, number, partner=None):
        move = self.init_invoice("out_invoice", partner=partner or self.state_customer, amounts=[100])
        move.purchase_order_reference = number
        return move.with_user(self.accountant)

    def test_an_accountant_checks_an_engagement(self):
        move = self.make_invoice(OPEN)
        self.assertFalse(move.chorus_engagement_notice)
        self.assertEqual(move.action_chorus_check_engagement()["params"]["type"], "success")
        self.assertIn("Open in Chorus Pro", move.chorus_engagement_notice)
        today = format_date(self.env, fields.Date.context_today(move))
        self.assertIn(today, move.chorus_engagement_notice)

    def test_a_number_that_chorus_pro_does_not_have_open_is_told(self):
        moves = self.make_invoice("0000000000") | self.make_invoice(CLOSED)
        notice = moves.action_chorus_check_engagement()["params"]
        self.assertEqual(notice["type"], "warning")
        self.assertIn("0000000000", notice["message"])
        self.assertIn("does not have", moves[0].chorus_engagement_notice)
        checked = self.env["chorus.engagement"]._checked(self.company, "test")
        self.assertEqual(set(checked), {"0000000000", CLOSED})
        findings = moves[0]._chorus_findings("test")[moves[0].id]
        self.assertIn("engagement_unknown", [finding["code"] for finding in findings])
        (closed,) = (
            finding
            for finding in moves[1]._chorus_findings("test")[moves[1].id]
            if finding["code"].startswith("engagement_")
        )
        self.assertEqual((closed["code"], closed["severity"]), ("engagement_closed", "block"))

    def test_only_the_state_tells(self):
        move = self.make_invoice(OPEN, self.make_customer())
        self.assertFalse(move.chorus_can_check_engagement)
        with self.assertRaisesRegex(UserError, "services of the State only"):
            move.action_chorus_check_engagement()

    def test_an_api_that_is_not_subscribed_is_explained(self):
        self.simulator.control(
            "clients", {"client_id": "simulator-client", "apis": {"engagementsJuridiques": False}}
        )
        with self.assertRaisesRegex(UserError, "CGU"):
            self.make_invoice(OPEN).action_chorus_check_engagement()

    def test_the_refresh_checks_what_is_new(self):
        move = self.make_invoice(OPEN)
        with self.enter_registry_test_mode():
            cron = self.env.ref("l10n_fr_chorus_pro.cron_directory")
            cron.method_direct_trigger()
            cron.method_direct_trigger()
        move.invalidate_recordset()
        self.assertIn("Open in Chorus Pro", move.chorus_engagement_notice)
        self.assertEqual(self.simulator.calls()["counts"]["engagementsJuridiques/v1/rechercher"], 1)

    def test_answers_stay_in_their_company(self):
        self.make_invoice(OPEN).action_chorus_check_engagement()
        other = self.env["res.company"].create({"name": "Autre"})
        self.assertFalse(self.env["chorus.engagement"]._checked(other, "test"))
        self.accountant.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertFalse(self.env["chorus.engagement"].with_user(self.accountant).search([]))

    def test_nobody_writes_answers_by_hand(self):
        with self.assertRaises(AccessError):
            self.env["chorus.engagement"].with_user(self.accountant).create(
                {"company_id": self.company.id, "environment": "test", "number": "1", "known": True}
            )

    # ---------------------------------------------------------------- bank accounts

    def test_an_account_that_chorus_pro_does_not_know_is_doubtful(self):
        iban = "FR76 3000 6000 0112 3456 7890 189"
        self.assertFalse(self.connection._bank_doubt(iban))
        self.connection.checked_at = fields.Datetime.now()
        self.assertIn("knows no bank account", self.connection._bank_doubt(iban))
        self.connection.bank_account_names = "Compte courant"
        self.assertFalse(self.connection._bank_doubt(iban))
        self.connection.bank_account_names = "BRED FR7610107001011234567890129"
        self.assertIn("is not among those", self.connection._bank_doubt(iban))
        production = self.connect("production", switch_on=False)
        production.write(
            {"checked_at": fields.Datetime.now(), "bank_account_names": "BRED 10107001011234567890129"}
        )
        move = self.make_invoice(OPEN)
        move.partner_bank_id = self.env["res.partner.bank"].create(
            {"acc_number": iban, "partner_id": self.company.partner_id.id, "allow_out_payment": True}
        )
        told = {
            env: [f["code"] for f in move._chorus_findings(env)[move.id]] for env in ("test", "production")
        }
        self.assertIn("bank_unknown", told["production"])
        self.assertNotIn("bank_unknown", told["test"])
        self.connection.bank_account_names = "Agricole 12345678901"
        self.assertFalse(self.connection._bank_doubt(iban))
