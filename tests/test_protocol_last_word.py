"""What stands behind the ordinary gates of the protocol: it holds even when what is in front of it fails."""

import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.chorus_api import ChorusClient, errors
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from ..models.base.transactions import in_transaction
from ..worker.sender import Sender
from ..worker.travel import Travel
from .common import OneByOne
from .protocol import ProtocolCommon

WORKER = "odoo.addons.l10n_fr_chorus_pro.worker"
LOGS = [f"{WORKER}.{name}" for name in ("sender", "channel", "travel")]
TRANSACTIONS = "odoo.addons.l10n_fr_chorus_pro.models.base.transactions"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestLastWord(ProtocolCommon):
    printed = True

    def test_a_flow_number_is_unique_in_the_database(self):
        first, second = self.make_invoice(), self.make_invoice()
        self.queue(first)
        self.queue(second)
        self.run_send()
        deposits = self.line(first).deposit_id | self.line(second).deposit_id
        self.assertEqual(len(set(deposits.mapped("flow_number"))), 2)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            deposits.sudo().flow_number = "FLOW-1"
            deposits.flush_recordset()

    def test_a_file_that_is_not_due_yet_does_not_leave(self):
        move = self.make_invoice()
        self.queue(move)
        self.prepare()
        deposit = self.line(move).deposit_id.sudo()
        deposit.next_action_at = fields.Datetime.now() + timedelta(hours=1)
        self.env.flush_all()
        self.assertIsNone(self.post(deposit))
        self.assertState(move, "ready")
        self.assertEqual(self.taken(), [])
        deposit.next_action_at = fields.Datetime.now()
        self.env.flush_all()
        self.assertTrue(self.post(deposit))
        self.assertState(move, "sent")
        self.end_run()

    def test_a_file_that_must_be_looked_for_first_does_not_leave(self):
        move = self.make_invoice()
        self.queue(move)
        self.prepare()
        line = self.line(move).sudo()
        line.doubtful_since = fields.Datetime.now()
        self.env.flush_all()
        self.assertIsNone(self.post(line.deposit_id))
        self.assertState(move, "ready")
        self.assertEqual(self.taken(), [])

    def test_whatever_breaks_while_a_file_leaves_it_is_searched(self):
        move = self.make_invoice()
        self.queue(move)
        with (
            patch.object(ChorusClient, "deposit_flow", side_effect=RuntimeError("nobody foresaw it")),
            mute_logger("odoo.addons.l10n_fr_chorus_pro"),
        ):
            self.run_send()
        self.assertState(move, "unconfirmed")

    def test_one_search_after_a_long_stop_of_the_server_is_not_enough(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault("factures/v1/deposer/flux", "drop_before", count=1)
        self.run_send()
        self.assertTrue(self.connection.auto_resend)
        self.pass_time(hours=48)
        self.run_send()
        self.assertState(move, "unconfirmed")
        self.assertEqual(self.taken(), [])

    def test_a_postgresql_that_stays_away_is_named_when_it_was_tried_often_enough(self):
        """What asks goes by that error: none of many outcomes is tried alone while nothing can be written."""
        tries = []

        def away(_env):
            tries.append(1)
            raise OperationalError("server closed the connection")

        with patch(f"{TRANSACTIONS}.time.sleep"), mute_logger(TRANSACTIONS):
            for most in ({"connect_tries": 9}, {"tries": 2}, {"tries": 2, "connect_tries": 1}):
                tries.clear()
                with self.subTest(most=most), self.assertRaises(OperationalError):
                    in_transaction(self.env, away, **most)
                self.assertEqual(len(tries), most.get("connect_tries", 5))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestLastLookFails(ProtocolCommon):
    """What is looked at before a file leaves raises for one invoice: somebody else's module is broken."""

    printed = True

    def setUp(self):
        super().setUp()
        self.startPatcher(patch(f"{WORKER}.gate.CHANNEL_FIELDS", ("ref",)))
        self.bad, *self.others = self.make_invoices(3)
        self.queue(self.bad)
        self.prepare()

    def raging(self, rage):
        """Let the last look at the bad invoice end with ``rage(move)``."""

        def in_the_way(moves):
            if self.bad in moves:
                rage(moves)
            return False

        return patch.object(type(self.env["account.move"]), "_chorus_in_the_way", in_the_way)

    def let_others_leave(self):
        """One after the other, each in a run of its own."""
        for move in self.others:
            self.queue(move)
            self.run_send()
            self.assertState(move, "sent")
            self.pass_time(hours=1, minutes=1)

    def broken(self, _move):
        raise ValueError("The other module is broken")

    @mute_logger(*LOGS)
    def test_alone_it_keeps_no_other_from_leaving(self):
        """It is the first that is ready, in each run; a person hears of it."""
        with self.raging(self.broken):
            self.let_others_leave()
        self.assertState(self.bad, "ready")
        told = "".join(self.bad.activity_ids.mapped("note"))
        self.assertIn("The other module is broken", told)
        self.pass_time(hours=1)
        self.run_send()
        self.assertState(self.bad, "sent")

    @mute_logger(*LOGS)
    def test_nor_those_that_are_taken_together_with_it(self):
        def held(move):
            move.env.cr.execute("DO $$ BEGIN RAISE EXCEPTION 'held' USING ERRCODE = '55P03'; END $$")

        self.startPatcher(patch(f"{TRANSACTIONS}.random.uniform", return_value=0))
        for rage, together in ((self.broken, 4), (held, 4), (held, 1)):
            self.bad.sudo().chorus_line_ids.deposit_id.next_action_at = fields.Datetime.now()
            others = self.make_invoices(3)
            self.queue(others)
            self.prepare()
            with (
                self.subTest(rage=rage.__name__, together=together),
                self.raging(rage),
                patch.object(OneByOne, "together", together),
                mute_logger("odoo.sql_db"),
            ):
                self.run_send()
                self.assertState(self.bad, "ready")
                for move in others:
                    self.assertState(move, "sent")

    @mute_logger(*LOGS)
    def test_nor_one_that_cannot_be_looked_for_on_chorus_pro(self):
        """It left once and was rejected: looking for it before it leaves again breaks in each run."""
        self.run_send()
        deposit = self.line(self.bad).deposit_id
        self.simulator.control(f"deposits/{deposit.flow_number}", {"state": "IN_REJETE"})
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(self.bad, "rejected")
        self.queue(self.bad)
        self.prepare()
        with patch(f"{WORKER}.resolver.as_sent", side_effect=ValueError("A record is broken")):
            self.let_others_leave()
        self.assertState(self.bad, "ready")
        self.assertIn("A record is broken", "".join(self.bad.activity_ids.mapped("note")))
        self.run_send()
        self.assertState(self.bad, "sent")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTravel(ProtocolCommon):
    def test_nothing_travels_by_a_connection_that_is_gone(self):
        """It was archived a moment after the run had found it usable."""
        self.connection.sudo().active = False
        self.env.flush_all()
        travel = Travel.of(self.channel())
        self.assertTrue(travel.fault)

    def test_threads_that_the_system_does_not_give_hang_nothing(self):
        started, before = [], threading.active_count()
        start = threading.Thread.start

        def start_three(thread):
            if len(started) == 3:
                raise RuntimeError("can't start new thread")
            started.append(thread)
            start(thread)

        with patch.object(threading.Thread, "start", start_three), self.assertRaises(RuntimeError):
            Travel(self.channel(), 4).__enter__()
        for thread in started:
            thread.join(10)
        self.assertFalse(any(thread.is_alive() for thread in started))
        self.assertLessEqual(threading.active_count(), before)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestWhileOthersTravel(ProtocolCommon):
    """Several files are ready; what happens while the first ones travel governs the next ones."""

    printed = True

    def setUp(self):
        super().setUp()
        self.moves = self.make_invoices(8)

    def posting(self, also):
        """Let ``also()`` happen after each file has come back."""
        deliver = Sender.deliver

        def deliver_and(sender, file, shared):
            outcome = deliver(sender, file, shared)
            also()
            return outcome

        return patch.object(Sender, "deliver", deliver_and)

    def test_none_leaves_by_a_connection_that_was_archived_or_lost_its_secrets(self):
        connection = self.connection.sudo()

        def archive():
            connection.active = False
            self.env.flush_all()

        def forget():
            connection.action_forget_secrets()
            self.env.flush_all()

        for number, stop in enumerate((archive, forget)):
            connection.active = True
            two = self.moves[2 * number : 2 * number + 2]
            self.queue(two)
            self.prepare()
            with self.subTest(stop=stop.__name__), self.posting(stop):
                self.run_send()
                self.assertEqual(len(self.taken()), number + 1)
                self.assertIn("ready", [self.line(move).state for move in two])

    def test_as_many_travel_as_the_pace_lets_leave_soon(self):
        """At six calls a minute ten would wait for a minute and a half, while each of them is being sent."""
        self.connection.sudo().calls_per_minute = 6
        self.startPatcher(patch.object(type(self.env["chorus.pace"]), "_reserve", return_value=0))
        self.startPatcher(patch.object(OneByOne, "together", 10))
        self.queue(self.moves)
        self.prepare()
        most = []

        def count():
            own = self.env["chorus.deposit"].sudo()
            most.append(own.search_count([("state", "=", "sending")]))

        with self.posting(count):
            self.run_send()
        self.assertEqual(max(most), 2)
        for move in self.moves:
            self.assertState(move, "sent")

    def test_a_gateway_that_breaks_at_each_file_leaves_the_others_in_peace(self):
        """Whether those were taken is not known; each that follows would have to be confirmed as well."""
        self.queue(self.moves)
        self.simulator.fault("factures/v1/deposer/flux", "http_500", count=None)
        self.run_send()
        states = [self.line(move).state for move in self.moves]
        self.assertEqual(states.count("unconfirmed"), 4)
        self.assertTrue(self.connection._deposits_rest())
        self.simulator.no_faults()
        self.pass_time(minutes=2)
        self.run_send()
        states = [self.line(move).state for move in self.moves]
        self.assertEqual(states.count("sent"), 4)

    def test_files_that_break_the_gateway_now_and_then_stop_nothing(self):
        self.queue(self.moves)
        for skip in (0, 2, 3, 4):
            self.simulator.fault("factures/v1/deposer/flux", "http_500", count=1, skip=skip)
        self.run_send()
        self.assertNotIn("ready", [self.line(move).state for move in self.moves])
        self.assertFalse(self.connection.deposit_rest_count)

    def test_a_file_of_which_nothing_is_known_says_not_that_the_connection_works_again(self):
        self.connection.sudo().rest_count = 2
        self.queue(self.moves[0])
        self.simulator.fault("factures/v1/deposer/flux", "http_500", count=1)
        self.run_send()
        self.assertEqual(self.connection.rest_count, 2)
        self.queue(self.moves[1])
        self.run_send()
        self.assertFalse(self.connection.rest_count)

    def test_no_other_leaves_when_looking_for_one_takes_too_long(self):
        first, other = self.moves[:2]
        self.queue(first)
        self.run_send()
        self.simulator.control(f"deposits/{self.line(first).deposit_id.flow_number}", {"state": "IN_REJETE"})
        self.pass_time(hours=1)
        self.run_follow()
        for move in (first, other):
            self.queue(move)
            self.prepare()
        hangs = errors.Unavailable("answer_timeout")
        with patch.object(ChorusClient, "iter_invoices", side_effect=hangs):
            self.run_send()
        self.assertTrue(self.connection._is_resting())
        for move in (first, other):
            self.assertState(move, "ready")
