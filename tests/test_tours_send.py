"""Sending, in a browser, in French, in the hands of an accountant without other rights."""

from odoo.tests import tagged

from .common import NO_DUTY, SERVICE_DUTY
from .test_tours_life import ToursCommon

LIST = "/odoo/action-account.action_move_out_invoice_type"
CLOSED = "12345678200069"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursSend(ToursCommon):
    def test_send_three(self):
        moves = self.make_invoices(3)
        self.tour("chorus_send_three", LIST)
        self.assertEqual({self.story(move) for move in moves}, {"queued"})
        self.run_send()
        self.assertEqual({self.story(move) for move in moves}, {"sent"})
        self.assertEqual(len(self.taken()), 3)
        self.simulator.advance(3600)
        self.run_follow()
        self.tour("chorus_three_are_with_the_buyer", LIST)

    def test_how_far_sending_is_stands_beside_every_screen(self):
        moves = self.make_invoices(3)
        self.queue(moves)
        self.line(moves[0]).sudo().next_action_at = "2100-01-01"
        self.run_send()
        # All changes are longer ago than the bus remembers.
        self.env["bus.bus"].sudo().search([]).unlink()
        self.tour("chorus_how_far", "/odoo/chorus-pro")

    def test_the_first_invoice_in_six_clicks(self):
        self._bank()
        account = self.company_data["default_journal_sale"].default_account_id.sudo()
        account.tax_ids = self.company_data["default_tax_sale"]
        self.tour("chorus_first_invoice", LIST)
        move = self.env["account.move"].search(
            [("partner_id", "=", self.customer.id)], order="id desc", limit=1
        )
        self.assertState(move, "queued")
        self.run_send()
        self.assertEqual(self.story(move), "sent")

    def test_send_with_a_bad_one(self):
        good = self.make_invoices(2)
        customer = self.make_customer(name="Mairie de Gorges")
        bad = self.make_invoice(partner_id=customer.id)
        customer.company_registry = False
        self.tour("chorus_send_with_a_bad_one", LIST)
        self.assertFalse(bad.chorus_line_ids)
        self.assertEqual(customer.company_registry, NO_DUTY)
        self.run_send()
        self.assertEqual({self.story(move) for move in good}, {"sent"})
        self.assertEqual({number for _seller, number in self.taken()}, set(good.mapped("name")))

    def test_what_is_found_leads_to_its_field(self):
        customer = self.make_customer(siret=SERVICE_DUTY, name="Mairie de Gorges")
        customer.with_user(self.accountant).action_chorus_look_up()
        draft = self.make_invoice(post=False, partner_id=customer.id)
        self.tour("chorus_finding_leads_to_its_field", self.form_of(draft))
        self.assertEqual(draft.buyer_reference, "SERVICE_DEST_SERV_OBL")

    def test_rejected_and_sent_again(self):
        customer = self.make_customer(siret=CLOSED, name="Mairie de Gorges")
        customer.with_user(self.accountant).action_chorus_look_up()
        move = self.make_invoice(partner_id=customer.id, purchase_order_reference="BC-42")
        self.simulator.set_structure(CLOSED, active=False)
        self.assertEqual(self.queue(move), {})
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        self.assertState(move, "rejected")
        self.tour("chorus_rejected_and_sent_again", self.form_of(move))
        self.assertState(move, "queued")
        self.run_send()
        self.simulator.advance(3600)
        self.run_follow()
        self.assertState(move, "integrated")
        self.assertEqual(self.remote(move)["buyer_siret"], NO_DUTY)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursFirstRealOne(ToursCommon):
    environment = "production"

    def test_the_first_real_deposit_is_one_invoice(self):
        self.connection.first_deposit_limit = 1
        moves = self.make_invoices(2)
        self.tour("chorus_first_real_one", LIST)
        self.run_send()
        self.assertEqual(len(self.taken()), 1)
        self.assertEqual(sorted(self.story(move) or "" for move in moves), ["", "sent"])
