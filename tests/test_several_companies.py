"""Two companies in one database, which share a technical account: nothing mixes."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import SERVICE_DUTY
from .protocol import ProtocolCommon

MODELS = ("chorus.deposit", "chorus.deposit.line", "chorus.attempt")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSeveralCompanies(ProtocolCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.setup_other_company(name="Second")
        cls.company_2 = cls.second["company"]
        cls.company_2.sudo().write(
            {
                "company_registry": "55208131766522",
                "vat": "FR03552081317",
                "street": "2 quai",
                "zip": "44000",
                "city": "Nantes",
                "phone": "+33240000002",
                "email": "second@example.com",
            }
        )
        cls.accountant_2 = new_test_user(
            cls.env,
            login="chorus_accountant_2",
            groups="account.group_account_user",
            company_id=cls.company_2.id,
            company_ids=[Command.set(cls.company_2.ids)],
        )

    def setUp(self):
        super().setUp()
        # The same credentials: Chorus Pro allows one technical account for several structures.
        self.connection_2 = self.connect(company_id=self.company_2.id)
        self.customer.with_company(self.company_2).sudo().dematerialized_invoice_type = "facturx"

    def make_invoice_2(self):
        bank = (
            self.env["res.partner.bank"]
            .sudo()
            .create(
                {
                    "partner_id": self.company_2.partner_id.id,
                    "acc_number": "FR7630004000031234567890143",
                    "allow_out_payment": True,
                }
            )
        )
        move = (
            self.env["account.move"]
            .sudo()
            .with_company(self.company_2)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "name": "SECOND/2026/0001",
                    "invoice_date": "2026-11-20",
                    "partner_bank_id": bank.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Entretien",
                                "quantity": 1,
                                "price_unit": 50,
                                "tax_ids": [Command.set(self.second["default_tax_sale"].ids)],
                            }
                        )
                    ],
                }
            )
        )
        move.action_post()
        return move

    def send_both(self):
        first, second = self.make_invoice(), self.make_invoice_2()
        self.assertEqual(self.queue(first), {})
        self.assertEqual(second.with_user(self.accountant_2)._chorus_queue("test"), {})
        self.run_send()
        return first, second

    def test_each_company_sends_its_own(self):
        first, second = self.send_both()
        for move, company in ((first, self.company), (second, self.company_2)):
            self.assertState(move, "sent")
            line = self.line(move)
            self.assertEqual((line.company_id, line.deposit_id.company_id), (company, company))
            self.assertEqual(line.deposit_id.line_ids, line, "no file holds invoices of two companies")
        numbers = {number for _seller, number in self.taken()}
        self.assertEqual(numbers, {first.name, second.name})

    def test_one_company_at_rest_does_not_hold_the_other(self):
        self.connection_2.active = False
        first, second = self.send_both()
        self.assertState(first, "sent")
        self.assertState(second, "queued")
        self.connection_2.active = True
        self.run_send()
        self.assertState(second, "sent")

    def test_both_are_followed(self):
        first, second = self.send_both()
        with self.later(hours=1):
            self.run_follow()
        for move in (first, second):
            self.assertState(move, "integrated")

    def test_nobody_sees_the_other_company(self):
        self.send_both()
        for user, own, other in (
            (self.accountant, self.company, self.company_2),
            (self.accountant_2, self.company_2, self.company),
        ):
            for model in MODELS:
                records = self.env[model].with_user(user)
                self.assertEqual(records.search([]).company_id, own, model)
                hidden = records.sudo().search([("company_id", "=", other.id)])
                self.assertTrue(hidden, model)
                with self.assertRaises(AccessError):
                    hidden.with_user(user).read(["company_id"])
                with self.assertRaises(AccessError):
                    # A company that is not the user's does not become hers by being asked for.
                    records.with_context(allowed_company_ids=(own | other).ids).env.companies.mapped("name")

    def test_the_switch_of_a_customer_is_kept_by_company(self):
        customer = self.make_customer(SERVICE_DUTY, name="Commune à service")
        self.assertTrue(customer._is_chorus_customer(self.company))
        self.assertFalse(customer._is_chorus_customer(self.company_2))

    def test_every_model_with_a_company_has_a_rule(self):
        for name, model in self.env.registry.items():
            if (
                name.startswith("chorus.")
                and "company_id" in model._fields
                and model._auto
                and not model._transient
            ):
                domain = self.env["ir.rule"].with_user(self.accountant)._compute_domain(name, "read")
                self.assertIn("company_id", str(domain), name)
