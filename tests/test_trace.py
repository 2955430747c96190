"""How far one invoice walks through this addon, from the click to the payment."""

import logging

from odoo.tests import tagged

from .life import LifeCommon
from .tracing import Trace

_logger = logging.getLogger(__name__)

# A ceiling that may only come down: 169 were counted when it was first measured (29 November 2026).
MOST_FILES = 90


@tagged("post_install", "post_install_l10n", "-at_install")
class TestTrace(LifeCommon):
    """`dev/trace` prints what this test saw."""

    def journey(self, move):
        """The click on the screen, the scheduled actions, Chorus Pro's answers, the payment."""
        action = move.with_user(self.accountant).action_chorus_send()
        wizard = self.env["chorus.send"].with_user(self.accountant).browse(action["res_id"])
        wizard.action_send()
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        self.buyer(move, "MISE_EN_PAIEMENT")

    def test_one_invoice_from_the_click_to_the_payment(self):
        # What a process looks up once and remembers is no part of the walk, whichever test came before.
        self.make_invoice().with_user(self.accountant).action_chorus_send()
        move = self.make_invoice()
        with Trace().running() as trace:
            self.journey(move)
        self.assertEqual(self.story(move), "paid")
        _logger.info("The journey of one invoice:\n%s", trace.report())
        self.assertFalse(trace.hops)
        self.assertLessEqual(len(trace.files), MOST_FILES)
        # The tracer heard something of each room.
        rooms = {file.split("/")[0] for file in trace.files}
        self.assertLessEqual({"chorus_api", "einvoice", "mapping", "models", "wizards", "worker"}, rooms)
