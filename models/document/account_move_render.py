"""The pages of invoices: many at once when the server's wkhtmltopdf can, one by one when it cannot.

Printing is fast (a pruned stylesheet, local fonts, no waiting, several processes at once) only for the
addon's own renderings, and only where the result is known to be the same; on any doubt the caller prints the
ordinary way. That one asks no server for how the pages look either: wkhtmltopdf prints a page without its
stylesheet and says nothing.
"""

import logging
import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from math import ceil
from urllib.parse import urljoin

from odoo import api, models
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.exceptions import UserError
from odoo.tools import config, file_open, ormcache

from ...rendering.documents import answers, draw_barcodes, inline, inline_whole, separate
from ...rendering.stylesheet import Doubt, parse
from ...rendering.wkhtmltopdf import LocalFonts, inside, print_documents, processes
from ..base.chorus_server_config import parameter
from ..base.transactions import ends_transaction

_logger = logging.getLogger(__name__)

# Of a customer or a journal.
_OWN_REPORT = "invoice_template_pdf_report_id"
BATCH = 25
FAST_BATCH = 10


def _is_of_core(records, name):
    """Whether no other module has a word in a method of the module account."""
    return getattr(type(records), name).__module__.startswith("odoo.addons.account.")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_render_pages(self, invoices, environment):
        """The printed pages of each invoice, as Odoo's report makes them.

        :param dict[int, einvoice.terms.Invoice] invoices: what the pages say of the parties (SIRETs)
        :param str environment: ``'test'`` or ``'production'``
        :return: a PDF, or the finding that says why there is none
        :rtype: dict[int, bytes | list[dict]]
        """
        return dict(self._chorus_iter_pages(invoices, environment))

    def _chorus_iter_pages(self, invoices, environment):
        """Same as ``_chorus_render_pages``, one by one, as soon as they are there and in no special order.

        What the caller does with one is done while others are being printed.

        :rtype: Iterator[tuple[int, bytes | list[dict]]]
        """
        reports = self._chorus_reports()
        for (company, report, lang), moves in self.grouped(
            lambda move: (move.company_id, reports[move], move.partner_id.lang)
        ).items():
            moves = moves.with_company(company).with_context(
                lang=lang or self.env.lang, chorus_printed=invoices, chorus_environment=environment
            )
            for move_id, pages in moves._chorus_render_group(report):
                if isinstance(pages, str):
                    # Told in the user's language: the pages are in the customer's.
                    pages = [self.browse(move_id)._chorus_finding("report_failed", {"detail": pages})]
                yield move_id, pages

    def _chorus_reports(self):
        """The report template of each invoice, as Send & Print chooses it.

        The core looks the report up for each invoice. Without a condition on it the choice depends on what
        customer and journal have of their own: it is made once for those that have the same.

        :return: dict invoice → ``ir.actions.report``
        """
        sender, chosen, reports = self.env["account.move.send"], {}, {}
        alike = _is_of_core(sender, "_get_default_pdf_report_id") and _is_of_core(
            self, "_is_action_report_available"
        )
        for move in self:
            owners = (move.commercial_partner_id, move.journal_id)
            own = tuple(
                owner.with_company(move.company_id).invoice_template_pdf_report_id for owner in owners
            )
            report = alike and chosen.get(own)
            if not report or (report.domain and not any(own)):
                report = chosen[own] = sender._get_default_pdf_report_id(move)
            reports[move] = report
        return reports

    def _chorus_render_group(self, report):
        """The pages of invoices that share a report, a company and a language, as (move id, pages)."""
        left = self
        for move_id, pages in self._chorus_render_fast(report):
            left -= self.browse(move_id)
            yield move_id, pages
        if _wkhtml().is_patched_qt:
            for move_id, pages in left._chorus_render_batches(report).items():
                left -= self.browse(move_id)
                yield move_id, pages
        for move in left:
            yield move.id, move._chorus_render_alone(report)

    def _chorus_foresee_unpaid(self):
        """Nothing is reconciled with most invoices that are printed: the core would ask for each whether."""
        asked = ("_compute_payments_widget_reconciled_info", "_get_all_reconciled_invoice_partials")
        if not all(_is_of_core(self, name) for name in asked):
            return
        items = self.sudo().line_ids
        matched = items.filtered(lambda item: item.matched_debit_ids or item.matched_credit_ids)
        unpaid = self - matched.move_id.with_env(self.env)
        with self.env.protecting([self._fields["invoice_payments_widget"]], unpaid):
            unpaid.invoice_payments_widget = False

    def _chorus_render_fast(self, report):
        """Print on our processors: while some invoices are in wkhtmltopdf, the next are made ready.

        Without patched Qt it takes one invoice at a time, and spends most of its time waiting.

        :return: pairs of move id and PDF; invoices are absent that must be printed the ordinary way
        """
        if not report._chorus_print_is_known():
            return
        # Odoo computes the sections of the lines that it is asked for, and writes them on the others one by
        # one, with all the checks of a changed entry; asked for all of them at once it writes nothing.
        self.line_ids.mapped("parent_id")
        # What the totals of each invoice read of its lines: read at once for all.
        self.line_ids.mapped("tax_ids")
        self.line_ids.mapped("tax_tag_ids")
        self._chorus_foresee_unpaid()
        prints = []
        if _wkhtml().is_patched_qt:
            workers = processes()
            batch = min(FAST_BATCH, ceil(len(self) / workers))
        else:
            workers, batch = processes(2), 1
        with ThreadPoolExecutor(max_workers=workers) as threads:
            for start in range(0, len(self), batch):
                moves = self[start : start + batch]
                try:
                    prints.append(threads.submit(report._chorus_prepare_print(moves)))
                except Doubt as doubt:
                    _logger.info("Printing the ordinary way: %s", doubt)
                    break
                except Exception as error:
                    if ends_transaction(error):
                        raise
                    _logger.warning("Preparing to print %s invoices failed", len(moves), exc_info=True)
            for done in as_completed(prints):
                try:
                    pages = done.result() or {}
                except Exception:
                    _logger.warning(
                        "A print failed; its invoices are printed the ordinary way", exc_info=True
                    )
                    continue
                yield from pages.items()

    def _chorus_render_batches(self, report):
        """The ordinary way with patched Qt: many invoices in one call of wkhtmltopdf."""
        pages = {}
        for start in range(0, len(self), BATCH):
            moves = self[start : start + BATCH]
            try:
                pages.update(moves._chorus_call_report(report) if len(moves) > 1 else {})
            except Exception as error:
                if ends_transaction(error):
                    raise
                _logger.warning("Printing %s invoices at once failed", len(moves), exc_info=True)
        return pages

    def _chorus_render_alone(self, report):
        """The pages of one invoice; a text says why there are none."""
        try:
            return self._chorus_call_report(report)[self.id]
        except Exception as error:
            if ends_transaction(error):
                raise
            _logger.warning("Printing invoice %s failed", self.id, exc_info=True)
            return str(error)[:200] or type(error).__name__

    def _chorus_call_report(self, report):
        """Run the report on these invoices.

        :rtype: dict[int, bytes]
        """
        reports = self.env["ir.actions.report"].with_context(
            webp_as_jpg=True, report_pdf_no_attachment=True, chorus_ordinary=True
        )
        streams = reports._render_qweb_pdf_prepare_streams(
            report.report_name, reports._chorus_print_data(), res_ids=self.ids
        )
        return {move_id: found["stream"].getvalue() for move_id, found in streams.items() if move_id}


