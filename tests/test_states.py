"""Every row of the tables of states and statuses: what is offered is accepted, what asks to act is told."""

from odoo.tests import tagged

from ..chorus_api import statuses
from ..models.base import chorus_states as states
from .life import LifeCommon

SCREENS = {
    "complete": ("action_chorus_complete", "chorus.complete"),
    "redirect": ("action_chorus_recycle", "chorus.recycle"),
    "correct": ("action_chorus_correct", "chorus.correct"),
    "send": ("action_chorus_send", "chorus.send"),
}
INVENTED = "EN_LITIGE"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestStatuses(LifeCommon):
    def setUp(self):
        super().setUp()
        self.delivered = self.deliver()
        stay = {"EN_COURS_ACHEMINEMENT": None, "MISE_A_DISPOSITION": None}
        self.simulator.control("settings", {"invoice_delays": stay})

    def shown(self, code, comment="Pièce"):
        """The invoice after its buyer gave it a status, as an accountant sees it."""
        line = self.line(self.delivered)
        # A status that ends the story is followed no more.
        line.followed = True
        self.pass_time(hours=1)
        self.buyer(self.delivered, code, comment)
        self.delivered.invalidate_recordset()
        self.assertEqual(line.status_code, code)
        return self.delivered

    def test_what_is_offered_in_a_status_is_taken_in_it(self):
        for code, status in [
            *statuses.INVOICE_STATUSES.items(),
            (INVENTED, statuses.invoice_status(INVENTED)),
        ]:
            with self.subTest(status=code):
                move = self.shown(code)
                offer = move.chorus_todo
                if not offer:
                    continue
                action, model = SCREENS[offer]
                self.assertEqual(getattr(move, action)()["res_model"], model)
                kind = next(row.code for row in states.REQUESTS if row.offer == offer)
                self.assertIn(kind, status.asks)

    def test_what_asks_the_supplier_to_act_says_how_and_tells_a_person(self):
        for code in (*statuses.that(who="supplier"), INVENTED):
            with self.subTest(status=code):
                move = self.shown(code)
                self.assertIn(move.chorus_step, ("to_act",))
                self.assertEqual(move.chorus_level, "danger")
                self.assertTrue(move.chorus_sentence)
                self.assertNotIn("nothing to do", move.chorus_sentence)
                self.assertTrue(move.sudo().activity_ids)

    def test_a_validators_refusal_offers_the_correction_that_its_sentence_asks_for(self):
        for code in ("REFUSEE_1", "REFUSEE_2"):
            with self.subTest(status=code):
                self.assertEqual(self.shown(code).chorus_todo, "correct")

    def test_each_state_of_an_invoice_is_counted_once(self):
        steps = {code for code, _label in states.STEPS}
        self.assertTrue({row.step for row in states.INVOICES} < steps)
        for row in states.INVOICES:
            self.assertIn(row.level, ("", *dict(states.LEVELS)))

    def test_every_line_state_leads_to_a_state_of_the_invoice(self):
        for row in states.LINES:
            self.assertIn(row.told_as or row.code, states.INVOICE)
            self.assertTrue(set(row.goes_to) <= set(states.LINE))


@tagged("post_install", "post_install_l10n", "-at_install")
class TestWithdraw(LifeCommon):
    """What has not left yet is taken back where it is seen waiting."""

    def test_the_form_offers_it_as_long_as_it_waits(self):
        move = self.make_invoice().with_user(self.accountant)
        self.queue(move, self.environment)
        self.assertTrue(move.chorus_waits)
        view = move.get_view(self.env.ref("account.view_move_form").id, "form")["arch"]
        self.assertIn('name="action_chorus_withdraw"', view)
        move.action_chorus_withdraw()
        self.assertFalse(move.chorus_waits)
        self.assertEqual(self.story(move), "cancelled")
        self.run_send()
        self.assertFalse(self.taken(move.name))

    def test_nothing_is_offered_once_it_has_left(self):
        self.assertFalse(self.deliver().chorus_waits)
