"""The first real deposit is limited, through whichever door the invoices come."""

from odoo.tests import tagged

from .common import COMPANY_SIRET
from .protocol import ProtocolCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestFirstDeposit(ProtocolCommon):
    def setUp(self):
        super().setUp()
        self.production = self.connect("production")
        self.company.chorus_environment = "production"
        self.moves = self.make_invoices(3)

    def states(self):
        self.env.invalidate_all()
        return [move._chorus_line("production").state for move in self.moves]

    def test_server_code_queues_as_many_as_the_limit_and_tells_the_others(self):
        conflicts = self.queue(self.moves, "production")
        self.assertEqual(self.states(), ["queued", False, False])
        self.assertEqual(list(conflicts), self.moves[1:].ids)
        for move in self.moves[1:]:
            self.assertIn(move.name, conflicts[move.id])
            self.assertIn("no more than 1 may be sent", conflicts[move.id])

    def test_one_by_one_is_no_way_round(self):
        self.production.first_deposit_limit = 2
        told = [self.queue(move, "production") for move in self.moves]
        self.assertEqual([bool(conflicts) for conflicts in told], [False, False, True])
        self.assertEqual(self.states(), ["queued", "queued", False])

    def test_what_was_queued_before_the_limit_was_set_counts_too(self):
        self.production.with_user(self.administrator).first_deposit_limit = 0
        self.assertEqual(self.queue(self.moves[0], "production"), {})
        self.production.with_user(self.administrator).first_deposit_limit = 2
        self.assertEqual(list(self.queue(self.moves[1:], "production")), self.moves[2].ids)

    def test_a_withdrawn_invoice_makes_room(self):
        self.queue(self.moves[0], "production")
        self.moves[0].with_user(self.accountant).action_chorus_withdraw()
        self.assertEqual(self.queue(self.moves[1], "production"), {})

    def test_no_limit_once_one_is_integrated(self):
        self.simulator.set_structure(COMPANY_SIRET, public=False)
        self.queue(self.moves, "production")
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(self.moves[0], "integrated", "production")
        self.assertEqual(self.queue(self.moves[1:], "production"), {})

    def test_the_administrator_lifts_it(self):
        self.production.with_user(self.administrator).first_deposit_limit = 0
        self.assertEqual(self.queue(self.moves, "production"), {})

    def test_test_has_no_limit(self):
        self.assertEqual(self.queue(self.moves, "test"), {})

    def test_the_send_screen_sends_the_first_ones(self):
        action = self.moves.with_user(self.accountant).action_chorus_send()
        wizard = self.env["chorus.send"].with_user(self.accountant).browse(action["res_id"])
        self.assertIn("1 invoice goes now", wizard.notice)
        wizard.action_send()
        self.assertEqual(sorted(filter(None, self.states())), ["queued"])

    def test_send_and_print_tells_those_that_wait(self):
        self.env["account.move.send"]._chorus_queue(self.moves, "production")
        self.assertEqual(self.states().count("queued"), 1)
        self.assertIn("no more than 1 may be sent", self.moves[2].message_ids[0].body)
