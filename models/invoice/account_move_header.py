"""What a French public buyer reads on an invoice and Odoo has no field for."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_process = fields.Selection(
        [
            ("A1", "A1 - Invoice of a supplier"),
            ("A2", "A2 - Invoice already paid"),
            ("A9", "A9 - Invoice of a subcontractor"),
            ("A12", "A12 - Invoice of a co-contractor"),
        ],
        string="Invoicing framework",
        default="A1",
        tracking=True,
        help="Cadre de facturation. A2 tells the buyer not to pay: choose it only when the whole invoice "
        "was settled by bank or in cash. A9 and A12 wait for the main contractor, who "
        "validates them in Chorus Pro.",
    )
    chorus_document_kind = fields.Selection(
        [("380", "Invoice"), ("384", "Corrective invoice"), ("386", "Down payment invoice")],
        string="Kind of document",
        copy=False,
        help="Empty: an invoice, or a down payment invoice when the sales app made it as one. "
        "A credit note is always a credit note.",
    )
    chorus_corrected_id = fields.Many2one(
        "account.move",
        string="Original invoice",
        copy=False,
        check_company=True,
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'),"
        " ('commercial_partner_id', '=', commercial_partner_id)]",
        help="The invoice that this one corrects. A credit note made from an invoice knows it already.",
    )
    chorus_factor_id = fields.Many2one(
        "res.partner",
        string="Factor",
        copy=False,
        check_company=True,
        domain="[('is_company', '=', True)]",
        help="Who is paid instead of your company when the invoice was sold to a factor. Its bank accounts "
        "replace yours.",
    )
    chorus_other_bank_ids = fields.Many2many(
        "res.partner.bank",
        "account_move_chorus_other_bank_rel",
        string="Other bank accounts",
        copy=False,
        domain="[('partner_id', '=', bank_partner_id), ('id', '!=', partner_bank_id)]",
        help="Accounts of your company that the buyer may pay to as well.",
    )
    chorus_attachment_ids = fields.Many2many(
        "ir.attachment",
        "account_move_chorus_attachment_rel",
        string="Attachments for the buyer",
        copy=False,
        help="Complementary documents, put inside the PDF that goes to Chorus Pro: names of at most 50 "
        "characters, less than 10 MB each.",
    )
    chorus_period_start = fields.Date(string="Period from", copy=False)
    chorus_period_end = fields.Date(string="Period to", copy=False)
    buyer_reference = fields.Char(
        compute="_compute_buyer_reference", store=True, readonly=False, precompute=True, copy=True
    )

    @api.depends("partner_id")
    def _compute_buyer_reference(self):
        """The contact's default service: a code typed for another customer means nothing to this one."""
        for move in self:
            partner = move.partner_id
            if move.is_sale_document():
                move.buyer_reference = (
                    partner.chorus_service_code or partner.commercial_partner_id.chorus_service_code
                )
            else:
                move.buyer_reference = move.buyer_reference

    @api.constrains("chorus_period_start", "chorus_period_end")
    def _check_chorus_period(self):
        for move in self:
            if (
                move.chorus_period_start
                and move.chorus_period_end
                and (move.chorus_period_end < move.chorus_period_start)
            ):
                raise ValidationError(self.env._("The invoiced period ends before it starts."))

    def _chorus_own_attachments(self):
        """Let everybody who may read the invoice read its attachments, not only who uploaded them."""
        for move in self:
            loose = move.chorus_attachment_ids.sudo().filtered(lambda attachment: not attachment.res_id)
            loose.write({"res_model": move._name, "res_id": move.id})

    def copy_data(self, default=None):
        # Paid already is a fact about one invoice, never about its copy or its credit note.
        return [
            values | {"chorus_process": "A1"} if values.get("chorus_process") == "A2" else values
            for values in super().copy_data(default)
        ]


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    chorus_period_start = fields.Date(string="Period from")
    chorus_period_end = fields.Date(string="Period to")
