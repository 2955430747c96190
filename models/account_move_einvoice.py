"""From an invoice of the ERP to the semantic invoice of EN 16931: the way in, and what a pass shares."""

from datetime import date
from functools import partial

from odoo import api, models
from odoo.tools import html2plaintext, is_html_empty

from ..einvoice import terms

MOVE_FIELDS = [
    "name", "move_type", "state", "invoice_date", "invoice_date_due", "delivery_date", "currency_id",
    "company_id", "partner_id", "commercial_partner_id", "partner_shipping_id", "partner_bank_id",
    "fiscal_position_id", "invoice_payment_term_id", "payment_reference", "payment_state", "narration",
    "reversed_entry_id", "preferred_payment_method_line_id", "amount_total", "buyer_reference",
    "contract_reference", "purchase_order_reference", "journal_id", "chorus_process",
    "chorus_document_kind", "chorus_corrected_id", "chorus_factor_id", "chorus_period_start",
    "chorus_period_end", "chorus_other_bank_ids", "chorus_attachment_ids",
]  # fmt: skip
LINE_FIELDS = [
    "move_id", "display_type", "sequence", "name", "product_id", "product_uom_id", "quantity", "price_unit",
    "discount", "tax_ids", "tax_line_id", "amount_currency", "date_maturity", "extra_tax_data",
    "chorus_period_start", "chorus_period_end",
]  # fmt: skip


class EinvoicePass:
    """What the invoices of one pass share, so that nothing is computed twice.

    :param env: environment of the pass, with sudo
    :param str environment: ``'test'`` or ``'production'``
    """

    def __init__(self, env, environment):
        self.env = env
        self.environment = environment
        self.memory = {}
        self.payments = {}
        self.units = {}
        self.problems = {}

    def once(self, key, make):
        """The value of ``key``, made by ``make()`` the first time."""
        if key not in self.memory:
            self.memory[key] = make()
        return self.memory[key]

    def connection(self, company):
        """The company's connection in this pass's environment, possibly empty."""
        find = self.env["chorus.connection"]._for
        return self.once(("connection", company.id), partial(find, company, self.environment))


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_invoices(self, environment):
        """The semantic invoices of these customer invoices and credit notes, in bulk.

        Nothing is checked here: what is missing in the ERP is absent from the result, for the checks to
        say. In test, the seller's SIRET is the one of the test data set.

        :param str environment: ``'test'`` or ``'production'``
        :rtype: dict[int, einvoice.terms.Invoice]
        """
        moves = self.sudo().filtered(lambda move: move.is_sale_document())
        return moves._chorus_map(moves._chorus_open_pass(environment))

    def _chorus_map(self, common):
        """The semantic invoices of ``self``, each in its customer's language.

        :param EinvoicePass common: from _chorus_open_pass on the same invoices
        :rtype: dict[int, einvoice.terms.Invoice]
        """
        invoices, default = {}, self._chorus_default_lang()
        for lang, group in self.grouped(lambda move: move.partner_id.lang or default).items():
            for move in group.with_context(lang=lang):
                invoices[move.id] = move.with_company(move.company_id)._chorus_invoice(common)
        return invoices

    @api.model
    def _chorus_default_lang(self):
        """The language of invoices to a customer without one: French where it is installed."""
        return "fr_FR" if self.env["res.lang"]._get_data(code="fr_FR") else self.env.lang or "en_US"

    def _chorus_open_pass(self, environment):
        """Read all that the mapping needs with a number of queries that does not depend on how many.

        :rtype: EinvoicePass
        """
        self.fetch([name for name in MOVE_FIELDS if name in self._fields])
        lines = self.line_ids
        lines.fetch([name for name in LINE_FIELDS if name in lines._fields])
        common = EinvoicePass(self.env(su=True), environment)
        common.units = self.env["uom.uom"]._rec20_codes(lines.product_uom_id)
        common.payments = self._chorus_payments()
        return common

    def _chorus_invoice(self, common):
        """One semantic invoice.

        :param EinvoicePass common:
        :rtype: einvoice.terms.Invoice
        """
        self.ensure_one()
        parts = self._chorus_line_parts(common)
        if parts.problems:
            common.problems[self.id] = parts.problems
        breakdown, totals = self._chorus_totals(common, parts)
        factor = self.chorus_factor_id
        return terms.Invoice(
            number=self.name if self.name and self.name != "/" else "",
            issue_date=self.invoice_date or date.today(),
            type_code=self._chorus_type_code(),
            currency=self.currency_id.name,
            seller=self._chorus_seller(common),
            buyer=self._chorus_buyer(common),
            lines=tuple(parts.lines),
            breakdown=breakdown,
            totals=totals,
            payment=self._chorus_payment_means(common),
            process=self.chorus_process or "A1",
            notes=self._chorus_notes(common, parts),
            vat_point_code=self._chorus_vat_point(common, parts),
            buyer_reference=_text(self._chorus_sent_service(common)),
            order_reference=_text(self.purchase_order_reference),
            contract_reference=_text(self.contract_reference),
            preceding=self._chorus_preceding(),
            payee=self._chorus_party(factor, common) if factor else None,
            ship_to=self._chorus_ship_to(common),
            delivery_date=self.delivery_date or None,
            period=_period(self.chorus_period_start, self.chorus_period_end),
            allowances=tuple(parts.document_level),
            payment_reference=_text(self.payment_reference),
            payment_terms=self._chorus_payment_terms(),
            due_date=self.invoice_date_due or None,
            attachments=self._chorus_attachments(),
        )

    def _chorus_attachments(self):
        return tuple(
            terms.Attachment(
                name=attachment.name,
                content=attachment.raw or b"",
                mime=attachment.mimetype or "application/octet-stream",
                description=_text(attachment.description),
            )
            for attachment in self.chorus_attachment_ids
        )


def _text(value):
    """``value`` stripped, None when nothing is left."""
    return (value or "").strip() or None


def _plain(html):
    """The text of an HTML field, None when it shows nothing."""
    if not html or is_html_empty(html):
        return None
    return _text(html2plaintext(html, include_references=False))


def _period(start, end):
    return terms.Period(start or None, end or None) if start or end else None
