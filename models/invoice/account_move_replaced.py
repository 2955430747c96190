"""Invoices after a rejection (internal credit note, corrected one) and those adopted from another way."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from psycopg2 import errors as pg_errors

from ..base.chorus_authority import BY_CODE
from ..base.chorus_identity import of_invoice, of_line, to_values
from ..base.chorus_states import LIVE_STATES


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

    chorus_replaced_note = fields.Char("About the replacement", compute="_compute_chorus_replaced_note")

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
                "chorus_retention_of_id": self.chorus_retention_of_id.id,
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

    def action_chorus_open_replacement(self):
        """Open the documents that replaced this invoice, or the one that it replaces."""
        self._chorus_check_may_follow()
        return (self.chorus_replaced_by_ids | self.chorus_replaces_id)._get_records_action(
            name=self.env._("Replacement of a rejected invoice")
        )

    # -- invoices that reached Chorus Pro another way: found there, compared, linked and followed

    def _chorus_identities(self, environment):
        """What identifies each invoice on Chorus Pro, when it can be said.

        :rtype: dict[int, chorus_api.InvoiceIdentity]
        """
        return {
            move_id: of_invoice(invoice) for move_id, invoice in self._chorus_invoices(environment).items()
        }

    def _chorus_link(self, environment, identity, found):
        """Follow an invoice that was found on Chorus Pro.

        :param InvoiceIdentity identity: of :meth:`_chorus_identities`
        :param dict found: ``chorus_invoice_id``, ``flow_number``, ``status_code``, ``status_at`` (naive UTC),
            ``status_comment``, ``deposited_on`` (date)
        :return: the followed line
        :raises UserError: when the invoice is on its way from here
        """
        self.ensure_one()
        self.check_access("write")
        move = self.sudo()
        move.lock_for_update(allow_referencing=True)
        line = move.chorus_line_ids.filtered(
            lambda line: line.environment == environment and line.state in LIVE_STATES
        )[:1]
        if line and line.state != "hand":
            raise UserError(
                self.env._("%s is on its way from here already: it is followed by itself.", self.name)
            )
        if not line:
            line = move._chorus_hand_line(environment, identity)
        deposit = (
            self.env["chorus.deposit"]
            .sudo()
            ._adopted(move.company_id, environment, found.get("flow_number"), found.get("deposited_on"))
        )
        line._move_to("integrated", deposit_id=deposit.id, message=False)
        line.write({"chorus_invoice_id": found["chorus_invoice_id"], **to_values(identity)})
        if found.get("status_code"):
            line._apply_status(found["status_code"], found.get("status_at"), found.get("status_comment"))
        move._chorus_solved(environment)
        line._tell_status()
        if environment == "production":
            move._chorus_mark_sent()
        return line

    def _chorus_hand_line(self, environment, identity):
        """A line that says: somebody deposits, or has deposited, this invoice without us.

        :raises UserError: when another line of the invoice is live
        """
        try:
            with self.env.cr.savepoint():
                lines = (
                    self.env["chorus.deposit.line"]
                    .sudo()
                    .create(
                        {
                            "move_id": self.id,
                            "company_id": self.company_id.id,
                            "environment": environment,
                            "state": "hand",
                            "queued_by_id": self.env.uid,
                            **to_values(identity),
                        }
                    )
                )
        except pg_errors.UniqueViolation as error:
            raise UserError(self.env._("%s is already on its way to Chorus Pro.", self.name)) from error
        self.invalidate_recordset(["chorus_line_ids"])
        self._chorus_sync_state()
        return lines

    def action_chorus_adopt(self):
        """Open the screen that looks for these invoices on Chorus Pro."""
        self.check_access("write")
        wizard = self.env["chorus.adopt"].create({"move_ids": self.ids})
        return wizard._reopen(self.env._("Find on Chorus Pro"))

    def action_chorus_not_by_hand(self):
        """It was not deposited by hand after all: the invoice is free again."""
        self.check_access("write")
        for line in self.sudo().chorus_line_ids.filtered(lambda line: line.state == "hand"):
            line.lock_for_update()
            line._move_to("cancelled", message=self.env._("Not deposited by hand: %s", self.env.user.name))
        return True

    # -- an invoice that ended here without being deposited is followed as Chorus Pro has it

    def action_chorus_take_over(self):
        """Follow these invoices as Chorus Pro has them, though they count as not deposited here."""
        self.check_access("write")
        for move in self:
            for environment in ("production", "test"):
                line = move._chorus_line(environment)
                if line.found_there and not line.live:
                    move._chorus_take_over(line)
        return True

    def _chorus_take_over(self, line, found=None):
        """Follow the invoice of ``line`` as Chorus Pro has it.

        :param dict found: see :meth:`_chorus_link`; what was kept when not given
        :return: the line that is followed
        """
        self.ensure_one()
        if found is None:
            found = {
                **line.found_there,
                "status_at": fields.Datetime.to_datetime(line.found_there["status_at"]) or None,
                "deposited_on": fields.Date.to_date(line.found_there["deposited_on"]),
            }
        line.found_there = False
        return self._chorus_link(line.environment, of_line(line), found)
