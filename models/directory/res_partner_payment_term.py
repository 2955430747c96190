"""A public customer pays within a period that the law sets: a new one gets the payment term that says so."""

from odoo import api, models

LEGAL_DAYS = 30


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.onchange("dematerialized_invoice_type", "chorus_payment_delay")
    def _onchange_chorus_payment_term(self):
        if self.dematerialized_invoice_type == "facturx":
            self._chorus_propose_payment_term()

    def _chorus_propose_payment_term(self):
        """Give the legal period as payment term, unless somebody chose one."""
        if self.property_payment_term_id:
            return
        days = int(self.chorus_payment_delay or 0) or LEGAL_DAYS
        terms = self.env["account.payment.term"].search(
            self.env["account.payment.term"]._check_company_domain(self.env.company), order="sequence, id"
        )
        self.property_payment_term_id = terms.filtered(
            lambda term: (
                not term.early_discount
                and term.line_ids.mapped(lambda line: (line.value, line.nb_days, line.delay_type))
                == [("percent", days, "days_after")]
            )
        )[:1]
