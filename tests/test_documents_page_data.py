"""Pages that show other things than the data say: told on the invoice, which is sent all the same."""

from unittest.mock import patch

from odoo.tests import tagged

from ..models.base.chorus_authority import BY_CODE
from ..worker.channel import Channel
from ..worker.preparer import Preparer
from .invoices import IBAN, InvoicesCommon

OTHER = "DE89370400440532013000"
ACCOUNT = "//t[@t-foreach='o._chorus_printed_accounts()']"
TOTAL = "//div[@id='total']"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDocumentsPageData(InvoicesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect("production", first_deposit_limit=0)

    def alter(self, place, arch):
        """Alter the invoice's report as a person with the developer mode would."""
        self.env["ir.ui.view"].create(
            {
                "name": "Altered",
                "type": "qweb",
                "inherit_id": self.env.ref("account.report_invoice_document").id,
                "arch": f'<xpath expr="{place}" position="replace">{arch}</xpath>',
                "priority": 99,
            }
        )

    def told(self, invoice):
        """What is written on the invoice about its pages, once their file is made."""
        before = invoice.message_ids
        file = invoice._chorus_build_files("production")[invoice.id]
        self.assertNotIsInstance(file, list)
        invoice._chorus_tell_remarks(file)
        return "".join(str(message.body) for message in invoice.message_ids - before)

    def test_pages_as_they_are_say_nothing(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        factor = self.env["res.partner"].create(
            {"name": "Factor SA", "street": "1 rue", "zip": "75007", "city": "Paris", "phone": "0145000000"}
        )
        self.env["res.partner.bank"].create({"acc_number": OTHER, "partner_id": factor.id})
        kinds = ({}, {"chorus_factor_id": factor.id}, {"move_type": "out_refund"})
        for lang in ("en_US", "fr_FR"):
            self.customer.lang = lang
            ids = [self.make_invoice(self.line(12345.67), **values).id for values in kinds]
            built = self.books["account.move"].browse(ids)._chorus_build_files("production")
            self.assertEqual([built[move_id].remarks for move_id in ids], [()] * 3, lang)

    def test_another_account_on_the_page_is_told_with_both(self):
        self.alter(ACCOUNT, f"<span>IBAN {OTHER}</span>")
        told = self.told(self.make_invoice())
        self.assertIn(OTHER, told)
        self.assertIn(IBAN, told)

    def test_another_total_on_the_page_is_told_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.alter(TOTAL, "<p>Total 9 999,00</p>")
        told = self.told(self.make_invoice().with_context(lang="fr_FR"))
        self.assertIn("120.00", told)
        self.assertIn("9 999,00", told)
        self.assertIn("ne montre pas", told)

    def test_a_page_that_differs_is_sent_and_told_once(self):
        self.alter(ACCOUNT, f"<span>IBAN {OTHER}</span>")
        invoice = self.make_invoice()
        wizard = (
            self.books["account.move.send.wizard"]
            .with_company(self.company)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"move_id": invoice.id})
        )
        wizard.action_send_and_print()
        line = self.env["chorus.deposit.line"].search([("move_id", "=", invoice.id)])
        Preparer(Channel.of(line.sudo()))._make_files(line.sudo().with_context(**BY_CODE))
        self.assertEqual(line.state, "ready")
        about = invoice.message_ids.filtered(lambda message: OTHER in str(message.body))
        self.assertEqual(len(about), 1)

    def test_a_deposit_by_hand_shows_it(self):
        self.alter(ACCOUNT, f"<span>IBAN {OTHER}</span>")
        invoice = self.make_invoice()
        action = invoice.with_user(self.accountant).action_chorus_hand()
        wizard = self.env["chorus.hand"].with_user(self.accountant).browse(action["res_id"])
        wizard.action_make()
        self.assertEqual(wizard.line_ids.state, "made")
        self.assertIn(OTHER, wizard.line_ids.remark)

    def test_an_older_legal_pdf_is_compared_where_odoo_printed_it(self):
        other, invoice = self.make_invoice(self.line(5)), self.make_invoice()
        pages = other._chorus_render_pages(other._chorus_invoices("production"), "production")[other.id]
        self.env["ir.attachment"].create(
            {
                "name": "old.pdf",
                "raw": pages,
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        invoice.invalidate_recordset()
        told = self.told(invoice)
        self.assertIn(invoice.name, told)
        self.assertIn(other.name, told)
        self.assertIn("120.00", told)
        with patch("odoo.addons.l10n_fr_chorus_pro.einvoice.is_printed_here", return_value=False):
            self.assertEqual(self.told(invoice), "")
