"""What stands elsewhere: in the directory, at the bank, on another channel, in a PDF that others made."""

from functools import partial

from odoo import fields, models

from ... import einvoice
from ...einvoice import clean_code
from ...mapping.payment import NEEDS_ACCOUNT
from ..base.chorus_channels import APPROVED_PLATFORM, DESPITE, FINDINGS, GONE, standing
from ..directory.chorus_engagement import STATE_SIRET


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_despite = fields.Char(
        "Sent by Chorus Pro all the same",
        readonly=True,
        copy=False,
        help="The situation on another channel in which a person decided that Chorus Pro gets the invoice.",
    )

    def _chorus_engagement_number(self):
        self.ensure_one()
        return clean_code(self.purchase_order_reference or "")

    def _chorus_is_to_the_state(self):
        self.ensure_one()
        return self.is_sale_document() and self.commercial_partner_id._chorus_siret() == STATE_SIRET

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

    # -- where an invoice stands on another electronic channel, in the terms of a finding

    def _chorus_in_the_way(self):
        """Where the invoice stands on another channel, unless a person decided about just that.

        :rtype: chorus_channels.Standing | None
        """
        self.ensure_one()
        move = self.sudo()
        stands = standing(move)
        return stands if stands and (stands.kind == GONE or stands.key != move.chorus_despite) else None

    def _chorus_channel_words(self, stands):
        """What a sentence about ``stands`` needs.

        :rtype: dict
        """
        self.ensure_one()
        move = self.sudo()
        company = move.company_id
        name = stands.channel.name
        if stands.channel.state == "peppol_move_state" and hasattr(company, "_get_peppol_proxy_type"):
            # The same fields serve two networks; the company says on which one it is.
            name = APPROVED_PLATFORM if company._get_peppol_proxy_type() == "pdp" else name
        labels = {}
        if stands.channel.state in move._fields:
            labels = dict(move._fields[stands.channel.state]._description_selection(self.env))
        return {
            "number": move.name,
            "channel": self.env._(name),
            "state": labels.get(stands.state, stands.state or ""),
        }

    def _chorus_channel_said(self):
        """Yield what the other channels say of this invoice, as (code, params, record)."""
        stands = standing(self.sudo())
        if stands:
            decided = not self._chorus_in_the_way()
            code = DESPITE if decided else FINDINGS[stands.kind]
            yield code, self._chorus_channel_words(stands), None

    # -- the legal PDF that an invoice has already, and what is lost when its pages are taken over

    def _chorus_legal_pdfs(self):
        """Legal PDFs that the invoices have already.

        :rtype: dict[int, ir.attachment]
        """
        return {pdf.res_id: pdf for pdf in self._chorus_stored("invoice_pdf_report_file")}

    def _chorus_stored(self, *names):
        """The files that these fields of the invoices hold.

        :rtype: ir.attachment
        """
        place = [("res_model", "=", self._name), ("res_id", "in", self.ids), ("res_field", "in", names)]
        return self.env["ir.attachment"].sudo().search(place)

    def _chorus_lost(self):
        """What legal PDFs made elsewhere hold and the Factur-X made of them cannot.

        :rtype: dict[int, list[einvoice.Finding]]
        """
        strangers = self.filtered(lambda move: not move.chorus_legal_digest)
        kept = strangers._chorus_legal_pdfs() if strangers else {}
        return {move_id: einvoice.lost(attachment.raw) for move_id, attachment in kept.items()}


def _own_accounts(company):
    """The accounts of a company that its invoices may name, the first one first."""
    accounts = company.sudo().partner_id.bank_ids
    return accounts.filtered(lambda bank: not bank.company_id or bank.company_id in company.parent_ids)
