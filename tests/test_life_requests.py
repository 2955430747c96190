from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from ..worker.doors import ask
from ..worker.requests import Requests
from .common import SERVICE_CODE, SERVICE_DUTY
from .life import COMPLETE, HISTORY, RECYCLE, SEARCH, LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestComplete(LifeCommon):
    """A buyer suspends an invoice: the accountant completes it from the invoice."""

    def setUp(self):
        super().setUp()
        self.move = self.deliver()
        self.buyer(self.move, "SUSPENDUE", "Il manque le bon de livraison")

    def complete(self, comment="Voici le bon", files=()):
        wizard = self.open_wizard(self.move, "action_chorus_complete")
        wizard.write({"comment": comment, "attachment_ids": [(6, 0, [file.id for file in files])]})
        self.env.flush_all()
        wizard.action_complete()
        self.env.invalidate_all()

    def test_suspended_invoice_is_impossible_to_miss(self):
        self.assertEqual(self.story(self.move), "suspended")
        self.assertEqual(self.move.chorus_todo, "complete")
        self.assertIn("bon de livraison", self.move.chorus_message)
        self.assertEqual(len(self.move.activity_ids), 1)
        self.assertIn("bon de livraison", str(self.move.activity_ids.note))

    def test_completed_with_comment_and_file(self):
        self.complete(files=[self.file()])
        remote = self.remote(self.move)
        self.assertEqual(remote["status"], "COMPLETEE")
        self.assertEqual(self.line(self.move).status_code, "COMPLETEE")
        self.assertFalse(self.move.activity_ids, "the call for help closed itself")
        self.assertFalse(self.move.chorus_todo)
        self.assertEqual(self.move.chorus_request_ids.state, "done")
        self.assertEqual(self.move.chorus_request_ids.attachment_ids.name, "bon_de_livraison.pdf")
        self.assertEqual(self.calls_of(COMPLETE), [1])

    def test_what_may_be_added_is_said_beforehand(self):
        self.assertIn("Complete…", self.move.chorus_after_note)
        self.complete()
        self.assertIn("Nothing can be added now", self.move.chorus_after_note)
        self.assertFalse(self.make_invoice().chorus_after_note)

    def test_usual_answers_are_in_the_buyers_language(self):
        self.move.sudo().purchase_order_reference = "BC-42"
        wizard = self.open_wizard(self.move, "action_chorus_complete")
        for template, words in (
            ("proof", "pièce qui manquait"),
            ("bank", self.move.partner_bank_id.acc_number),
            ("order", "BC-42"),
        ):
            with self.subTest(template=template):
                wizard.template = template
                wizard._onchange_template()
                self.assertIn(self.move.name, wizard.comment)
                self.assertIn(words, wizard.comment)

    def test_several_files_are_counted_against_the_limit(self):
        wizard = self.open_wizard(self.move, "action_chorus_complete")
        self.assertFalse(wizard.size_note)
        wizard.attachment_ids = self.file() + self.file("gros.pdf", b"x" * 6 * 1024 * 1024)
        self.assertIn("2", wizard.size_note)
        self.assertEqual(wizard.size_share, 5)

    def test_nothing_to_say_is_not_sent(self):
        with self.assertRaises(UserError):
            self.complete(comment="  ")
        self.assertEqual(self.calls_of(COMPLETE), [0])

    def test_files_beyond_the_limits_are_named(self):
        for name, content in (
            ("programme.exe", b"x"),
            ("vide.pdf", b""),
            ("gros.pdf", b"x" * (10 * 1024 * 1024 + 1)),
        ):
            with self.subTest(name=name), self.assertRaises(UserError) as told:
                self.complete(files=[self.file(name, content)])
            self.assertIn(name, str(told.exception))
        self.assertEqual(self.calls_of(COMPLETE), [0])

    def test_a_name_that_is_too_long_is_shortened(self):
        self.complete(files=[self.file("x" * 50 + ".pdf"), self.file("x" * 60 + ".pdf")])
        request = self.move.chorus_request_ids
        self.assertEqual(request.state, "done")
        self.assertEqual(
            sorted(request.attachment_ids.mapped("name")), ["x" * 44 + "_2.pdf", "x" * 46 + ".pdf"]
        )

    def test_lost_answer_is_looked_up_before_anything_else(self):
        """Chorus Pro did it and the answer was lost: the status tells, and it is not done twice."""
        self.simulator.fault(COMPLETE, "drop_after_accept", count=1)
        self.complete()
        self.assertEqual(self.move.chorus_request_ids.state, "done")
        self.assertEqual(self.line(self.move).status_code, "COMPLETEE")
        self.assertEqual(self.calls_of(COMPLETE), [1])

    def test_lost_request_is_offered_again_only_when_the_status_has_not_moved(self):
        self.simulator.fault(COMPLETE, "http_500", count=1)
        self.complete()
        self.assertEqual(self.move.chorus_request_ids.state, "unknown")
        self.assertEqual(self.move.chorus_todo, "check")
        with self.assertRaises(UserError):
            self.move.with_user(self.accountant).action_chorus_complete()
        self.move.with_user(self.accountant).action_chorus_check_request()
        self.env.invalidate_all()
        self.assertEqual(self.move.chorus_request_ids.state, "unknown", "too early to tell")
        self.pass_time(minutes=10)
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "not_done")
        self.assertEqual(self.move.chorus_todo, "complete")
        self.complete()
        self.assertEqual(self.remote(self.move)["status"], "COMPLETEE")

    def test_status_that_cannot_be_read_leaves_the_request_open(self):
        self.simulator.fault(COMPLETE, "drop_after_accept", count=1)
        self.simulator.fault(SEARCH, "http_500", count=1)
        self.complete()
        self.assertEqual(self.move.chorus_request_ids.state, "unknown")
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "done")
        self.assertEqual(self.calls_of(COMPLETE), [1])

    def test_a_request_whose_invoice_no_search_shows_is_told_and_settled_when_it_is_shown(self):
        self.simulator.fault(COMPLETE, "drop_after_accept", count=1)
        self.hide()
        self.complete()
        request = self.move.chorus_request_ids
        for hours in (1, 22):
            self.pass_time(hours=hours)
            self.run_follow()
            self.assertEqual(request.state, "unknown")
            self.assertNotIn("not known", self.told(self.move))
        for _day in range(2):
            self.pass_time(days=1, hours=1)
            self.run_follow()
            self.assertIn("not known to be done", self.told(self.move))
        self.assertGreater(request.next_action_at, fields.Datetime.now() + timedelta(hours=20))
        self.simulator.no_faults()
        self.pass_time(days=1, hours=1)
        self.run_follow()
        self.assertEqual(request.state, "done")
        self.assertFalse(self.told(self.move))
        self.assertEqual(self.calls_of(COMPLETE), [1])

    def test_completed_meanwhile_on_the_portal(self):
        """The refusal is told, and the status that came meanwhile is taken over."""
        self.buyer(self.move, "COMPLETEE", follow=False)
        self.complete()
        self.assertEqual(self.move.chorus_request_ids.state, "refused")
        self.assertEqual(self.line(self.move).status_code, "COMPLETEE")
        self.assertFalse(self.move.chorus_todo)

    def test_process_that_died_while_asking_is_looked_up(self):
        line = self.line(self.move)
        request = ask(line, "complete", {"comment": "Voici"}, now=False)
        Requests(self.channel()).start(self.env(su=True), request.id, "dead")
        self.env.flush_all()
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "unknown")
        self.pass_time(minutes=10)
        self.run_follow()
        self.assertEqual(self.move.chorus_request_ids.state, "not_done")

    def test_two_people_at_once_ask_once(self):
        line = self.line(self.move)
        ask(line, "complete", {"comment": "Voici"}, now=False)
        with self.assertRaises(UserError):
            ask(line, "complete", {"comment": "Voici"})
        self.run_follow()
        self.assertEqual(self.calls_of(COMPLETE), [1])

    def test_the_database_itself_refuses_a_second_open_request(self):
        line = self.line(self.move).sudo()
        values = {"line_id": line.id, "kind": "complete", "comment": "Voici"}
        requests = self.env["chorus.request"].sudo()
        first = requests.create(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            requests.create(values)
        first.write({"state": "not_done", "ended_at": fields.Datetime.now()})
        first.flush_recordset()
        self.assertTrue(requests.create(values))

    def test_a_status_that_has_moved_on_since_the_screen_was_opened(self):
        line = self.line(self.move)
        self.buyer(self.move, "MISE_EN_PAIEMENT")
        with self.assertRaises(UserError) as told:
            ask(line, "complete", {"comment": "Voici"})
        self.assertIn("not in the status that allows this", str(told.exception))
        self.assertEqual(self.calls_of(COMPLETE), [0])

    def test_suspended_again_is_offered_again(self):
        self.complete()
        self.pass_time(minutes=5)
        self.buyer(self.move, "SUSPENDUE", "Encore une question")
        self.assertEqual(self.move.chorus_todo, "complete")
        self.assertEqual(len(self.move.activity_ids), 1)

    def test_whole_history_on_demand(self):
        self.buyer(self.move, "COMPLETEE", follow=False)
        self.pass_time(minutes=1)
        self.buyer(self.move, "MANDATEE", follow=False)
        self.pass_time(minutes=1)
        self.move.with_user(self.accountant).action_chorus_history()
        codes = self.move.chorus_event_ids.sorted("at").mapped("code")
        self.assertEqual(
            codes,
            [
                "DEPOSEE",
                "EN_COURS_ACHEMINEMENT",
                "MISE_A_DISPOSITION",
                "SUSPENDUE",
                "COMPLETEE",
                "MANDATEE",
            ],
        )
        self.assertEqual(self.story(self.move), "approved")
        self.move.with_user(self.accountant).action_chorus_history()
        self.assertEqual(len(self.move.chorus_event_ids), 6, "asked twice, told once")
        self.assertEqual(self.calls_of(HISTORY), [2])


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRecycle(LifeCommon):
    """A buyer returns an invoice: the accountant sends it to the right service under the same number."""

    def setUp(self):
        super().setUp()
        self.move = self.deliver()
        self.buyer(self.move, "A_RECYCLER", "Mauvais service")

    def test_to_recycle_is_impossible_to_miss(self):
        self.assertEqual(self.story(self.move), "recycle")
        self.assertEqual(self.move.chorus_todo, "redirect")
        self.assertEqual(len(self.move.activity_ids), 1)

    def test_redirected_invoice_follows(self):
        number = self.move.name
        wizard = self.open_wizard(self.move, "action_chorus_recycle")
        self.assertEqual(wizard.partner_id, self.customer)
        wizard.write({"engagement": "EJ2026001", "contract": "M2026-7", "comment": "Bon service"})
        wizard.action_recycle()
        self.env.invalidate_all()
        remote = self.remote(self.move)
        self.assertEqual(remote["status"], "DEPOSEE")
        self.assertEqual(self.move.name, number)
        self.assertEqual(self.move.purchase_order_reference, "EJ2026001")
        self.assertEqual(self.move.contract_reference, "M2026-7")
        self.assertFalse(self.move.activity_ids)
        self.assertEqual(self.story(self.move), "integrated")
        self.assertEqual(len(self.taken(number)), 1, "no file was sent a second time")

    def test_redirected_to_another_buyer_is_still_followed(self):
        other = self.make_customer(SERVICE_DUTY, "Hôpital du Vignoble")
        wizard = self.open_wizard(self.move, "action_chorus_recycle")
        wizard.write({"partner_id": other.id, "service_code": SERVICE_CODE, "engagement": "EJ2026002"})
        wizard.action_recycle()
        self.env.invalidate_all()
        self.assertEqual(self.move.chorus_request_ids.state, "done", self.move.chorus_request_ids.message)
        self.assertEqual(self.move.chorus_recipient_id, other)
        self.assertEqual(self.move.partner_id, self.customer, "the entry stays what it was")
        self.assertEqual(self.move.buyer_reference, SERVICE_CODE)
        self.assertEqual(self.line(self.move).buyer_siret, SERVICE_DUTY)
        self.buyer(self.move, "MISE_EN_PAIEMENT")
        self.assertEqual(self.story(self.move), "paid")

    def test_lost_answer_is_looked_up(self):
        self.simulator.fault(RECYCLE, "truncated_json", count=1)
        wizard = self.open_wizard(self.move, "action_chorus_recycle")
        wizard.engagement = "EJ2026003"
        wizard.action_recycle()
        self.env.invalidate_all()
        self.assertEqual(self.move.chorus_request_ids.state, "done")
        self.assertEqual(self.move.purchase_order_reference, "EJ2026003")
        self.assertEqual(self.calls_of(RECYCLE), [1])

    def test_refusal_is_told_and_offered_again(self):
        wizard = self.open_wizard(self.move, "action_chorus_recycle")
        wizard.service_code = "NO_SUCH_SERVICE"
        wizard.action_recycle()
        self.env.invalidate_all()
        self.assertEqual(self.move.chorus_request_ids.state, "refused")
        self.assertEqual(self.move.chorus_todo, "redirect")
        self.assertIn("service", self.move.chorus_request_message)
