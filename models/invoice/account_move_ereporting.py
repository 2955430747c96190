"""Invoices of Chorus Pro stay out of Odoo's e-reporting (flow 10), where that module is there.

An invoice to a public body is e-invoicing. Odoo's module classes a sale to a customer without VAT number as
one to a consumer, whatever road the invoice takes, and declares it. Nothing here depends on that module: its
fields and methods are looked for by name.
"""

import logging

from odoo import api, fields, models

from ..base.chorus_channels import FAILED
from ..base.transactions import ends_transaction

_logger = logging.getLogger(__name__)

CLASSIFIES = "_l10n_fr_pdp_get_transaction_type"
REPORT_TYPE = "l10n_fr_pdp_flow_10_report_type"
SENT_IN = "l10n_fr_pdp_sent_in_flow_ids"
# States of a report that has left: what it holds is a fact.
REPORT_LEFT = frozenset({"sent", "completed", "error"})


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_ereported = fields.Boolean(
        "Declared by e-reporting although on Chorus Pro", readonly=True, copy=False
    )

    @api.model
    def _chorus_knows_ereporting(self):
        return REPORT_TYPE in self._fields and hasattr(self, CLASSIFIES)

    def _chorus_out_of_ereporting(self):
        """Whether this invoice, or what this payment pays, must not be declared by e-reporting.

        So it is while Chorus Pro holds the invoice in production or is to get it, deposits by hand included:
        a posted invoice of a Chorus Pro customer, in a company that sends to production, gone no other way.

        :rtype: bool
        """
        self.ensure_one()
        move = self.sudo()
        if not move.company_id.chorus_keep_out_of_ereporting:
            return False
        if move.move_type not in ("out_invoice", "out_refund"):
            paid = move._chorus_paid_invoices()
            return bool(paid) and all(invoice._chorus_out_of_ereporting() for invoice in paid)
        if move.chorus_state and move._chorus_busy("production"):
            return True
        meant = move.chorus_customer and move.company_id.chorus_environment == "production"
        stands = meant and move._chorus_in_the_way()
        return bool(meant and (not stands or stands.kind == FAILED))

    @api.model
    def _chorus_to_report(self, report, entries):
        """The entries of a report that are to be declared.

        The last look before a report leaves, should what its module has stored be older than our decision.

        :param report: of the e-reporting module; what has left is a fact and stays as it is
        """
        if report.state in REPORT_LEFT:
            return entries
        return entries.filtered(lambda move: not move._chorus_out_of_ereporting())

    def _chorus_paid_invoices(self):
        """The customer invoices and credit notes that this entry is reconciled with."""
        if self.move_type != "entry":
            return self.browse()
        return self._chorus_reconciled().filtered(
            lambda move: move.move_type in ("out_invoice", "out_refund")
        )

    def _chorus_reconciled(self):
        """The entries reconciled with those of ``self``."""
        lines = self.sudo().line_ids
        return (
            lines.matched_debit_ids.debit_move_id + lines.matched_credit_ids.credit_move_id
        ).move_id - self

    def _chorus_refresh_ereporting(self):
        """Bring into line what the e-reporting module has stored of these invoices and of their payments.

        What is in a report that has not left is taken out of it. What left with one is told, once.
        """
        if not self or not self._chorus_knows_ereporting():
            return
        moves = self.sudo().filtered(lambda move: move.state == "posted")
        entries = moves._chorus_reconciled().filtered(lambda move: move.move_type == "entry")
        # A payment that was declared stays in its declaration: the other module corrects that by itself.
        for documents in (moves, entries.filtered(lambda move: not move._chorus_declared_in())):
            documents._chorus_classify_again()
        for move in moves:
            if move._chorus_declared_in() and not move.chorus_ereported and move._chorus_out_of_ereporting():
                move._chorus_tell_declared()

    def _chorus_classify_again(self):
        """Let the e-reporting module look again at those whose stored class is not what it ought to be."""
        changed = self.filtered(
            lambda move: (
                bool(move[REPORT_TYPE]) == move._chorus_out_of_ereporting() or move.move_type == "entry"
            )
        )
        compute = self._fields[REPORT_TYPE].compute
        if not changed or not compute:
            return
        try:
            with self.env.cr.savepoint():
                if callable(compute):
                    compute(changed)
                else:
                    getattr(changed, compute)()
                changed.flush_recordset()
        except Exception as error:
            if ends_transaction(error):
                raise
            # The invoice's own story must be written whatever the other module makes of it.
            _logger.exception("E-reporting could not look again at the entries %s", changed.ids)
            for move in changed:
                move._message_log(
                    body=move.env._(
                        "E-reporting could not be told that %s goes by Chorus Pro: look whether it declares"
                        " it.",
                        move.name,
                    )
                )

    def _chorus_declared_in(self):
        """The reports to the tax administration that left with this entry."""
        return self[SENT_IN] if SENT_IN in self._fields else self.env["res.company"].browse()

    def _chorus_tell_declared(self):
        self.ensure_one()
        reader = self.env["chorus.notice"]._person(self)
        move = self.with_context(lang=reader.lang or self.env.lang)
        move.chorus_ereported = True
        move.message_post(
            body=move.env._(
                "%(number)s was declared by e-reporting (%(reports)s), and goes by Chorus Pro. An invoice to"
                " a public body is not to be declared that way: ask your accountant whether the declaration"
                " has to be corrected.",
                number=move.name,
                reports=", ".join(move._chorus_declared_in().mapped("display_name")),
            ),
            partner_ids=reader.partner_id.ids,
        )

    @api.model
    def _chorus_refresh_ereporting_of(self, companies, partners=None, reported=False):
        """The same for all posted invoices to Chorus Pro customers that no report has left with.

        :param bool reported: only those that a report is to declare at present
        :param res.company companies: whose invoices
        :param res.partner partners: their customers; those marked as Chorus Pro customers when not given
        """
        if not self._chorus_knows_ereporting():
            return
        for company in companies:
            customers = partners or self.env["res.partner"].sudo().with_company(company).search(
                [("dematerialized_invoice_type", "=", "facturx")]
            )
            domain = self._chorus_undeclared_domain(company, customers.commercial_partner_id.ids, reported)
            self.sudo().search(domain)._chorus_refresh_ereporting()

    @api.model
    def _chorus_undeclared_domain(self, companies, commercial_ids, reported):
        domain = [
            ("company_id", "in", companies.ids),
            ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("commercial_partner_id", "in", commercial_ids),
        ]
        if SENT_IN in self._fields:
            domain.append((SENT_IN, "=", False))
        if reported:
            domain.append((REPORT_TYPE, "!=", False))
        return domain

    @api.model
    def _chorus_with_reported(self, companies):
        """Those companies for which ``_chorus_refresh_ereporting_of(…, reported=True)`` finds anything."""
        if not companies or not self._chorus_knows_ereporting():
            return companies.browse()
        marked = {row[:2] for row in self.env["res.partner"]._chorus_marked(companies)}
        customers = {commercial_id for _company_id, commercial_id in marked if commercial_id}
        domain = self._chorus_undeclared_domain(companies, list(customers), reported=True)
        found = self.sudo()._read_group(domain, ["company_id", "commercial_partner_id"])
        pairs = {(company.id, customer.id) for company, customer in found}
        return companies.browse({company_id for company_id, _customer_id in pairs & marked})
