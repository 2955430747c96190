"""One bad record never stops the others: dates that are none, and rules of others that refuse a write."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ..worker.history import History
from .life import HISTORY, SEARCH, LifeCommon

WORKER = "odoo.addons.l10n_fr_chorus_pro.worker.channel"
LINES = "odoo.addons.l10n_fr_chorus_pro.models.deposit.chorus_deposit_outcome"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestBadDates(LifeCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.moves = self.deliver(self.make_invoices(3))
        self.bad, *self.others = self.moves

    def date_statuses(self, move, at):
        self.simulator.fault(SEARCH, "status_dated", count=None, at=at, number=move.name)

    def test_a_sentinel_date_stops_nothing(self):
        self.date_statuses(self.bad, "9999-12-31T00:00:00")
        for move in self.moves:
            self.buyer(move, "SUSPENDUE", "Il manque le bon", follow=False)
        self.pass_time(minutes=5)
        before = self.connection.followed_until
        self.run_follow()
        self.assertEqual([self.story(move) for move in self.moves], ["suspended"] * 3)
        self.assertGreater(self.connection.followed_until, before)
        self.assertLess(self.line(self.bad).status_at.year, 2100)

    def test_an_announced_payment_without_a_date_spoils_no_average(self):
        self.date_statuses(self.bad, "9999-12-31")
        self.buyer(self.bad, "MISE_EN_PAIEMENT")
        line = self.line(self.bad)
        self.assertEqual(self.story(self.bad), "paid")
        self.assertTrue(line.paid_at)
        self.assertLess(line.payment_days, 400)

    def test_a_status_of_next_year_does_not_freeze_the_story(self):
        self.date_statuses(self.bad, (fields.Datetime.now() + timedelta(days=366)).isoformat())
        self.buyer(self.bad, "PRISE_EN_COMPTE")
        self.simulator.no_faults()
        self.buyer(self.bad, "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(self.bad), "suspended")
        self.buyer(self.bad, "MISE_EN_PAIEMENT")
        self.assertEqual(self.story(self.bad), "paid")

    def test_a_date_that_was_believed_before_does_not_freeze_it_either(self):
        self.line(self.bad).sudo().status_at = "2199-01-01"
        self.buyer(self.bad, "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(self.bad), "suspended")

    def test_a_clock_that_is_hours_ahead_does_not_freeze_what_comes_without_a_date(self):
        self.line(self.bad).sudo().status_at = fields.Datetime.now() + timedelta(hours=20)
        self.date_statuses(self.bad, "9999-12-31T00:00:00")
        self.buyer(self.bad, "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(self.bad), "suspended")
        self.simulator.no_faults()
        self.buyer(self.bad, "MISE_EN_PAIEMENT")
        self.assertEqual(self.story(self.bad), "paid")

    def test_a_status_dated_some_hours_ahead_does_not_hide_what_comes_before_that_hour(self):
        ahead = fields.Datetime.now() + timedelta(hours=20)
        self.date_statuses(self.bad, ahead.isoformat())
        self.buyer(self.bad, "PRISE_EN_COMPTE")
        self.simulator.no_faults()
        self.buyer(self.bad, "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(self.bad), "suspended")

    def test_a_status_dated_before_the_deposit_is_shown_all_the_same(self):
        self.date_statuses(self.bad, "2001-01-01T00:00:00")
        self.buyer(self.bad, "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(self.bad), "suspended")
        self.simulator.no_faults()
        self.bad.with_user(self.accountant).action_chorus_history()
        self.buyer(self.bad, "MISE_EN_PAIEMENT")
        self.assertEqual(self.story(self.bad), "paid")

    def test_a_status_dated_some_hours_ahead_keeps_the_others_in_sight(self):
        ahead = fields.Datetime.now() + timedelta(hours=20)
        self.date_statuses(self.bad, ahead.isoformat())
        self.buyer(self.bad, "PRISE_EN_COMPTE")
        self.simulator.no_faults()
        self.buyer(self.others[0], "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(self.others[0]), "suspended")

    def test_a_first_day_at_the_end_of_the_calendar_raises_nothing(self):
        self.line(self.bad).sudo().first_available_at = "9999-12-31 23:30:00"
        self.bad._chorus_sync_period()
        self.assertFalse(self.bad.chorus_due_date)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRefusedByOthers(LifeCommon):
    """A rule of somebody else's raises on every write about one invoice."""

    printed = True

    def setUp(self):
        super().setUp()
        self.moves = self.make_invoices(3)
        self.bad, *self.others = self.moves
        self.addCleanup(self.calm)
        self._patch = None

    def raging(self, cause=None):
        """Let writes on the bad invoice's line raise, as an automated rule would; it wraps ``cause``."""
        model = type(self.env["chorus.deposit.line"])
        original, bad = model.write, self.bad

        def write(lines, vals):
            if bad in lines.move_id and {"state", "status_code", "status_comment"} & vals.keys():
                raise ValueError("An automated rule refuses it") from cause
            return original(lines, vals)

        self._patch = patch.object(model, "write", write)
        self._patch.start()

    def calm(self):
        if self._patch:
            self._patch.stop()
            self._patch = None

    @mute_logger(WORKER, LINES)
    def test_changes_of_the_others_are_written_and_the_window_moves_on(self):
        self.deliver(self.moves)
        before = self.connection.followed_until
        self.raging()
        for move in self.moves:
            self.buyer(move, "SUSPENDUE", "Il manque le bon", follow=False)
        self.pass_time(minutes=5)
        self.run_follow()
        self.assertEqual([self.story(move) for move in self.others], ["suspended"] * 2)
        self.assertIn("An automated rule refuses it", self.told(self.bad))
        self.assertIn(self.bad.name, self.told(self.bad))
        self.assertGreater(self.connection.followed_until, before)
        self.calm()
        self.pass_time(days=1, hours=1)
        self.run_follow()
        self.assertEqual(self.story(self.bad), "suspended")

    @mute_logger(WORKER, LINES)
    def test_a_retry_that_postgresql_asks_for_is_blamed_on_no_invoice(self):
        """However another layer wraps it: the next run writes it down, and nobody is told of a bad record."""
        self.deliver(self.moves)
        self.raging(SerializationFailure("could not serialize access"))
        for move in self.moves:
            self.buyer(move, "SUSPENDUE", "Il manque le bon", follow=False)
        self.pass_time(minutes=5)
        self.run_follow()
        self.assertNotIn("An automated rule refuses it", self.told(self.bad))
        self.calm()
        self.pass_time(minutes=5)
        self.run_follow()
        self.assertEqual([self.story(move) for move in self.moves], ["suspended"] * 3)

    @mute_logger(WORKER, LINES)
    def test_what_ended_here_and_is_there_all_the_same_is_told_though_it_cannot_be_kept(self):
        self.deliver(self.moves)
        line = self.line(self.bad).sudo()
        line.deposit_id.state = "rejected"
        line.write({"state": "rejected", "chorus_invoice_id": False})
        model = type(self.env["chorus.deposit.line"])
        self.patch(model, "_found_after_all", lambda *args: 1 / 0)
        self.buyer(self.others[0], "SUSPENDUE", "Il manque le bon", follow=False)
        self.buyer(self.bad, "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(self.others[0]), "suspended")
        self.assertIn("could not be written", self.told(self.bad))

    @mute_logger(WORKER, LINES)
    def test_reports_of_the_others_are_written(self):
        self.queue(self.moves)
        self.run_send()
        self.raging()
        self.pass_time(hours=1)
        self.run_follow()
        for move in self.others:
            self.assertState(move, "integrated")
        self.assertState(self.bad, "sent")
        self.assertIn("An automated rule refuses it", self.told(self.bad))
        self.assertGreater(self.line(self.bad).deposit_id.next_action_at, self.clock())
        self.calm()
        self.pass_time(hours=2)
        self.run_follow()
        self.assertState(self.bad, "integrated")

    @mute_logger(WORKER, LINES)
    def test_the_others_of_a_group_are_written(self):
        self.company.chorus_group_size = 50
        self.connection.group_state = "proven"
        self.queue(self.moves)
        self.run_send()
        self.assertEqual(len(self.moves.chorus_line_ids.deposit_id), 1)
        self.raging()
        self.pass_time(hours=1)
        self.run_follow()
        for move in self.others:
            self.assertState(move, "integrated")
        self.assertIn("An automated rule refuses it", self.told(self.bad))

    @mute_logger(WORKER, LINES)
    def test_unconfirmed_ones_are_found_all_the_same(self):
        for _move in self.moves:
            self.simulator.fault("factures/v1/deposer/flux", "drop_after_accept", count=1)
        self.queue(self.moves)
        self.run_send()
        self.raging()
        self.pass_time(hours=1)
        self.run_send()
        for move in self.others:
            self.assertState(move, "integrated")
        self.assertState(self.bad, "unconfirmed")
        self.assertIn("An automated rule refuses it", self.told(self.bad))

    @mute_logger(WORKER, LINES)
    def test_reasons_of_the_others_are_read(self):
        self.deliver(self.moves)
        self.simulator.control("settings", {"comments_in_search": False})
        for move in self.moves:
            self.buyer(move, "SUSPENDUE", "Il manque le bon", follow=False)
        with patch.object(History, "fetch_reasons", lambda *args: None):
            self.pass_time(minutes=5)
            self.run_follow()
        self.raging()
        self.run_follow()
        self.assertEqual(self.line(self.others[0]).status_comment, "Il manque le bon")
        self.assertIn("An automated rule refuses it", self.told(self.bad))
        counts = self.calls_of(HISTORY)
        self.run_follow()
        self.assertEqual(self.calls_of(HISTORY), counts)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestFlowRepeated(LifeCommon):
    printed = True

    def test_a_flow_number_answered_twice_is_no_receipt(self):
        first, second = self.make_invoices(2)
        self.queue(first, self.environment)
        self.run_send()
        self.simulator.fault("factures/v1/deposer/flux", "former_flow", count=1)
        self.queue(second, self.environment)
        self.run_send()
        self.assertState(second, "unconfirmed")
        line = self.line(second)
        self.assertFalse(line.flow_number)
        self.assertIn(self.line(first).flow_number, line.message)
        self.pass_time(hours=1)
        self.run_send()
        self.run_follow()
        self.assertState(second, "unconfirmed")
        self.assertEqual(self.taken(second.name), [])
        self.assertState(first, "integrated")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestFlowOfAnother(LifeCommon):
    printed = True
    environment = "production"

    def lose_the_answer(self, move):
        self.queue(move, self.environment)
        self.simulator.fault("factures/v1/deposer/flux", "drop_after_accept", count=1)
        self.run_send()
        self.assertState(move, "unconfirmed", self.environment)

    def test_the_number_of_a_file_whose_answer_was_lost_is_found_out(self):
        first, second = self.make_invoices(2)
        self.lose_the_answer(first)
        self.simulator.fault("factures/v1/deposer/flux", "former_flow", count=1)
        self.pass_time(minutes=30)
        self.queue(second, self.environment)
        self.connection.sudo().rest_until = False
        self.run_send()
        self.pass_time(hours=1)
        self.run_send()
        self.run_follow()
        self.assertState(first, "integrated", self.environment)
        self.assertEqual(self.taken(second.name), [])
        self.assertState(second, "unconfirmed", self.environment)
        deposit = self.line(second, self.environment).deposit_id
        self.assertEqual((deposit.state, deposit.flow_number), ("unconfirmed", False))
        self.assertIn("that of another file", self.line(second, self.environment).message)
        self.assertEqual(second.chorus_state, "unconfirmed")
        self.assertTrue(self.line(first, self.environment).flow_number)
        self.search_past_horizon()
        self.assertTrue(deposit.needs_person)
        deposit.with_user(self.accountant).action_send_again()
        self.settle(second, self.environment)
        self.assertState(second, "integrated", self.environment)
        self.assertEqual(len(self.taken(second.name)), 1)

    def test_a_report_that_was_that_of_the_other_file_does_not_count(self):
        first, second = self.make_invoices(2)
        self.lose_the_answer(first)
        # The second one's report is asked for before the first is looked for.
        self.line(first, self.environment).deposit_id.sudo().next_action_at += timedelta(hours=3)
        self.end_run()
        self.simulator.fault("factures/v1/deposer/flux", "former_flow", count=1)
        self.pass_time(minutes=30)
        self.queue(second, self.environment)
        self.connection.sudo().rest_until = False
        self.run_send()
        deposit = self.line(second, self.environment).deposit_id
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(second, "integrated", self.environment)
        self.pass_time(hours=3)
        self.run_send()
        self.assertState(first, "integrated", self.environment)
        self.assertState(second, "unconfirmed", self.environment)
        self.assertFalse(deposit.report or deposit.flow_state)
        self.assertEqual(second.chorus_state, "unconfirmed")

    def test_a_file_whose_invoice_is_in_another_flow_comes_to_its_end(self):
        move = self.make_invoice()
        self.lose_the_answer(move)
        deposit = self.line(move, self.environment).deposit_id
        flow = self.simulator.ledger()["deposits"][-1]["flow_number"]
        earlier = deposit.sudo().copy({"state": "rejected", "flow_number": flow, "attempt_number": 1})
        self.line(move, self.environment).sudo().copy({"deposit_id": earlier.id, "state": "rejected"})
        self.pass_time(hours=1)
        self.run_send()
        self.assertState(move, "integrated", self.environment)
        self.assertEqual(deposit.state, "cancelled")
        self.assertFalse(deposit.next_action_at)
        self.assertIn("under another flow number", deposit.last_error)
        self.assertTrue(move.is_move_sent)
