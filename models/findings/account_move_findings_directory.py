"""Findings on engagements, bank accounts and attachment: what Chorus Pro was asked, and what Odoo trusts."""

from functools import partial

from odoo import fields, models

from ...mapping.payment import NEEDS_ACCOUNT


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_engagement_findings(self, batch, _invoice, environment):
        company = self.company_id
        number = self._chorus_engagement_number()
        if number and self._chorus_is_to_the_state():
            checked = batch.once(
                ("engagements", company.id),
                lambda: self.env["chorus.engagement"]._checked(company, environment),
            )
            if number in checked and not checked[number].known:
                day = fields.Datetime.context_timestamp(self, checked[number].checked_at).date()
                code = "engagement_closed" if checked[number].closed else "engagement_unknown"
                yield code, {"number": number, "date": day}, None

    def _chorus_account_findings(self, batch, invoice, _environment):
        if untrusted := self._chorus_untrusted_account(batch, invoice):
            yield "account_untrusted", {"number": untrusted._chorus_account_number()}, untrusted

    def _chorus_connection_findings(self, batch, invoice, environment):
        company = self.company_id
        if environment == "production" and (connection := batch.connection(company)):
            account = self.partner_bank_id
            doubt = batch.once(
                ("bank", company.id, account.id),
                lambda: connection._bank_doubt(account._chorus_account_number()),
            )
            if doubt:
                yield "bank_unknown", {"reason": doubt}, None
            if connection._is_unattached(invoice.seller.siret):
                day = fields.Datetime.context_timestamp(self, connection.sudo().checked_at).date()
                yield "company_not_attached", {"siret": invoice.seller.siret, "date": day}, None

    def _chorus_untrusted_account(self, batch, invoice):
        """The account that the invoice would name, had Odoo not left it out for want of trust, or None.

        Newer releases of Odoo 19 take an untrusted account off what a scheduled action confirms, in silence.
        """
        if self.partner_bank_id or invoice.payment.code not in NEEDS_ACCOUNT or invoice.payment.accounts:
            return None
        accounts = batch.once(("own accounts", self.company_id.id), partial(_own_accounts, self.company_id))
        return None if accounts.filtered("allow_out_payment") else accounts[:1]


def _own_accounts(company):
    """The accounts of a company that its invoices may name, the first one first."""
    accounts = company.sudo().partner_id.bank_ids
    return accounts.filtered(lambda bank: not bank.company_id or bank.company_id in company.parent_ids)
