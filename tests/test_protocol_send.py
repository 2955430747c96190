from datetime import timedelta

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.models.base.chorus_authority import BY_CODE
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..worker.sender import Outcome, Sender, recover_dead
from .protocol import ProtocolCommon

DEPOSIT = "factures/v1/deposer/flux"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSending(ProtocolCommon):
    """From the click to the flow number, with everything that may go wrong on the way."""

    printed = True

    def test_invoice_is_sent_and_integrated(self):
        self.printed = False
        move = self.make_invoice()
        self.assertEqual(self.queue(move), {})
        self.assertState(move, "queued")
        self.run_send()
        line = self.line(move)
        self.assertEqual(line.state, "sent")
        self.assertTrue(line.flow_number)
        self.assertEqual(len(self.taken(move.name)), 1)
        with self.later(hours=1):
            self.run_follow()
        self.assertState(move, "integrated")
        self.assertEqual(move.chorus_test_state, "integrated")
        self.assertFalse(move.chorus_state, "what was sent to test is no production story")

    def test_second_click_is_told_and_sends_nothing(self):
        move = self.make_invoice()
        self.queue(move)
        conflicts = self.queue(move)
        self.assertIn(move.name, conflicts[move.id])
        self.run_send()
        self.assertIn(move.id, self.queue(move))
        self.run_send()
        self.assertEqual(len(self.taken(move.name)), 1)

    def test_the_send_screen_tells_that_nothing_leaves_for_now(self):
        move = self.make_invoice().with_user(self.accountant)
        screens = self.env["chorus.send"].with_user(self.accountant)
        self.assertFalse(screens.browse(move.action_chorus_send()["res_id"]).obstacle)
        self.connection.with_user(self.administrator).client_secret = "wrong"
        self.connection.with_user(self.administrator).action_refresh_token()
        wizard = screens.browse(move.action_chorus_send()["res_id"])
        self.assertIn("Nothing leaves for now", wizard.obstacle)
        self.assertIn("an administrator has to correct them", wizard.obstacle)
        self.assertEqual(wizard.ready_count, 1)

    def test_refused_for_sure_is_sent_later(self):
        """A busy server took nothing: the same deposit goes when it asked to be asked again."""
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "http_429", retry_after=600, count=1)
        self.run_send()
        self.assertState(move, "ready")
        deposit = self.line(move).deposit_id
        self.assertGreaterEqual(deposit.next_action_at, fields.Datetime.now() + timedelta(seconds=540))
        self.assertEqual(self.taken(move.name), [])
        with self.later(minutes=20):
            self.run_send()
        self.assertState(move, "sent")
        self.assertEqual(len(self.taken(move.name)), 1)

    def test_lost_answer_is_found_again_never_sent_twice(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "drop_after_accept", count=1)
        self.run_send()
        self.assertState(move, "unconfirmed")
        self.assertEqual(len(self.taken(move.name)), 1)
        self.run_send()
        self.assertState(move, "unconfirmed")
        with self.later(hours=1):
            self.run_send()
        self.assertState(move, "integrated")
        self.assertTrue(self.line(move).flow_number, "the lost flow number came back")
        self.assertEqual(len(self.taken(move.name)), 1)

    def test_every_server_error_is_searched_never_posted_again_blindly(self):
        for kind in ("http_500", "http_502_no_type", "http_503", "truncated_json", "html"):
            with self.subTest(kind=kind):
                move = self.make_invoice()
                self.queue(move)
                self.simulator.fault(DEPOSIT, kind, count=1)
                self.run_send()
                self.assertState(move, "unconfirmed")
                before = len(self.taken(move.name))
                self.run_send()
                self.run_send()
                self.assertEqual(len(self.taken(move.name)), before)

    def test_not_found_past_the_horizon_is_sent_again_where_allowed(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "drop_before", count=1)
        self.run_send()
        self.assertState(move, "unconfirmed")
        self.search_past_horizon()
        self.run_send()
        self.assertState(move, "sent")
        self.assertEqual(len(self.taken(move.name)), 1)

    def test_not_found_past_the_horizon_waits_for_a_person_otherwise(self):
        self.connection.auto_resend = False
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "drop_before", count=1)
        self.run_send()
        self.search_past_horizon()
        self.assertState(move, "unconfirmed")
        deposit = self.line(move).deposit_id
        self.assertTrue(deposit.needs_person)
        self.assertEqual(len(deposit.activity_ids), 1)
        self.pass_time(hours=2)
        self.run_send()
        self.assertEqual(len(deposit.activity_ids), 1, "it is still looked for, and nobody is told twice")
        deposit.with_user(self.accountant).action_send_again()
        self.run_send()
        self.assertState(move, "sent")
        self.assertFalse(self.line(move).deposit_id.activity_ids, "the call for help closed itself")

    def test_empty_403_waits_for_the_administrator(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "empty_403", count=1)
        self.run_send()
        self.assertState(move, "ready")
        self.assertEqual(self.taken(move.name), [])
        self.assertTrue(self.connection.activity_ids)

    def test_one_bad_invoice_never_holds_the_others(self):
        good, bad, other = self.make_invoices(3)
        self.queue(good | bad | other)
        bad.sudo().with_context(**BY_CODE).name = "A NUMBER THAT IS MUCH TOO LONG"
        self.run_send()
        self.assertState(good, "sent")
        self.assertState(other, "sent")
        self.assertState(bad, "blocked")
        self.assertTrue(bad.activity_ids, "somebody is told")

    def test_blocked_invoice_can_be_corrected_and_sent(self):
        move = self.make_invoice()
        name = move.name
        self.queue(move)
        move.sudo().with_context(**BY_CODE).name = "A NUMBER THAT IS MUCH TOO LONG"
        self.run_send()
        self.assertState(move, "blocked")
        move.sudo().with_context(**BY_CODE).name = name
        self.assertEqual(self.queue(move), {})
        self.assertFalse(move.activity_ids, "the call for help closed itself")
        self.run_send()
        self.assertState(move, "sent")

    def test_process_that_died_while_sending_is_unconfirmed(self):
        move = self.make_invoice()
        self.queue(move)
        with self.allow_pdf_render():
            self.prepare()
        deposit = self.line(move).deposit_id
        self.assertEqual(deposit.state, "ready")
        self.assertTrue(Sender(self.channel()).start(self.env(su=True), {deposit.id: "dead"}))
        self.env.flush_all()
        recover_dead(self.env)
        self.assertState(move, "unconfirmed")
        self.assertEqual(self.taken(move.name), [])

    def test_late_outcome_of_a_sending_taken_for_dead_is_kept(self):
        """The process lived after all: its flow number is the truth, and a newer attempt is left alone."""
        move = self.make_invoice()
        self.queue(move)
        with self.allow_pdf_render():
            self.prepare()
        deposit = self.line(move).deposit_id
        sender, env = Sender(self.channel()), self.env(su=True)
        [file] = sender.start(env, {deposit.id: "slow"})
        self.env.flush_all()
        recover_dead(self.env)
        receipt = type("Receipt", (), {"flow_number": "CPP0011117000000000000001"})
        sender.end(env, [Outcome(deposit.id, file.attempt, file.journal_id, receipt, None, 1.0)])
        self.assertEqual(deposit.state, "sent")
        self.assertEqual(deposit.flow_number, receipt.flow_number)
        self.end_run()

    def test_switched_off_company_sends_nothing_and_loses_nothing(self):
        move = self.make_invoice()
        self.queue(move)
        self.connection.active = False
        self.run_send()
        self.assertState(move, "queued")
        self.connection.active = True
        self.run_send()
        self.assertState(move, "sent")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestGuards(ProtocolCommon):
    """An invoice that Chorus Pro holds, or may hold, stays what it was."""

    printed = True

    def setUp(self):
        super().setUp()
        self.connect("production")
        self.move = self.make_invoice()
        self.queue(self.move, "production")

    def test_queued_invoice_reset_to_draft_leaves_the_queue(self):
        self.move.with_user(self.accountant).button_draft()
        self.assertState(self.move, "cancelled", "production")
        self.run_send()
        self.assertEqual(self.taken(self.move.name), [])

    def test_sent_invoice_cannot_go_back_to_draft(self):
        self.run_send()
        self.assertState(self.move, "sent", "production")
        self.assertFalse(self.move.show_reset_to_draft_button)
        with self.assertRaises(UserError):
            self.move.with_user(self.accountant).button_draft()
        with self.assertRaises(UserError):
            self.move.with_user(self.accountant).button_cancel()

    def test_sent_invoice_cannot_be_renumbered(self):
        self.run_send()
        with self.assertRaises(UserError):
            self.move.with_user(self.accountant).name = "OTHER/2026/0001"

    def test_sent_header_is_frozen_until_chorus_rejects(self):
        self.run_send()
        with self.assertRaises(UserError):
            self.move.with_user(self.accountant).buyer_reference = "SERVICE"

    def test_header_changed_before_leaving_makes_the_file_again(self):
        with self.allow_pdf_render():
            self.prepare("production")
        self.assertState(self.move, "ready", "production")
        first = self.line(self.move, "production").deposit_id
        self.move.with_user(self.accountant).purchase_order_reference = "EJ-2026-12"
        self.assertEqual(first.state, "cancelled")
        self.assertState(self.move, "queued", "production")

    def test_lines_and_deposits_are_kept(self):
        self.run_send()
        line = self.line(self.move, "production")
        with self.assertRaises(UserError):
            line.sudo().unlink()
        with self.assertRaises(UserError):
            line.deposit_id.sudo().unlink()
        with self.assertRaises(UserError):
            self.move.sudo().unlink()
