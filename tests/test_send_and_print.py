"""Send & Print: the method "by Chorus Pro", its alerts, one channel per invoice, the same data everywhere."""

from odoo.addons.l10n_fr_chorus_pro import einvoice
from odoo.exceptions import UserError
from odoo.tests import tagged

from .invoices import InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSendAndPrint(InvoicesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect("production", first_deposit_limit=0)
        cls.customer.email = "mairie@clisson.example"

    def wizard(self, invoice):
        return (
            self.books["account.move.send.wizard"]
            .with_company(self.company)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"move_id": invoice.id})
        )

    def batch(self, invoices):
        return (
            self.books["account.move.send.batch.wizard"]
            .with_company(self.company)
            .with_context(active_model="account.move", active_ids=invoices.ids)
            .create({"move_ids": [(6, 0, invoices.ids)]})
        )

    def lines(self, invoice, environment="production"):
        return self.env["chorus.deposit.line"].search(
            [("move_id", "=", invoice.id), ("environment", "=", environment)]
        )

    # ------------------------------------------------------------ the single wizard

    def test_the_method_is_ticked_for_a_chorus_customer(self):
        wizard = self.wizard(self.make_invoice())
        self.assertIn("chorus_pro", wizard.sending_methods)
        self.assertEqual(wizard.invoice_edi_format, "facturx")

    def test_the_method_is_not_there_for_other_customers_nor_when_switched_off(self):
        other = self.env["res.partner"].create({"name": "Shop", "country_id": self.env.ref("base.fr").id})
        boxes = self.wizard(self.make_invoice(partner_id=other.id)).sending_method_checkboxes
        self.assertNotIn("chorus_pro", boxes)
        self.company.chorus_environment = False
        self.assertNotIn("chorus_pro", self.wizard(self.make_invoice()).sending_method_checkboxes)

    def test_send_stores_the_documents_and_queues(self):
        invoice = self.make_invoice()
        self.wizard(invoice).action_send_and_print()
        self.assertTrue(invoice.invoice_pdf_report_id)
        self.assertTrue(invoice.is_move_sent)
        self.assertEqual(self.lines(invoice).state, "queued")
        self.assertEqual(einvoice.read_xml(invoice.invoice_pdf_report_id.raw), invoice.ubl_cii_xml_id.raw)

    def test_the_deposit_carries_the_same_bytes(self):
        invoice = self.make_invoice()
        self.wizard(invoice).action_send_and_print()
        built = invoice._chorus_build_files("production")[invoice.id]
        self.assertEqual(built.content, invoice.invoice_pdf_report_id.raw)

    def test_the_data_are_embedded_once(self):
        invoice = self.make_invoice()
        self.wizard(invoice).action_send_and_print()
        self.assertEqual(einvoice.verify(invoice.invoice_pdf_report_id.raw), [])
        names = (
            self.env["ir.attachment"]
            .search(
                [("res_model", "=", "account.move"), ("res_id", "=", invoice.id), ("res_field", "=", False)]
            )
            .mapped("name")
        )
        self.assertNotIn("factur-x.xml", names)

    def test_a_blocking_finding_stops_the_click(self):
        invoice = self.make_invoice(partner_bank_id=False)
        wizard = self.wizard(invoice)
        alert = wizard.alerts[f"chorus_pro_block_{self.company.id}"]
        self.assertEqual(alert["level"], "danger")
        self.assertEqual(alert["action"]["res_model"], "account.move")
        self.assertEqual(alert["action"]["res_id"], invoice.id)
        with self.assertRaises(UserError):
            wizard.action_send_and_print()
        self.assertFalse(self.lines(invoice))

    def test_without_the_method_a_blocking_finding_still_makes_no_false_factur_x(self):
        invoice = self.make_invoice(partner_bank_id=False)
        with self.assertRaises(UserError):
            self.env["account.move.send"]._generate_and_send_invoices(invoice, sending_methods=["manual"])

    def test_by_email_too(self):
        invoice = self.make_invoice()
        wizard = self.wizard(invoice)
        wizard.sending_methods = ["email", "chorus_pro"]
        wizard.action_send_and_print()
        message = invoice.message_ids.filtered(lambda message: message.attachment_ids)[:1]
        names = message.attachment_ids.mapped("name")
        self.assertIn(invoice.invoice_pdf_report_id.name, names)
        self.assertEqual(self.lines(invoice).state, "queued")

    # ------------------------------------------------------------ one channel

    def test_with_a_live_line_no_other_electronic_channel(self):
        invoice = self.make_invoice()
        send = self.env["account.move.send"]
        self.assertTrue(send._is_applicable_to_move("chorus_pro", invoice))
        invoice._chorus_queue("production")
        self.assertFalse(send._is_applicable_to_move("chorus_pro", invoice))
        self.assertFalse(send._is_applicable_to_move("peppol", invoice))
        self.assertTrue(send._is_applicable_to_move("manual", invoice))
        box = self.wizard(invoice).sending_method_checkboxes["chorus_pro"]
        self.assertEqual((box["readonly"], box["checked"]), (True, False))
        self.assertIn("on its way", box["label"])
        alerts = self.wizard(invoice).alerts or {}
        self.assertTrue(any("with Chorus Pro already" in alert["message"] for alert in alerts.values()))

    def test_the_switch_decides_whatever_sending_method_is_stored(self):
        invoice = self.make_invoice()
        self.customer.with_company(self.company).invoice_sending_method = "email"
        send = self.env["account.move.send"]
        self.assertEqual(send._get_default_sending_methods(invoice), {"chorus_pro"})
        self.company.chorus_environment = False
        self.assertEqual(send._get_default_sending_methods(invoice), {"email"})

    # ------------------------------------------------------------ several invoices

    def test_batch_by_the_daily_job(self):
        good, bad = self.make_invoice() + self.make_invoice(), self.make_invoice(partner_bank_id=False)
        self.batch(good + bad).action_send_and_print()
        self.assertFalse(self.lines(good[0]))
        with self.enter_registry_test_mode():
            self.env.ref("account.ir_cron_account_move_send").method_direct_trigger()
        for invoice in good:
            self.assertEqual(self.lines(invoice).state, "queued")
            self.assertTrue(invoice.invoice_pdf_report_id)
        self.assertFalse(self.lines(bad))
        self.assertIn("bank account", bad.message_ids[0].body)

    def test_batch_alerts_name_the_bad_ones(self):
        good, bad = self.make_invoice(), self.make_invoice(partner_bank_id=False)
        alert = self.batch(good + bad).alerts[f"chorus_pro_block_{self.company.id}"]
        self.assertEqual(alert["level"], "warning")
        self.assertIn(bad.name, alert["message"])
        self.assertNotIn(good.name, alert["message"])

    def test_test_environment_queues_for_test_and_makes_the_real_document(self):
        self.connect("test")
        invoice = self.make_invoice()
        wizard = self.wizard(invoice)
        self.assertIn("TEST", wizard.alerts[f"chorus_pro_test_{self.company.id}"]["message"])
        wizard.action_send_and_print()
        self.assertEqual(self.lines(invoice, "test").state, "queued")
        self.assertFalse(self.lines(invoice))
        xml = einvoice.read_xml(invoice.invoice_pdf_report_id.raw)
        self.assertIn(self.company.company_registry.encode(), xml)

    def test_other_customers_keep_odoo_s_own_export(self):
        other = self.env["res.partner"].create(
            {
                "name": "Shop",
                "country_id": self.env.ref("base.fr").id,
                "vat": "FR23334175221",
                "street": "1 rue",
                "zip": "44000",
                "city": "Nantes",
            }
        )
        other.with_company(self.company).invoice_edi_format = "facturx"
        invoice = self.make_invoice(partner_id=other.id)
        xml, _errors = self.env["account.edi.xml.cii"]._export_invoice(invoice)
        self.assertIn(b"urn:factur-x.eu:1p0:extended", xml)
