from odoo.addons.l10n_fr_chorus_pro.chorus_api import rejections
from odoo.addons.l10n_fr_chorus_pro.models.deposit.chorus_request import MAX_TRIES
from odoo.addons.l10n_fr_chorus_pro.models.notice.chorus_finding_rules import PLACES
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from .life import ACKNOWLEDGE, LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRejectedByTheBuyer(LifeCommon):
    """One guided step: internal credit note, corrected copy with a new number, acknowledgement."""

    environment = "production"

    def setUp(self):
        super().setUp()
        self.move = self.deliver()
        self.buyer(self.move, "REJETEE", "Prestation non commandée")

    def correct(self, **values):
        wizard = self.open_wizard(self.move, "action_chorus_correct")
        wizard.write(values)
        result = wizard.action_correct()
        self.env.flush_all()
        self.env.invalidate_all()
        return result

    def test_rejection_is_impossible_to_miss(self):
        self.assertEqual(self.story(self.move), "refused")
        self.assertEqual(self.move.chorus_todo, "correct")
        self.assertIn("Prestation non commandée", self.move.chorus_message)
        self.assertEqual(len(self.move.activity_ids), 1)
        self.assertIn(self.move, self.env["account.move"].search([("chorus_to_act", "=", True)]))

    def test_credit_note_copy_and_acknowledgement(self):
        result = self.correct()
        copy = self.env["account.move"].browse(result["res_id"])
        credit = self.move.reversal_move_ids
        self.assertEqual(copy.state, "draft")
        self.assertEqual(copy.amount_total, self.move.amount_total)
        self.assertEqual(copy.chorus_replaces_id, self.move)
        self.assertEqual(self.move.chorus_replaced_by_ids, credit | copy)
        self.assertEqual((credit.state, credit.amount_total), ("posted", self.move.amount_total))
        self.assertTrue(credit.chorus_not_for_chorus)
        self.assertEqual(self.move.payment_state, "reversed")
        self.assertEqual(self.story(self.move), "replaced")
        self.assertFalse(self.move.activity_ids, "the call for help closed itself")
        self.assertEqual(self.calls_of(ACKNOWLEDGE), [0], "told once the credit note exists for good")
        self.run_follow()
        self.assertEqual(self.calls_of(ACKNOWLEDGE), [1])
        self.assertTrue(self.remote(self.move)["rejection_handled"])
        self.run_follow()
        self.assertEqual(self.calls_of(ACKNOWLEDGE), [1])

    def test_corrected_copy_goes_out_under_a_new_number(self):
        copy = self.env["account.move"].browse(self.correct()["res_id"])
        copy.action_post()
        self.assertNotEqual(copy.name, self.move.name)
        self.deliver(copy)

    def test_internal_credit_note_is_stopped_on_the_send_screen(self):
        self.correct()
        credit = self.move.reversal_move_ids
        wizard = self.open_wizard(credit, "action_chorus_send")
        self.assertEqual(wizard.line_ids.state, "stopped")
        self.assertIn("not for Chorus Pro", wizard.line_ids.reasons)
        with self.assertRaises(UserError):
            wizard.action_send()

    def test_second_click_makes_no_second_credit_note(self):
        wizard = self.open_wizard(self.move, "action_chorus_correct")
        self.correct()
        with self.assertRaises(UserError):
            wizard.action_correct()
        self.assertEqual(len(self.move.reversal_move_ids), 1)

    def test_lost_acknowledgement_is_made_again(self):
        self.simulator.fault(ACKNOWLEDGE, "drop_after_accept", count=1)
        self.correct()
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "waiting")
        self.pass_time(minutes=2)
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "done")

    def test_acknowledgement_that_could_not_be_made_is_made_later(self):
        self.simulator.fault(ACKNOWLEDGE, "http_429", count=1)
        self.correct()
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "waiting")
        self.pass_time(hours=1)
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "done")

    def test_acknowledgement_is_not_tried_for_ever(self):
        self.simulator.fault(ACKNOWLEDGE, "http_429", count=None)
        self.correct()
        request = self.move.chorus_request_ids
        for _try in range(MAX_TRIES):
            self.pass_time(hours=26)
            self.run_follow()
        self.assertEqual(request.state, "not_done")
        self.assertEqual(request.tries, MAX_TRIES)

    def test_only_acknowledged(self):
        self.correct(replace=False)
        self.assertFalse(self.move.reversal_move_ids)
        self.assertEqual(self.story(self.move), "replaced")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRejectedByATestBuyer(LifeCommon):
    def test_books_are_left_alone_unless_asked(self):
        move = self.deliver()
        self.buyer(move, "REJETEE", "Pour voir")
        wizard = self.open_wizard(move, "action_chorus_correct")
        self.assertEqual(wizard.environment, "test")
        self.assertFalse(wizard.replace)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRejectedByChorusPro(LifeCommon):
    """The flow was rejected: nothing was created, the same number goes again once corrected."""

    environment = "production"

    def test_errors_in_words_then_sent_again_under_the_same_number(self):
        other = self.make_invoice()
        self.deliver(other)
        move = self.make_invoice()
        self.simulator.set_structure(self.customer.company_registry, needs_engagement=True)
        self.queue(move, "production")
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "rejected", "production")
        self.assertEqual(self.story(move), "rejected")
        self.assertEqual(move.chorus_todo, "send")
        self.assertIn("engagement", move.chorus_message.lower())
        self.assertIn("Engagement number", move.chorus_fix_note, "as the form calls it")
        self.assertEqual(len(move.activity_ids), 1)
        first_pdf = move.invoice_pdf_report_id
        move.with_user(self.accountant).purchase_order_reference = "EJ2026009"
        wizard = self.open_wizard(move, "action_chorus_send")
        self.assertNotEqual(wizard.line_ids.state, "stopped", wizard.line_ids.reasons)
        wizard.action_send()
        self.env.flush_all()
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "integrated", "production")
        self.assertFalse(move.activity_ids)
        self.assertEqual(len(self.taken(move.name)), 2, "the first was rejected, the second is in")
        self.assertNotEqual(move.invoice_pdf_report_id, first_pdf)
        self.assertTrue(first_pdf.exists(), "the former legal PDF is kept")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestWhatToCorrect(TransactionCase):
    def test_every_known_reason_leads_to_a_field_of_this_database(self):
        for meaning in rejections.MEANINGS:
            with self.subTest(code=meaning.code):
                if meaning.field:
                    model, name = PLACES[meaning.field]
                    self.assertIn(name, self.env[model]._fields)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRefusedByAValidator(LifeCommon):
    """Statuses that ask somebody to act outside of Odoo, or to make a new invoice."""

    def test_each_is_in_front_of_a_person_until_it_is_over(self):
        move = self.deliver()
        for status, state, offer in (
            ("NON_CONFORME", "attention", False),
            ("REFUSEE_1", "refused", "correct"),
        ):
            with self.subTest(status=status):
                self.buyer(move, status, "Voir avec le titulaire")
                self.assertEqual(self.story(move), state)
                self.assertEqual(len(move.activity_ids), 1)
                self.assertEqual(move.chorus_todo, offer)
        self.buyer(move, "MISE_A_DISPOSITION")
        self.assertFalse(move.activity_ids)
        self.assertEqual(self.story(move), "integrated")

    def test_unknown_status_is_shown_raw_and_followed(self):
        move = self.deliver()
        self.buyer(move, "STATUT_DE_DEMAIN")
        self.assertEqual(self.line(move).status_code, "STATUT_DE_DEMAIN")
        self.assertEqual(move.chorus_status_label, "STATUT_DE_DEMAIN")
        self.assertTrue(self.line(move).followed)
        self.buyer(move, "MISE_EN_PAIEMENT")
        self.assertEqual(self.story(move), "paid")
