"""The pace of a connection begins carefully, grows with a content gateway, and goes back with another."""

from odoo.tests import tagged

from ..chorus_api.operations import CallRecord
from ..models.connection.chorus_pace import SLOWEST, START
from .protocol import ProtocolCommon

SEARCH = "factures/v1/rechercher/fournisseur"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestPaceLearned(ProtocolCommon):
    printed = True
    ceiling = 600

    def setUp(self):
        super().setUp()
        self.paces = self.env["chorus.pace"]

    def call(self, times=1, status=200, seconds=0.2, failure="", ceiling=None):
        """Tell of calls that were made one after the other; return the pace that is kept then."""
        record = CallRecord(SEARCH, status, failure, seconds, 1000, 1000, "reference", "")
        for _time in range(times):
            self.paces._reserve(self.connection.id, ceiling or self.ceiling, record)
        return self.kept()

    def kept(self):
        self.env.invalidate_all()
        return self.paces.sudo().search([("connection_id", "=", self.connection.id)]).per_minute

    def later(self, seconds):
        self.env.cr.execute("UPDATE chorus_pace SET slowed_at = slowed_at - %s * interval '1 s'", (seconds,))

    def test_it_begins_carefully_and_grows_up_to_the_ceiling(self):
        self.paces._reserve(self.connection.id, self.ceiling)
        self.assertEqual(self.kept(), START)
        self.assertGreater(self.call(240), 1.9 * START)
        self.assertEqual(self.call(100, ceiling=START), self.kept())
        self.assertEqual(self.call(40, ceiling=125), 125)

    def test_the_ceiling_holds_whatever_was_learned(self):
        self.call(400)
        waits = [self.paces._reserve(self.connection.id, 6) for _call in range(3)]
        self.assertAlmostEqual(waits[2] - waits[1], 10, delta=1)

    def test_too_many_requests_slow_it_down_by_half_once_for_all_that_were_on_their_way(self):
        before = self.call(100)
        self.assertEqual(self.call(3, status=429), before / 2)
        self.later(60)
        self.assertEqual(self.call(1, status=429), before / 4)
        for _time in range(20):
            self.later(60)
            self.call(1, status=429)
        self.assertEqual(self.kept(), SLOWEST)
        self.assertGreater(self.call(10), SLOWEST, "and it comes back")

    def test_one_refused_token_has_run_out_and_two_in_a_row_are_a_storm(self):
        before = self.call(100)
        self.assertEqual(self.call(1, status=401), before)
        after = self.call(1)
        self.assertGreater(after, before)
        self.assertEqual(self.call(2, status=401), after / 2)

    def test_a_gateway_that_does_not_answer_in_time_is_asked_less(self):
        before = self.call(100)
        self.assertEqual(self.call(1, status=None, failure="answer_timeout"), before / 2)

    def test_a_gateway_that_answers_slower_and_slower_is_not_pushed(self):
        before = self.call(200)
        self.assertLess(self.call(20, seconds=3), before)

    def test_a_large_file_that_takes_long_is_no_slow_gateway(self):
        before = self.call(200)
        record = CallRecord("factures/v1/deposer/flux", 200, "", 3.0, 8 * 1024 * 1024, 100, "reference", "")
        for _time in range(20):
            self.paces._reserve(self.connection.id, self.ceiling, record)
        self.assertGreater(self.kept(), before)

    def test_a_real_call_that_stumbles_is_remembered(self):
        self.connection.calls_per_minute = self.ceiling
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault("factures/v1/deposer/flux", "http_429", count=1)
        self.run_send()
        self.assertLess(self.kept(), START)
        self.pass_time(minutes=5)
        self.run_send()
        self.assertState(move, "sent")
