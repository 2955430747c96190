"""What Chorus Pro holds is not changed, whatever the way in; what waits here is taken back first."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .protocol import ProtocolCommon

DEPOSIT = "factures/v1/deposer/flux"


class HeldCommon(ProtocolCommon):
    """An invoice in production, as an accountant sees it."""

    printed = True

    def setUp(self):
        super().setUp()
        self.connect("production", first_deposit_limit=0)
        self.move = self.make_invoice()
        self.queue(self.move, "production")
        self.mine = self.move.with_user(self.accountant)

    def send(self):
        self.run_send()
        self.assertState(self.move, "sent", "production")

    def make_ready(self):
        """Chorus Pro asks to slow down: the file is made and waits."""
        self.simulator.fault(DEPOSIT, "http_429", count=1, retry_after=60)
        self.run_send()
        self.assertState(self.move, "ready", "production")

    def send_what_waits(self):
        self.connection.search([]).write({"rest_until": False, "rest_count": 0})
        ready = self.env["chorus.deposit"].sudo().search([("state", "=", "ready")])
        ready.next_action_at = fields.Datetime.now()
        self.run_send()

    def product_line(self, move=None):
        return (self.mine if move is None else move).invoice_line_ids[:1]

    def refused(self, change, *words):
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            change()
            self.env.flush_all()
        for word in (self.move.name, "Chorus Pro", *words):
            self.assertIn(word, str(caught.exception))
        self.env.invalidate_all()


@tagged("post_install", "post_install_l10n", "-at_install")
class TestHeldRefused(HeldCommon):
    def test_the_state_is_refused_whatever_the_way(self):
        self.send()
        for way in (
            lambda: self.mine.write({"state": "draft"}),
            lambda: self.mine.write({"state": "cancel"}),
            lambda: self.mine.with_context(chorus_code=True).write({"state": "draft"}),
            lambda: self.mine.web_save({"state": "draft"}, {}),
            lambda: self.mine.sudo().write({"state": "draft"}),
            self.mine.button_draft,
            self.mine.button_cancel,
        ):
            self.refused(way, "credit note")
        self.assertEqual(self.move.state, "posted")

    def test_what_is_refused_is_named(self):
        self.send()
        self.refused(lambda: self.mine.write({"state": "draft"}), "resetting to draft")
        self.refused(lambda: self.mine.write({"state": "cancel"}), "cancelling it")

    def test_the_content_is_refused_field_by_field(self):
        self.send()
        other_bank = self.env["res.partner.bank"].create(
            {"partner_id": self.company.partner_id.id, "acc_number": "FR1420041010050500013M02606",
             "allow_out_payment": True}
        )  # fmt: skip
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "USD")])
        values = {
            "name": "OTHER/0001",
            "invoice_date": fields.Date.today() - timedelta(days=3),
            "delivery_date": fields.Date.today() - timedelta(days=3),
            "partner_id": self.partner_a.id,
            "partner_shipping_id": self.partner_a.id,
            "currency_id": currency.id,
            "invoice_currency_rate": 2.0,
            "fiscal_position_id": self.env["account.fiscal.position"].create({"name": "Other"}).id,
            "amount_total": 6000.0,
            "partner_bank_id": other_bank.id,
            "chorus_other_bank_ids": [Command.link(other_bank.id)],
            "buyer_reference": "OTHER",
            "chorus_process": "A2",
            "chorus_period_start": fields.Date.today(),
        }
        for name, value in values.items():
            with self.subTest(name):
                held = self.mine.with_context(skip_readonly_check=True)
                self.refused(lambda held=held, name=name, value=value: held.write({name: value}))

    def test_lines_are_refused_from_the_invoice_and_by_themselves(self):
        self.send()
        line = self.product_line()
        new = {"name": "More", "quantity": 1, "price_unit": 50.0}
        tax = self.company_data["default_tax_sale"].copy({"amount": 10, "name": "Ten"})
        held = self.mine.with_context(skip_readonly_check=True, check_move_validity=False)
        for way in (
            lambda: held.write({"invoice_line_ids": [Command.update(line.id, {"price_unit": 5000.0})]}),
            lambda: held.write({"line_ids": [Command.update(line.id, {"price_unit": 5000.0})]}),
            lambda: held.write({"invoice_line_ids": [Command.create(new)]}),
            lambda: held.write({"invoice_line_ids": [Command.delete(line.id)]}),
            lambda: held.write({"invoice_line_ids": [Command.clear()]}),
            lambda: line.write({"price_unit": 5000.0}),
            lambda: line.write({"name": "Something else"}),
            lambda: line.write({"quantity": 2}),
            lambda: line.write({"discount": 50}),
            lambda: line.write({"price_total": 5000.0}),
            lambda: line.write({"tax_ids": [Command.set(tax.ids)]}),
            lambda: line.with_context(check_move_validity=False).write({"balance": -5000.0}),
            lambda: line.with_context(dynamic_unlink=True, force_delete=True).unlink(),
            lambda: line.copy({"move_id": self.move.id}),
            lambda: (
                self.env["account.move.line"]
                .with_user(self.accountant)
                .with_context(check_move_validity=False)
                .create({"move_id": self.move.id, **new})
            ),
        ):
            self.refused(way)
        self.assertEqual(self.move.amount_total, 120.0)

    def test_a_refusal_names_the_fields(self):
        self.send()
        self.refused(lambda: self.product_line().write({"price_unit": 5000.0}), "Unit Price")

    def test_what_is_the_same_is_no_change(self):
        self.send()
        line = self.product_line()
        line.write({"price_unit": 100.0, "tax_ids": [Command.set(line.tax_ids.ids)]})
        self.mine.write({"partner_bank_id": self.move.partner_bank_id.id, "state": "posted"})


@tagged("post_install", "post_install_l10n", "-at_install")
class TestWaitingTakenBack(HeldCommon):
    def test_a_queued_invoice_written_to_draft_never_leaves(self):
        self.mine.write({"state": "draft"})
        self.assertState(self.move, "cancelled", "production")
        self.run_send()
        self.assertEqual(self.taken(self.move.name), [])

    def test_a_ready_file_of_an_invoice_written_to_draft_never_leaves(self):
        self.make_ready()
        self.mine.write({"state": "draft"})
        self.assertState(self.move, "cancelled", "production")
        self.send_what_waits()
        self.assertEqual(self.taken(self.move.name), [])

    def test_a_ready_file_never_leaves_when_another_module_has_made_a_draft_past_every_write(self):
        self.make_ready()
        self.env.cr.execute("UPDATE account_move SET state = 'draft' WHERE id = %s", (self.move.id,))
        self.env.invalidate_all()
        self.send_what_waits()
        self.assertState(self.move, "cancelled", "production")
        self.assertEqual(self.taken(self.move.name), [])

    def test_a_ready_file_is_made_again_after_a_line_has_changed(self):
        self.make_ready()
        former = self.line(self.move, "production").deposit_id
        self.product_line().write({"name": "Taille des haies"})
        self.assertEqual(former.state, "cancelled")
        self.assertState(self.move, "queued", "production")
        self.send_what_waits()
        self.assertState(self.move, "sent", "production")
        self.assertEqual(len(self.taken(self.move.name)), 1)

    def test_a_ready_file_is_made_again_after_the_due_date_has_changed(self):
        self.make_ready()
        former = self.line(self.move, "production").deposit_id
        self.mine.write({"invoice_date_due": fields.Date.today() + timedelta(days=77)})
        self.assertEqual(former.state, "cancelled")
        self.assertState(self.move, "queued", "production")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestHeldInTest(HeldCommon):
    """What was sent to test is no reason to keep an invoice as it is."""

    def setUp(self):
        super().setUp()
        self.move = self.make_invoice()
        self.mine = self.move.with_user(self.accountant)
        self.queue(self.move, "test")

    def test_an_invoice_sent_to_test_goes_back_to_draft(self):
        self.company.chorus_environment = "test"
        self.run_send()
        self.assertState(self.move, "sent")
        self.mine.write({"state": "draft"})
        self.assertEqual(self.move.state, "draft")

    def test_an_invoice_that_waits_for_test_is_taken_back(self):
        self.mine.write({"state": "draft"})
        self.assertState(self.move, "cancelled")
