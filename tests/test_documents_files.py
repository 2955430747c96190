"""From an invoice to its Factur-X file: legal PDF, corrections, older PDFs, the test environment."""

import io
import re
import subprocess
from unittest.mock import patch

import pikepdf
from odoo import sql_db
from odoo.addons.base.models import ir_actions_report
from odoo.addons.l10n_fr_chorus_pro import einvoice
from odoo.tests import tagged

from ..rendering.wkhtmltopdf import print_documents
from .common import SUPPLIER
from .invoices import InvoicesCommon


def drawings(pdf):
    """What each page draws, without the names that a PDF writer gives to fonts and images."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [_drawing(page) for page in document.pages]


def _drawing(page):
    parts = page.Contents if isinstance(page.Contents, pikepdf.Array) else [page.Contents]
    names = {}
    content = b" ".join(part.read_bytes() for part in parts)
    return re.sub(rb"/[A-Za-z]+\d+", lambda name: names.setdefault(name[0], b"/n%d" % len(names)), content)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDocumentsFiles(InvoicesCommon):
    def build(self, invoices, environment="production"):
        built = invoices._chorus_build_files(environment)
        for move_id, file in built.items():
            self.assertNotIsInstance(file, list, f"{move_id}: {file}")
        return built

    def text_of(self, content):
        return subprocess.run(
            ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
        ).stdout.decode()

    def test_production_makes_the_legal_pdf_once(self):
        invoice = self.make_invoice()
        file = self.build(invoice)[invoice.id]
        self.assertEqual(file.filename, invoice.name.replace("/", "_") + ".pdf")
        self.assertEqual(invoice.invoice_pdf_report_id.raw, file.content)
        self.assertEqual(einvoice.read_xml(file.content), invoice.ubl_cii_xml_id.raw)
        self.assertEqual(einvoice.verify(file.content, file.invoice), [])
        self.assertEqual(self.build(invoice)[invoice.id].content, file.content)

    def test_a_later_payment_makes_no_new_legal_pdf(self):
        invoice = self.make_invoice()
        file = self.build(invoice)[invoice.id]
        self.pay(invoice, 20)
        self.assertEqual(self.build(invoice)[invoice.id].content, file.content)

    def test_a_correction_makes_a_new_legal_pdf_and_keeps_the_old_one(self):
        invoice = self.make_invoice()
        old = self.build(invoice)[invoice.id]
        invoice.purchase_order_reference = "EJ-2026-1"
        new = self.build(invoice)[invoice.id]
        self.assertIn(b"EJ-2026-1", einvoice.read_xml(new.content))
        self.assertEqual(invoice.invoice_pdf_report_id.raw, new.content)
        self.assertEqual(einvoice.read_xml(new.content), invoice.ubl_cii_xml_id.raw)
        kept = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "=", invoice.id),
                ("mimetype", "=", "application/pdf"),
                ("res_field", "=", False),
            ]
        )
        self.assertEqual(kept.mapped("raw"), [old.content])

    def test_an_older_legal_pdf_that_cannot_be_read_is_told(self):
        broken = {
            "pdf_unreadable": b"%PDF-1.7 cut",
            "pdf_elsewhere_without_text": self.pdf_of_an_empty_page(),
            "pdf_encrypted": self.pdf_of_an_empty_page(encryption=pikepdf.Encryption(owner="a", user="b")),
        }
        for code, content in broken.items():
            invoice = self.make_invoice()
            self.env["ir.attachment"].create(
                {
                    "name": "old.pdf",
                    "raw": content,
                    "mimetype": "application/pdf",
                    "res_model": "account.move",
                    "res_id": invoice.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
            invoice.invalidate_recordset()
            for environment in ("production", "test"):
                with self.subTest(code=code, environment=environment):
                    findings = invoice._chorus_build_files(environment)[invoice.id]
                    self.assertEqual([finding["code"] for finding in findings], [code])

    def pdf_of_an_empty_page(self, **options):
        output = io.BytesIO()
        with pikepdf.new() as document:
            document.add_blank_page()
            document.save(output, **options)
        return output.getvalue()

    def test_an_older_legal_pdf_keeps_its_pages(self):
        invoice = self.make_invoice()
        pages = invoice._chorus_render_pages(invoice._chorus_invoices("production"), "production")[invoice.id]
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
        file = self.build(invoice)[invoice.id]
        self.assertEqual(invoice.invoice_pdf_report_id.raw, pages, "the customer's file is left alone")
        self.assertEqual(drawings(file.content), drawings(pages))
        self.assertEqual(einvoice.verify(file.content, file.invoice), [])

    def test_the_test_environment_leaves_the_invoice_alone(self):
        self.make_connection()
        invoice = self.make_invoice()
        file = self.build(invoice, "test")[invoice.id]
        self.assertTrue(file.filename.startswith("TEST_"))
        self.assertFalse(invoice.invoice_pdf_report_id)
        self.assertEqual(file.invoice.seller.siret, SUPPLIER)
        text = self.text_of(file.content)
        self.assertIn(SUPPLIER, text)
        self.assertNotIn(self.company.company_registry, text)
        production = self.build(invoice)[invoice.id]
        self.assertNotEqual(drawings(file.content), drawings(production.content))

    def test_the_pages_say_what_the_data_say(self):
        invoice = self.make_invoice(
            self.line(123.45, 3),
            buyer_reference="SERV-9",
            purchase_order_reference="EJ-77",
            contract_reference="M-5",
        )
        text = self.text_of(self.build(invoice)[invoice.id].content)
        for word in (
            invoice.name,
            self.company.company_registry,
            self.customer.company_registry,
            "SERV-9",
            "EJ-77",
            "M-5",
            "A1",
            "370.35",
            "444.42",
        ):
            self.assertIn(word, text)

    def test_many_at_once_are_each_their_own(self):
        lengths = [1, 1, 40, *[1] * 9]
        invoices = self.union(
            self.make_invoice(*[self.line(10 + number, name=f"Line {row}") for row in range(length)])
            for number, length in enumerate(lengths)
        )
        built = self.build(invoices)
        for invoice in invoices:
            text = self.text_of(built[invoice.id].content)
            self.assertIn(invoice.name, text)
            for other in invoices - invoice:
                self.assertNotIn(other.name, text)

    def test_one_bad_invoice_does_not_hold_the_others(self):
        good, bad = self.make_invoice(), self.make_invoice(partner_bank_id=False)
        built = (good + bad)._chorus_build_files("production")
        self.assertNotIsInstance(built[good.id], list)
        self.assertEqual([finding["code"] for finding in built[bad.id]], ["payment_account_missing"])
        self.assertFalse(bad.invoice_pdf_report_id)

    def test_unpatched_qt_prints_one_by_one(self):
        invoices = self.make_invoice() + self.make_invoice()
        printed, room = [], "odoo.addons.l10n_fr_chorus_pro.models.document"

        def print_one(program, options, bodies, *more):
            printed.append(len(bodies))
            return print_documents(program, options, bodies, *more)

        with (
            patch(f"{room}.account_move_render._wkhtml") as wkhtml,
            patch(f"{room}.account_move_render.print_documents", print_one),
        ):
            wkhtml.return_value = ir_actions_report._wkhtml()._replace(is_patched_qt=False)
            self.build(invoices)
        self.assertEqual(printed, [1, 1])

    def test_unpatched_qt_and_a_doubt_print_one_by_one(self):
        invoices = self.make_invoice() + self.make_invoice()
        calls = []
        original = type(invoices)._chorus_call_report

        def call(moves, report):
            calls.append(len(moves))
            return original(moves, report)

        target = "odoo.addons.l10n_fr_chorus_pro.models.document.account_move_render"
        with (
            patch(f"{target}._wkhtml") as wkhtml,
            patch.object(type(invoices), "_chorus_call_report", call),
            patch.object(type(invoices), "_chorus_render_fast", lambda moves, report: iter(())),
        ):
            wkhtml.return_value.is_patched_qt = False
            self.build(invoices)
        self.assertEqual(calls, [1, 1])

    def test_a_print_that_fails_is_told_and_stops_nobody_else(self):
        good, bad = self.make_invoice(), self.make_invoice()
        original = type(good)._chorus_call_report

        def call(moves, report):
            if bad in moves:
                raise ValueError("no such template")
            return original(moves, report)

        with (
            patch.object(type(good), "_chorus_render_fast", lambda moves, report: iter(())),
            patch.object(type(good), "_chorus_call_report", call),
            self.assertLogs("odoo.addons.l10n_fr_chorus_pro.models.document.account_move_render", "WARNING"),
        ):
            built = (good + bad)._chorus_build_files("production")
        self.assertNotIsInstance(built[good.id], list)
        self.assertEqual(built[bad.id][0]["code"], "report_failed")

    def test_a_page_without_text_is_refused_with_its_cure(self):
        invoice = self.make_invoice()
        outlines = pikepdf.new()
        outlines.add_blank_page()
        outlines.pages[0].Contents = outlines.make_stream(b"0 0 m 1 1 2 2 3 3 c f " * 2000)
        outlines.docinfo["/Producer"] = "Qt 4.8.7"
        out = io.BytesIO()
        outlines.save(out)
        with patch.object(
            type(invoice),
            "_chorus_iter_pages",
            lambda moves, invoices, environment: ((move.id, out.getvalue()) for move in moves),
        ):
            findings = invoice._chorus_build_files("production")[invoice.id]
        self.assertEqual(findings[0]["code"], "pdf_page_without_text")
        self.assertIn("wkhtmltopdf", findings[0]["message"])
        self.assertFalse(invoice.invoice_pdf_report_id)

    def test_attachments_are_inside(self):
        attachment = self.books["ir.attachment"].create(
            {
                "name": "Plan.csv",
                "raw": b"a;b",
                "mimetype": "text/csv",
            }
        )
        invoice = self.make_invoice(chorus_attachment_ids=[(4, attachment.id)])
        content = self.build(invoice)[invoice.id].content
        with pikepdf.open(io.BytesIO(content)) as document:
            self.assertEqual(set(document.attachments), {"factur-x.xml", "Plan.csv"})

    def test_the_number_of_queries_does_not_grow_with_the_invoices(self):
        invoices = self.union(self.make_invoice() for _number in range(13))
        counts = []
        # What Odoo keeps between requests (record rules) is read by the first look at the database.
        self.env.invalidate_all()
        invoices[:1]._chorus_findings("production")
        for group in (invoices[:3], invoices[3:]):
            self.env.invalidate_all()
            before = sql_db.sql_counter
            group._chorus_findings("production")
            counts.append(sql_db.sql_counter - before)
        self.assertEqual(counts[0], counts[1])

    def union(self, invoices):
        """One recordset of the accountant's invoices."""
        return self.books["account.move"].browse(invoice.id for invoice in invoices)
