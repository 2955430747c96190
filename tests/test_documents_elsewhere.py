"""Legal PDFs that another tool made: told as such, their losses told before sending, never changed."""

import io

import pikepdf
from odoo.tests import tagged
from pikepdf import Array, Dictionary, Name
from reportlab.pdfgen import canvas

from .invoices import InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDocumentsElsewhere(InvoicesCommon):
    def pdf_of_another_tool(self, change=None):
        output = io.BytesIO()
        page = canvas.Canvas(output)
        page.rect(50, 50, 200, 200, fill=1)
        page.save()
        if not change:
            return output.getvalue()
        changed = io.BytesIO()
        with pikepdf.open(output) as document:
            change(document)
            document.save(changed)
        return changed.getvalue()

    def legal(self, content):
        invoice = self.make_invoice()
        attachment = self.env["ir.attachment"].create(
            {
                "name": "facture.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        invoice.invalidate_recordset()
        return invoice, attachment

    def test_its_message_speaks_of_this_pdf_and_not_of_odoo_s_printing(self):
        invoice, attachment = self.legal(self.pdf_of_another_tool())
        (finding,) = invoice._chorus_build_files("production")[invoice.id]
        self.assertEqual(finding["code"], "pdf_elsewhere_without_text")
        self.assertIn("another tool", finding["message"])
        self.assertNotIn("wkhtmltopdf", finding["message"])
        self.assertEqual(attachment.raw, self.legal_bytes(invoice))

    def test_a_signature_that_the_copy_loses_is_told_before_sending(self):
        def sign(document):
            value = document.make_indirect(
                Dictionary(Type=Name.Sig, ByteRange=Array([0, 9, 99, 9]), Contents=b"x")
            )
            field = document.make_indirect(Dictionary(FT=Name.Sig, T="a", V=value))
            document.Root.AcroForm = Dictionary(SigFlags=3, Fields=Array([field]))

        invoice, attachment = self.legal(self.pdf_of_another_tool(sign))
        before = attachment.raw
        found = invoice.with_user(self.accountant)._chorus_findings("production")[invoice.id]
        told = [item for item in found if item["code"] == "pdf_loses_signature"]
        self.assertEqual([item["severity"] for item in told], ["warn"])
        self.assertEqual(attachment.raw, before)

    def legal_bytes(self, invoice):
        return invoice._chorus_legal_pdfs()[invoice.id].raw
