"""What a report said and what is there: rejected and there all the same, integrated and never shown."""

from odoo.tests import tagged

from .life import SEARCH, LifeCommon

REPORT = "transverses/v1/consulterCRDetaille"


class AfterAllCommon(LifeCommon):
    printed = True


@tagged("post_install", "post_install_l10n", "-at_install")
class TestThereAfterAll(AfterAllCommon):
    """The report rejects while the search lags; the invoice is there."""

    def setUp(self):
        super().setUp()
        self.move = self.make_invoice()
        self.queue(self.move, self.environment)
        self.run_send()
        self.simulator.fault(REPORT, "unknown_status", count=None, code="IN_REJETE")
        self.hide()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(self.move, "rejected")
        self.simulator.no_faults()

    def test_a_person_is_told_and_takes_it_over_in_one_click(self):
        self.pass_time(hours=1)
        self.run_follow()
        self.assertIn("Chorus Pro has it after all", self.told(self.move))
        mine = self.move.with_user(self.accountant)
        self.assertEqual(mine.chorus_todo, "take_over")
        mine.action_chorus_take_over()
        self.assertState(self.move, "integrated")
        self.assertEqual(self.line(self.move).chorus_invoice_id, str(self.chorus_id(self.move.name)))
        self.assertNotIn("after all", self.told(self.move))
        self.buyer(self.move, "MISE_EN_PAIEMENT")
        self.assertEqual(self.story(self.move), "paid")
        self.assertEqual(len(self.taken(self.move.name)), 1)

    def test_a_row_without_an_identifier_stops_nobody(self):
        self.simulator.fault(
            SEARCH, "field", count=None, field="identifiantFactureCPP", number=self.move.name
        )
        other = self.deliver(self.make_invoice())
        self.move.with_user(self.accountant).action_chorus_take_over()
        self.assertState(self.move, "integrated")
        self.assertFalse(self.line(self.move).chorus_invoice_id)
        self.simulator.control("settings", {"comments_in_search": False})
        for move in (self.move, other):
            self.buyer(move, "SUSPENDUE", "Il manque le bon", follow=False)
        self.pass_time(minutes=5)
        self.run_follow()
        self.assertEqual([self.story(move) for move in (self.move, other)], ["suspended"] * 2)
        self.assertEqual(self.line(other).status_comment, "Il manque le bon")
        self.simulator.no_faults()
        self.pass_time(days=1, hours=1)
        self.run_follow()
        self.assertEqual(self.line(self.move).chorus_invoice_id, str(self.chorus_id(self.move.name)))

    def test_it_is_told_once(self):
        for _time in range(3):
            self.pass_time(hours=1)
            self.run_follow()
        self.assertEqual(self.told(self.move).count("after all"), 1)

    def test_the_next_click_finds_it_instead_of_sending_it_again(self):
        self.assertEqual(self.queue(self.move, self.environment), {})
        self.run_send()
        self.assertEqual(len(self.taken(self.move.name)), 1)
        self.assertState(self.move, "integrated")

    def test_nothing_leaves_while_it_cannot_be_looked_for(self):
        self.queue(self.move, self.environment)
        self.simulator.fault(SEARCH, "http_503", count=None)
        self.run_send()
        self.assertEqual(len(self.taken(self.move.name)), 1)
        self.assertState(self.move, "ready")
        self.simulator.no_faults()
        self.pass_time(hours=1)
        self.run_send()
        self.assertState(self.move, "integrated")
        self.assertEqual(len(self.taken(self.move.name)), 1)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSentOnceMore(AfterAllCommon):
    """What was rejected for good is searched once and leaves."""

    def test_a_rejected_invoice_leaves_after_one_search(self):
        move = self.make_invoice()
        self.queue(move, self.environment)
        self.run_send()
        flow = self.line(move).flow_number
        self.simulator.control(f"deposits/{flow}", {"state": "IN_REJETE"})
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "rejected")
        before = self.calls_of(SEARCH)[0]
        self.queue(move, self.environment)
        self.run_send()
        self.assertState(move, "sent")
        self.assertEqual(self.calls_of(SEARCH)[0], before + 1)
        self.assertEqual(len(self.taken(move.name)), 2)

    def test_a_first_sending_is_not_searched(self):
        move = self.make_invoice()
        self.queue(move, self.environment)
        self.run_send()
        self.assertState(move, "sent")
        self.assertEqual(self.calls_of(SEARCH), [0])


@tagged("post_install", "post_install_l10n", "-at_install")
class TestNeverShown(AfterAllCommon):
    def test_an_integrated_invoice_that_no_search_shows_is_told_once(self):
        move = self.make_invoice()
        self.queue(move, self.environment)
        self.run_send()
        self.hide()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "integrated")
        for _day in range(6):
            self.pass_time(days=1, hours=1)
            self.run_follow()
        self.assertEqual(self.told(move), "")
        for _day in range(4):
            self.pass_time(days=1, hours=1)
            self.run_follow()
        self.assertIn("cannot be found on Chorus Pro", self.told(move))
        self.assertIn(self.line(move).flow_number, self.told(move))
        self.simulator.no_faults()
        self.pass_time(days=1, hours=1)
        self.run_follow()
        self.assertTrue(self.line(move).chorus_invoice_id)
        self.assertEqual(self.told(move), "")
