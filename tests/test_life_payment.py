from datetime import date, datetime, timedelta

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.models.base.moments import due_date, half_year, late_interest, suspensions
from odoo.tests import TransactionCase, tagged

from .life import LifeCommon
from .statements import recorded


@tagged("post_install", "post_install_l10n", "-at_install")
class TestPeriod(TransactionCase):
    """The arithmetic alone."""

    def test_period_without_suspension(self):
        self.assertEqual(due_date(date(2026, 1, 10), 30, []), date(2026, 2, 9))
        self.assertEqual(due_date(date(2026, 1, 10), 60, []), date(2026, 3, 11))

    def test_suspended_days_are_not_counted(self):
        spans = suspensions(
            [
                (datetime(2026, 1, 10, 8), "MISE_A_DISPOSITION"),
                (datetime(2026, 1, 15, 8), "SUSPENDUE"),
                (datetime(2026, 1, 25, 8), "COMPLETEE"),
            ]
        )
        self.assertEqual(spans, [(date(2026, 1, 15), date(2026, 1, 25))])
        self.assertEqual(due_date(date(2026, 1, 10), 30, spans), date(2026, 2, 19))

    def test_no_date_while_suspended(self):
        spans = suspensions([(datetime(2026, 1, 15, 8), "SUSPENDUE")])
        self.assertIsNone(due_date(date(2026, 1, 10), 30, spans))

    def test_suspended_twice(self):
        events = [
            (datetime(2026, 1, 12, 8), "SUSPENDUE"),
            (datetime(2026, 1, 14, 8), "COMPLETEE"),
            (datetime(2026, 1, 20, 8), "SUSPENDUE"),
            (datetime(2026, 1, 23, 8), "COMPLETEE"),
        ]
        self.assertEqual(due_date(date(2026, 1, 10), 30, suspensions(reversed(events))), date(2026, 2, 14))

    def test_days_are_those_of_the_buyer(self):
        """23:30 UTC on the 14th is the 15th in Paris."""
        spans = suspensions(
            [(datetime(2026, 1, 14, 23, 30), "SUSPENDUE"), (datetime(2026, 1, 20), "COMPLETEE")]
        )
        self.assertEqual(spans, [(date(2026, 1, 15), date(2026, 1, 20))])

    def test_half_year_and_interest(self):
        self.assertEqual(half_year(date(2025, 6, 30)), date(2025, 1, 1))
        self.assertEqual(half_year(date(2025, 7, 1)), date(2025, 7, 1))
        self.assertAlmostEqual(late_interest(1200, 10, 73), 24.0)

    def test_rate_is_that_of_the_half_year(self):
        rates = self.env["chorus.late.rate"]
        self.assertEqual(rates._rate_on(date(2024, 1, 1)), 12.5)
        self.assertEqual(rates._rate_on(date(2024, 6, 30)), 12.5)
        self.assertEqual(rates._rate_on(date(2024, 7, 1)), 12.25)
        self.assertEqual(rates._rate_on(date(1999, 1, 1)), 0.0)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestPaymentPeriod(LifeCommon):
    environment = "production"

    def overdue(self):
        return self.env["account.move"].search([("chorus_overdue", "=", True)])

    def test_a_customers_period_rewrites_what_is_unpaid_in_few_queries(self):
        moves = self.deliver(self.make_invoices(9))
        self.buyer(moves[0], "MISE_EN_PAIEMENT")
        before = moves[0].chorus_due_date
        self.env.flush_all()
        self.env.invalidate_all()
        with recorded() as statements:
            self.customer.chorus_payment_delay = "60"
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(moves[0].chorus_due_date, before, "what was paid stays")
        for move in moves[1:]:
            self.assertEqual(move.chorus_due_date, move.chorus_available_on + timedelta(days=60))
        written = [text for text, _values in statements if text.split()[:2] == ["UPDATE", '"account_move"']]
        self.assertEqual(len(written), 1, "not one for each invoice")
        read = [text for text, _values in statements if 'FROM "chorus_status_event"' in text]
        self.assertLess(len(read), 4, "nor one for the history of each")

    def test_estimate_from_availability_and_overdue_filter(self):
        move = self.deliver()
        today = fields.Date.today()
        self.env.invalidate_all()
        self.assertAlmostEqual(move.chorus_available_on, today, delta=timedelta(days=1))
        self.assertEqual(move.chorus_due_date, move.chorus_available_on + timedelta(days=30))
        self.assertFalse(move.chorus_overdue)
        self.assertNotIn(move, self.overdue())
        self.pass_time(days=45)
        self.env.invalidate_all()
        self.assertTrue(move.chorus_overdue)
        self.assertIn(move, self.overdue())
        late = (fields.Date.today() - move.chorus_due_date).days
        self.assertEqual(move.chorus_days_late, late)
        self.assertEqual(move.chorus_indemnity, 40.0)
        self.assertAlmostEqual(
            move.chorus_late_interest,
            move.amount_total * move.chorus_late_rate / 100 * late / 365,
            places=2,
        )
        self.assertGreater(move.chorus_late_interest, 0)

    def test_hospital_has_fifty_days(self):
        move = self.deliver()
        self.customer.chorus_payment_delay = "50"
        self.env.invalidate_all()
        self.assertEqual(move.chorus_due_date, move.chorus_available_on + timedelta(days=50))

    def test_period_stands_still_while_suspended(self):
        move = self.deliver()
        due = move.chorus_due_date
        self.buyer(move, "SUSPENDUE", "Il manque une pièce")
        self.env.invalidate_all()
        self.assertFalse(move.chorus_due_date)
        self.pass_time(days=10)
        self.buyer(move, "COMPLETEE")
        self.env.invalidate_all()
        self.assertEqual(move.chorus_suspended_days, 10)
        self.assertEqual(move.chorus_due_date, due + timedelta(days=10))

    def test_ordered_then_announced(self):
        move = self.deliver()
        self.pass_time(days=45)
        self.buyer(move, "MANDATEE")
        self.env.invalidate_all()
        self.assertTrue(move.chorus_ordered_on)
        self.assertIn(move, self.overdue())
        self.buyer(move, "MISE_EN_PAIEMENT")
        self.env.invalidate_all()
        self.assertTrue(move.chorus_paid_on)
        self.assertNotIn(move, self.overdue())
        self.assertEqual(move.chorus_days_late, (move.chorus_paid_on - move.chorus_due_date).days)
        self.assertEqual(move.payment_state, "not_paid", "the announcement reconciles nothing")

    def test_buyer_that_announces_no_payment_is_followed_until_the_order(self):
        self.simulator.set_structure(self.customer.company_registry, reports_payment=False)
        self.env["chorus.structure"].sudo().create(
            {
                "siret": self.customer.company_registry,
                "environment": "production",
                "reports_payment": False,
                "looked_up_at": fields.Datetime.now(),
            }
        )
        move = self.deliver()
        self.buyer(move, "MANDATEE")
        self.assertFalse(self.line(move, "production").followed)

    def test_rejected_invoice_is_owed_by_nobody(self):
        move = self.deliver()
        self.buyer(move, "REJETEE", "Non")
        self.pass_time(days=60)
        self.env.invalidate_all()
        self.assertNotIn(move, self.overdue())
        self.assertFalse(move.chorus_overdue)
