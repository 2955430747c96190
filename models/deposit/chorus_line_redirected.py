"""An invoice that a person sent to another recipient on the portal: the search tells it, we follow."""

from odoo import models

from ..base.chorus_authority import BY_CODE
from ..base.chorus_identity import siret_domain


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    def _follow_recipient(self, summary):
        """Take over the recipient, service and engagement that Chorus Pro tells of this invoice.

        :param chorus_api.InvoiceSummary summary: of this very invoice, known by its identifier
        """
        siret = summary.recipient
        if not siret or siret == self.buyer_siret or self.chorus_invoice_id != str(summary.id):
            return
        self.buyer_siret = siret
        words = self.with_context(lang=self.env["chorus.words"]._lang(self.company_id)).env
        move = self.move_id.with_context(**BY_CODE)
        partner = move._chorus_partner_of(siret)
        wanted = {
            "buyer_reference": summary.service,
            "purchase_order_reference": summary.engagement,
            "chorus_recipient_id": partner.id if partner != move.commercial_partner_id else False,
        }
        changes = {name: value for name, value in wanted.items() if value or name == "chorus_recipient_id"}
        move.write(changes)
        move._chorus_sync_period()
        move.with_context(no_new_invoice=True).message_post(
            body=words._(
                "On Chorus Pro, %(number)s was redirected to %(name)s (SIRET %(siret)s). Its service, "
                "engagement and payment period follow the new recipient.",
                number=move.name,
                name=partner.display_name or summary.recipient_name or siret,
                siret=siret,
            )
            if partner
            else words._(
                "On Chorus Pro, %(number)s was redirected to %(name)s (SIRET %(siret)s), who is no customer "
                "here. Create this customer, so that its payment period is known.",
                number=move.name,
                name=summary.recipient_name or siret,
                siret=siret,
            )
        )


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_partner_of(self, siret):
        """The customer with this SIRET that the invoice's company may use, possibly empty."""
        return (
            self.env["res.partner"]
            .sudo()
            .search(
                [
                    *siret_domain([siret]),
                    ("is_company", "=", True),
                    ("company_id", "in", (False, self.company_id.id)),
                ],
                limit=1,
            )
            .commercial_partner_id
        )
