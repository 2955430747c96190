"""What we send, read back by Odoo as a vendor bill: the same amounts."""

from odoo.addons.l10n_fr_chorus_pro import einvoice
from odoo.tests import tagged

from .invoices import InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRoundTrip(InvoicesCommon):
    def read_back(self, invoice):
        """The vendor bill that Odoo makes of our XML, in a company that buys."""
        xml = einvoice.build_xml(self.semantic(invoice))
        journal = self.company_data["default_journal_purchase"]
        attachment = self.env["ir.attachment"].create(
            {
                "name": "factur-x.xml",
                "raw": xml,
                "mimetype": "application/xml",
            }
        )
        journal = journal.with_context(default_journal_id=journal.id)
        return journal._create_document_from_attachment(attachment.ids)

    def purchase_tax(self, amount):
        return self.make_tax(amount, type_tax_use="purchase")

    def assertSame(self, invoice, **values):
        bill = self.read_back(invoice)
        kind = {"out_invoice": "in_invoice", "out_refund": "in_refund"}[invoice.move_type]
        self.assertEqual(bill.move_type, kind)
        self.assertEqual(bill.ref, invoice.name)
        self.assertAlmostEqual(bill.amount_total, invoice.amount_total, 2)
        self.assertAlmostEqual(bill.amount_untaxed, values.get("untaxed", invoice.amount_untaxed), 2)
        self.assertEqual(bill.invoice_date, invoice.invoice_date)

    def test_an_ordinary_invoice(self):
        self.assertSame(self.make_invoice(self.line(33.333, 3), self.line(10, 2, discount=5)))

    def test_several_rates(self):
        lines = [self.line(), self.line(taxes=self.vat10), self.line(taxes=self.vat55)]
        self.assertSame(self.make_invoice(*lines))

    def test_a_credit_note(self):
        self.assertSame(self.reverse(self.make_invoice()))

    def test_negative_lines(self):
        self.assertSame(self.make_invoice(self.line(100, 2), self.line(-30), self.line(15, -2)))

    def test_price_included_taxes(self):
        ttc = self.make_tax(20, price_include_override="tax_included")
        self.assertSame(self.make_invoice(self.line(21.53, 1, ttc), self.line(9.99, 7, ttc)))

    def test_an_exempt_invoice(self):
        exempt = self.make_tax(0, ubl_cii_tax_exemption_reason_code="VATEX-FR-FRANCHISE")
        self.purchase_tax(0)
        self.assertSame(self.make_invoice(self.line(taxes=exempt)))
