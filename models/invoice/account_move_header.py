"""What a French public buyer reads on an invoice and Odoo has no field for: its service and others."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...einvoice import clean_code

ACCOUNTING = "account.group_account_invoice,account.group_account_readonly"


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
    chorus_validator_id = fields.Many2one(
        "res.partner",
        string="Main contractor",
        check_company=True,
        domain="[('is_company', '=', True)]",
        help="Who holds the contract and validates this invoice in Chorus Pro before the buyer sees it. The"
        " page and a note of the data name it with its SIRET: the file has no other place for it.",
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

    chorus_structure_id = fields.Many2one(
        related="commercial_partner_id.chorus_structure_id", groups=ACCOUNTING
    )
    chorus_service_id = fields.Many2one(
        "chorus.service",
        string="Service (from the list)",
        compute="_compute_chorus_service",
        groups=ACCOUNTING,
        help="Services of the customer as Chorus Pro knows them.",
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

    # -- the service of an invoice, as the directory knows it by its code

    @api.depends("buyer_reference", "chorus_structure_id")
    @api.depends_context("company")
    def _compute_chorus_service(self):
        codes = {move: clean_code(move.buyer_reference or "") for move in self}
        services = self.env["chorus.service"]._by_code(self.chorus_structure_id, filter(None, codes.values()))
        for move in self:
            move.chorus_service_id = services.get((move.chorus_structure_id.id, codes[move]), False)

    # -- the engagement number of an invoice made from sale orders, when the sales app is installed

    def _chorus_take_engagement_from_orders(self):
        """Take the customer's reference of the order as engagement number, for Chorus customers.

        A public buyer gives it with its order (AIFE: "numéro d'engagement"). Orders with different
        references, or none, give nothing: a number is never made up.
        """
        if "sale_line_ids" not in self.env["account.move.line"]._fields:
            return
        for move in self:
            if move.purchase_order_reference or not move.is_sale_document():
                continue
            if not move.chorus_customer:
                continue
            orders = move.invoice_line_ids.sudo().sale_line_ids.order_id
            references = {(order.client_order_ref or "").strip() for order in orders}
            if len(references) == 1 and all(references):
                move.purchase_order_reference = references.pop()

    # -- testing must not spoil the books: a fictitious customer is not invoiced where invoices are real

    def _post(self, soft=True):
        self._check_no_test_customer()
        posted = super()._post(soft)
        posted._chorus_move_retentions()
        posted._chorus_plan_sending()
        return posted

    def _check_no_test_customer(self):
        """Stop a sale to a customer of the test data set in a company that holds a production connection.

        :raises UserError: naming the customers.
        """
        tested = self.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True)
                and move.commercial_partner_id.sudo().chorus_test_customer
            )
        )
        for company, moves in tested.grouped("company_id").items():
            if not self.env["chorus.connection"]._for(company, "production").connected_at:
                continue
            raise UserError(
                self.env._(
                    "%(customers)s: made from the test data set of Chorus Pro, this customer exists in the "
                    "qualification space only, and %(company)s sends real invoices. Post it in a "
                    "test company or "
                    "in a copy of the database, or test with real invoices: option “Replace the "
                    "buyer too” of the test "
                    "connection.",
                    customers=", ".join(moves.commercial_partner_id.mapped("display_name")),
                    company=company.name,
                )
            )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    chorus_period_start = fields.Date(string="Period from")
    chorus_period_end = fields.Date(string="Period to")
