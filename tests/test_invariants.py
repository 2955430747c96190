"""What must hold in the tables is noticed when it does not: each query finds what it is about."""

from datetime import timedelta

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.models.base.chorus_invariants import broken
from odoo.tests import tagged

from .protocol import ProtocolCommon

_OURS = "WHERE id IN (SELECT move_id FROM chorus_deposit_line)"
# Invariant → what a fault in the code might write.
FAULTS = {
    "same_company_and_environment": "UPDATE chorus_deposit SET environment = 'production'",
    "lines_go_with_their_deposit": "UPDATE chorus_deposit_line SET state = 'unconfirmed'",
    "line_has_the_flow_of_its_deposit": "UPDATE chorus_deposit_line SET flow_number = 'other'",
    "invoice_shows_test": f"UPDATE account_move SET chorus_test_state = 'paid' {_OURS}",
    "invoice_shows_production": f"UPDATE account_move SET chorus_state = 'paid' {_OURS}",
    "doubtful_has_not_left": "UPDATE chorus_deposit_line SET doubtful_since = '2026-01-01'",
    "unconfirmed_says_since": "UPDATE chorus_deposit SET state = 'unconfirmed'",
    "attempt_has_ended": "UPDATE chorus_attempt SET outcome = 'running'",
    "attempts_are_counted": "UPDATE chorus_attempt SET number = 9",
    "sent_is_frozen": "UPDATE chorus_deposit_line SET seller_siret = NULL",
    "work_has_its_time": "UPDATE chorus_deposit SET next_action_at = NULL",
    "somebody_does_the_work": "UPDATE ir_cron SET active = FALSE",
    "nothing_waits_in_silence": "UPDATE chorus_deposit SET next_action_at = '2026-01-01'",
}


@tagged("post_install", "-at_install")
class TestInvariants(ProtocolCommon):
    printed = True

    def broken(self):
        self.env.flush_all()
        return [row.name for row, _found in broken(self._rows, fields.Datetime.now(), settled=True)]

    def test_each_fault_is_noticed(self):
        move = self.make_invoice()
        self.queue(move)
        self.run_send()
        self.assertState(move, "sent")
        self.assertEqual(self.broken(), [])
        for name, fault in FAULTS.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint()
                self.env.cr.execute(fault)
                self.assertIn(name, self.broken())
                savepoint.rollback()
                savepoint.close()
        self.assertEqual(self.broken(), [])

    def test_what_nobody_is_waked_for_is_noticed(self):
        move = self.make_invoice()
        self.queue(move)
        self.run_send()
        self.env["ir.cron.trigger"].sudo().search([]).unlink()
        deposit = self.line(move).deposit_id.sudo()
        due = deposit.next_action_at = fields.Datetime.now() + timedelta(hours=1)
        self.env.flush_all()
        self.assertEqual(self.asleep(), [(f"deposit {deposit.id}", due)])
        self.env.ref("l10n_fr_chorus_pro.cron_follow")._trigger(due)
        self.env.flush_all()
        self.assertEqual(self.asleep(), [])

    def test_the_diagnostic_says_it(self):
        move = self.make_invoice()
        self.queue(move)
        self.assertIn("broken: none", self.connection.with_user(self.administrator).diagnostic)
        savepoint = self.env.cr.savepoint()
        self.env.cr.execute("UPDATE chorus_deposit_line SET next_action_at = NULL")
        self.connection.invalidate_recordset(["diagnostic"])
        self.assertIn("work_has_its_time: 1", self.connection.with_user(self.administrator).diagnostic)
        savepoint.rollback()
        savepoint.close()
