"""The pages of invoices: many at once when the server's wkhtmltopdf can, one by one when it cannot."""

import logging

from odoo import models
from odoo.addons.base.models.ir_actions_report import _wkhtml

from .account_move_einvoice_parties import compact

_logger = logging.getLogger(__name__)

BATCH = 25


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_render_pages(self, invoices, environment):
        """The printed pages of each invoice, as Odoo's report makes them.

        :param dict[int, einvoice.terms.Invoice] invoices: what the pages say of the parties (SIRETs)
        :param str environment: ``'test'`` or ``'production'``
        :return: a PDF, or the finding that says why there is none
        :rtype: dict[int, bytes | list[dict]]
        """
        parties = {
            move_id: (invoice.seller.siret or "", invoice.buyer.siret or "")
            for move_id, invoice in invoices.items()
        }
        pages = {}
        for (company, report, lang), moves in self.grouped(
            lambda move: (move.company_id, move._chorus_report(), move.partner_id.lang)
        ).items():
            moves = moves.with_company(company).with_context(
                lang=lang or self.env.lang, chorus_parties=parties, chorus_environment=environment
            )
            pages.update(moves._chorus_render_group(report))
        return pages

    def _chorus_printed_sirets(self):
        """SIRETs of the supplier and the customer, as the pages show them: those that the data say.

        :rtype: tuple[str, str]
        """
        parties = self.env.context.get("chorus_parties") or {}
        if self.id in parties:
            return parties[self.id]
        return compact(self.company_id.company_registry) or "", self.commercial_partner_id._chorus_siret()

    def _chorus_report(self):
        """The invoice's own report template, as Send & Print chooses it."""
        return self.env["account.move.send"]._get_default_pdf_report_id(self)

    def _chorus_render_group(self, report):
        if len(self) > 1 and _wkhtml().is_patched_qt:
            pages = {}
            for start in range(0, len(self), BATCH):
                pages.update(self[start : start + BATCH]._chorus_render_batch(report))
            return pages
        return {move.id: move._chorus_render_alone(report) for move in self}

    def _chorus_render_batch(self, report):
        try:
            found = self._chorus_call_report(report)
        except Exception:
            _logger.warning("Printing %s invoices at once failed; one by one now", len(self), exc_info=True)
            found = {}
        return {move.id: found.get(move.id) or move._chorus_render_alone(report) for move in self}

    def _chorus_render_alone(self, report):
        try:
            return self._chorus_call_report(report)[self.id]
        except Exception as error:
            _logger.warning("Printing invoice %s failed", self.id, exc_info=True)
            return [self._chorus_finding("report_failed", {"detail": str(error)[:200]})]

    def _chorus_call_report(self, report):
        """Run the report on these invoices.

        :rtype: dict[int, bytes]
        """
        reports = self.env["ir.actions.report"].with_context(webp_as_jpg=True, report_pdf_no_attachment=True)
        streams = reports._render_qweb_pdf_prepare_streams(
            report.report_name, {"report_type": "pdf"}, res_ids=self.ids
        )
        return {move_id: found["stream"].getvalue() for move_id, found in streams.items() if move_id}
