"""The fast print draws the same pages with the pruned stylesheet as with the whole one, or gives way.

Drawings are compared, not pixels: the same strokes, glyphs and images at the same places.
"""

from unittest.mock import patch

from odoo.addons.base.models import ir_actions_report as base_report
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.ir_actions_report import NEUTRAL
from ..rendering.stylesheet import Doubt
from .invoices import InvoicesCommon
from .test_documents_files import drawings

ADDON = "odoo.addons.l10n_fr_chorus_pro"


def written(rules):
    """All of a parsed stylesheet, as it was."""
    return "".join(f"{rule.text}{{{written(rule.rules)}}}" if rule.rules else rule.text for rule in rules)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRenderFast(InvoicesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env.ref("account.account_invoices")

    def printable(self, *invoices):
        moves = self.books["account.move"].browse(invoice.id for invoice in invoices)
        return moves.with_company(self.company).with_context(chorus_parties={})

    def fast(self, invoice):
        return self.printable(invoice)._chorus_render_fast(self.report)[invoice.id]

    def whole(self, invoice):
        """The same print with every rule of Odoo's stylesheets."""
        with patch(f"{ADDON}.rendering.documents.prune", lambda rules, *_present: written(rules)):
            return self.fast(invoice)

    def assertSamePages(self, invoice):
        self.assertEqual(drawings(self.fast(invoice)), drawings(self.whole(invoice)))

    # ------------------------------------------------------------ the same pages

    def test_the_same_pages_in_every_layout(self):
        invoice = self.make_invoice(
            self.text("line_section", "Lot 1"), self.line(33.33, 3, discount=5, name="Bench\nOak"),
            self.text("line_note", "Delivered"),
            narration="<p><b>Bold</b> and <a href='https://x.example'>x</a></p>",
        )
        for layout in self.env["report.layout"].sudo().search([]):
            self.company.external_report_layout_id = layout.view_id
            with self.subTest(layout=layout.name):
                self.assertSamePages(invoice)

    def test_the_same_pages_when_there_are_several(self):
        self.assertSamePages(self.make_invoice(*[self.line(name=f"Line {number}") for number in range(70)]))

    def test_the_same_pages_for_a_credit_note_with_its_own_colours(self):
        self.company.write({"primary_color": "#aa1122", "secondary_color": "#115533", "font": "Roboto"})
        self.assertSamePages(self.reverse(self.make_invoice()))

    def test_the_stylesheet_really_is_there(self):
        invoice = self.make_invoice()
        with patch.object(type(self.report), "_chorus_load_css", lambda reports, address: ()):
            bare = self.fast(invoice)
        self.assertNotEqual(drawings(bare), drawings(self.fast(invoice)))

    # ------------------------------------------------------------ doubts

    def test_another_addon_that_hooks_in_prints_its_way(self):
        self.assertTrue(self.report._chorus_print_is_known())

        with patch.dict(NEUTRAL, {"_prepare_html": set()}):
            self.assertFalse(self.report._chorus_print_is_known())
            self.assertEqual(self.printable(self.make_invoice())._chorus_render_fast(self.report), {})

    def test_a_doubt_prints_the_ordinary_way(self):
        invoice = self.make_invoice()
        with (
            patch(f"{ADDON}.models.ir_actions_report.inline", side_effect=Doubt("a script")),
            patch.object(type(invoice), "_chorus_call_report", lambda moves, report: {moves.id: b"plain"}),
        ):
            pages = self.printable(invoice)._chorus_render_group(self.report)
        self.assertEqual(pages, {invoice.id: b"plain"})

    def test_a_crash_of_wkhtmltopdf_is_no_empty_file(self):
        invoice = self.make_invoice()
        crash = type("Run", (), {"returncode": -11, "stderr": "killed"})()
        with (
            patch.object(base_report, "_run_wkhtmltopdf", return_value=crash),
            mute_logger(f"{ADDON}.models.ir_actions_report"),
        ):
            self.assertEqual(self.printable(invoice)._chorus_render_fast(self.report), {})
