"""VAT categories and their reasons, fixed taxes, the moment when VAT is due."""

from decimal import Decimal as D

from odoo.tests import tagged

from .invoices import InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingTaxes(InvoicesCommon):
    def vat_of(self, tax, **values):
        return self.semantic(self.make_invoice(self.line(taxes=tax), **values)).breakdown[0].vat

    def test_franchise(self):
        tax = self.make_tax(
            0, ubl_cii_tax_category_code="E", ubl_cii_tax_exemption_reason_code="VATEX-FR-FRANCHISE"
        )
        vat = self.vat_of(tax)
        self.assertEqual((vat.category, vat.rate, vat.reason_code), ("E", D(0), "VATEX-FR-FRANCHISE"))
        self.assertEqual(vat.reason, "TVA non applicable, article 293 B du CGI")
        self.assertGood(self.make_invoice(self.line(taxes=tax)))

    def test_article_261(self):
        tax = self.make_tax(0, ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-4")
        vat = self.vat_of(tax)
        self.assertEqual((vat.category, vat.reason), ("E", "Exonération de TVA, article 261-4 du CGI"))
        self.assertGood(self.make_invoice(self.line(taxes=tax)))

    def test_the_words_of_the_tax_come_first(self):
        tax = self.make_tax(0, invoice_legal_notes="<p>Formation exonérée, article 261-4-4 a du CGI</p>")
        vat = self.vat_of(tax)
        self.assertEqual(
            (vat.category, vat.reason, vat.reason_code),
            ("E", "Formation exonérée, article 261-4-4 a du CGI", None),
        )
        self.assertGood(self.make_invoice(self.line(taxes=tax)))

    def test_subcontractor_in_building_works(self):
        tax = self.make_tax(
            0, ubl_cii_tax_category_code="AE", ubl_cii_tax_exemption_reason_code="VATEX-FR-AE"
        )
        self.customer.vat = "FR23334175221"
        vat = self.vat_of(tax)
        self.assertEqual((vat.category, vat.reason_code), ("AE", "VATEX-FR-AE"))
        self.assertGood(self.make_invoice(self.line(taxes=tax)))

    def test_intra_community_and_export_come_from_the_customer_s_country(self):
        tax, service = self.make_tax(0, tax_scope="consu"), self.make_tax(0, tax_scope="service")
        self.customer.country_id = self.env.ref("base.de")
        self.assertEqual(self.vat_of(tax).category, "K")
        self.assertEqual(self.vat_of(tax).reason_code, "VATEX-EU-IC")
        self.assertEqual(self.vat_of(service).category, "AE")
        self.customer.country_id = self.env.ref("base.ch")
        self.assertEqual(self.vat_of(tax).category, "G")
        self.assertGood(self.make_invoice(self.line(taxes=tax)))

    def test_intra_community_goods(self):
        tax = self.make_tax(0, ubl_cii_tax_category_code="K")
        self.customer.write({"country_id": self.env.ref("base.de").id, "vat": "DE123456788"})
        invoice = self.make_invoice(self.line(taxes=tax), delivery_date="2026-11-19")
        self.assertEqual(self.semantic(invoice).ship_to.address.country, "DE")
        self.assertGood(invoice)

    def test_out_of_scope(self):
        tax = self.make_tax(0, ubl_cii_tax_category_code="O")
        vat = self.vat_of(tax)
        self.assertEqual((vat.category, vat.rate, vat.reason_code), ("O", None, "VATEX-EU-O"))

    def test_an_exemption_without_reason_is_not_given_one(self):
        tax = self.make_tax(0)
        invoice = self.make_invoice(self.line(taxes=tax))
        self.assertEqual((self.vat_of(tax).reason, self.vat_of(tax).reason_code), (None, None))
        finding = next(
            f for f in invoice._chorus_findings("production")[invoice.id] if f["code"] == "vat_reason_missing"
        )
        self.assertEqual((finding["model"], finding["res_id"]), ("account.tax", tax.id))

    def test_two_exemptions_make_one_group_with_both_reasons(self):
        one = self.make_tax(0, ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-4")
        two = self.make_tax(0, ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-7")
        invoice = self.make_invoice(self.line(taxes=one), self.line(taxes=two), self.line())
        exempt = [group for group in self.semantic(invoice).breakdown if group.vat.category == "E"]
        self.assertEqual(len(exempt), 1)
        self.assertIn("261-4", exempt[0].vat.reason)
        self.assertIn("261-7", exempt[0].vat.reason)
        self.assertGood(invoice)

    def test_vat_due_on_payment_or_at_the_invoice(self):
        account = self.company_data["default_account_tax_sale"].copy({"reconcile": True})
        on_payment = self.make_tax(
            20, tax_exigibility="on_payment", cash_basis_transition_account_id=account.id
        )
        self.assertEqual(self.semantic(self.make_invoice(self.line(taxes=on_payment))).vat_point_code, "72")
        self.assertEqual(self.semantic(self.make_invoice()).vat_point_code, "5")
        both = self.make_invoice(self.line(taxes=on_payment), self.line())
        self.assertIsNone(self.semantic(both).vat_point_code)
        self.assertGood(both)

    def test_eco_contribution_is_a_charge_of_its_line(self):
        eco = self.make_tax(0.25, amount_type="fixed", include_base_amount=True, sequence=1, name="Eco")
        self.vat20.sequence = 5
        invoice = self.make_invoice(self.line(10, 3, eco + self.vat20), self.line(5, 2, eco + self.vat20))
        lines = self.semantic(invoice).lines
        self.assertEqual([charge.amount for charge in lines[0].allowances], [D("0.75")])
        self.assertTrue(lines[0].allowances[0].is_charge)
        self.assertEqual(lines[0].net_amount, D("30.75"))
        semantic = self.semantic(invoice)
        self.assertEqual(semantic.totals.grand, D(f"{invoice.amount_total:.2f}"))
        self.assertEqual(semantic.totals.tax, D("8.25"))
        self.assertFalse(self.codes(invoice, severity="block"))
        self.assertSchematron(invoice)

    def test_eco_contribution_outside_the_base_of_vat(self):
        eco = self.make_tax(
            1,
            amount_type="fixed",
            ubl_cii_tax_category_code="E",
            invoice_legal_notes="<p>Hors base, article 267 II du CGI</p>",
            sequence=9,
        )
        invoice = self.make_invoice(self.line(10, 3, self.vat20 + eco))
        semantic = self.semantic(invoice)
        self.assertEqual([(part.is_charge, part.amount) for part in semantic.allowances], [(True, D("3.00"))])
        self.assertEqual(semantic.totals.grand, D("39.00"))
        self.assertFalse(self.codes(invoice, severity="block"))
        self.assertSchematron(invoice)

    def test_a_fixed_tax_without_category_is_told(self):
        eco = self.make_tax(1, amount_type="fixed", sequence=9)
        invoice = self.make_invoice(self.line(10, 3, self.vat20 + eco))
        self.assertIn("fixed_tax_without_category", self.codes(invoice, severity="block"))
        self.assertNotIn("allowance_vat_missing", self.codes(invoice))

    def test_a_group_of_taxes_is_its_members(self):
        eco = self.make_tax(0.5, amount_type="fixed", include_base_amount=True, sequence=0)
        group = self.make_tax(0, amount_type="group", children_tax_ids=[(6, 0, (eco + self.vat20).ids)])
        invoice = self.make_invoice(self.line(10, 2, group))
        self.assertEqual(self.semantic(invoice).lines[0].vat.rate, D(20))
        self.assertFalse(self.codes(invoice, severity="block"))

    def test_a_line_without_tax_and_one_with_two_rates(self):
        none = self.make_invoice(self.line(taxes=self.env["account.tax"]))
        self.assertIn("vat_missing", self.codes(none, severity="block"))
        two = self.make_invoice(self.line(taxes=self.vat20 + self.vat10))
        self.assertIn("line_several_vat", self.codes(two, severity="block"))

    def test_mixed_early_payment_discount(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % within 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "mixed",
                "line_ids": [(0, 0, {"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        invoice = self.make_invoice(self.line(1000), invoice_payment_term_id=term.id, invoice_date_due=False)
        semantic = self.semantic(invoice)
        self.assertEqual(invoice.amount_tax, 196.0)
        self.assertEqual(semantic.totals.grand, D("1196.00"))
        self.assertEqual((semantic.totals.allowances, semantic.totals.charges), (D("20.00"), D("20.00")))
        self.assertIn("2 %", semantic.payment_terms)
        self.assertFalse(self.codes(invoice, severity="block"))
        self.assertSchematron(invoice)
