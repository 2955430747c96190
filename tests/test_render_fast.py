"""The fast print draws what the whole stylesheet and the web fonts draw, and gives way on any doubt.

Drawings are compared, not pixels: the same strokes, glyphs and images at the same places. The references
fetch nothing either: what wkhtmltopdf shows of a font that it fetches depends on how busy the machine is.
"""

import base64
import re
import subprocess
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import file_open, file_path, mute_logger

from ..models.document.account_move_render import NEUTRAL
from ..rendering.stylesheet import Doubt, prune
from .invoices import InvoicesCommon
from .test_documents_files import drawings

ADDON = "odoo.addons.l10n_fr_chorus_pro"
WEB_FONT = re.compile(r"src\s*:[^;}]*?url\(\s*['\"]?(/[\w/.-]+\.woff)['\"]?\s*\)[^;}]*")


def written(rules):
    """Rules as they were in the stylesheet."""
    return "".join(f"{rule.text}{{{written(rule.rules)}}}" if rule.rules else rule.text for rule in rules)


def is_there(path):
    """Whether an addon really has a static file; Debian's package of Odoo leaves some fonts out."""
    try:
        return Path(file_path(path.lstrip("/"))).exists()
    except FileNotFoundError:
        return False


def data_url(path):
    """The font of an addon as the source of a ``@font-face``."""
    with file_open(path.lstrip("/"), "rb") as file:
        return f"src: url(data:application/font-woff;base64,{base64.b64encode(file.read()).decode()})"


