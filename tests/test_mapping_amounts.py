"""Amounts: what Odoo posted, to the cent, and quantity × price on every line."""

from decimal import Decimal as D

from odoo.tests import tagged

from ..mapping.amounts import line_price, to_step
from .invoices import InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingAmounts(InvoicesCommon):
    def test_one_line(self):
        invoice = self.make_invoice()
        semantic = self.semantic(invoice)
        self.assertEqual(semantic.totals.grand, D("120.00"))
        self.assertEqual(semantic.totals.payable, D("120.00"))
        self.assertEqual(
            [(g.vat.category, g.vat.rate, g.base, g.amount) for g in semantic.breakdown],
            [("S", D(20), D("100.00"), D("20.00"))],
        )
        self.assertGood(invoice)

    def test_all_french_rates_on_one_invoice(self):
        rates = (20, 10, 5.5, 2.1, 8.5)
        lines = [self.line(33.33, 3, self.make_tax(rate)) for rate in rates]
        invoice = self.make_invoice(*lines)
        self.assertEqual(
            {group.vat.rate for group in self.semantic(invoice).breakdown},
            {D("20"), D("10"), D("5.5"), D("2.1"), D("8.5")},
        )
        self.assertGood(invoice)

    def test_price_included_taxes(self):
        for method in ("round_globally", "round_per_line"):
            self.company.tax_calculation_rounding_method = method
            ttc = self.make_tax(20, price_include_override="tax_included")
            invoice = self.make_invoice(
                self.line(21.53, 1, ttc), self.line(21.53, 1, ttc), self.line(9.99, 7, ttc, discount=12.5)
            )
            with self.subTest(method=method):
                self.assertGood(invoice)

    def test_a_cent_that_odoo_spreads_is_said_on_the_line(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        invoice = self.make_invoice(*[self.line(10.01, 0.5) for _count in range(3)])
        self.assertGood(invoice)
        self.assertTrue(all(line.net_price == D("10.01") for line in self.semantic(invoice).lines))

    def test_a_discount_is_gross_price_and_discount_together(self):
        line = self.semantic(self.make_invoice(self.line(10, 2, discount=5))).lines[0]
        self.assertEqual((line.gross_price, line.price_discount, line.net_price), (D(10), D("0.5"), D("9.5")))

    def test_an_undiscounted_line_has_no_gross_price(self):
        line = self.semantic(self.make_invoice()).lines[0]
        self.assertIsNone(line.gross_price)
        self.assertIsNone(line.price_discount)

    def test_full_discount(self):
        invoice = self.make_invoice(self.line(10, 2), self.line(50, 1, discount=100))
        line = self.semantic(invoice).lines[1]
        self.assertEqual((line.net_amount, line.net_price), (D("0.00"), D(0)))
        self.assertGood(invoice)

    def test_a_negative_line_is_a_negative_quantity(self):
        invoice = self.make_invoice(self.line(100, 2), self.line(-30, 1), self.line(15, -2))
        lines = self.semantic(invoice).lines
        self.assertEqual(
            [(line.quantity, line.net_price) for line in lines],
            [(D(2), D(100)), (D(-1), D(30)), (D(-2), D(15))],
        )
        self.assertGood(invoice)

    def test_six_decimals_in_prices_and_four_in_quantities(self):
        self.env.ref("product.decimal_price").digits = 6
        self.env.ref("uom.decimal_product_uom").digits = 4
        invoice = self.make_invoice(self.line(0.123457, 1000.1234), self.line(1.000001, 3))
        first, second = self.semantic(invoice).lines
        self.assertEqual((first.net_price, first.quantity), (D("0.123457"), D("1000.1234")))
        self.assertEqual(second.net_price, D("1.000001"))
        self.assertGood(invoice)

    def test_free_lines(self):
        invoice = self.make_invoice(self.line(), self.line(0, 3), self.line(0, 0))
        self.assertEqual(len(self.semantic(invoice).lines), 3)
        self.assertGood(invoice)

    def test_manual_tax_correction_is_kept(self):
        invoice = self.make_invoice(post=False)
        tax_line = invoice.line_ids.filtered(lambda line: line.display_type == "tax")
        invoice.write({"line_ids": [(1, tax_line.id, {"amount_currency": tax_line.amount_currency - 0.02})]})
        invoice.action_post()
        self.assertEqual(invoice.amount_tax, 20.02)
        self.assertEqual(self.semantic(invoice).breakdown[0].amount, D("20.02"))
        self.assertGood(invoice)

    def test_cash_rounding_is_a_rounding_amount(self):
        for strategy in ("add_invoice_line", "biggest_tax"):
            rounding = self.env["account.cash.rounding"].create(
                {
                    "name": strategy,
                    "rounding": 0.05,
                    "strategy": strategy,
                    "rounding_method": "HALF-UP",
                    "profit_account_id": self.company_data["default_account_revenue"].id,
                    "loss_account_id": self.company_data["default_account_expense"].id,
                }
            )
            invoice = self.make_invoice(self.line(10.02), invoice_cash_rounding_id=rounding.id)
            with self.subTest(strategy=strategy):
                self.assertNotEqual(invoice.amount_total, 12.02)
                self.assertGood(invoice)
        self.assertEqual(self.semantic(invoice).totals.rounding, D("0.00"))

    def test_five_hundred_lines(self):
        invoice = self.make_invoice(*[self.line(1.01 + i / 100, i % 7 + 1) for i in range(500)])
        self.assertEqual(len(self.semantic(invoice).lines), 500)
        self.assertGood(invoice)

    def test_price_terms_always_give_the_amount(self):
        cases = [
            ("3", "33.333", "0", "100.00"),
            ("0.5", "10.01", "0", "5.00"),
            ("7", "9.99", "33.333333", "46.62"),
            ("-2", "10", "10", "-18.00"),
            ("1000000", "0.001234", "17.5", "1018.05"),
            ("1234567", "3.333333", "0", "4115220.00"),
            ("2", "10", "-10", "22.00"),
            ("2", "10", "150", "-10.00"),
            ("0", "10", "0", "0.00"),
            ("0", "0", "0", "12.00"),
        ]
        for quantity, price, discount, amount in cases:
            with self.subTest(quantity=quantity, price=price, discount=discount):
                terms = line_price(D(quantity), D(price), D(discount), D(amount))
                value = terms.quantity * terms.net / (terms.base_quantity or 1)
                value += terms.charge - terms.allowance
                self.assertEqual(value.quantize(D("0.01")), D(amount))
                self.assertGreaterEqual(terms.net, 0)
                self.assertEqual(terms.gross is None, terms.discount is None)

    def test_floats_lose_their_noise(self):
        self.assertEqual(str(to_step(0.1 + 0.2, D("0.0001"))), "0.3")
        self.assertEqual(str(to_step(100.0, D("0.0001"))), "100")
