"""What stands behind the ordinary gates of the protocol: it holds even when what is in front of it fails."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.chorus_api import ChorusClient
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from .protocol import ProtocolCommon


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
