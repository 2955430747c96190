"""The clock of PostgreSQL governs the protocol: a host of Odoo whose clock is wrong shortens nothing."""

from unittest.mock import patch

from odoo.tests import tagged

from ..models import moments
from .protocol import ProtocolCommon

BY_POSTGRESQL = moments.now


@tagged("post_install_l10n", "post_install", "-at_install")
class TestClocks(ProtocolCommon):
    printed = True

    def test_a_host_a_day_ahead_does_not_shorten_the_search_for_what_is_unconfirmed(self):
        self.startPatcher(patch.object(moments, "now", BY_POSTGRESQL))
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault("factures/v1/deposer/flux", "drop_before", count=1)
        self.run_send()
        self.assertState(move, "unconfirmed")
        self.assertTrue(self.connection.auto_resend)
        self.shift_clock(hours=25)
        for look in range(1, 5):
            self.line(move).deposit_id.sudo().next_action_at = BY_POSTGRESQL(self.env)
            self.run_send()
            self.assertState(move, "unconfirmed")
            self.assertEqual(self.line(move).deposit_id.checks, look)
        self.assertEqual(self.taken(), [], "sent again after minutes instead of a day")
