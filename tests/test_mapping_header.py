"""Kind of document, references, parties, notes and payment."""

import base64
from datetime import date
from decimal import Decimal as D
from unittest.mock import patch

from odoo import Command
from odoo.addons.l10n_fr_chorus_pro.mapping import Batch
from odoo.addons.l10n_fr_chorus_pro.mapping.invoice import PartyMapper
from odoo.tests import Form, tagged

from .common import SUPPLIER
from .invoices import IBAN, InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingHeader(InvoicesCommon):
    # ------------------------------------------------------------ kind and references

    def test_a_credit_note_is_positive_and_names_its_invoice(self):
        invoice = self.make_invoice(self.line(100, 2, discount=10), self.line(-30))
        credit = self.reverse(invoice, ref="Reversal of: wrong price")
        semantic = self.semantic(credit)
        self.assertEqual(semantic.type_code, "381")
        self.assertEqual(semantic.totals.grand, D("180.00"))
        self.assertEqual([line.quantity for line in semantic.lines], [D(2), D(-1)])
        self.assertEqual(
            [(p.number, p.issue_date) for p in semantic.preceding], [(invoice.name, date(2026, 11, 20))]
        )
        self.assertIsNone(semantic.order_reference, "a reversal reason is no engagement number")
        self.assertEqual(semantic.payment.code, "97")
        self.assertGood(credit)

    def test_a_credit_note_without_original(self):
        credit = self.make_invoice(move_type="out_refund", partner_bank_id=False)
        self.assertIn("preceding_missing", self.codes(credit))
        original = self.make_invoice()
        credit.chorus_corrected_id = original
        self.assertEqual(self.semantic(credit).preceding[0].number, original.name)

    def test_a_corrective_invoice(self):
        original = self.make_invoice()
        invoice = self.make_invoice(chorus_document_kind="384", chorus_corrected_id=original.id)
        self.assertEqual(self.semantic(invoice).type_code, "384")
        self.assertEqual(self.semantic(invoice).preceding[0].number, original.name)
        self.assertGood(invoice)

    def test_a_down_payment_invoice(self):
        invoice = self.make_invoice(chorus_document_kind="386")
        self.assertEqual(self.semantic(invoice).type_code, "386")
        self.assertGood(invoice)

    def test_the_final_invoice_deducts_the_down_payment(self):
        paid_down = self.make_invoice(self.line(30), chorus_document_kind="386")
        final = self.make_invoice(self.line(100), self.line(30, -1, name="Down payment"))
        lines = type(final.invoice_line_ids)
        with patch.object(lines, "_get_downpayment_lines", lambda found: paid_down.invoice_line_ids):
            semantic = self.semantic(final)
        self.assertEqual([p.number for p in semantic.preceding], [paid_down.name])
        self.assertEqual((semantic.lines[1].quantity, semantic.totals.grand), (D(-1), D("84.00")))
        self.assertGood(final)

    def test_several_deducted_down_payments_are_all_named(self):
        paid_down = self.make_invoice(self.line(30)) + self.make_invoice(self.line(20))
        final = self.make_invoice(self.line(100), self.line(50, -1, name="Down payments"))
        lines = type(final.invoice_line_ids)
        with patch.object(lines, "_get_downpayment_lines", lambda found: paid_down.invoice_line_ids):
            semantic = self.semantic(final)
        self.assertFalse(semantic.preceding, "Chorus Pro reads one preceding invoice only")
        for number in paid_down.mapped("name"):
            self.assertTrue(any(number in note.text for note in semantic.notes))

    def test_an_invoice_that_the_sales_app_made_as_a_down_payment(self):
        invoice = self.make_invoice()
        with patch.object(type(invoice), "_is_downpayment", lambda move: True):
            self.assertEqual(self.semantic(invoice).type_code, "386")

    def test_frameworks(self):
        for process in ("A1", "A9", "A12"):
            invoice = self.make_invoice(chorus_process=process)
            self.assertEqual(self.semantic(invoice).process, process)
            self.assertGood(invoice)

    def test_a2_only_when_money_paid_all(self):
        invoice = self.make_invoice(chorus_process="A2")
        self.assertIn("process_paid_but_due", self.codes(invoice, severity="block"))
        self.pay(invoice)
        self.assertFalse(self.codes(invoice, severity="block"))
        semantic = self.semantic(invoice)
        self.assertEqual((semantic.totals.prepaid, semantic.totals.payable), (D("120.00"), D("0.00")))
        self.assertGood(invoice)

    def test_a2_is_proposed_never_chosen_by_itself(self):
        invoice = self.make_invoice()
        self.assertNotIn("process_paid_not_said", self.codes(invoice))
        self.pay(invoice)
        self.assertIn("process_paid_not_said", self.codes(invoice, severity="info"))
        self.assertEqual(self.semantic(invoice).process, "A1")

    def test_paid_in_cash(self):
        invoice = self.make_invoice(chorus_process="A2")
        self.pay(invoice, journal_type="cash")
        self.assertEqual(self.semantic(invoice).payment.code, "10")
        self.assertFalse(self.semantic(invoice).payment.accounts)

    def test_a_copy_of_a_paid_invoice_is_not_paid(self):
        invoice = self.make_invoice(chorus_process="A2")
        self.assertEqual(invoice.copy().chorus_process, "A1")
        self.assertEqual(self.reverse(invoice, post=False).chorus_process, "A1")
        self.assertEqual(self.make_invoice(chorus_process="A9").copy().chorus_process, "A9")

    def test_references_come_only_from_their_own_fields(self):
        self.customer.ref = "CUSTOMER-CODE"
        invoice = self.make_invoice(ref="Your order of Monday", invoice_origin="SO001")
        semantic = self.semantic(invoice)
        self.assertEqual(
            (semantic.buyer_reference, semantic.order_reference, semantic.contract_reference), (None,) * 3
        )
        invoice.write(
            {"buyer_reference": " SERV-1 ", "purchase_order_reference": "EJ-1", "contract_reference": "M-1"}
        )
        semantic = self.semantic(invoice)
        self.assertEqual(
            (semantic.buyer_reference, semantic.order_reference, semantic.contract_reference),
            ("SERV-1", "EJ-1", "M-1"),
        )

    def test_the_service_of_the_contact_comes_to_the_invoice(self):
        self.customer.chorus_service_code = "MAIRIE"
        school = self.env["res.partner"].create(
            {
                "name": "School",
                "parent_id": self.customer.id,
                "type": "invoice",
                "chorus_service_code": "SCHOOL",
            }
        )
        self.assertEqual(self.make_invoice(post=False).buyer_reference, "MAIRIE")
        self.assertEqual(self.make_invoice(post=False, partner_id=school.id).buyer_reference, "SCHOOL")
        typed = self.make_invoice(post=False, buyer_reference="TYPED")
        self.assertEqual(typed.buyer_reference, "TYPED")
        with Form(typed) as form:
            form.partner_id = school
        self.assertEqual(typed.buyer_reference, "SCHOOL")

    # ------------------------------------------------------------ parties

    def test_sirets_are_those_of_both_companies(self):
        self.company.company_registry = "732 829 320 00074"
        self.env.cr.flush()
        semantic = self.semantic(self.make_invoice())
        self.assertEqual(semantic.seller.siret, "73282932000074")
        self.assertEqual(semantic.buyer.siret, "12345678200051")
        self.assertEqual(semantic.seller.vat_number, "FR44732829320")

    def test_in_test_the_seller_is_the_one_of_the_data_set(self):
        self.make_connection()
        invoice = self.make_invoice()
        self.assertEqual(self.semantic(invoice, "test").seller.siret, SUPPLIER)
        self.assertEqual(self.semantic(invoice, "production").seller.siret, "73282932000074")

    def test_a_contact_address_of_the_customer(self):
        contact = self.env["res.partner"].create(
            {
                "name": "Purchasing",
                "parent_id": self.customer.id,
                "type": "invoice",
                "street": "Annexe",
                "zip": "44190",
                "city": "Clisson",
                "country_id": self.env.ref("base.fr").id,
            }
        )
        buyer = self.semantic(self.make_invoice(partner_id=contact.id)).buyer
        self.assertEqual(
            (buyer.name, buyer.address.line_one, buyer.contact.name),
            ("Mairie de Clisson", "Annexe", "Purchasing"),
        )
        self.assertEqual(buyer.siret, "12345678200051")

    def test_a_branch_has_its_own_siret_and_the_vat_number_of_its_legal_entity(self):
        branch = self.env["res.company"].create(
            {
                "name": "Atelier de Rezé",
                "parent_id": self.company.id,
                "company_registry": "73282932000082",
                "country_id": self.env.ref("base.fr").id,
            }
        )
        self.accountant.company_ids += branch
        branch.partner_id.vat = False
        invoice = self.make_invoice()
        invoice.sudo().company_id = branch
        batch = Batch(invoice, "production")
        seller = PartyMapper(batch).seller(batch.moves)
        self.assertEqual((seller.siret, seller.vat_number), ("73282932000082", "FR44732829320"))

    def test_delivery_elsewhere(self):
        place = self.env["res.partner"].create(
            {
                "name": "Gymnasium",
                "parent_id": self.customer.id,
                "type": "delivery",
                "street": "Rue du Stade",
                "zip": "44190",
                "city": "Clisson",
                "country_id": self.env.ref("base.fr").id,
            }
        )
        invoice = self.make_invoice(partner_shipping_id=place.id, delivery_date="2026-11-18")
        semantic = self.semantic(invoice)
        self.assertEqual(semantic.ship_to.name, "Gymnasium")
        self.assertEqual(semantic.ship_to.address.line_one, "Rue du Stade")
        self.assertEqual(semantic.delivery_date, date(2026, 11, 18))
        self.assertIsNone(self.semantic(self.make_invoice(partner_shipping_id=self.customer.id)).ship_to)
        self.assertGood(invoice)

    def test_a_factor_is_paid_on_its_own_account(self):
        factor = self.env["res.partner"].create(
            {
                "name": "Factofrance",
                "is_company": True,
                "company_registry": "06380259300023",
            }
        )
        invoice = self.make_invoice(chorus_factor_id=factor.id)
        self.assertIn("factor_without_account", self.codes(invoice, severity="block"))
        self.env["res.partner.bank"].create(
            {"acc_number": "FR1420041010050500013M02606", "partner_id": factor.id}
        )
        semantic = self.semantic(invoice)
        self.assertEqual((semantic.payee.name, semantic.payee.siret), ("Factofrance", "06380259300023"))
        self.assertEqual(
            [account.number for account in semantic.payment.accounts], ["FR1420041010050500013M02606"]
        )
        self.assertGood(invoice)

    def test_a_customer_without_language(self):
        self.customer.lang = False
        invoice = self.make_invoice(self.line(10.01, 0.5), self.line(10.01, 0.5), self.line(10.01, 0.5))
        self.assertEqual(self.semantic(invoice).buyer.name, "Mairie de Clisson")

    # ------------------------------------------------------------ texts

    def test_sections_and_notes_are_not_lost(self):
        invoice = self.make_invoice(
            self.text("line_section", "Lot 1"),
            self.line(name="Wall\nBrick, 20 cm"),
            self.text("line_note", "Delivered on Monday"),
            self.text("line_section", "Lot 2"),
            self.text("line_note", "With care"),
            self.line(name="Roof"),
            self.text("line_section", "Annex"),
            self.text("line_note", "Nothing here"),
            narration="<p>Thank you</p>",
        )
        semantic = self.semantic(invoice)
        wall, roof = semantic.lines
        self.assertEqual(
            (wall.name, wall.description, wall.note), ("Wall", "Brick, 20 cm", "Lot 1\nDelivered on Monday")
        )
        self.assertEqual((roof.name, roof.note), ("Roof", "Lot 2\nWith care"))
        self.assertEqual(
            [note.text for note in semantic.notes if not note.subject], ["Thank you", "Annex", "Nothing here"]
        )
        self.assertGood(invoice)

    def test_a_long_description_is_spread_never_cut(self):
        words = " ".join(f"word{number}" for number in range(300))
        invoice = self.make_invoice(self.line(name=f"Study\n{words}"))
        line = self.semantic(invoice).lines[0]
        self.assertGreater(len(words), 2000)
        kept = " ".join([line.description, line.note, *(n.text for n in self.semantic(invoice).notes)])
        self.assertEqual(kept.split(), words.split())
        self.assertGood(invoice)

    def test_a_text_that_grows_when_its_letters_are_composed_is_spread_too(self):
        letters = "\u0958" * 1000
        line = self.semantic(invoice := self.make_invoice(self.line(name=f"Study\n{letters}"))).lines[0]
        self.assertEqual(line.description + line.note, "\u0915\u093c" * 1000)
        self.assertGood(invoice)

    def test_odd_characters(self):
        name = "A\x0bB \U0001f600 <&> ]]> \u202eabc \u2028 é"
        invoice = self.make_invoice(self.line(name=name), narration="<p>&lt;tag&gt; &amp; \U0001f4a9</p>")
        self.assertGood(invoice)

    def test_a_product_without_text_and_a_text_without_product(self):
        invoice = self.make_invoice(
            self.line(product_id=self.product.id, name="[B-1] Bench\nOak"), self.line(name="Travel")
        )
        bench, travel = self.semantic(invoice).lines
        self.assertEqual((bench.name, bench.description, bench.seller_item_id), ("Bench", "Oak", "B-1"))
        self.assertEqual((travel.name, travel.seller_item_id), ("Travel", None))

    def test_legal_mentions(self):
        self.company.write({"chorus_note_pmt": "40 €", "chorus_note_pmd": "12 %", "chorus_note_aab": "None"})
        invoice = self.make_invoice()
        self.assertEqual(
            {note.subject: note.text for note in self.semantic(invoice).notes},
            {"PMT": "40 €", "PMD": "12 %", "AAB": "None"},
        )
        self.assertNotIn("reform_note_missing", self.codes(invoice))
        self.assertGood(invoice)

    def test_periods_of_lines_and_of_the_invoice(self):
        invoice = self.make_invoice(
            self.line(chorus_period_start="2026-10-01", chorus_period_end="2026-10-31"),
            chorus_period_start="2026-09-01",
            chorus_period_end="2026-11-30",
        )
        semantic = self.semantic(invoice)
        self.assertEqual(semantic.lines[0].period.end, date(2026, 10, 31))
        self.assertEqual(semantic.period.start, date(2026, 9, 1))
        self.assertIsNone(self.semantic(self.make_invoice()).period, "no period is made up")
        self.assertGood(invoice)

    def test_attachments(self):
        attachment = self.books["ir.attachment"].create(
            {
                "name": "Plan.pdf",
                "raw": b"%PDF-1.4 plan",
                "mimetype": "application/pdf",
            }
        )
        invoice = self.make_invoice(chorus_attachment_ids=[Command.link(attachment.id)])
        self.assertEqual(
            [(file.name, file.content) for file in self.semantic(invoice).attachments],
            [("Plan.pdf", base64.b64decode(attachment.datas))],
        )
        others = attachment.with_user(self.invoicing_user)
        self.assertEqual(others.name, "Plan.pdf", "a colleague can read it too")

    # ------------------------------------------------------------ units

    def test_units(self):
        hours = self.env.ref("uom.product_uom_hour")
        odd = self.env["uom.uom"].create({"name": "Shift"})
        invoice = self.make_invoice(
            self.line(product_id=self.product.id, product_uom_id=hours.id),
            self.line(product_id=self.product.id, product_uom_id=odd.id),
            self.line(),
        )
        self.assertEqual([line.unit for line in self.semantic(invoice).lines], ["HUR", None, "C62"])
        findings = invoice._chorus_findings("production")[invoice.id]
        finding = next(found for found in findings if found["code"] == "unit_unknown")
        self.assertEqual((finding["model"], finding["res_id"]), ("uom.uom", odd.id))
        self.assertEqual(finding["severity"], "block")
        self.assertNotIn("line_unit_missing", self.codes(invoice))
        odd.rec20_code = "hur"
        self.assertGood(invoice)

    # ------------------------------------------------------------ payment

    def test_bank_account_with_its_bic(self):
        account = self.semantic(self.make_invoice()).payment.accounts[0]
        self.assertEqual((account.number, account.bic, account.iban), (IBAN, "AGRIFRPP", True))

    def test_several_bank_accounts(self):
        other = self.env["res.partner.bank"].create(
            {
                "acc_number": "FR14 2004 1010 0505 0001 3M02 606",
                "partner_id": self.company.partner_id.id,
            }
        )
        invoice = self.make_invoice(chorus_other_bank_ids=[Command.link(other.id)])
        self.assertEqual(
            [account.number for account in self.semantic(invoice).payment.accounts],
            [IBAN, "FR1420041010050500013M02606"],
        )
        self.assertGood(invoice)

    def test_a_wrong_iban_and_no_account(self):
        wrong = self.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630006000011234567890188",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        self.assertTrue(
            {"iban_checksum", "account_not_iban"}
            & self.codes(self.make_invoice(partner_bank_id=wrong.id), severity="block")
        )
        none = self.make_invoice(partner_bank_id=False)
        self.assertIn("payment_account_missing", self.codes(none, severity="block"))

    def test_a_payment_is_prepaid_a_credit_note_is_not(self):
        invoice = self.make_invoice()
        self.pay(invoice, 20)
        credit = self.make_invoice(self.line(25), move_type="out_refund", partner_bank_id=False)
        due = (invoice + credit).line_ids.filtered(lambda line: line.display_type == "payment_term")
        due.filtered(lambda line: not line.reconciled).reconcile()
        self.assertEqual(invoice.amount_residual, 70.0)
        semantic = self.semantic(invoice)
        self.assertEqual((semantic.totals.prepaid, semantic.totals.payable), (D("20.00"), D("100.00")))
        self.assertIn("settled_otherwise", self.codes(invoice, severity="warn"))

    def test_instalments_are_said(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "note": "<p>In two parts</p>",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
                ],
            }
        )
        invoice = self.make_invoice(invoice_payment_term_id=term.id, invoice_date_due=False)
        said = self.semantic(invoice).payment_terms.splitlines()
        self.assertEqual(said[0], "In two parts")
        self.assertEqual(len(said), 3)
        self.assertIn("11/20/2026", said[1])
        self.assertGood(invoice)
