"""The administrator's brake: from the switch on nothing leaves for another environment."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..worker.turns import schedule
from .common import COMPANY_SIRET, OneByOne
from .protocol import ProtocolCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSwitchedOff(ProtocolCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.production = self.connect("production", first_deposit_limit=0)
        self.simulator.set_structure(COMPANY_SIRET, name="Ateliers de la Loire", public=False)

    def screen(self, target, **values):
        return (
            self.env["chorus.switch"]
            .with_user(self.administrator)
            .create(
                {
                    "company_id": self.company.id,
                    "target": target,
                    "confirmed": True,
                    "first_deposit_limit": 0,
                    **values,
                }
            )
        )

    def switch(self, target, **values):
        result = self.screen(target, **values).action_switch()
        self.env.flush_all()
        self.env.invalidate_all()
        return result

    def queued_and_ready(self, environment):
        """Two invoices for an environment: one queued, one whose file is ready."""
        self.company.chorus_environment = environment
        moves = self.make_invoices(2)
        self.queue(moves[1], environment)
        self.prepare(environment)
        self.queue(moves[0], environment)
        self.assertEqual([self.line(move, environment).state for move in moves], ["queued", "ready"])
        return moves

    def test_nothing_leaves_for_another_environment_than_the_present_one(self):
        for environment, other in (("production", "test"), ("test", "production")):
            for target in ("off", other):
                with self.subTest(environment=environment, target=target):
                    before = len(self.taken())
                    moves = self.queued_and_ready(environment)
                    self.switch(target)
                    self.run_send()
                    self.assertEqual(len(self.taken()), before)
                    self.assertEqual(
                        [self.line(move, environment).state for move in moves], ["queued", "ready"]
                    )
                    # Switched back, the same files leave.
                    self.switch(environment)
                    self.run_send()
                    self.assertEqual(len(self.taken()), before + 2)

    def test_a_switch_after_the_run_has_begun_holds_what_is_ready(self):
        moves = self.queued_and_ready("production")
        go_on = OneByOne.go_on

        def switched_meanwhile(travel):
            self.switch("off")
            return go_on(travel)

        with patch.object(OneByOne, "go_on", switched_meanwhile):
            self.run_send()
        self.assertEqual(self.taken(), [])
        self.assertEqual([self.line(move, "production").state for move in moves], ["queued", "ready"])

    def test_what_left_is_followed_after_the_switch(self):
        move = self.make_invoice()
        self.queue(move, "production")
        self.run_send()
        self.switch("off")
        self.settle(move, "production")
        self.assertState(move, "integrated", "production")

    def test_the_screen_counts_what_waits_and_offers_to_withdraw_it(self):
        moves = self.queued_and_ready("production")
        screen = self.screen("off")
        self.assertEqual(screen.waiting_count, 2)
        self.assertIn("Not sent yet", screen.changes)
        self.switch("off", waiting="withdraw")
        self.assertEqual(moves.mapped("chorus_state"), ["cancelled", "cancelled"])
        self.switch("production")
        self.run_send()
        self.assertEqual(self.taken(), [])

    def test_what_waits_for_the_target_is_not_withdrawn_and_is_announced(self):
        moves = self.queued_and_ready("production")
        self.switch("test")
        self.assertIn("They leave once you switch", self.screen("production").changes)
        self.switch("production", waiting="withdraw")
        self.assertEqual(set(moves.mapped("chorus_state")), {"queued"})

    def test_an_invoice_that_a_worker_holds_does_not_keep_the_brake_from_working(self):
        moves = self.queued_and_ready("production")
        withdraw = type(moves)._chorus_withdraw

        def held(records, *args):
            if records == moves[0]:
                raise UserError(records.name)
            return withdraw(records, *args)

        with patch.object(type(moves), "_chorus_withdraw", held):
            told = self.switch("off", waiting="withdraw")
        self.assertFalse(self.company.chorus_environment)
        self.assertIn(moves[0].name, told["params"]["title"])
        self.assertEqual(moves.mapped("chorus_state"), ["queued", "cancelled"])

    def test_the_invoice_says_why_it_waits(self):
        moves = self.queued_and_ready("production").with_user(self.accountant)
        self.assertNotIn("It waits", moves[0].chorus_sentence)
        self.switch("off")
        self.assertIn("switched off for Ateliers de la Loire", moves[0].chorus_sentence)
        self.switch("test")
        self.assertIn("Test", moves[1].chorus_sentence)

    def test_what_waits_for_another_environment_wakes_nobody_until_the_switch(self):
        self.queued_and_ready("production")
        self.switch("off")
        triggers = self.env["ir.cron.trigger"].search([])
        schedule(self.env, "send")
        self.assertEqual(self.env["ir.cron.trigger"].search([]), triggers)
        self.switch("production")
        self.assertGreater(self.env["ir.cron.trigger"].search([]), triggers)