def pixels(pdf):
    """All the pages as grey pictures."""
    run = subprocess.run(["pdftoppm", "-gray", "-r", "100", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRenderFast(InvoicesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env.ref("account.account_invoices")

    def printable(self, *invoices):
        moves = self.books["account.move"].browse(invoice.id for invoice in invoices)
        return moves.with_company(self.company).with_context(chorus_printed={})

    def fast(self, invoice):
        return dict(self.printable(invoice)._chorus_render_fast(self.report))[invoice.id]

    def whole(self, invoice):
        """The same print with every rule of the stylesheets."""

        def everything(rules, present, *documents, provide=None):
            prune(rules, present, *documents, provide=provide)
            return written(rule for rule in rules if not rule.families)

        with patch(f"{ADDON}.rendering.documents.prune", everything):
            return self.fast(invoice)

    def with_web_fonts(self, invoice):
        """The same print with the stylesheet's own fonts, inside it instead of on a server."""

        def elsewhere(faces):
            found = WEB_FONT.search("".join(faces))
            return not (found and is_there(found[1]))

        def inside(rules, present, *documents, provide=None):
            css = prune(rules, present, *documents, provide=elsewhere)
            return WEB_FONT.sub(lambda found: data_url(found[1]), css)

        with patch(f"{ADDON}.rendering.documents.prune", inside):
            return self.fast(invoice)

    def assertSamePages(self, invoice):
        self.assertEqual(drawings(self.fast(invoice)), drawings(self.whole(invoice)))

    # ------------------------------------------------------------ the same pages

    def test_the_same_pages_in_every_layout(self):
        invoice = self.make_invoice(
            self.text("line_section", "Lot 1"),
            self.line(33.33, 3, discount=5, name="Bench\nOak"),
            self.text("line_note", "Delivered"),
            narration="<p><b>Bold</b> and <a href='https://x.example'>x</a></p>",
        )
        for layout in self.env["report.layout"].sudo().search([]):
            self.company.external_report_layout_id = layout.view_id
            with self.subTest(layout=layout.name):
                self.assertSamePages(invoice)

    def test_the_same_pages_when_there_are_several(self):
        self.assertSamePages(self.make_invoice(*[self.line(name=f"Line {number}") for number in range(70)]))

    # ------------------------------------------------------------ what is asked once for all

    def paid(self, *lines):
        """A posted invoice of which a part is paid."""
        invoice = self.make_invoice(*lines)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": 10.0})._create_payments()
        return invoice

    def payments(self, *invoices):
        moves = self.printable(*invoices)
        moves.invalidate_recordset(["invoice_payments_widget"])
        moves._chorus_foresee_unpaid()
        return [len((move.sudo().invoice_payments_widget or {}).get("content", ())) for move in moves]

    def test_payments_are_printed_on_those_that_have_them(self):
        paid, unpaid = self.paid(self.line()), self.make_invoice(self.line())
        self.assertEqual(self.payments(paid, unpaid), [1, 0])

    def test_a_module_that_tells_other_payments_is_asked_for_each_invoice(self):
        unpaid = self.make_invoice(self.line())
        told = {"title": "Elsewhere", "outstanding": False, "content": [{"amount": 1.0}]}

        def elsewhere(moves):
            for move in moves:
                move.invoice_payments_widget = told

        with patch.object(type(unpaid), "_compute_payments_widget_reconciled_info", elsewhere):
            self.assertEqual(self.payments(unpaid), [1])

    def test_each_invoice_has_the_report_that_odoo_chooses_for_it(self):
        own = self.report.copy({"name": "Own", "report_name": "account.report_invoice"})
        other = self.customer.copy({"name": "Mairie d'à côté"})
        other.with_company(self.company).invoice_template_pdf_report_id = own
        invoices = [
            self.make_invoice(self.line(), partner_id=partner.id)
            for partner in (self.customer, other, self.customer, other)
        ]
        moves = self.printable(*invoices)
        choose = self.env["account.move.send"]._get_default_pdf_report_id
        expected = {move: choose(move) for move in moves}
        self.assertEqual(set(expected.values()), {self.report, own})
        self.assertEqual(moves._chorus_reports(), expected)

    def test_each_invoice_of_a_print_has_its_own_header_and_footer(self):
        invoices = [self.make_invoice(self.line(name=f"Line {number}")) for number in range(3)]
        together = dict(self.printable(*invoices)._chorus_render_fast(self.report))
        for invoice in invoices:
            # Pixels: a later document of a print begins by setting a pen that draws nothing.
            self.assertEqual(pixels(together[invoice.id]), pixels(self.fast(invoice)))
        self.assertNotEqual(*(pixels(together[invoice.id]) for invoice in invoices[:2]))

    def test_the_same_pages_for_a_credit_note_with_its_own_colours(self):
        self.company.write({"primary_color": "#aa1122", "secondary_color": "#115533", "font": "Roboto"})
        self.assertSamePages(self.reverse(self.make_invoice()))

    def test_local_fonts_draw_what_web_fonts_draw(self):
        invoice = self.make_invoice(
            self.text("line_section", "Heavy"),
            self.line(name="Plain"),
            self.text("line_note", "Slanted"),
        )
        local, fetched = (
            b" ".join(drawings(pdf)).split() for pdf in (self.fast(invoice), self.with_web_fonts(invoice))
        )
        self.assertEqual(len(local), len(fetched))
        differing = {pair for pair in zip(local, fetched, strict=True) if pair[0] != pair[1]}
        # Qt may round the place of a line by one of its units (1/96 inch) the other way.
        for one, other in differing:
            self.assertLessEqual(abs(float(one) - float(other)), 1)

    def test_the_stylesheet_really_is_there(self):
        invoice = self.make_invoice()
        with patch.object(type(self.report), "_chorus_load_css", lambda reports, address: ()):
            bare = self.fast(invoice)
        self.assertNotEqual(drawings(bare), drawings(self.fast(invoice)))

    def test_no_server_is_needed_and_no_word_is_missing(self):
        invoice = self.make_invoice(
            self.text("line_section", "Heavy"),
            self.line(name="Plain"),
            self.text("line_note", "Slanted"),
        )
        self.env["ir.config_parameter"].sudo().set_param("report.url", "http://127.0.0.1:9")
        pdf = self.fast(invoice)
        run = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
        text = run.stdout.decode()
        for word in ("Heavy", "Plain", "Slanted", invoice.name, "Total"):
            self.assertIn(word, text)

    # ------------------------------------------------------------ the ordinary way, without a server

    def ordinary(self, invoice):
        with patch.dict(NEUTRAL, {"_prepare_html": set()}):
            return dict(self.printable(invoice)._chorus_iter_pages({}, "production"))[invoice.id]

    def no_server(self):
        self.env["ir.config_parameter"].sudo().set_param("report.url", "http://127.0.0.1:9")

    def add_to_the_page(self, *nodes):
        """What another addon adds to the printed invoice."""
        self.env["ir.ui.view"].sudo().create(
            {
                "name": "codes",
                "type": "qweb",
                "mode": "extension",
                "inherit_id": self.env.ref("account.report_invoice_document").id,
                "arch": f'<div id="informations" position="before">{"".join(nodes)}</div>',
            }
        )

    def images(self, pdf):
        run = subprocess.run(["pdfimages", "-list", "-"], input=pdf, capture_output=True, check=True)
        return len(re.findall(rb"(?m)^ *\d+ +\d+ image ", run.stdout))

    def test_the_ordinary_way_draws_the_same_without_a_server(self):
        invoice = self.make_invoice(
            self.text("line_section", "Heavy"), self.line(name="Plain"), self.text("line_note", "Slanted")
        )
        fast = self.fast(invoice)
        self.no_server()
        pages = self.ordinary(invoice)
        one, other = (b" ".join(drawings(pdf)).split() for pdf in (fast, pages))
        self.assertEqual(len(one), len(other))
        for first, second in zip(one, other, strict=True):
            if first != second:
                self.assertLessEqual(abs(float(first) - float(second)), 1)

    def test_codes_are_drawn_without_a_server(self):
        invoice = self.make_invoice()
        self.no_server()
        before = [self.images(self.fast(invoice)), self.images(self.ordinary(invoice))]
        self.add_to_the_page(
            "<img t-att-src=\"'/report/barcode/QR/%s?width=60&amp;height=60' % 'a b/c'\"/>",
            "<img src='/report/barcode/?barcode_type=EAN13&amp;value=5901234123457&amp;height=9'/>",
        )
        after = [self.images(self.fast(invoice)), self.images(self.ordinary(invoice))]
        self.assertEqual([now - then for now, then in zip(after, before, strict=True)], [2, 2])

    def test_a_layout_from_a_server_that_does_not_answer_stops_the_print(self):
        invoice = self.make_invoice()
        self.add_to_the_page("<link rel='stylesheet' href='http://127.0.0.1:9/brand.css'/>")
        with mute_logger(f"{ADDON}.models.document.account_move_render"):
            [finding] = self.ordinary(invoice)
        self.assertEqual(finding["code"], "report_failed")
        self.assertIn("http://127.0.0.1:9/brand.css", finding["message"])
        self.assertIn("does not answer", finding["message"])

    def test_a_layout_from_a_server_that_answers_is_printed(self):
        invoice = self.make_invoice()
        self.add_to_the_page("<link rel='stylesheet' href='https://brand.example/brand.css'/>")
        with patch(f"{ADDON}.models.document.account_move_render.answers", lambda address: True):
            pages = self.ordinary(invoice)
        self.assertTrue(pages.startswith(b"%PDF-"))

    # ------------------------------------------------------------ doubts

    def test_another_addon_that_hooks_in_prints_its_way(self):
        self.assertTrue(self.report._chorus_print_is_known())

        with patch.dict(NEUTRAL, {"_prepare_html": set()}):
            self.assertFalse(self.report._chorus_print_is_known())
            self.assertEqual(list(self.printable(self.make_invoice())._chorus_render_fast(self.report)), [])

    def test_a_doubt_prints_the_ordinary_way(self):
        invoice = self.make_invoice()
        with (
            patch(f"{ADDON}.models.document.account_move_render.inline", side_effect=Doubt("a script")),
            patch.object(type(invoice), "_chorus_call_report", lambda moves, report: {moves.id: b"plain"}),
        ):
            pages = dict(self.printable(invoice)._chorus_render_group(self.report))
        self.assertEqual(pages, {invoice.id: b"plain"})

    def test_a_crash_of_wkhtmltopdf_is_no_empty_file(self):
        invoice = self.make_invoice()
        crash = subprocess.CompletedProcess([], -11, "", "killed")
        with (
            patch(f"{ADDON}.rendering.wkhtmltopdf.subprocess.run", return_value=crash),
            mute_logger(f"{ADDON}.rendering.wkhtmltopdf"),
        ):
            self.assertEqual(list(self.printable(invoice)._chorus_render_fast(self.report)), [])
