"""Which road an invoice takes and why, and many customers moved at once."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models.base.chorus_channels import standing
from ..models.base.chorus_states import MOVE_STATES
from ..models.invoice.account_move_channel import NOT_THERE, ROADS, THERE
from .common import SERVICE_DUTY
from .invoices import InvoicesCommon


class RoadsCommon(InvoicesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect("production", first_deposit_limit=0)

    def on_road(self, *roads):
        return self.books["account.move"].search(
            [("company_id", "=", self.company.id), ("chorus_road", "in", roads)]
        )


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRoads(RoadsCommon):
    def test_every_state_of_an_invoice_is_on_one_road(self):
        self.assertEqual({*THERE, *NOT_THERE, "hand"}, {state for state, _label in MOVE_STATES})
        invoice = self.make_invoice()
        for state, _label in [(False, ""), *MOVE_STATES]:
            with self.subTest(state=state):
                invoice.sudo().chorus_state = state
                road = "portal" if state == "hand" else "chorus" if state in THERE else "none"
                self.assertEqual(invoice.chorus_road, road)
                others = [name for name, _label in ROADS if name != road]
                self.assertIn(invoice, self.on_road(road))
                self.assertNotIn(invoice, self.on_road(*others, False))

    def test_a_failure_on_one_channel_does_not_hide_that_another_has_the_invoice(self):
        class Move(dict):
            _fields = ("peppol_move_state", "peppol_message_uuid", "nemhandel_move_state")

        move = Move(peppol_move_state="error", peppol_message_uuid=False, nemhandel_move_state="done")
        self.assertEqual(standing(move).kind, "gone")
        move["nemhandel_move_state"] = "ready"
        self.assertEqual(standing(move).kind, "failed")
        self.assertIsNone(standing(Move(move, peppol_move_state=False)))

    def test_a_draft_and_a_vendor_bill_are_on_no_road(self):
        draft = self.make_invoice(post=False)
        bill = self.make_invoice(move_type="in_invoice", post=False)
        self.assertEqual((draft.chorus_road, bill.chorus_road), (False, False))
        self.assertFalse((draft + bill) & self.on_road(*(name for name, _label in ROADS)))

    def test_what_was_sent_to_test_is_on_no_road(self):
        invoice = self.make_invoice()
        invoice.sudo().chorus_test_state = "integrated"
        self.assertEqual(invoice.chorus_road, "none")

    def test_the_filters_and_the_column_are_in_the_list(self):
        moves = self.books["account.move"]
        arch = moves.get_view(self.env.ref("account.view_out_invoice_tree").id, "list")["arch"]
        self.assertIn('name="chorus_road"', arch)
        search = moves.get_view(self.env.ref("account.view_account_invoice_filter").id, "search")["arch"]
        for name in ("chorus", "platform", "peppol", "portal", "none"):
            self.assertIn(f'name="road_{name}"', search)

    # ------------------------------------------------------------ in one sentence

    def test_the_customer_and_its_invoice_say_which_road_and_why(self):
        customer = self.customer.with_user(self.accountant).with_company(self.company)
        invoice = self.make_invoice()
        self.assertIn("go by Chorus Pro, and by no other electronic road", customer.chorus_road_note)
        self.assertIn(self.customer.name, invoice.chorus_road_note)
        self.connect("test")
        self.env.invalidate_all()
        self.assertIn("is in test", customer.chorus_road_note)
        self.assertIn("is in test", invoice.chorus_road_note)
        self.company.chorus_environment = False
        self.env.invalidate_all()
        self.assertIn("switched off", customer.chorus_road_note)
        invoice.sudo().chorus_state = "integrated"
        self.assertIn("is with Chorus Pro", invoice.chorus_road_note)
        invoice.sudo().chorus_state = "hand"
        self.assertIn("by hand", invoice.chorus_road_note)

    def test_nothing_is_said_about_other_customers(self):
        shop = self.env["res.partner"].create({"name": "Shop", "country_id": self.env.ref("base.fr").id})
        self.assertFalse(shop.with_company(self.company).chorus_road_note)
        self.assertFalse(self.make_invoice(partner_id=shop.id).chorus_road_note)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMovingCustomers(RoadsCommon):
    def open(self, customers, direction):
        customers = customers.with_user(self.accountant).with_company(self.company)
        action = getattr(customers, f"action_chorus_road_{direction}")()
        return self.books["chorus.road"].with_company(self.company).browse(action["res_id"])

    def row(self, wizard, customer):
        return wizard.line_ids.filtered(lambda line: line.partner_id == customer)

    def is_chorus(self, customer):
        return customer._is_chorus_customer(self.company)

    def test_many_move_to_chorus_pro_and_who_cannot_says_why(self):
        plain = [
            self.make_customer(name=f"Commune {number}", dematerialized_invoice_type=False)
            for number in range(3)
        ]
        lost = self.make_customer(siret=False, name="Syndicat", dematerialized_invoice_type=False)
        self.make_invoice(partner_id=plain[0].id)
        customers = self.env["res.partner"].union(*plain, lost, self.customer)
        wizard = self.open(customers, "there")
        self.assertEqual((wizard.moving_count, wizard.staying_count, wizard.there_count), (3, 1, 1))
        self.assertIn("SIRET", self.row(wizard, lost).notes)
        self.assertIn("not sent yet: 1", self.row(wizard, plain[0]).notes)
        answer = wizard.action_move()
        self.assertIn("moved to Chorus Pro: 3", answer["params"]["message"])
        self.assertIn("Not moved: 1", answer["params"]["message"])
        for customer in plain:
            self.assertTrue(self.is_chorus(customer))
            self.assertEqual(customer.with_company(self.company).invoice_sending_method, "chorus_pro")
            self.assertIn("go by Chorus Pro from now on", customer.message_ids[0].body)
        self.assertFalse(self.is_chorus(lost))

    def test_what_is_open_at_chorus_pro_is_shown_before_a_customer_moves_away(self):
        busy = self.make_customer(SERVICE_DUTY, name="Département")
        there, leaving = self.make_invoice(), self.make_invoice(partner_id=busy.id)
        there.sudo().chorus_state = "integrated"
        leaving.sudo().chorus_state = "queued"
        wizard = self.open(self.customer + busy, "away")
        self.assertEqual(self.row(wizard, self.customer).state, "moves")
        self.assertIn("With Chorus Pro and not paid: 1", self.row(wizard, self.customer).notes)
        self.assertEqual(self.row(wizard, busy).state, "stays")
        self.assertIn("On its way to Chorus Pro: 1", self.row(wizard, busy).notes)
        wizard.action_move()
        self.assertFalse(self.is_chorus(self.customer))
        self.assertTrue(self.is_chorus(busy))

    def test_it_is_looked_at_again_when_the_button_is_pressed(self):
        wizard = self.open(self.customer, "away")
        self.make_invoice().sudo().chorus_state = "queued"
        with self.assertRaisesRegex(Exception, "None of these customers can move"):
            wizard.action_move()
        self.assertTrue(self.is_chorus(self.customer))

    def test_contacts_move_with_their_company_and_only_in_this_company(self):
        contact = self.env["res.partner"].create({"name": "Service achats", "parent_id": self.customer.id})
        other = self.env["res.company"].create({"name": "Autre"})
        self.customer.with_company(other).dematerialized_invoice_type = "facturx"
        wizard = self.open(contact, "away")
        self.assertEqual(wizard.line_ids.partner_id, self.customer)
        wizard.action_move()
        self.assertFalse(self.is_chorus(self.customer))
        self.assertTrue(self.customer._is_chorus_customer(other))

    def test_nobody_moves_customers_of_a_company_she_does_not_work_in(self):
        other = self.env["res.company"].create({"name": "Autre"})
        with self.assertRaises(AccessError):
            self.books["chorus.road"].create(
                {"partner_ids": [Command.set(self.customer.ids)], "company_id": other.id, "target": "away"}
            )

    def test_who_may_not_edit_customers_does_not_move_them(self):
        with self.assertRaises(AccessError):
            self.customer.with_user(self.invoicing_user).action_chorus_road_away()
        reader = new_test_user(
            self.env, login="road_reader", groups="base.group_user,base.group_partner_manager"
        )
        with self.assertRaises(AccessError):
            self.customer.with_user(reader).action_chorus_road_away()
