"""Everything that has a due time wakes its scheduled action; what the time of a run left goes on at once."""

import time
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import chorus_worker
from ..worker.preparer import Directory, Preparer
from .life import COMPLETE, SEARCH, LifeCommon
from .protocol import ProtocolCommon

DEPOSIT = "factures/v1/deposer/flux"


class _Wakes:
    """Looks at Odoo's own table of wake-ups."""

    def wakes(self, what):
        """Moments at which the scheduled action is woken."""
        self.env.flush_all()
        cron = self.env.ref(f"l10n_fr_chorus_pro.cron_{what}")
        return self.env["ir.cron.trigger"].sudo().search([("cron_id", "=", cron.id)]).mapped("call_at")

    def forget_wakes(self):
        self.env["ir.cron.trigger"].sudo().search([]).unlink()


@tagged("post_install", "-at_install")
class TestDueTimes(_Wakes, ProtocolCommon):
    printed = True

    def test_a_file_to_be_tried_again_wakes_when_it_is_due(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "http_429", count=1)
        self.forget_wakes()
        self.run_send()
        deposit = self.line(move).deposit_id
        self.assertEqual(deposit.state, "ready")
        self.assertIs(deposit.needs_person, False)
        # The connection failed, and is left alone for a while itself.
        self.assertIn(max(deposit.next_action_at, self.connection.rest_until), self.wakes("send"))

    def test_an_unconfirmed_deposit_wakes_for_its_search(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "drop_after_accept", count=1)
        self.forget_wakes()
        self.run_send()
        self.assertState(move, "unconfirmed")
        self.assertIn(self.line(move).deposit_id.next_action_at, self.wakes("send"))

    def test_what_was_just_sent_wakes_for_its_report(self):
        move = self.make_invoice()
        self.queue(move)
        self.forget_wakes()
        self.run_send()
        self.assertState(move, "sent")
        self.assertIn(self.line(move).deposit_id.next_action_at, self.wakes("follow"))

    def test_a_connection_that_rests_wakes_when_its_rest_ends(self):
        move = self.make_invoice()
        self.queue(move)
        until = fields.Datetime.add(fields.Datetime.now(), minutes=40)
        self.connection.rest_until = until
        self.forget_wakes()
        self.run_send()
        self.assertState(move, "queued")
        self.assertEqual(self.wakes("send"), [until])

    def test_what_the_time_of_a_run_left_goes_on_at_once(self):
        move = self.make_invoice()
        self.queue(move)
        self.forget_wakes()
        with patch.object(chorus_worker, "run_deadline", time.monotonic):
            self.run_send()
        self.assertState(move, "queued")
        self.assertLessEqual(min(self.wakes("send")), fields.Datetime.now())

    def test_what_another_process_holds_is_looked_at_again_a_minute_later(self):
        move = self.make_invoice()
        self.queue(move)
        self.forget_wakes()
        with (
            patch.object(Preparer, "prepare", lambda *args: 0),
            patch.object(Directory, "ask", lambda *args: False),
        ):
            self.run_send()
        [wake] = self.wakes("send")
        self.assertGreater(wake, fields.Datetime.now())

    def test_nothing_to_do_wakes_nobody(self):
        self.forget_wakes()
        self.run_send()
        self.run_follow()
        self.assertFalse(self.wakes("send") or self.wakes("follow"))


@tagged("post_install", "-at_install")
class TestDueTimesOfRequests(_Wakes, LifeCommon):
    def test_a_request_whose_answer_was_lost_wakes_for_its_look(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le bon de livraison")
        self.simulator.fault(COMPLETE, "drop_after_accept", count=1)
        self.simulator.fault(SEARCH, "http_503", count=9)
        self.forget_wakes()
        wizard = self.open_wizard(move, "action_chorus_complete")
        wizard.comment = "Voici le bon"
        wizard.action_complete()
        self.env.invalidate_all()
        request = move.chorus_request_ids
        self.assertEqual(request.state, "unknown")
        self.assertIn(request.next_action_at, self.wakes("follow"))
        self.simulator.no_faults()
        self.pass_time(minutes=3)
        self.run_follow()
        self.assertEqual(request.state, "done")
