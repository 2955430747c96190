"""Long work may be left: who clicked hears when it is done, once, with a click to what needs attention."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from .protocol import ProtocolCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSendNotice(ProtocolCommon):
    @contextmanager
    def notices(self):
        """Collect what is shown, as a list of (partner, message)."""
        sent = []

        def keep(partner, kind, message, **_options):
            if kind == "account_notification":
                sent.append((partner, message))

        with patch.object(self.env.registry["res.partner"], "_bus_send", keep):
            yield sent

    def test_the_end_of_a_click_is_told_once(self):
        moves = self.make_invoices(3)
        with self.notices() as told:
            self.queue(moves)
            self.assertFalse(told, "nothing has ended yet")
            self.run_send()
            self.run_send()
        ((partner, message),) = told
        self.assertEqual(partner, self.accountant.partner_id)
        self.assertEqual(message["type"], "success")
        self.assertIn("Taken by Chorus Pro: 3", message["message"])
        self.assertIn("TEST", message["title"])
        self.assertEqual(set(message["action_button"]["res_ids"]), set(moves.ids))

    @mute_logger("odoo.addons.l10n_fr_chorus_pro.models.deposit.chorus_deposit_outcome")
    def test_an_invoice_whose_history_refuses_a_note_keeps_nobody_from_hearing(self):
        bad, good = self.make_invoices(2)
        model = type(self.env["account.move"])
        log = model._message_log_batch

        def refuse(moves, bodies, **options):
            if bad.id in bodies:
                raise ValueError("Another module refuses it")
            return log(moves, bodies, **options)

        self.startPatcher(patch.object(model, "_message_log_batch", refuse))
        with self.notices() as told:
            self.queue(bad | good)
            self.run_send()
            self.run_send()
        self.assertEqual([partner for partner, _message in told], [self.accountant.partner_id])
        self.assertIn("flow", good.message_ids[0].body)
        self.assertIn("Another module refuses it", bad.activity_ids.note)

    def test_what_needs_attention_is_one_click_away(self):
        good = self.make_invoice()
        customer = self.make_customer(name="Mairie de Gorges")
        bad = self.make_invoice(partner_id=customer.id)
        with self.notices() as told:
            self.queue(good | bad)
            customer.company_registry = False
            self.run_send()
        ((_partner, message),) = told
        self.assertEqual(message["type"], "warning")
        self.assertTrue(message["sticky"])
        self.assertEqual(message["action_button"]["res_ids"], bad.ids)
        self.assertIn("Taken by Chorus Pro: 1. Stopped before sending: 1.", message["message"])

    def test_nothing_is_told_while_something_waits(self):
        first, second = self.make_invoice(), self.make_invoice()
        progress = self.env["account.move"].with_user(self.accountant).chorus_progress
        with self.notices() as told:
            self.queue(first | second)
            self.assertEqual(progress(), {"done": 0, "total": 2})
            self.line(second).sudo().next_action_at = "2100-01-01"
            self.run_send()
            self.assertFalse(told)
            self.assertEqual(progress(), {"done": 1, "total": 2}, "it says how many of how many")
            overview = self.env["chorus.overview"].with_user(self.accountant).get_overview()
            self.assertEqual(overview["progress"], {"done": 1, "total": 2})
            colleague = self.env.ref("base.user_admin")
            self.assertEqual(progress.__self__.with_user(colleague).chorus_progress()["total"], 0)
            self.line(second).sudo().next_action_at = "2000-01-01"
            self.run_send()
        self.assertEqual(progress(), {"done": 0, "total": 0}, "nothing waits any more")
        self.assertEqual(len(told), 1)
        self.assertIn("Taken by Chorus Pro: 2", told[0][1]["message"])

    def test_a_run_that_died_before_it_told_leaves_that_to_the_next(self):
        lines = type(self.env["chorus.deposit.line"])
        with self.notices() as told:
            self.queue(self.make_invoices(2))
            with patch.object(lines, "_tell_ended_clicks", lambda *_args: None):
                self.run_send()
            overview = self.env["chorus.overview"].with_user(self.accountant).get_overview()
            self.assertEqual(overview["progress"]["total"], 0, "nothing waits any more")
            self.assertFalse(told)
            self.run_send()
            self.run_send()
        self.assertEqual(len(told), 1)
        self.assertIn("Taken by Chorus Pro: 2", told[0][1]["message"])

    def test_the_end_is_told_when_the_rest_was_withdrawn(self):
        first, second = self.make_invoices(2)
        with self.notices() as told:
            self.queue(first | second)
            self.line(second).sudo().next_action_at = "2100-01-01"
            self.run_send()
            second.with_user(self.accountant).action_chorus_withdraw()
            self.run_send()
        self.assertEqual(len(told), 1)
        self.assertIn("Taken by Chorus Pro: 1", told[0][1]["message"])

    def test_only_clicks_of_which_something_waits_are_counted(self):
        progress = self.env["account.move"].with_user(self.accountant).chorus_progress
        ended, waiting = self.make_invoices(2), self.make_invoice()
        lines = type(self.env["chorus.deposit.line"])
        with self.notices(), patch.object(lines, "_tell_ended_clicks", lambda *_args: None):
            self.queue(ended)
            self.run_send()
        self.queue(waiting)
        self.assertEqual(progress(), {"done": 0, "total": 1})

    def test_it_is_in_the_language_of_who_clicked(self):
        self.accountant.sudo().lang = "fr_FR"
        with self.notices() as told:
            self.queue(self.make_invoice())
            self.run_send()
        self.assertEqual(told[0][1]["action_button"]["name"], "Ouvrir")

    def test_what_the_machine_queues_again_is_nobodys_click(self):
        move = self.make_invoice()
        self.queue(move)
        with self.notices() as told:
            self.run_send()
            line = self.line(move).with_user(self.env.ref("base.user_root"))
            line._move_to("rejected", message="x")
            line._queue_again()
            self.run_send()
        self.assertEqual(len(told), 1)
