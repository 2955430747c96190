"""One builder for the invoices of every Odoo test, and the judges of what is made of them."""

from decimal import Decimal

from odoo import Command, fields
from odoo.addons.l10n_fr_chorus_pro import einvoice

from .common import ChorusCommon
from .schematron import failed_rules

IBAN = "FR7630006000011234567890189"
TODAY = "2026-11-20"


class InvoicesCommon(ChorusCommon):
    """Invoices of a French company to a public customer, made by an accountant without other rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["res.partner.bank"].create(
            {
                "acc_number": IBAN,
                "partner_id": cls.company.partner_id.id,
                "allow_out_payment": True,
                "bank_id": cls.env["res.bank"].create({"name": "Banque", "bic": "AGRIFRPP"}).id,
            }
        )
        cls.customer = cls.make_customer(lang="en_US")
        cls.product = cls.env["product.product"].create({"name": "Bench", "default_code": "B-1"})
        cls.vat20 = cls.make_tax(20)
        cls.vat10 = cls.make_tax(10)
        cls.vat55 = cls.make_tax(5.5)
        # The invoices are hers: what is called on them runs with her rights only.
        cls.books = cls.env(user=cls.accountant, context={**cls.env.context, "lang": "en_US"})

    @classmethod
    def make_tax(cls, amount, name=None, **values):
        """A sale tax of the company, price excluded unless told."""
        return cls.env["account.tax"].create(
            {
                "name": name or f"VAT {amount} {len(values)} {cls.env['account.tax'].search_count([])}",
                "invoice_label": f"TVA {amount:g} %",
                "amount": amount,
                "type_tax_use": "sale",
                "company_id": cls.company.id,
                "country_id": cls.env.ref("base.fr").id,
                "price_include_override": "tax_excluded",
                "tax_exigibility": "on_invoice",
                **values,
            }
        )

    @classmethod
    def line(cls, price=100.0, quantity=1.0, taxes=None, name="Bench", **values):
        """Values of an invoice line; ``taxes`` default to VAT 20 %."""
        taxes = cls.vat20 if taxes is None else taxes
        return Command.create(
            {
                "name": name,
                "quantity": quantity,
                "price_unit": price,
                "tax_ids": [Command.set(taxes.ids)],
                **values,
            }
        )

    @classmethod
    def text(cls, kind, name):
        """Values of a section (``line_section``) or note (``line_note``)."""
        return Command.create({"display_type": kind, "name": name})

    @classmethod
    def make_invoice(cls, *lines, post=True, **values):
        """A customer invoice of the accountant, posted unless told otherwise."""
        invoice = (
            cls.books["account.move"]
            .with_company(cls.company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": cls.customer.id,
                    "invoice_date": TODAY,
                    "invoice_date_due": "2026-12-20",
                    "partner_bank_id": cls.bank.id,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": list(lines) or [cls.line()],
                    **values,
                }
            )
        )
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def pay(cls, invoice, amount=None, journal_type="bank"):
        """Register a payment that reaches the invoice at once, as a statement would."""
        journal = cls.company_data[f"default_journal_{journal_type}"]
        due = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        value = (amount or abs(invoice.amount_residual)) * (1 if invoice.move_type == "out_invoice" else -1)
        entry = (
            cls.env["account.move"]
            .with_company(cls.company)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": journal.id,
                    "date": TODAY,
                    "line_ids": [
                        Command.create({"account_id": journal.default_account_id.id, "balance": value}),
                        Command.create(
                            {
                                "account_id": due.account_id[:1].id,
                                "balance": -value,
                                "partner_id": cls.customer.id,
                            }
                        ),
                    ],
                }
            )
        )
        entry.action_post()
        counterpart = entry.line_ids.filtered(lambda line: line.account_id == due.account_id[:1])
        (due[:1] + counterpart).reconcile()
        return entry

    @classmethod
    def reverse(cls, invoice, post=True, **values):
        """The credit note that Odoo makes of ``invoice``."""
        credit = invoice._reverse_moves([{"invoice_date": fields.Date.to_date(TODAY), **values}])
        if post:
            credit.action_post()
        return credit

    # ------------------------------------------------------------ judges

    def semantic(self, invoice, environment="production"):
        """The semantic invoice of one invoice."""
        return invoice._chorus_invoices(environment)[invoice.id]

    def codes(self, invoice, environment="production", severity=None):
        """Codes of the findings of one invoice."""
        return {
            finding["code"]
            for finding in invoice._chorus_findings(environment)[invoice.id]
            if severity in (None, finding["severity"])
        }

    def assertTotalsOfOdoo(self, invoice, semantic=None):
        """The totals of the data are those of the invoice, to the cent."""
        totals = (semantic or self.semantic(invoice)).totals
        self.assertEqual(totals.grand + totals.rounding, Decimal(f"{invoice.amount_total:.2f}"))
        self.assertEqual(totals.tax, Decimal(f"{invoice.amount_tax:.2f}"))
        self.assertEqual(totals.tax_basis + totals.rounding, Decimal(f"{invoice.amount_untaxed:.2f}"))

    def assertGood(self, *invoices, allow=()):
        """Nothing blocks, quantity × price gives each line, and the EN 16931 schematron is content."""
        documents = {}
        for invoice in invoices:
            semantic = self.semantic(invoice)
            self.assertTotalsOfOdoo(invoice, semantic)
            blocking = self.codes(invoice, severity="block") - set(allow)
            self.assertFalse(blocking, f"{invoice.name}: {blocking}")
            self.assertNotIn("line_amount_differs", self.codes(invoice))
            documents[invoice.name or str(invoice.id)] = einvoice.build_xml(semantic)
        self.assertEqual(failed_rules(documents), {name: [] for name in documents})

    def assertSchematron(self, invoice):
        """The EN 16931 schematron is content with the data of one invoice."""
        self.assertEqual(failed_rules({"xml": einvoice.build_xml(self.semantic(invoice))}), {"xml": []})
