"""What people put on lines: taxes that are no VAT, hidden sections, tiny quantities, long texts."""

from decimal import Decimal as D

from odoo import Command
from odoo.tests import tagged

from .invoices import InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestContentLines(InvoicesCommon):
    def section(self, name, kind="line_section", **values):
        return Command.create({"display_type": kind, "name": name, **values})

    def blocking(self, *lines):
        invoice = self.make_invoice(*lines)
        return [
            finding
            for finding in invoice._chorus_findings("production")[invoice.id]
            if finding["severity"] == "block"
        ]

    # ------------------------------------------------------------ taxes

    def test_a_percentage_beside_vat_gets_one_finding_with_a_cure(self):
        for rate in (2.5, 17.5, 1.3):
            other = self.make_tax(rate, sequence=0, name=f"Octroi {rate}")
            for vat in (self.vat20, self.make_tax(8.5)):
                (found,) = self.blocking(self.line(taxes=other + vat), self.line(50, taxes=other + vat))
                self.assertEqual((found["code"], found["field"]), ("tax_not_vat", "tax_ids"))
                self.assertIn(f"Octroi {rate}", found["message"])
                self.assertIn("line of its own", found["message"])

    def test_a_retention_as_a_negative_tax_is_sent_to_the_payment_terms(self):
        for rate in (-5, -10, -2.1):
            retention = self.make_tax(rate, sequence=99)
            (found,) = self.blocking(self.line(1000, taxes=self.vat20 + retention))
            self.assertEqual(found["code"], "retention_as_tax")
            self.assertIn("payment terms", found["message"])
        (found,) = self.blocking(self.line(1000, taxes=retention))
        self.assertEqual(found["code"], "retention_as_tax")

    def test_two_rates_of_vat_on_one_line_are_one_finding(self):
        (found,) = self.blocking(self.line(taxes=self.vat20 + self.vat10))
        self.assertEqual(found["code"], "line_several_vat")

    def test_a_percentage_that_vat_is_computed_on_is_a_charge_of_the_line(self):
        contribution = self.make_tax(
            0.3, sequence=0, include_base_amount=True, invoice_label="Contribution filière"
        )
        invoice = self.make_invoice(
            self.line(1000, taxes=contribution + self.vat20),
            self.line(200, 2, contribution + self.vat20, discount=10),
        )
        semantic = self.semantic(invoice)
        charges = [[(a.reason, a.amount) for a in line.allowances if a.is_charge] for line in semantic.lines]
        self.assertEqual(
            charges, [[("Contribution filière", D("3.00"))], [("Contribution filière", D("1.08"))]]
        )
        self.assertBalanced(invoice)

    def assertBalanced(self, invoice):
        """Odoo counts contributions among its taxes, the data among the charges."""
        self.assertEqual(self.semantic(invoice).totals.grand, D(f"{invoice.amount_total:.2f}"))
        self.assertFalse(self.codes(invoice, severity="block"))
        self.assertSchematron(invoice)

    # ------------------------------------------------------------ early payment

    def test_a_mixed_discount_says_nothing_where_there_is_no_vat(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "mixed",
            }
        )
        self.customer.vat = "FR23334175221"
        for category, reason in (
            ("E", "VATEX-FR-FRANCHISE"),
            ("AE", "VATEX-FR-AE"),
            ("O", "VATEX-EU-O"),
        ):
            tax = self.make_tax(
                0, ubl_cii_tax_category_code=category, ubl_cii_tax_exemption_reason_code=reason
            )
            invoice = self.make_invoice(
                self.line(taxes=tax), self.line(50, taxes=tax), invoice_payment_term_id=term.id
            )
            self.assertFalse(self.semantic(invoice).allowances, category)
            self.assertGood(invoice)
        exempt = self.make_tax(0, ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-4")
        mixed = self.make_invoice(self.line(), self.line(taxes=exempt), invoice_payment_term_id=term.id)
        amounts = [(a.is_charge, a.amount, a.vat.category) for a in self.semantic(mixed).allowances]
        self.assertCountEqual(amounts, [(False, D("2.00"), "S"), (True, D("2.00"), "E")])
        self.assertGood(mixed)

    # ------------------------------------------------------------ sections

    def test_hidden_composition_is_one_line_of_the_data(self):
        invoice = self.make_invoice(
            self.section("Lot 1 Joinery", collapse_composition=True, sequence=1),
            self.line(100, 2, name="Door", sequence=2),
            Command.create({"display_type": "line_note", "name": "Secret note", "sequence": 3}),
            self.line(50, 3, name="Handle", discount=10, sequence=4),
            self.section("Lot 2", sequence=5),
            self.line(10, name="Screw", sequence=6),
        )
        first, second = self.semantic(invoice).lines
        self.assertEqual((first.name, first.quantity, first.net_price), ("Lot 1 Joinery", D(1), D("335.00")))
        self.assertEqual((first.description, first.note, first.allowances), (None, None, ()))
        self.assertEqual((second.name, second.note), ("Screw", "Lot 2"))
        page = invoice.invoice_line_ids.filtered("collapse_composition")._get_child_lines()
        self.assertEqual([(r["name"], r["price_subtotal"]) for r in page], [("Lot 1 Joinery", 335.0)])
        self.assertGood(invoice)

    def test_hidden_prices_keep_what_the_section_holds(self):
        invoice = self.make_invoice(
            self.section("Lot 2", collapse_prices=True, sequence=1),
            self.line(10, 4, name="Screw", sequence=2),
            self.line(11, name="Nail\nof steel", sequence=3),
        )
        (line,) = self.semantic(invoice).lines
        self.assertEqual((line.name, line.net_amount), ("Lot 2", D("51.00")))
        self.assertEqual(line.description, "Screw × 4\nNail × 1\nof steel")
        self.assertGood(invoice)

    def test_a_hidden_section_has_a_line_for_each_vat_and_keeps_contributions_apart(self):
        eco = self.make_tax(
            0.5, amount_type="fixed", include_base_amount=True, sequence=0, invoice_label="Eco"
        )
        invoice = self.make_invoice(
            self.section("Lot", collapse_composition=True, sequence=1),
            self.line(10, 2, eco + self.vat20, sequence=2),
            self.line(20, 1, self.vat10, sequence=3),
            self.line(30, 4, eco + self.vat20, sequence=4),
            self.section("Part", kind="line_subsection", sequence=5),
            self.line(7, 1, self.vat10, sequence=6),
            self.section("Open", sequence=7),
            self.line(5, name="Shown", sequence=8),
        )
        lines = self.semantic(invoice).lines
        self.assertEqual(
            [(line.name, line.net_amount) for line in lines],
            [("Lot", D("143.00")), ("Lot", D("27.00")), ("Shown", D("5.00"))],
        )
        self.assertEqual([(a.reason, a.amount) for a in lines[0].allowances], [("Eco", D("3.00"))])
        self.assertBalanced(invoice)

    def test_a_finding_on_a_line_after_a_hidden_section_opens_that_line(self):
        invoice = self.make_invoice(
            self.section("Lot", collapse_composition=True, sequence=1),
            self.line(10, sequence=2),
            self.line(20, sequence=3),
            self.section("Open", sequence=4),
            self.line(5, name="Without VAT", taxes=self.env["account.tax"], sequence=5),
        )
        (found,) = [
            f for f in invoice._chorus_findings("production")[invoice.id] if f["code"] == "vat_missing"
        ]
        opened = self.env[found["model"]].browse(found["res_id"])
        self.assertEqual(opened.name, "Without VAT")

    # ------------------------------------------------------------ numbers

    def test_quantities_and_prices_of_many_decimals_travel_as_they_are(self):
        self.env.ref("product.decimal_price").digits = 8
        self.env.ref("uom.decimal_product_uom").digits = 6
        for price, quantity in (
            (100000, 0.00004), (1000, 12.345678), (0.12345678, 1000000), (0.0000012, 500000), (9.99999999, 3),
        ):  # fmt: skip
            invoice = self.make_invoice(self.line(price, quantity))
            (line,) = self.semantic(invoice).lines
            self.assertEqual((line.quantity, line.allowances), (D(repr(quantity)).normalize() + 0, ()))
            exact = line.net_price / (line.base_quantity or 1)
            self.assertAlmostEqual(exact, D(repr(price)), delta=D(repr(price)) / 1000000)
            self.assertGood(invoice)

    def test_a_quantity_too_long_for_chorus_pro_is_told(self):
        self.env.ref("uom.decimal_product_uom").digits = 6
        invoice = self.make_invoice(self.line(1, 1234567.123456))
        self.assertIn("quantity_rounded", self.codes(invoice, severity="warn"))
        self.assertGood(invoice)

    # ------------------------------------------------------------ texts

    def notes(self, narration):
        return [
            note.text
            for note in self.semantic(self.make_invoice(narration=narration)).notes
            if not note.subject
        ]

    def test_terms_keep_lists_tables_and_links(self):
        for narration, told in (
            (
                "<p>Conditions <b>générales</b></p><ul><li>un</li><li>deux</li></ul>"
                '<p><a href="https://x.example/cgv">CGV</a></p>',
                "Conditions générales\n- un\n- deux\nCGV (https://x.example/cgv)",
            ),
            ("<ol><li><p>a</p></li><li>b</li></ol>", "1. a\n2. b"),
            (
                "<table><tr><th>Lot</th><th>Jours</th></tr><tr><td><p>1</p></td><td>30</td></tr></table>",
                "Lot | Jours\n1 | 30",
            ),
            ("<p>10<sup>3</sup> m<sup>2</sup>, <s>ancien</s> nouveau<br>fin</p>", "10³ m², nouveau\nfin"),
            ('<p><a href="mailto:a@b.fr">a@b.fr</a></p>', "a@b.fr"),
        ):
            self.assertEqual(self.notes(narration), [told])

    def test_long_payment_terms_go_on_in_notes(self):
        term = self.env["account.payment.term"].create(
            {"name": "Long", "note": "<p>" + " ".join(f"clause{n}" for n in range(300)) + "</p>"}
        )
        invoice = self.make_invoice(invoice_payment_term_id=term.id)
        semantic = self.semantic(invoice)
        self.assertLessEqual(len(semantic.payment_terms), 1024)
        rest = " ".join(note.text for note in semantic.notes if not note.subject)
        self.assertEqual(f"{semantic.payment_terms} {rest}".split(), [f"clause{n}" for n in range(300)])
        self.assertNotIn("payment_terms_too_long", self.codes(invoice))
