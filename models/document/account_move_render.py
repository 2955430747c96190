"""The pages of invoices: many at once when the server's wkhtmltopdf can, one by one when it cannot."""

import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from math import ceil

from odoo import models
from odoo.addons.base.models.ir_actions_report import _wkhtml

from ...rendering.stylesheet import Doubt
from ...rendering.wkhtmltopdf import processes
from ..base.transactions import ends_transaction

_logger = logging.getLogger(__name__)

BATCH = 25
FAST_BATCH = 10


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
        for (company, report, lang), moves in self.grouped(
            lambda move: (move.company_id, move._chorus_report(), move.partner_id.lang)
        ).items():
            moves = moves.with_company(company).with_context(
                lang=lang or self.env.lang, chorus_printed=invoices, chorus_environment=environment
            )
            for move_id, pages in moves._chorus_render_group(report):
                if isinstance(pages, str):
                    # Told in the user's language: the pages are in the customer's.
                    pages = [self.browse(move_id)._chorus_finding("report_failed", {"detail": pages})]
                yield move_id, pages

    def _chorus_report(self):
        """The invoice's own report template, as Send & Print chooses it."""
        return self.env["account.move.send"]._get_default_pdf_report_id(self)

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
        reports = self.env["ir.actions.report"].with_context(webp_as_jpg=True, report_pdf_no_attachment=True)
        streams = reports._render_qweb_pdf_prepare_streams(
            report.report_name, reports._chorus_print_data(), res_ids=self.ids
        )
        return {move_id: found["stream"].getvalue() for move_id, found in streams.items() if move_id}
