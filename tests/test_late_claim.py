"""Late interest that is claimed of a public buyer: figures, the rate that is asked for, the letter."""

import re
from datetime import date, datetime, timedelta

from odoo import Command, fields
from odoo.addons.l10n_fr_chorus_pro.models.notice.chorus_notice import RATE
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import format_date

from .life import LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestLateClaim(LifeCommon):
    environment = "production"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env,
            login="chorus_manager",
            groups="account.group_account_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def late(self, days=45):
        move = self.deliver()
        self.pass_time(days=days)
        self.env.invalidate_all()
        return move

    def know_rates(self):
        """Every half-year that the tests meet has its rate."""
        rates = self.env["chorus.late.rate"]
        while rates._next_half_year() <= fields.Date.today() + timedelta(days=200):
            rates.create({"rate": 10.15})

    def claim(self, moves, user=None):
        return self.open_wizard(moves, "action_chorus_claim", user)

    def said(self, day):
        return format_date(self.env, day)

    def asked(self):
        kind = self.env.ref(RATE)
        return self.env["mail.activity"].sudo().search([("activity_type_id", "=", kind.id)])

    def page(self, letter):
        report = self.env["ir.actions.report"].with_user(self.accountant)
        html = report._render_qweb_html("l10n_fr_chorus_pro.report_late_claim", letter.ids)[0].decode()
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " "))

    # -- the rate -------------------------------------------------------------------------------------

    def test_without_a_rate_the_page_says_which_is_assumed_and_no_letter_leaves(self):
        move = self.late()
        known = self.env["chorus.late.rate"].search([], limit=1)
        claim = self.claim(move)
        self.assertEqual(claim.line_ids.state, "no_rate")
        self.assertEqual(claim.line_ids.rate, known.rate)
        for said in (claim.missing_note, move.chorus_late_note):
            self.assertIn(self.said(known.date_from), said)
            self.assertIn(self.said(move.chorus_late_half_year), said)
        with self.assertRaisesRegex(UserError, "No letter is made"):
            claim.action_letter()
        self.assertFalse(claim.letter_ids)
        self.assertFalse(move.chorus_claimed_on)

    def test_the_company_is_asked_for_the_rate_once(self):
        self.company.chorus_responsible_id = self.manager
        move = self.late()
        self.claim(move)
        self.claim(move)
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(self.asked().user_id, self.manager)
        self.assertIn(self.said(move.chorus_late_half_year), self.asked().note)
        self.know_rates()
        self.assertFalse(self.asked(), "whoever was asked need not look for it any more")

    def test_an_accountant_does_not_add_rates(self):
        claim = self.claim(self.late())
        self.assertFalse(claim.may_add_rate)
        claim.central_rate = 2.15
        with self.assertRaises(AccessError):
            claim.action_add_rate()

    def test_a_manager_adds_the_rate_on_the_screen(self):
        move = self.late()
        claim = self.claim(move, self.manager)
        self.assertTrue(claim.may_add_rate)
        with self.assertRaises(UserError):
            claim.action_add_rate()
        claim.central_rate = 2.4
        claim.action_add_rate()
        row = self.env["chorus.late.rate"]._in_force(fields.Date.today())
        self.assertEqual((row.date_from, row.rate), (move.chorus_late_half_year, 10.4))
        self.assertEqual(claim.line_ids.state, "estimate")
        self.assertFalse(claim.missing_half_year)

    def test_the_next_rate_is_typed_as_the_central_bank_says_it(self):
        last = self.env["chorus.late.rate"].search([], limit=1)
        form = Form(
            self.env["chorus.late.rate"].with_user(self.manager),
            view="l10n_fr_chorus_pro.view_chorus_late_rate_list",
        )
        form.central_rate = 2.25
        row = form.save()
        self.assertEqual(row.rate, 10.25)
        self.assertEqual((row.date_from - last.date_from).days // 180, 1)
        self.assertIn(row.date_from.month, (1, 7))

    def test_a_rate_begins_with_a_half_year(self):
        with self.assertRaises(ValidationError):
            self.env["chorus.late.rate"].create({"date_from": date(2031, 3, 1), "rate": 9.0})

    # -- the figures ----------------------------------------------------------------------------------

    def test_figures_of_an_unpaid_invoice_are_an_estimate(self):
        self.know_rates()
        move = self.late()
        line = self.claim(move).line_ids
        days = (fields.Date.today() - move.chorus_due_date).days
        self.assertEqual((line.state, line.days, line.final), ("estimate", days, False))
        self.assertEqual(line.principal, move.amount_total)
        self.assertAlmostEqual(
            line.interest, move.amount_total * move.chorus_late_rate / 100 * days / 365, places=2
        )
        self.assertEqual(line.indemnity, 40.0)

    def test_figures_are_final_once_the_payment_is_announced(self):
        self.know_rates()
        move = self.late()
        self.buyer(move, "MISE_EN_PAIEMENT")
        paid = move.chorus_paid_on
        self.pass_time(days=20)
        self.env.invalidate_all()
        line = self.claim(move).line_ids
        self.assertEqual((line.state, line.until), ("final", paid))
        self.assertEqual(line.days, (paid - move.chorus_due_date).days)

    def test_what_is_suspended_not_late_or_only_in_test_is_not_claimed(self):
        self.know_rates()
        company = self.make_customer(name="Régie des eaux", chorus_payment_delay="60")
        suspended, refused = self.make_invoices(2)
        fresh = self.make_invoice(partner_id=company.id)
        self.deliver(suspended | refused | fresh)
        self.pass_time(days=45)
        self.buyer(suspended, "SUSPENDUE", "Il manque le PV")
        self.buyer(refused, "REJETEE", "Non")
        unsent = self.make_invoice()
        claim = self.claim(suspended | fresh | refused | unsent)
        self.assertEqual(set(claim.line_ids.mapped("state")), {"out"})
        remarks = {line.move_id: line.remark for line in claim.line_ids}
        self.assertIn("suspended", remarks[suspended])
        self.assertIn("not late", remarks[fresh])
        self.assertIn("No payment is expected", remarks[refused])
        self.assertIn("not deposited", remarks[unsent])
        with self.assertRaisesRegex(UserError, suspended.name):
            claim.action_letter()

    # -- the letter -----------------------------------------------------------------------------------

    def test_one_letter_for_each_public_body_kept_on_its_invoices(self):
        self.know_rates()
        mine = self.deliver(self.make_invoices(2))
        other = self.make_customer(name="Lycée de Clisson")
        theirs = self.deliver(self.make_invoice(partner_id=other.id))
        self.pass_time(days=45)
        self.env.invalidate_all()
        claim = self.claim(mine | theirs)
        with self.allow_pdf_render():
            claim.with_context(force_report_rendering=True).action_letter()
        self.assertEqual(claim.letter_ids.partner_id, self.customer | other)
        for move in mine | theirs:
            kept = move.message_ids.attachment_ids.filtered(lambda file: "interets_moratoires" in file.name)
            self.assertEqual(len(kept), 1, move.name)
            self.assertTrue(kept.raw.startswith(b"%PDF"))
            self.assertEqual(move.chorus_claimed_on, fields.Date.today())
        again = self.claim(mine)
        self.assertIn(self.said(fields.Date.today()), again.line_ids[0].remark)

    def test_the_letter_is_in_french_and_says_that_it_estimates(self):
        self.know_rates()
        move = self.late()
        claim = self.claim(move)
        claim.action_letter()
        text = self.page(claim.letter_ids)
        for said in (
            "intérêts moratoires", "L2192-13", "R2192-31", "R2192-36", "D2192-35", "40,00 €",
            "Estimation arrêtée au", "10,15 %", "2,15 % + 8 points", "1er ", move.name,
            claim.letter_ids._printed()["rows"][0]["interest"].replace("\u00a0", " "),
        ):  # fmt: skip
            self.assertIn(said, text)
        self.assertNotIn("Jours de suspension", text)

    def test_the_letter_of_a_paid_invoice_is_final(self):
        self.know_rates()
        move = self.late()
        self.buyer(move, "MISE_EN_PAIEMENT")
        self.env.invalidate_all()
        claim = self.claim(move)
        claim.action_letter()
        text = self.page(claim.letter_ids)
        self.assertNotIn("Estimation", text)
        self.assertIn("Jusqu'à la mise en paiement", text)

    def test_suspended_days_stand_in_the_computation(self):
        self.know_rates()
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        self.pass_time(days=10)
        self.buyer(move, "COMPLETEE")
        self.pass_time(days=45)
        self.env.invalidate_all()
        claim = self.claim(move)
        claim.action_letter()
        self.assertIn("Jours de suspension, non comptés 10 jours", self.page(claim.letter_ids))
        self.assertEqual(claim.line_ids.due_date, move.chorus_available_on + timedelta(days=40))

    # -- who ------------------------------------------------------------------------------------------

    def test_the_list_of_late_invoices_offers_it(self):
        action = self.env["chorus.overview"].with_user(self.accountant).open_counter("overdue", "production")
        self.assertTrue(action["context"]["chorus_late"])

    def test_a_letter_is_its_makers(self):
        claim = self.claim(self.late())
        for user in (self.invoicing_user, self.manager):
            with self.assertRaises(AccessError):
                claim.with_user(user).read(["central_rate"])


@tagged("post_install", "post_install_l10n", "-at_install")
class TestLateFigures(LifeCommon):
    """Computed by hand: 1,200 euros with the buyer on 30 November 2023, due on 30 December."""

    environment = "production"

    def setUp(self):
        self.begins = datetime.now() - datetime(2023, 11, 30, 9)
        super().setUp()
        self.entries = self.env["account.move"].with_company(self.company)

    def go_to(self, *day):
        self.pass_time(seconds=(datetime(*day, 12) - fields.Datetime.now()).total_seconds())
        self.env.invalidate_all()

    def delivered(self, **values):
        move = self.deliver(self.make_invoice(1000, **values))
        self.env.invalidate_all()
        self.assertEqual((move.amount_total, move.chorus_available_on), (1200.0, date(2023, 11, 30)))
        return move

    def pay(self, move, amount):
        """The bank statement of today brings a part of it."""
        bank = self.company_data["default_journal_bank"]
        due = move.line_ids.filtered(lambda item: item.display_type == "payment_term")
        mirror = {"account_id": due.account_id.id, "balance": -amount, "partner_id": self.customer.id}
        entry = self.entries.create(
            {
                "journal_id": bank.id,
                "date": fields.Date.today(),
                "line_ids": [
                    Command.create({"account_id": bank.default_account_id.id, "balance": amount}),
                    Command.create(mirror),
                ],
            }
        )
        entry.action_post()
        (due + entry.line_ids.filtered(lambda item: item.account_id == due.account_id)).reconcile()
        self.env.invalidate_all()

    def figures(self, move):
        line = self.open_wizard(move, "action_chorus_claim").line_ids
        return line.principal, line.days, line.rate, line.interest, line.state

    def test_half_year_of_the_first_day_counts_through_a_leap_year(self):
        move = self.delivered()
        self.assertEqual(move.chorus_due_date, date(2023, 12, 30))
        self.go_to(2024, 3, 1)
        # 31 December is of 2023's second half; 1 + 31 + 29 + 1 days; 1,200 x 12 % x 62 / 365.
        self.assertEqual(self.figures(move), (1200.0, 62, 12.0, 24.46, "estimate"))

    def test_suspended_over_the_end_of_the_half_year_takes_the_next_rate(self):
        move = self.delivered()
        self.go_to(2023, 12, 10)
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        self.go_to(2023, 12, 20)
        self.buyer(move, "COMPLETEE")
        self.go_to(2024, 3, 1)
        self.assertEqual(move.chorus_due_date, date(2024, 1, 9))
        # 22 + 29 + 1 days; 1,200 x 12.5 % x 52 / 365.
        self.assertEqual(self.figures(move), (1200.0, 52, 12.5, 21.37, "estimate"))

    def test_each_part_bears_interest_until_it_was_paid(self):
        move = self.delivered()
        self.go_to(2023, 12, 20)
        self.pay(move, 200)
        self.go_to(2024, 1, 15)
        self.pay(move, 500)
        self.go_to(2024, 3, 1)
        # 200 in time: none. 500 x 12 % x 16 / 365 = 2.63, 500 x 12 % x 62 / 365 = 10.19.
        self.assertEqual(self.figures(move), (1000.0, 62, 12.0, 12.82, "estimate"))
        self.buyer(move, "MISE_EN_PAIEMENT")
        self.assertEqual(self.figures(move), (1000.0, 62, 12.0, 12.82, "final"))
        self.assertTrue(move.chorus_paid_late)
        self.go_to(2024, 3, 5)
        self.pay(move, 500)
        self.assertEqual(self.figures(move), (1000.0, 62, 12.0, 12.82, "final"))
        claim = self.open_wizard(move, "action_chorus_claim")
        claim.action_letter()
        (row,) = claim.letter_ids._printed()["rows"]
        told = [(part["days"], part["interest"], part["paid_on"]) for part in row["parts"]]
        self.assertEqual(
            told, [(16, "2,63\u00a0€", "15 janvier 2024"), (62, "10,19\u00a0€", "")], "each is told"
        )

    def test_what_was_credited_was_never_owed(self):
        move = self.delivered()
        credit = move._reverse_moves([{"invoice_date": fields.Date.today()}])
        credit.invoice_line_ids.price_unit = 200
        credit.action_post()
        (move | credit).line_ids.filtered(lambda item: item.display_type == "payment_term").reconcile()
        self.go_to(2024, 3, 1)
        # 1,200 - 240; 960 x 12 % x 62 / 365.
        self.assertEqual(self.figures(move), (960.0, 62, 12.0, 19.57, "estimate"))
        self.buyer(move, "MISE_EN_PAIEMENT")
        self.assertEqual(self.figures(move), (960.0, 62, 12.0, 19.57, "final"))

    def retained(self):
        rows = [(95, 30, False), (5, 365, True)]
        return self.env["account.payment.term"].create(
            {
                "name": "95 % et 5 % de retenue",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": part, "nb_days": days, "chorus_retention": kept}
                    )
                    for part, days, kept in rows
                ],
            }
        )

    def test_a_retention_bears_no_interest(self):
        move = self.delivered(invoice_payment_term_id=self.retained().id)
        self.go_to(2024, 3, 1)
        # 1,200 - 60; 1,140 x 12 % x 62 / 365.
        self.assertEqual(self.figures(move), (1140.0, 62, 12.0, 23.24, "estimate"))

    def test_only_the_retention_open_is_not_late(self):
        move = self.delivered(invoice_payment_term_id=self.retained().id)
        self.go_to(2023, 12, 20)
        self.pay(move, 1140)
        self.go_to(2024, 3, 1)
        self.assertEqual((move.chorus_days_late, move.chorus_indemnity), (0, 0.0))
        self.assertIn("not late", self.open_wizard(move, "action_chorus_claim").line_ids.remark)

    def test_what_was_paid_late_is_found_in_the_list(self):
        late, timely = self.delivered(), self.delivered()
        self.buyer(timely, "MISE_EN_PAIEMENT")
        self.go_to(2024, 3, 1)
        hers = self.env["account.move"].with_user(self.accountant)
        chosen = [("id", "in", (late | timely).ids)]
        self.assertFalse(hers.search([*chosen, ("chorus_paid_late", "=", True)]))
        self.buyer(late, "MISE_EN_PAIEMENT")
        self.env.invalidate_all()
        self.assertEqual(hers.search([*chosen, ("chorus_paid_late", "=", True)]), late)
        self.assertEqual(hers.search([*chosen, ("chorus_paid_late", "=", False)]), timely)
        self.assertEqual((late | timely).filtered_domain([("chorus_paid_late", "=", True)]), late)
        self.assertEqual(self.figures(late)[-1], "final")