# Addons known to leave the pages of a customer invoice alone. Another one that hooks in prints its way.
NEUTRAL = {
    "_render_qweb_pdf_prepare_streams": {
        "base", "account", "account_edi", "account_edi_ubl_cii", "sale", "purchase", "hr_expense",
        "sale_pdf_quote_builder", "stock", "l10n_fr_chorus_pro",
    },
    "_run_wkhtmltopdf": {"base"},
    "_build_wkhtmltopdf_args": {"base"},
    "_prepare_html": {"base", "l10n_fr_chorus_pro"},
}  # fmt: skip
ADDONS = "odoo.addons."
ASSETS = "/web/assets/"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _chorus_print_is_known(self):
        """Whether printing this report does nothing but what the fast print does."""
        for name, known in NEUTRAL.items():
            modules = (cls.__module__ for cls in type(self).mro() if name in cls.__dict__)
            if any(module.startswith(ADDONS) and module.split(".")[2] not in known for module in modules):
                return False
        return not self.sudo().attachment_use

    @api.model
    def _chorus_print_data(self):
        """What Odoo's Print button gives to an invoice's template."""
        footer = parameter(self.env, "account.display_name_in_footer")
        named = {"display_name_in_footer": True} if footer else {}
        return {"report_type": "pdf", "debug": False, **named}

    def _chorus_prepare_print(self, records):
        """Everything of a print that needs the database; what is left can run in a thread.

        :param records: what to print, in the environment in which templates are evaluated
        :return: a function without argument that gives the PDFs by id, or None when they cannot be told
            apart
        :raises Doubt: when the ordinary way must be taken
        """
        report = self.sudo().with_context(
            records.env.context, debug=False, webp_as_jpg=True, chorus_paper_formats={}
        )
        reports = records.env["ir.actions.report"].with_context(debug=False, webp_as_jpg=True)
        data = self._chorus_print_data()
        html = reports._render_qweb_html(report.report_name, records.ids, data=data)[0]
        bodies, found, header, footer, arguments = report._prepare_html(html, report_model=report.model)
        if list(found) != records.ids:
            raise Doubt("the report does not say which pages are whose")
        bodies, headers, footers = (
            inline(
                [self._chorus_drawn(document) for document in kind],
                self._chorus_load_css,
                FONTS.provide,
                # Patched Qt is of before there were any; half of what is left of a stylesheet defines some.
                variables=not _wkhtml().is_patched_qt,
            )
            for kind in (bodies, [header], [footer])
        )
        headers = separate(headers[0], "minimal_layout_report_headers", len(bodies))
        footers = separate(footers[0], "minimal_layout_report_footers", len(bodies))
        command = report._build_wkhtmltopdf_args(
            report.get_paperformat(), report.env.context.get("landscape"), specific_paperformat_args=arguments
        )
        # The documents hold no script that would need the wait that is configured for reports.
        command[command.index("--javascript-delay") + 1] = "1"
        return partial(_print, records.ids, _wkhtml().bin, command, bodies, headers, footers)

    @api.model
    def get_paperformat_by_xmlid(self, xml_id):
        """Looked up once for a print: its layout asks for each page."""
        known = self.env.context.get("chorus_paper_formats")
        if known is None:
            return super().get_paperformat_by_xmlid(xml_id)
        if xml_id not in known:
            known[xml_id] = super().get_paperformat_by_xmlid(xml_id)
        return known[xml_id]

    def _prepare_html(self, html, report_model=False):
        """On the ordinary way (``chorus_ordinary``) the documents hold how they look."""
        prepared = super()._prepare_html(html, report_model=report_model)
        if not prepared or not self.env.context.get("chorus_ordinary"):
            return prepared
        bodies, found, header, footer, arguments = prepared
        bodies, headers, footers = (
            inline_whole(
                [self._chorus_drawn(document) for document in kind],
                self._chorus_whole_css,
                partial(inside, read=_read_static),
            )
            for kind in (bodies, [header], [footer])
        )
        return bodies, found, headers[0], footers[0], arguments

    @api.model
    def _chorus_drawn(self, document):
        """A document with its barcodes drawn."""
        return draw_barcodes(
            str(document),
            lambda kind, value, asked: self.env["ir.actions.report"].barcode(kind, value, **asked),
        )

    @api.model
    def _chorus_whole_css(self, address):
        """The rules of a stylesheet; None for one from elsewhere, which wkhtmltopdf fetches.

        :raises UserError: when nobody would give it, and the pages would be printed without it
        """
        try:
            return self._chorus_load_css(address)
        except Doubt:
            if answers(urljoin(self._get_report_url(), address)):
                return None
        raise UserError(
            self.env._(
                "the page layout is at %(address)s, which does not answer: the pages would go out without "
                "their layout",
                address=address[:200],
            )
        )

    @api.model
    @ormcache("address")
    def _chorus_load_css(self, address):
        """The rules of one of Odoo's stylesheets; its address names its content.

        :param str address: ``/web/assets/<version>/<file>``
        """
        if not address.startswith(ASSETS):
            raise Doubt(f"a stylesheet from elsewhere: {address[:80]}")
        attachment = self.env["ir.attachment"].sudo().search([("url", "=", address)], limit=1)
        if not attachment.raw:
            attachment = self._chorus_make_css(address)
        return parse(attachment.raw.decode())

    @api.model
    def _chorus_make_css(self, address):
        """Make the stylesheet as the web controller would, when nobody has asked for it yet."""
        name, rtl, kind, autoprefix = (
            self.env["ir.asset"].sudo()._parse_bundle_name(address.rpartition("/")[2], debug_assets=False)
        )
        bundle = (
            self.env["ir.qweb"]
            .sudo()
            ._get_asset_bundle(
                name, css=True, js=False, debug_assets=False, rtl=rtl, autoprefix=autoprefix, assets_params={}
            )
        )
        if kind != "css" or bundle.get_link("css") != address:
            raise Doubt("an unknown version of a stylesheet")
        return bundle.css().sudo()


def _print(records, program, options, bodies, headers, footers):
    """The PDFs of records by id, None when the ordinary way must be taken.

    :rtype: dict[int, bytes] | None
    """
    parts = print_documents(program, options, bodies, headers, footers, FONTS.configuration())
    return dict(zip(records, parts, strict=True)) if parts else None


def _read_static(path):
    with file_open(path, "rb") as file:
        return file.read()


def _fonts_folder():
    """In Odoo's own folder: the system cleans that for temporary files."""
    return os.path.join(config["data_dir"], "chorus_fonts")


FONTS = LocalFonts(_read_static, _fonts_folder)
