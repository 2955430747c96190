"""The clock of PostgreSQL governs the protocol: a host of Odoo whose clock is wrong shortens nothing."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models.base import moments
from ..models.connection.chorus_connection_token import good_token
from .life import SEARCH, LifeCommon
from .protocol import ProtocolCommon
from .statements import recorded

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

    def test_a_host_a_day_ahead_uses_the_token_that_the_others_fetched(self):
        self.startPatcher(patch.object(moments, "now", BY_POSTGRESQL))
        self.shift_clock(hours=25)
        self.assertTrue(good_token(self.connection.sudo()), "each call would ask PISTE for a new one")

    def asked(self):
        """Ask for the time: (whether it is that of PostgreSQL's clock, how often that one was asked)."""

        def clock():
            self.env.cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC'")
            return self.env.cr.fetchone()[0]

        before = clock()
        with recorded() as statements:
            said = BY_POSTGRESQL(self.env)
        return before - timedelta(seconds=2) < said <= clock(), len(statements)

    def test_the_clock_is_counted_on_from_until_this_host_has_lost_count(self):
        moments._said.clear()
        # However slow this machine is.
        self.startPatcher(patch.object(moments, "COUNTED_ON", 3600))
        for questions in (1, 0, 0):
            right, asked = self.asked()
            self.assertEqual(asked, questions)
            self.assertTrue(right)
        # Its clock was set, or it slept and was woken.
        for name in ("time", "monotonic"):
            real = getattr(moments.clocks, name)
            with patch.object(moments.clocks, name, lambda real=real: real() + 3):
                right, asked = self.asked()
            self.assertEqual(asked, 1, name)
            self.assertTrue(right)
            moments._said.clear()
            self.asked()


@tagged("post_install_l10n", "post_install", "-at_install")
class TestClocksFollowing(LifeCommon):
    printed = True

    def test_a_host_a_day_ahead_takes_no_date_of_the_future_for_the_past(self):
        move = self.deliver()
        ahead = timedelta(hours=25)
        self.shift_clock(hours=25)
        self.startPatcher(patch.object(moments, "now", lambda _env: fields.Datetime.now() - ahead))
        far = moments.now(self.env) + timedelta(hours=36)
        self.simulator.fault(SEARCH, "status_dated", count=None, at=far.isoformat(), number=move.name)
        self.buyer(move, "SUSPENDUE", "Il manque le bon")
        self.assertEqual(self.story(move), "suspended")
        latest = moments.now(self.env) + timedelta(days=1)
        self.assertLessEqual(self.connection.followed_until, latest, "what comes until then is not seen")
        self.simulator.no_faults()
        self.buyer(move, "MISE_EN_PAIEMENT")
        self.assertEqual(self.story(move), "paid", "the date of the future froze the story")
