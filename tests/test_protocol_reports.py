"""What Chorus Pro says of a deposit, however it says it: each answer ends where one can go on."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.base import transactions
from ..models.base.transactions import retry_at
from ..worker.reports import Reports
from ..worker.sender import Sender
from .common import SUPPLIER
from .protocol import ProtocolCommon

DEPOSIT = "factures/v1/deposer/flux"
REPORT = "transverses/v1/consulterCRDetaille"
SEARCH = "factures/v1/rechercher/fournisseur"
INACTIVE = "12345678200069"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestReports(ProtocolCommon):
    """From the flow number to the verdict on each invoice."""

    printed = True

    def sent(self, *moves):
        """Queue and send; return the deposit of the first."""
        for move in moves:
            self.queue(move)
        self.run_send()
        for move in moves:
            self.assertState(move, "sent")
        return self.line(moves[0]).deposit_id

    def end(self, deposit, state):
        """Let a flow end in ``state`` instead of its own verdict."""
        self.simulator.control(f"deposits/{deposit.flow_number}", {"state": state})
        self.pass_time(hours=1)
        self.run_follow()

    def test_flow_not_known_yet_is_asked_for_again(self):
        self.simulator.control("settings", {"not_found_period": 7200})
        move = self.make_invoice()
        deposit = self.sent(move)
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "sent")
        self.assertEqual(deposit.attempt_ids[0].outcome, "not_found")
        self.settle(move)
        self.assertState(move, "integrated")

    def test_faults_of_the_report_lose_nothing(self):
        kinds = ("http_500", "truncated_json", "html", "object_for_array", "drop_after_accept", "empty_403")
        for kind in kinds:
            with self.subTest(kind=kind):
                move = self.make_invoice()
                self.sent(move)
                self.simulator.fault(REPORT, kind, count=1)
                self.pass_time(hours=1)
                self.run_follow()
                self.simulator.no_faults()
                self.settle(move)
                self.assertState(move, "integrated")

    def test_unknown_state_is_shown_raw_and_pending(self):
        move = self.make_invoice()
        deposit = self.sent(move)
        self.simulator.fault(REPORT, "unknown_status", count=1, code="IN_JAMAIS_VU")
        self.pass_time(hours=1)
        Reports(self.channel()).follow(deposit.id)
        self.assertEqual((deposit.state, deposit.flow_state), ("sent", "IN_JAMAIS_VU"))
        self.assertIn("IN_JAMAIS_VU", deposit.flow_state_label)
        self.settle(move)
        self.assertState(move, "integrated")

    def test_flow_that_never_ends_is_shown_to_a_person_and_still_followed(self):
        self.simulator.control("settings", {"flow_delays": {"IN_RECU": 10 * 86400}})
        move = self.make_invoice()
        deposit = self.sent(move)
        self.pass_time(days=4)
        self.run_follow()
        self.assertTrue(deposit.needs_person)
        self.assertEqual(len(deposit.activity_ids), 1)
        self.pass_time(days=8)
        self.run_follow()
        self.assertState(move, "integrated")
        self.assertFalse(deposit.activity_ids, "the call for help closed itself")

    def test_rejected_invoice_is_free_and_explained(self):
        self.simulator.set_structure(SUPPLIER, active=False)
        move = self.make_invoice()
        deposit = self.sent(move)
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "rejected")
        self.assertEqual(deposit.state, "rejected")
        self.assertTrue(self.line(move).message)
        self.assertEqual(len(move.activity_ids), 1)
        self.simulator.set_structure(SUPPLIER, active=True)
        self.assertEqual(self.queue(move), {}, "it may be sent again")
        self.assertFalse(move.activity_ids)
        self.settle(move)
        self.assertState(move, "integrated")

    def test_incident_sends_the_invoice_again_by_itself(self):
        move = self.make_invoice()
        self.end(self.sent(move), "IN_INCIDENTE")
        self.assertState(move, "queued")
        self.assertFalse(move.activity_ids, "no person is needed")
        self.settle(move)
        self.assertState(move, "integrated")
        self.assertEqual(len(self.taken(move.name)), 2)
        self.assertEqual(self.simulator.ledger()["doubled"], [])

    def test_incidents_without_end_are_shown_to_a_person(self):
        move = self.make_invoice()
        self.queue(move)
        for _time in range(3):
            self.run_send()
            self.end(self.line(move).deposit_id, "IN_INCIDENTE")
            self.pass_time(hours=1)
        self.assertState(move, "rejected")
        self.assertEqual(len(move.activity_ids), 1)

    def test_group_rejected_without_reasons_is_sent_one_by_one(self):
        self.company.chorus_group_size = 5
        first, second = moves = self.make_invoices(2)
        deposit = self.sent(first, second)
        self.assertEqual(deposit.line_count, 2)
        self.assertTrue(deposit.filename.endswith(".tar.gz"))
        self.end(deposit, "IN_REJETE")
        for move in moves:
            self.assertState(move, "queued")
        self.assertEqual(self.connection.group_state, "refused")
        self.run_send()
        self.assertNotEqual(self.line(first).deposit_id, self.line(second).deposit_id)
        self.settle(first)
        for move in moves:
            self.assertState(move, "integrated")

    def test_first_archive_is_a_trial_of_two(self):
        self.company.chorus_group_size = 4
        moves = self.make_invoices(6)
        self.queue(moves)
        self.run_send()
        sizes = [self.line(move).deposit_id.line_count for move in moves]
        self.assertEqual(sizes, [2, 2, 1, 1, 1, 1])
        self.settle(moves[0])
        self.assertEqual(self.connection.group_state, "proven")
        others = self.make_invoices(5)
        self.queue(others)
        self.run_send()
        sizes = [self.line(move).deposit_id.line_count for move in others]
        self.assertEqual(sizes, [4, 4, 4, 4, 1])

    def test_trial_that_was_withdrawn_proves_nothing(self):
        self.company.chorus_group_size = 4
        moves = self.make_invoices(2)
        self.queue(moves)
        self.prepare()
        deposit = self.line(moves[0]).deposit_id
        self.assertEqual(self.connection.group_state, "trial")
        deposit.with_user(self.accountant).action_withdraw()
        self.assertEqual(self.connection._group_size(), 2)

    def test_partly_integrated_group_tells_each_invoice_its_own(self):
        self.company.chorus_group_size = 2
        closing = self.make_customer(siret=INACTIVE, name="Fermée")
        closing.with_user(self.accountant).action_chorus_look_up()
        self.simulator.set_structure(INACTIVE, active=False)
        good = self.make_invoice()
        bad = self.make_invoice(partner_id=closing.id, purchase_order_reference="BC-42")
        deposit = self.sent(good, bad)
        self.assertEqual(deposit.line_count, 2)
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(good, "integrated")
        self.assertState(bad, "rejected")
        self.assertEqual(deposit.state, "partial")
        self.assertFalse(good.activity_ids)
        self.assertTrue(bad.activity_ids)

    def test_copy_refused_as_duplicate_finds_the_invoice_that_is_there(self):
        """A file sent twice: Chorus Pro rejects the copy, yet holds the invoice."""
        move = self.make_invoice()
        self.sent(move)
        self.pass_time(hours=1)
        # Its story is lost here, as after a restored backup.
        self.env.cr.execute(
            "UPDATE chorus_deposit_line SET state = 'cancelled' WHERE move_id = %s", (move.id,)
        )
        self.env.cr.execute(
            "UPDATE chorus_deposit SET state = 'cancelled', next_action_at = NULL"
            " WHERE id = (SELECT deposit_id FROM chorus_deposit_line WHERE move_id = %s)",
            (move.id,),
        )
        self.env.invalidate_all()
        # The search lags: the copy is not held back by it.
        search = {"kind": "refusal", "code": 20000, "label": "TRA_MSG_00.015 Aucun resultat"}
        self.simulator.control("faults", {"route": SEARCH, "count": None, **search})
        self.sent(move)
        self.simulator.no_faults()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "integrated")
        held = [item for item in self.simulator.ledger()["invoices"] if item["number"] == move.name]
        self.assertEqual(len(held), 1)

    def test_journal_is_bounded(self):
        self.simulator.control("settings", {"not_found_period": 10**7})
        move = self.make_invoice()
        deposit = self.sent(move)
        for _time in range(55):
            Reports(self.channel()).follow(deposit.id)
        kept = deposit.attempt_ids.filtered(lambda row: row.kind == "report")
        self.assertEqual(len(kept), 51)
        self.assertTrue(deposit.attempt_ids.filtered(lambda row: row.kind == "send"))
        for row in deposit.attempt_ids:
            self.assertNotIn("simulator-secret", f"{row.error} {row.correlation_id}")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestPolite(ProtocolCommon):
    """How fast the worker calls, and how long it may work."""

    printed = True

    def test_connection_has_one_pace_for_everybody(self):
        pace = self.env["chorus.pace"]
        waits = [pace._reserve(self.connection.id, 6) for _call in range(3)]
        self.assertEqual([round(wait, -1) for wait in waits], [0, 10, 20])
        self.assertIsNone(self.connection._pace(), "the loopback interface needs none")
        self.connection.calls_per_minute = 30
        self.assertAlmostEqual(self.connection._pace()(), 30, delta=1)

    def test_pause_grows_with_failures_and_honours_the_server(self):
        now = fields.Datetime.now()
        minutes = [(retry_at(self.env, tries) - now).total_seconds() / 60 for tries in (1, 4, 7, 50)]
        self.assertEqual(minutes, sorted(minutes[:3]) + minutes[3:])
        self.assertLessEqual(minutes[3], 75, "capped")
        self.assertGreaterEqual((retry_at(self.env, 1, 3600) - now).total_seconds(), 3599)

    def test_file_too_large_for_the_time_left_waits_for_the_next_run(self):
        move = self.make_invoice()
        self.queue(move)
        self.prepare()
        deposit = self.line(move).deposit_id
        deposit.sudo().size = 30 * 1024 * 1024
        self.env.flush_all()
        longest = Sender(self.channel()).longest_post(deposit.ids)[deposit.id]
        self.assertLess(longest, transactions.seconds_left(), "a run that begins has time for any file")
        with patch.object(transactions, "seconds_left", lambda: longest - 1):
            self.run_send()
        self.assertEqual(self.taken(), [])
        self.assertState(move, "ready")

    def test_chatter_is_not_flooded(self):
        """The lines and the journal tell the story; the chatter has one line, with the flow's number."""
        move = self.make_invoice()
        before = move.message_ids
        self.queue(move)
        self.simulator.fault(DEPOSIT, "http_429", count=3)
        for _time in range(4):
            self.run_send()
            self.pass_time(hours=1)
        self.settle(move)
        self.assertState(move, "integrated")
        told = move.message_ids - before
        self.assertIn(self.line(move).flow_number, told.body)
        self.assertEqual(len(told), 1)
        self.assertFalse(self.line(move).deposit_id.message_ids)

    def test_live_line_is_unique_in_the_database(self):
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'chorus_deposit_line_one_live_line'"
        )
        definition = self.env.cr.fetchone()[0]
        self.assertIn("UNIQUE", definition)
        self.assertIn("WHERE", definition)
        for state in ("queued", "ready", "sending", "unconfirmed", "sent", "integrated", "hand"):
            self.assertIn(f"'{state}'", definition)

    def test_no_state_is_reached_but_along_the_table(self):
        move = self.make_invoice()
        self.queue(move)
        with self.assertRaises(ValueError):
            self.line(move)._move_to("integrated")

    def test_people_decide_only_where_something_waits_for_them(self):
        move = self.make_invoice()
        self.queue(move)
        self.run_send()
        deposit = self.line(move).deposit_id.with_user(self.accountant)
        for action in ("action_send_again", "action_give_up", "action_withdraw"):
            with self.subTest(action=action), self.assertRaises(UserError):
                getattr(deposit, action)()
