"""What waits in a database that may be older than what has left: looked for before it leaves."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..worker.sender import Sender
from .common import COMPANY_SIRET
from .protocol import ProtocolCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDoubtful(ProtocolCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.simulator.set_structure(COMPANY_SIRET, name="Ateliers de la Loire", public=False)
        self.production = self.connect("production", first_deposit_limit=0)
        self.run_send()

    @property
    def database(self):
        return self.env["chorus.database"]._of(self.company)

    def waiting(self):
        """One invoice queued for production."""
        move = self.make_invoice()
        self.queue(move, "production")
        return move

    def sent_elsewhere(self, move, environment="production"):
        """The original of this copy has sent the invoice, and here it still waits, as after a restore."""
        self.run_send()
        self.assertEqual(len(self.taken(move.name)), 1)
        line = self.line(move, environment)
        self.env.cr.execute(
            "UPDATE chorus_deposit SET state = 'ready', flow_number = NULL, next_action_at = '2020-01-01'"
            " WHERE id = %s",
            [line.deposit_id.id],
        )
        self.env.cr.execute(
            "UPDATE chorus_deposit_line SET state = 'ready', summary_state = 'queued', flow_number = NULL"
            " WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        move.sudo()._chorus_sync_state()
        return line

    def confirm_after_restore(self):
        self.database.fingerprint = {**self.database.fingerprint, "oid": 1}
        self.env.flush_all()
        self.production.with_user(self.administrator).action_confirm_database()

    def soft_sign(self, **values):
        self.database.write(values)
        self.env.flush_all()

    def test_a_backup_that_is_confirmed_follows_what_had_left_and_sends_it_no_more(self):
        move = self.waiting()
        self.sent_elsewhere(move)
        self.confirm_after_restore()
        self.run_send()
        # Taken, and not integrated yet: nothing is found at once, and nothing leaves.
        self.assertState(move, "ready", "production")
        self.assertIn("looked for", move.with_user(self.accountant).chorus_sentence)
        self.pass_time(minutes=20)
        self.run_send()
        self.assertState(move, "integrated", "production")
        self.assertEqual(len(self.taken(move.name)), 1)
        ledger = self.simulator.ledger()["deposits"]
        self.assertEqual(self.line(move, "production").flow_number, ledger[0]["flow_number"])

    def test_what_is_not_there_leaves_after_an_hour(self):
        move = self.waiting()
        self.confirm_after_restore()
        for _look in range(3):
            self.run_send()
            self.assertEqual(self.taken(), [])
            self.pass_time(minutes=16)
        self.run_send()
        self.pass_time(minutes=16)
        self.run_send()
        self.assertEqual(len(self.taken(move.name)), 1)

    def test_an_invoice_older_than_the_confirmation_is_looked_for_at_its_first_click(self):
        old = self.make_invoice()
        self.confirm_after_restore()
        self.database.doubt_before = fields.Datetime.now() + timedelta(minutes=1)
        self.queue(old, "production")
        self.run_send()
        self.assertEqual(self.taken(), [])
        self.assertTrue(self.line(old, "production").doubtful_since)

    def test_each_soft_sign_has_what_waits_looked_for_and_stops_nothing(self):
        before = fields.Datetime.now() + timedelta(minutes=5)
        for signs in (
            {"server_start": str(before.timestamp())},
            {"timeline": 99},
            {"hosts": ["another"], "seen_at": before},
            {"seen_at": before - timedelta(days=1)},
        ):
            with self.subTest(signs=list(signs)):
                move = self.waiting()
                self.soft_sign(**signs)
                if list(signs) == ["server_start"]:
                    # PostgreSQL has just been started: it was when the invoice waited already.
                    self.env.cr.execute(
                        "UPDATE chorus_deposit_line SET create_date = '2020-01-01' WHERE move_id = %s",
                        [move.id],
                    )
                elif list(signs) == ["seen_at"]:
                    self.env.cr.execute(
                        "UPDATE chorus_deposit_line SET create_date = %s WHERE move_id = %s",
                        [before - timedelta(days=1), move.id],
                    )
                self.run_send()
                self.assertEqual(self.taken(move.name), [])
                self.assertTrue(self.line(move, "production").doubtful_since)
                # What is queued from now on leaves at once.
                fresh = self.waiting()
                self.run_send()
                self.assertEqual(len(self.taken(fresh.name)), 1)

    def test_without_a_look_around_since_postgresql_started_nothing_is_taken(self):
        move = self.waiting()
        self.prepare("production")
        self.soft_sign(server_start="1.0")
        deposit = self.line(move, "production").deposit_id
        sender = Sender(self.channel("production"))
        self.assertEqual(sender.start(self.env(su=True), {deposit.id: "unseen"}), [])
        self.assertState(move, "ready", "production")

    def test_a_restart_with_nothing_waiting_delays_nothing(self):
        self.soft_sign(server_start="1.0", hosts=[], timeline=7)
        self.run_send()
        move = self.waiting()
        self.run_send()
        self.assertEqual(len(self.taken(move.name)), 1)

    def test_what_was_refused_as_a_double_keeps_the_flow_of_what_is_there(self):
        self.company.chorus_environment = "test"
        move = self.make_invoice()
        self.queue(move)
        self.sent_elsewhere(move, "test")
        self.run_send()
        first, second = (item["flow_number"] for item in self.simulator.ledger()["deposits"])
        self.assertEqual(self.line(move).flow_number, second)
        for _look in range(3):
            self.pass_time(hours=1)
            self.run_follow()
        self.assertState(move, "integrated")
        self.assertEqual(self.line(move).flow_number, first)
        refused = self.env["chorus.deposit"].search([("flow_number", "=", second)])
        self.assertEqual(refused.state, "rejected")
