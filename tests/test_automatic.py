"""Invoices that go by themselves: at posting, every day at an hour, or by hand."""

from contextlib import contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import COMPANY_SIRET, SERVICE_CODE, SERVICE_DUTY
from .protocol import ProtocolCommon

HELD_BACK = "l10n_fr_chorus_pro.activity_held_back"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestAutomatic(ProtocolCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.company.chorus_responsible_id = self.accountant
        self.company.with_user(self.administrator).chorus_sending = "posting"

    @contextmanager
    def at(self, day, hour):
        """A moment by the clock of Paris in winter, as naive UTC for the module."""
        with freeze_time(datetime(2026, 12, day, hour - 1, tzinfo=UTC)):
            yield

    def posted(self, **values):
        """A draft of the company, confirmed by the accountant."""
        move = self.make_invoice(post=False, **values)
        move.with_user(self.accountant).action_post()
        self._print(move)
        return move

    def activities(self, environment="test"):
        kind = self.env.ref(HELD_BACK + ("_test" if environment == "test" else ""))
        return self.company.partner_id.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def summaries(self):
        messages = self.env["mail.message"].sudo()
        return messages.search(
            [
                ("partner_ids", "in", self.accountant.partner_id.ids),
                ("message_type", "=", "user_notification"),
            ]
        )

    # -- when ---------------------------------------------------------------------------------------------

    def test_by_hand_is_the_default_and_leaves_nothing_to_the_scheduled_action(self):
        self.assertEqual(self.env["res.company"].create({"name": "New"}).chorus_sending, "manual")
        self.company.chorus_sending = "manual"
        move = self.posted()
        self.run_send()
        self.assertFalse(move.chorus_auto_at)
        self.assertFalse(move.chorus_line_ids)

    def test_confirming_calls_nobody_and_the_scheduled_action_sends(self):
        before = self.simulator.calls()["counts"]
        move = self.posted()
        self.env.flush_all()
        self.assertEqual(self.simulator.calls()["counts"], before)
        self.assertFalse(move.chorus_line_ids)
        self.assertIn("by itself", move.chorus_auto_note)
        self.run_send()
        self.assertState(move, "sent")
        self.assertFalse(move.chorus_auto_note)

    def test_every_day_at_the_hour(self):
        self.company.write({"chorus_sending": "daily", "chorus_sending_hour": 18.0})
        with self.at(day=1, hour=10):
            move = self.posted()
            self.run_send()
            self.assertFalse(move.chorus_line_ids)
        with self.at(day=1, hour=19):
            self.run_send()
            self.assertTrue(move.chorus_line_ids)

    def test_a_customer_says_otherwise_than_the_company(self):
        self.customer.with_company(self.company).chorus_sending = "manual"
        self.assertFalse(self.posted().chorus_auto_at)
        self.company.chorus_sending = "customers"
        self.customer.with_company(self.company).chorus_sending = False
        self.assertFalse(self.posted().chorus_auto_at)
        self.customer.with_company(self.company).chorus_sending = "posting"
        self.assertTrue(self.posted().chorus_auto_at)
        self.company.chorus_sending = "manual"
        self.assertFalse(self.posted().chorus_auto_at)

    def test_the_customer_is_asked_only_where_invoices_go_by_themselves(self):
        customer = self.customer.with_company(self.company)
        self.assertTrue(customer.chorus_sending_offered)
        self.company.chorus_sending = "manual"
        customer.invalidate_recordset()
        self.assertFalse(customer.chorus_sending_offered)

    def test_only_administrators_decide_for_the_company(self):
        with self.assertRaises(AccessError):
            self.company.with_user(self.accountant).chorus_sending = "manual"

    # -- a person's word ----------------------------------------------------------------------------------

    def test_an_invoice_kept_back_stays(self):
        move = self.posted()
        move.with_user(self.accountant).action_chorus_keep_back()
        self.run_send()
        self.assertFalse(move.chorus_line_ids)

    def test_sent_by_hand_meanwhile_it_goes_once(self):
        move = self.posted()
        self.queue(move)
        self.run_send()
        self.assertEqual(len(move.chorus_line_ids), 1)
        self.assertFalse(move.chorus_line_ids.by_itself)
        self.assertFalse(move.chorus_auto_at)

    def test_a_draft_again_does_not_go(self):
        move = self.posted()
        move.with_user(self.accountant).button_draft()
        self.run_send()
        self.assertFalse(move.chorus_line_ids)

    def test_switched_to_hand_meanwhile_nothing_goes(self):
        move = self.posted()
        self.company.chorus_sending = "manual"
        self.run_send()
        self.assertFalse(move.chorus_line_ids)
        self.assertFalse(move.chorus_auto_at)

    # -- what is not ready --------------------------------------------------------------------------------

    def test_what_is_not_ready_stays_and_is_told_once(self):
        strict = self.make_customer(SERVICE_DUTY, name="Mairie exigeante")
        moves = [self.posted(partner_id=strict.id) for _i in range(2)]
        good = self.posted()
        self.run_send()
        self.assertState(good, "sent")
        for move in moves:
            self.assertFalse(move.chorus_line_ids)
            self.assertIn("Not sent by itself", move.chorus_auto_note)
        (told,) = self.activities()
        self.assertEqual(told.user_id, self.accountant)
        for move in moves:
            self.assertIn(move.name, told.note)
        # One reason, one line.
        self.assertEqual(told.note.count("<br"), 2)
        # Told once: neither the next run nor the next look makes another one.
        self.pass_time(hours=2)
        self.run_send()
        self.assertEqual(self.activities(), told)

    def test_no_transaction_is_open_while_the_directory_is_asked(self):
        self.posted(partner_id=self.make_customer(SERVICE_DUTY, name="Mairie exigeante").id)
        called, begun = self.watch_look_ups()
        self.run_send()
        self.assertIn("search_structures", called)
        self.assertEqual(set(begun), {0})
        self.assertEqual(called.count("search_structures"), 1)

    def test_once_corrected_it_goes_by_itself_and_the_activity_closes(self):
        strict = self.make_customer(SERVICE_DUTY, name="Mairie exigeante")
        move = self.posted(partner_id=strict.id)
        self.run_send()
        self.assertTrue(self.activities())
        move.with_user(self.accountant).buyer_reference = SERVICE_CODE
        self.pass_time(hours=2)
        self.run_send()
        self.assertState(move, "sent")
        self.assertFalse(self.activities())

    def test_a_remark_holds_back_unless_allowed(self):
        move = self.posted()
        self.customer.active = False
        self.run_send()
        self.assertFalse(move.chorus_line_ids)
        self.assertIn("archived", str(move.chorus_auto_reason))
        self.company.chorus_sending_warned = True
        self.pass_time(hours=2)
        self.run_send()
        self.assertState(move, "sent")

    def test_one_that_cannot_be_checked_keeps_no_other_from_going(self):
        bad, good = self.posted(), self.posted()
        findings = type(bad)._chorus_findings

        def broken(moves, environment):
            if bad in moves:
                raise ValueError("a module that fails")
            return findings(moves, environment)

        with (
            patch.object(type(bad), "_chorus_findings", broken),
            mute_logger("odoo.addons.l10n_fr_chorus_pro.worker.channel"),
        ):
            self.run_send()
        self.assertState(good, "sent")
        self.assertFalse(bad.chorus_line_ids)
        self.assertIn("a module that fails", str(bad.chorus_auto_reason))

    def test_a_failure_never_keeps_an_invoice_from_being_confirmed(self):
        logger = "odoo.addons.l10n_fr_chorus_pro.models.invoice.account_move_automatic"
        with (
            patch.object(
                type(self.env["account.move"]), "_chorus_sending_times", side_effect=ValueError("broken")
            ),
            self.assertLogs(logger, "ERROR"),
        ):
            move = self.posted()
        self.assertEqual(move.state, "posted")

    # -- the first real deposit ---------------------------------------------------------------------------

    def test_a_person_makes_the_first_real_deposit(self):
        self.simulator.set_structure(COMPANY_SIRET, public=False)
        # No limit at all: the first one is a person's all the same.
        self.connect("production", first_deposit_limit=0)
        first, second = self.posted(), self.posted()
        self.run_send()
        self.assertFalse((first | second).chorus_line_ids)
        (told,) = self.activities("production")
        self.assertIn("a person sends that one", told.note)
        self.queue(first, "production")
        self.run_send()
        self.pass_time(hours=2)
        self.run_follow()
        self.assertState(first, "integrated", "production")
        self.run_send()
        self.assertState(second, "sent", "production")
        self.assertFalse(self.activities("production"))

    # -- the day ------------------------------------------------------------------------------------------

    def test_a_summary_of_the_day_once(self):
        with self.at(day=1, hour=10):
            move = self.posted()
            self.run_send()
            self.assertFalse(self.summaries())
        with self.at(day=1, hour=20):
            self.run_send()
            (told,) = self.summaries()
            self.assertIn(move.name, told.body)
            self.assertIn(self.customer.name, told.body)
            self.run_send()
            self.assertEqual(self.summaries(), told)

    def test_nothing_by_itself_no_summary(self):
        with self.at(day=1, hour=10):
            self.company.chorus_sending = "manual"
            self.queue(self.posted())
            self.run_send()
        with self.at(day=2, hour=20):
            self.run_send()
        self.assertFalse(self.summaries())
