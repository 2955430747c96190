"""An invoice that the buyer rejected: its internal credit note and the corrected invoice after it."""

from odoo import api, fields, models

from ..base.chorus_authority import BY_CODE


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_not_for_chorus = fields.Boolean(
        "Not for Chorus Pro",
        copy=False,
        tracking=True,
        help="Internal document: it is stopped when somebody tries to send it to Chorus Pro.",
    )
    chorus_replaces_id = fields.Many2one(
        "account.move",
        "Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="The invoice that the buyer rejected, and that this one replaces.",
    )
    chorus_replaced_by_ids = fields.One2many(
        "account.move", "chorus_replaces_id", "Replaced by", readonly=True, copy=False
    )

    def _chorus_replace(self, credit_date=None, reason=None):
        """Cancel a rejected invoice by an internal credit note and copy it into a draft with a new number.

        The buyer never booked the rejected invoice: the credit note stays in the house.

        :param date credit_date: of the credit note; today when not given
        :return: the corrected invoice, a draft
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.payment_state != "reversed":
            self.with_context(**BY_CODE)._reverse_moves(
                [
                    {
                        "date": credit_date or today,
                        "invoice_date": credit_date or today,
                        "ref": self.env._("Rejected by the buyer: %s", reason or self.name),
                        "chorus_not_for_chorus": True,
                        "chorus_replaces_id": self.id,
                        "invoice_origin": self.name,
                    }
                ],
                cancel=True,
            )
        corrected = self.with_context(**BY_CODE).copy(
            {
                "invoice_date": today,
                "date": today,
                "chorus_replaces_id": self.id,
                "invoice_origin": self.name,
                "buyer_reference": self.buyer_reference,
                "purchase_order_reference": self.purchase_order_reference,
                "contract_reference": self.contract_reference,
            }
        )
        return corrected

    @api.depends("chorus_replaces_id")
    def _compute_chorus_replaced_note(self):
        for move in self:
            move.chorus_replaced_note = False
            if move.chorus_replaces_id and move.move_type == "out_invoice":
                move.chorus_replaced_note = self.env._(
                    "It replaces %s, which the buyer rejected.", move.chorus_replaces_id.name
                )
            elif move.chorus_not_for_chorus:
                move.chorus_replaced_note = self.env._(
                    "Internal credit note: it is not sent to Chorus Pro, since the buyer never booked the"
                    " invoice that it cancels."
                )

    chorus_replaced_note = fields.Char("About the replacement", compute="_compute_chorus_replaced_note")

    def action_chorus_open_replacement(self):
        """Open the documents that replaced this invoice, or the one that it replaces."""
        self._chorus_check_may_follow()
        return (self.chorus_replaced_by_ids | self.chorus_replaces_id)._get_records_action(
            name=self.env._("Replacement of a rejected invoice")
        )
