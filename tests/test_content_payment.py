"""When, to whom and on which account an invoice is paid: the data and the pages say the same."""

from datetime import date
from decimal import Decimal as D

from odoo import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .invoices import IBAN, InvoicesCommon

FACTOR_IBAN = "FR1420041010050500013M02606"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestContentPayment(InvoicesCommon):
    def term(self, *rows, **values):
        """A payment term; rows are (percent, days, retention)."""
        return self.env["account.payment.term"].create(
            {
                "name": "Works",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": percent,
                            "nb_days": days,
                            "chorus_retention": kept,
                        }
                    )
                    for percent, days, kept in rows
                ],
                **values,
            }
        )

    def page(self, invoice):
        """The text of the page, as HTML without tags nor the line breaks of the template."""
        invoices = invoice._chorus_invoices("production")
        report = self.env["ir.actions.report"].with_context(chorus_printed=invoices)
        html, _type = report._render_qweb_html("account.report_invoice", invoice.ids)
        return " ".join(html2plaintext(html.decode()).split())

    # ------------------------------------------------------------ dates

    def test_instalments_are_due_on_the_first_day_and_all_are_told(self):
        term = self.term((30, 30, False), (30, 60, False), (40, 90, False))
        invoice = self.make_invoice(self.line(1000), invoice_payment_term_id=term.id)
        semantic = self.semantic(invoice)
        self.assertEqual(semantic.due_date, date(2026, 12, 20))
        self.assertIn("*Due Date* 12/20/2026", self.page(invoice))
        for told in ("360.00", "480.00", "12/20/2026", "01/19/2027", "02/18/2027"):
            self.assertIn(told, semantic.payment_terms)
            self.assertIn(told, self.page(invoice))
            self.assertIn(told, invoice.chorus_due_note)
        self.assertGood(invoice)

    def test_a_retention_is_said_as_one_with_what_is_to_be_paid_now(self):
        term = self.term((95, 30, False), (5, 365, True), display_on_invoice=False)
        invoice = self.make_invoice(self.line(1000), invoice_payment_term_id=term.id)
        semantic = self.semantic(invoice)
        self.assertEqual((semantic.due_date, semantic.totals.payable), (date(2026, 12, 20), D("1200.00")))
        for text in (semantic.payment_terms, self.page(invoice), invoice.chorus_due_note):
            self.assertIn("retenue de garantie", text)
            self.assertIn("60.00", text)
            self.assertIn("11/20/2027", text)
            self.assertIn("1,140.00", text)
        self.assertGood(invoice)

    def test_what_is_due_at_once_is_told_once(self):
        invoice = self.make_invoice()
        self.assertFalse(invoice.chorus_due_note)
        self.assertEqual(self.semantic(invoice).due_date, date(2026, 12, 20))

    # ------------------------------------------------------------ factoring

    def factor(self, *accounts, **values):
        factor = self.env["res.partner"].create(
            {
                "name": "Factor SA",
                "is_company": True,
                "street": "1 rue du Bac",
                "zip": "75007",
                "city": "Paris",
                "phone": "0145000000",
                **values,
            }
        )
        for number in accounts:
            self.env["res.partner.bank"].create({"acc_number": number, "partner_id": factor.id})
        return factor

    def test_a_factor_is_named_whole_and_its_account_alone(self):
        invoice = self.make_invoice(chorus_factor_id=self.factor(FACTOR_IBAN).id)
        semantic = self.semantic(invoice)
        self.assertEqual(semantic.payee.name, "Factor SA")
        self.assertEqual([account.number for account in semantic.payment.accounts], [FACTOR_IBAN])
        page, notes = self.page(invoice), " ".join(note.text for note in semantic.notes)
        for text in (page, notes):
            for told in ("Factor SA", "1 rue du Bac", "75007 Paris", "0145000000", FACTOR_IBAN, "subrogated"):
                self.assertIn(told.replace(" ", ""), text.replace(" ", ""))
        self.assertNotIn(IBAN, page.replace(" ", ""))
        self.assertFalse(self.codes(invoice) & {"factor_incomplete", "factor_several_accounts"})
        self.assertGood(invoice)

    def test_a_missing_piece_of_the_factor_is_told(self):
        for missing in ("street", "zip", "city", "phone"):
            invoice = self.make_invoice(chorus_factor_id=self.factor(FACTOR_IBAN, **{missing: False}).id)
            self.assertIn("factor_incomplete", self.codes(invoice, severity="warn"), missing)
        invoice = self.make_invoice(chorus_factor_id=self.factor().id)
        self.assertEqual(self.codes(invoice, severity="block"), {"factor_without_account"})

    def test_of_several_accounts_of_a_factor_the_first_is_named_and_told(self):
        other = "FR7610107001011234567890129"
        invoice = self.make_invoice(chorus_factor_id=self.factor(FACTOR_IBAN, other).id)
        accounts = self.semantic(invoice).payment.accounts
        self.assertEqual([account.number for account in accounts], [FACTOR_IBAN])
        self.assertIn("factor_several_accounts", self.codes(invoice, severity="warn"))

    # ------------------------------------------------------------ accounts

    def test_the_page_names_the_accounts_of_the_data_and_no_other(self):
        other = self.bank.copy({"acc_number": "FR7610107001011234567890129"})
        invoice = self.make_invoice(chorus_other_bank_ids=[Command.set(other.ids)])
        page = self.page(invoice).replace(" ", "")
        for account in self.semantic(invoice).payment.accounts:
            self.assertIn(account.number, page)
        self.assertIn(IBAN, page)
        paid = self.make_invoice(chorus_process="A2")
        self.pay(paid, journal_type="cash")
        self.assertFalse(self.semantic(paid).payment.accounts)
        self.assertNotIn(IBAN, self.page(paid).replace(" ", ""))
