"""What people put in numbers, references and parties."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import html2plaintext

from .invoices import TODAY, InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestContentHeader(InvoicesCommon):
    def numbered(self, number, **values):
        invoice = self.make_invoice(post=False, **values)
        invoice.name = number
        invoice.action_post()
        return invoice

    def messages(self, invoice, code):
        found = invoice._chorus_findings("production")[invoice.id]
        return [finding["message"] for finding in found if finding["code"] == code]

    def test_a_print_that_fails_is_told_in_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        invoice = self.make_invoice()
        reports = type(self.env["ir.actions.report"])

        def broken(*_args, **_options):
            raise ValueError("x")

        with (
            patch.object(reports, "_chorus_prepare_print", broken),
            patch.object(reports, "_render_qweb_pdf_prepare_streams", broken),
            self.assertLogs("odoo.addons.l10n_fr_chorus_pro", "WARNING"),
        ):
            (found,) = invoice._chorus_build_files("production")[invoice.id]
        self.assertEqual(found["code"], "report_failed")
        self.assertIn("could not be printed", found["message"])

    def said(self, invoice):
        """What the notes of the data say, and what the page says."""
        notes = " ".join(note.text for note in self.semantic(invoice).notes)
        html, _type = self.env["ir.actions.report"]._render_qweb_html("account.report_invoice", invoice.ids)
        return [" ".join(text.split()) for text in (notes, html2plaintext(html.decode()))]

    def test_the_main_contractor_is_named_on_the_page_and_in_the_data(self):
        holder = self.env["res.partner"].create(
            {"name": "Bâtisseurs réunis", "is_company": True, "company_registry": "443 061 841 00047"}
        )
        for process in ("A9", "A12"):
            invoice = self.make_invoice(chorus_process=process, chorus_validator_id=holder.id)
            for text in self.said(invoice):
                self.assertIn("validates this invoice: Bâtisseurs réunis, SIRET 44306184100047", text)
            self.assertGood(invoice)
        unnamed = self.make_invoice(chorus_process="A9")
        for invoice in (unnamed, self.make_invoice(chorus_validator_id=holder.id)):
            for text in self.said(invoice):
                self.assertNotIn("validates this invoice", text)

    # ------------------------------------------------------------ numbers

    def test_blanks_that_would_change_the_number_stop_it_and_are_shown(self):
        for number, shown in (
            ("FA  12", "FA␣␣12"),
            ("FA3 ", "FA3␣"),
            (" FA14", "␣FA14"),
            ("FA\u00a015", "FA⟨U+00A0⟩15"),
            ("FA\u200b16", "FA⟨U+200B⟩16"),
            ("FA\u202f17", "FA⟨U+202F⟩17"),
        ):
            invoice = self.numbered(number)
            self.assertIn("number_blanks", self.codes(invoice, severity="block"), repr(number))
            self.assertIn(shown, self.messages(invoice, "number_blanks")[0])
        self.assertNotIn("number_blanks", self.codes(self.numbered("FA 18")))

    def test_a_day_as_number_warns(self):
        self.assertIn("number_is_date", self.codes(self.numbered("20261120"), severity="warn"))

    def sent(self, number, **values):
        invoice = self.numbered(number, **values)
        invoice._chorus_queue("production")
        line = self.env["chorus.deposit.line"].sudo().search([("move_id", "=", invoice.id)])
        line.write({"number": number, "seller_siret": self.company.company_registry})
        return invoice

    def test_a_number_comes_back_in_another_year(self):
        sales = self.company_data["default_journal_sale"]
        journal = sales.copy(
            {"name": "Sales 2", "code": "V26", "default_account_id": sales.default_account_id.id}
        )
        self.sent("FA-0007", invoice_date="2025-11-20")
        again = self.numbered("FA-0007", journal_id=journal.id)
        self.assertNotIn("number_already_sent", self.codes(again))
        (message,) = self.messages(again, "number_of_another_year")
        self.assertIn("FA-0007", message)
        self.sent("FA-0008", invoice_date="2026-01-02")
        same_year = self.numbered("FA-0008", journal_id=journal.id)
        self.assertIn("number_already_sent", self.codes(same_year, severity="block"))

    def test_two_engagements_in_one_field(self):
        for value in ("1512345678, 1512345679", "1512345678 / 1512345679", "EJ 1512345678 et 1512345679",
                      "2026-00123;2026-00124"):  # fmt: skip
            invoice = self.make_invoice(purchase_order_reference=value)
            self.assertIn("engagement_several", self.codes(invoice, severity="warn"), value)
        for value in (
            "1512345678",
            "BC 2026/123",
            "EJ 1512345678 du 2026-11-20",
            "2023-45678-2026-123456",
            "12-A",
        ):
            invoice = self.make_invoice(purchase_order_reference=value)
            self.assertNotIn("engagement_several", self.codes(invoice), value)

    # ------------------------------------------------------------ what is pasted

    def test_pasted_signs_leave_every_identifier(self):
        self.customer.company_registry = "\u200b123\u00a0456\u202f782\t00051\ufeff"
        self.company.company_registry = "732 829 320\u200e00074"
        self.bank.acc_number = "FR76\u00a03000\u200b6000 0112 3456 7890 189"
        invoice = self.make_invoice(
            buyer_reference="\u200bSERVICE\u00a0 1 ",
            purchase_order_reference="EJ\u00a012\ufeff",
            contract_reference="\u2066M-1\u2069",
        )
        semantic = self.semantic(invoice)
        self.assertEqual((semantic.buyer.siret, semantic.seller.siret), ("12345678200051", "73282932000074"))
        self.assertEqual(semantic.payment.accounts[0].number, "FR7630006000011234567890189")
        self.assertEqual(
            (semantic.buyer_reference, semantic.order_reference, semantic.contract_reference),
            ("SERVICE 1", "EJ 12", "M-1"),
        )
        self.assertEqual(invoice.commercial_partner_id._chorus_siret(), "12345678200051")
        self.assertGood(invoice)

    def test_a_siret_that_lost_its_first_zero(self):
        self.customer.company_registry = "5680003000001"
        invoice = self.make_invoice()
        self.assertIn("05680003000001", self.messages(invoice, "buyer_siret_lost_zero")[0])
        self.assertNotIn("buyer_siret_wrong", self.codes(invoice))

    # ------------------------------------------------------------ parties

    def test_a_contact_with_its_own_siret(self):
        town = self.make_customer("12345678200051", name="Town")
        water = self.make_customer(
            False, name="Water budget", parent_id=town.id, is_company=False, type="invoice"
        )
        water.company_registry = "12345678200044"
        invoice = self.make_invoice(partner_id=town.address_get(["invoice"])["invoice"])
        self.assertEqual(self.semantic(invoice).buyer.siret, "12345678200051")
        (message,) = self.messages(invoice, "contact_siret_unused")
        for told in ("12345678200044", "12345678200051", "Water budget"):
            self.assertIn(told, message)
        # The cure that the message tells.
        water.write({"is_company": True, "company_registry": "12345678200044"})
        water.dematerialized_invoice_type = "facturx"
        cured = self.make_invoice(partner_id=water.id)
        self.assertEqual(self.semantic(cured).buyer.siret, "12345678200044")
        self.assertNotIn("contact_siret_unused", self.codes(cured))

    def test_a_supplier_abroad_is_told_so_whatever_its_number(self):
        for country, registry, vat in (
            ("base.be", "0477472701", "BE0477472701"), ("base.nc", "0123456.001", False),
            ("base.pf", "123456", False),
            ("base.mc", "94S03094", False), ("base.be", False, False), ("base.wf", "123456789", False),
        ):  # fmt: skip
            self.company.write({"vat": vat, "company_registry": registry})
            self.company.partner_id.country_id = self.env.ref(country)
            codes = self.codes(self.make_invoice(), severity="block")
            self.assertIn("seller_foreign", codes)
            self.assertFalse({code for code in codes if code.startswith("seller_siret")}, codes)

    def test_overseas_departments_are_in_france(self):
        for code in ("gp", "mq", "gf", "re", "yt"):
            country = self.env.ref(f"base.{code}")
            self.customer.country_id = country
            invoice = self.make_invoice(
                self.line(taxes=self.make_tax(0, ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-4")),
            )
            self.assertEqual(self.semantic(invoice).buyer.address.country, code.upper())
            self.assertEqual(self.semantic(invoice).breakdown[0].vat.category, "E")
            self.company.partner_id.country_id = country
            self.assertNotIn("seller_foreign", self.codes(self.make_invoice()))

    def test_a_delivery_address_without_country_is_left_out(self):
        place = self.env["res.partner"].create(
            {"name": "Shed", "parent_id": self.customer.id, "type": "delivery", "street": "Rue du Stade"}
        )
        place.country_id = False
        invoice = self.make_invoice(partner_shipping_id=place.id)
        self.assertEqual(
            (self.semantic(invoice).ship_to.name, self.semantic(invoice).ship_to.address), ("Shed", None)
        )
        self.assertGood(invoice)

    # ------------------------------------------------------------ credit notes

    def test_a_credit_note_that_is_set_off_gets_no_warning_meant_for_invoices(self):
        invoice = self.make_invoice()
        wizard = (
            self.books["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, "date": TODAY, "reason": "Wrong quantity"})
        )
        credit = self.books["account.move"].browse(wizard.refund_moves()["res_id"])
        credit.action_post()
        self.assertFalse(
            self.codes(credit, severity="warn") - {"credit_original_not_sent"}, "nothing else to tell"
        )
        self.assertIn("settled_otherwise", self.codes(invoice), "the invoice still tells it")
