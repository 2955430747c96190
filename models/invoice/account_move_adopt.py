"""Invoices that reached Chorus Pro another way: found there, compared, linked and followed."""

from odoo import models
from odoo.exceptions import UserError
from psycopg2 import errors as pg_errors

from ..base.chorus_identity import of_invoice, to_values
from ..base.chorus_states import LIVE_STATES


class AccountMove(models.Model):
    _inherit = "account.move"

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
