"""What is integrated shows in the list of changes: reports are asked for what does not show up in time."""

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..chorus_api import ChorusClient
from ..chorus_api.flows import InvoiceError
from .common import NO_DUTY, SUPPLIER
from .life import SEARCH, LifeCommon

DEPOSIT = "factures/v1/deposer/flux"
REPORT = "transverses/v1/consulterCRDetaille"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestFewCalls(LifeCommon):
    printed = True

    def setUp(self):
        super().setUp()
        # The look at everything of a new connection, and its token, are behind it.
        self.deliver()
        self.run_follow()

    def send(self, count, **values):
        moves = self.make_invoices(count, **values)
        self.assertEqual(self.queue(moves), {})
        self.simulator.control("calls", method="DELETE")
        self.run_send()
        return moves

    def next_run(self):
        """Wait until the first deposit is due, then follow; return how long that took."""
        due = min(self.env["chorus.deposit"].search([("state", "=", "sent")]).mapped("next_action_at"))
        wait = max(timedelta(seconds=1), due - fields.Datetime.now())
        self.pass_time(seconds=wait.total_seconds())
        self.run_follow()
        return wait

    def states(self, moves):
        return {self.line(move).state for move in moves}

    def test_one_by_one_until_integrated_it_takes_hardly_more_than_the_deposits(self):
        moves = self.send(20)
        self.next_run()
        self.assertEqual(self.states(moves), {"integrated"})
        self.assertEqual({move.chorus_line_ids.deposit_id.state for move in moves}, {"integrated"})
        counts = self.simulator.calls()["counts"]
        self.assertLessEqual(sum(counts.values()), 1.1 * len(moves), counts)

    def test_a_rejection_which_no_list_ever_shows_is_learnt_within_minutes_by_one_report(self):
        self.simulator.set_structure(SUPPLIER, active=False)
        [move] = self.send(1)
        waited = timedelta()
        while self.line(move).state == "sent":
            waited += self.next_run()
        self.assertState(move, "rejected")
        self.assertLessEqual(waited, timedelta(minutes=4))
        self.assertEqual(self.calls_of(REPORT), [1])

    def test_chorus_pro_that_takes_long_is_not_asked_about_each_deposit_again_and_again(self):
        self.simulator.control("settings", {"flow_delays": {"IN_RECU": 2400}})
        moves = self.send(20)
        waited = timedelta()
        while self.states(moves) == {"sent"}:
            waited += self.next_run()
            deposits = moves.chorus_line_ids.deposit_id.filtered(lambda deposit: deposit.state == "sent")
            self.assertTrue(all(deposits.mapped("next_action_at")), "nothing waits without a due time")
        self.assertEqual(self.states(moves), {"integrated"})
        self.assertLess(waited, timedelta(minutes=75))
        self.assertLessEqual(sum(self.simulator.calls()["counts"].values()), 4 * len(moves))

    def test_a_rejection_behind_many_that_are_still_on_their_way_is_learnt_too(self):
        self.simulator.control("settings", {"flow_delays": {"IN_RECU": 20000}})
        self.send(12)
        self.simulator.control("settings", {"flow_delays": {"IN_RECU": 2}})
        self.simulator.set_structure(SUPPLIER, active=False)
        bad = self.send(1)
        waited = timedelta()
        while self.line(bad).state == "sent":
            waited += self.next_run()
        self.assertState(bad, "rejected")
        self.assertLessEqual(waited, timedelta(minutes=75))

    def test_a_list_that_cannot_be_read_leaves_the_reports(self):
        moves = self.send(2)
        self.simulator.fault(SEARCH, "http_500", count=None)
        self.next_run()
        self.assertEqual(self.states(moves), {"integrated"})
        self.assertEqual(self.calls_of(REPORT), [2])

    def test_a_list_that_hides_what_is_integrated_leaves_the_reports(self):
        nothing = {"kind": "refusal", "code": 20000, "label": "TRA_MSG_00.015 Aucun resultat"}
        moves = self.send(2)
        self.simulator.control("faults", {"route": SEARCH, "count": None, **nothing})
        for _look in range(8):
            self.next_run()
            if self.states(moves) != {"sent"}:
                break
        self.assertEqual(self.states(moves), {"integrated"})

    def test_an_archive_refused_at_the_door_is_sent_in_single_files(self):
        self.company.chorus_group_size = 5
        self.simulator.fault(DEPOSIT, "refusal", count=1, code=20001, label="GDP_MSG_11.022")
        moves = self.send(2)
        self.assertEqual(self.connection.group_state, "refused")
        self.assertFalse(moves.activity_ids, "nobody has to do anything")
        self.run_send()
        self.next_run()
        self.assertEqual(self.states(moves), {"integrated"})
        self.assertEqual(len({self.line(move).deposit_id for move in moves}), 2)

    def test_an_archive_rejected_for_the_sake_of_one_tells_that_one_and_sends_the_others_again(self):
        self.company.chorus_group_size = 5
        self.connection.group_state = "proven"
        moves = self.send(3)
        [deposit] = moves.chorus_line_ids.deposit_id.filtered(lambda deposit: deposit.line_count > 1)
        bad, *others = deposit.line_ids.move_id
        report = ChorusClient.flow_report

        def rejected(client, flow_number):
            error = InvoiceError(SUPPLIER, NO_DUTY, bad.name, "Le numero est deja utilise")
            return replace(report(client, flow_number), invoice_errors=(error,))

        self.simulator.control(f"deposits/{deposit.flow_number}", {"state": "IN_REJETE"})
        with patch.object(ChorusClient, "flow_report", rejected):
            while deposit.state == "sent":
                self.next_run()
        self.assertState(bad, "rejected")
        self.assertTrue(bad.activity_ids)
        for move in others:
            self.assertState(move, "queued")
            self.assertFalse(move.activity_ids)
