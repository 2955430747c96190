"""The books go on with an invoice that Chorus Pro holds: paid, matched, analysed, followed up, locked."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .test_held_refused import HeldCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestHeldGoesOn(HeldCommon):
    def setUp(self):
        super().setUp()
        self.send()

    def notes(self):
        self.env.invalidate_all()
        return "\n".join(str(body) for body in self.mine.message_ids.mapped("body"))

    def pay(self, amount=None):
        wizard = (
            self.env["account.payment.register"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({"amount": amount} if amount else {})
        )
        return wizard._create_payments()

    def test_it_is_paid_and_matched(self):
        self.pay(20.0)
        self.assertEqual(self.move.payment_state, "partial")
        self.pay()
        self.assertIn(self.move.payment_state, ("paid", "in_payment"))
        self.assertEqual(self.move.amount_residual, 0)

    def test_a_match_is_undone(self):
        self.pay()
        self.mine.line_ids.remove_move_reconcile()
        self.assertEqual(self.move.payment_state, "not_paid")

    def test_a_credit_note_is_made_and_matched(self):
        reversal = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({"journal_id": self.move.journal_id.id, "reason": "Error"})
        )
        reversal.refund_moves()
        credit = reversal.new_move_ids
        credit.action_post()
        open_lines = (self.mine | credit).line_ids.filtered(
            lambda line: line.display_type == "payment_term" and not line.reconciled
        )
        open_lines.reconcile()
        self.assertEqual(self.move.payment_state, "reversed")

    def test_it_is_reversed_and_made_anew_in_one_step(self):
        reversal = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=self.move.ids)
            .create({"journal_id": self.move.journal_id.id, "reason": "Error"})
        )
        reversal.modify_moves()
        self.assertEqual(self.move.payment_state, "reversed")
        self.assertEqual(self.move.state, "posted")

    def test_analytic_accounts_and_accounts_are_corrected(self):
        plan = self.env["account.analytic.plan"].create({"name": "Sites"})
        account = self.env["account.analytic.account"].create(
            {"name": "Site", "plan_id": plan.id, "company_id": self.company.id}
        )
        line = self.product_line()
        line.write({"analytic_distribution": {str(account.id): 100}})
        self.mine.with_context(skip_readonly_check=True).write(
            {"invoice_line_ids": [Command.update(line.id, {"analytic_distribution": {str(account.id): 50}})]}
        )
        line.write({"account_id": self.company_data["default_account_revenue"].copy().id})
        self.assertEqual(line.analytic_distribution, {str(account.id): 50})

    def test_it_is_followed_up(self):
        self.mine.write({"invoice_user_id": self.accountant.id, "ref": "Called on Monday"})
        self.mine.activity_schedule("mail.mail_activity_data_todo", user_id=self.accountant.id)
        self.mine.message_post(body="Promised for Friday")
        self.mine.line_ids.filtered(lambda line: line.display_type == "payment_term").write(
            {"no_followup": True} if "no_followup" in self.mine.line_ids._fields else {"is_imported": True}
        )

    def test_it_is_secured_by_a_hash(self):
        self.move.journal_id.restrict_mode_hash_table = True
        self.move.sudo()._hash_moves(force_hash=True)
        self.assertTrue(self.move.inalterable_hash)

    def test_the_period_is_locked(self):
        self.company.sudo().fiscalyear_lock_date = fields.Date.today() - timedelta(days=1)
        self.company.sudo().sale_lock_date = fields.Date.today()
        self.pay()
        self.assertIn(self.move.payment_state, ("paid", "in_payment"))

    def test_files_are_attached(self):
        self.env["ir.attachment"].with_user(self.accountant).create(
            {"name": "order.pdf", "raw": b"%PDF-1.4", "res_model": "account.move", "res_id": self.move.id}
        )
        file = (
            self.env["ir.attachment"].with_user(self.accountant).create({"name": "more.pdf", "raw": b"%PDF"})
        )
        self.mine.chorus_attachment_ids = file
        self.assertEqual(file.res_id, self.move.id)
        self.assertIn("more.pdf", self.notes())

    def test_the_due_date_moves_and_the_invoice_says_that_the_file_differs(self):
        before = self.mine.invoice_date_due
        self.mine.write({"invoice_date_due": before + timedelta(days=30)})
        self.assertEqual(self.move.invoice_date_due, before + timedelta(days=30))
        self.assertIn("its file does not change", self.notes())
        self.assertIn("Due Date", self.notes())

    def test_the_payment_reference_changes_with_a_word(self):
        former = self.move.payment_reference
        self.mine.write({"payment_reference": "VIR-4711"})
        self.assertIn("VIR-4711", self.notes())
        self.assertIn(former, self.notes())
        self.assertEqual(self.move.amount_total, 120.0)
