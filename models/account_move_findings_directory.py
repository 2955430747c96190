"""Findings that rest on what Chorus Pro was asked beforehand: engagements, bank accounts, attachment."""

from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_erp_findings(self, common, invoice, environment):
        findings = super()._chorus_erp_findings(common, invoice, environment)
        company = self.company_id
        number = self._chorus_engagement_number()
        if number and self._chorus_is_to_the_state():
            checked = common.once(
                ("engagements", company.id),
                lambda: self.env["chorus.engagement"]._checked(company, environment),
            )
            if number in checked and not checked[number].known:
                day = fields.Datetime.context_timestamp(self, checked[number].checked_at).date()
                code = "engagement_closed" if checked[number].closed else "engagement_unknown"
                findings.append((code, {"number": number, "date": day}, None))
        if environment == "production" and (connection := common.connection(company)):
            account = self.partner_bank_id
            doubt = common.once(
                ("bank", company.id, account.id), lambda: connection._bank_doubt(account.acc_number)
            )
            if doubt:
                findings.append(("bank_unknown", {"reason": doubt}, None))
            if connection._is_unattached(invoice.seller.siret):
                day = fields.Datetime.context_timestamp(self, connection.sudo().checked_at).date()
                findings.append(("company_not_attached", {"siret": invoice.seller.siret, "date": day}, None))
        return findings
