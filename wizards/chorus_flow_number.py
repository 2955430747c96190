import uuid

from odoo import fields, models
from odoo.exceptions import UserError

from ..chorus_api import InvoiceSearch, errors
from ..models.base.transactions import wake
from ..models.connection.chorus_connection_token import client_of
from ..worker.resolver import as_sent, match


class ChorusFlowNumber(models.TransientModel):
    """A person has found an unconfirmed deposit on the portal and types its flow number."""

    _name = "chorus.flow.number"
    _description = "Type the flow number of a deposit"

    deposit_id = fields.Many2one("chorus.deposit", required=True, readonly=True, ondelete="cascade")
    flow_number = fields.Char("Flow number")

    def action_adopt(self):
        """Take the number only when Chorus Pro says that this flow holds an invoice of this deposit."""
        self.ensure_one()
        deposit = self.deposit_id
        deposit._check_may_decide()
        number = (self.flow_number or "").strip()
        if not number:
            raise UserError(self.env._("Type the flow number that the portal shows."))
        taken = (
            self.env["chorus.deposit"]
            .sudo()
            .search(
                [
                    ("flow_number", "=", number),
                    ("company_id", "=", deposit.company_id.id),
                    ("environment", "=", deposit.environment),
                ],
                limit=1,
            )
        )
        if taken:
            raise UserError(self.env._("This is the flow number of %s.", taken.name))
        report, found = self._ask(number)
        wanted = deposit.sudo().line_ids
        named = {(error.supplier, error.number) for error in report.invoice_errors}
        # A row that names no supplier speaks of ours.
        refused = wanted.filtered(lambda line: {(line.seller_siret, line.number), ("", line.number)} & named)
        if not found and not refused:
            raise UserError(
                self.env._(
                    "Chorus Pro has this flow, but shows none of these invoices in it. If it was deposited"
                    " minutes ago, try again later; else it is another deposit."
                )
            )
        deposit = deposit.sudo()
        deposit.lock_for_update()
        if deposit.state != "unconfirmed":
            raise UserError(self.env._("%s is not waiting for a decision.", deposit.display_name))
        deposit.message_post(
            body=self.env._("%(user)s typed the flow number %(flow)s.", user=self.env.user.name, flow=number)
        )
        deposit._accepted({deposit: number})
        for line in wanted.filtered(lambda line: line.id in found):
            line._integrated(found[line.id])
        deposit._close_when_complete()
        wake(self.env, what="follow")
        return {"type": "ir.actions.act_window_close"}

    def _ask(self, number):
        """
        :return: the ``chorus_api.FlowReport`` and, by line id, the summaries that match what was sent
        """
        deposit = self.deposit_id
        connection = deposit.sudo()._connection()
        wanted = as_sent(deposit.sudo().line_ids)
        try:
            with client_of(connection, uuid.uuid4().hex[:12]) as client:
                report = client.flow_report(number)
                found = match(client.iter_invoices(InvoiceSearch(flow_number=number)), wanted)
        except errors.FlowNotFound as error:
            raise UserError(self.env._("Chorus Pro knows no flow with this number.")) from error
        except errors.ChorusError as error:
            raise UserError(self.env["chorus.words"]._error_sentence(error)) from error
        return report, found
