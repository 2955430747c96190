import uuid
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..chorus_api import InvoiceSearch, errors
from ..models.connection.chorus_connection_token import client_of
from ..models.deposit.chorus_deposit_outcome import summary_values
from .chorus_chosen_invoices import ENVIRONMENTS, MAX_INVOICES


class ChorusAdopt(models.TransientModel):
    """Look for invoices that were deposited on the portal or by another tool, compare, and link them."""

    _name = "chorus.adopt"
    _inherit = ["chorus.chosen.invoices"]
    _description = "Find invoices on Chorus Pro"

    flow_number = fields.Char(
        "Flow number", help="Optional: only the invoices of this deposit are looked at, in one call."
    )
    line_ids = fields.One2many("chorus.adopt.line", "wizard_id", "Result", readonly=True)
    found_count = fields.Integer(compute="_compute_found_count")

    @api.depends("line_ids.state")
    def _compute_found_count(self):
        for wizard in self:
            wizard.found_count = len(wizard.line_ids.filtered(lambda line: line.state == "found"))

    def action_search(self):
        """Ask Chorus Pro for each invoice by its number (or once for the flow); nothing changes there."""
        self.ensure_one()
        self._check_moves()
        moves = self.move_ids
        identities = moves._chorus_identities(self.environment)
        results = self._search_all(identities)
        self.line_ids.sudo().unlink()
        self.env["chorus.adopt.line"].sudo().create(
            [self._result(move, identities.get(move.id), results.get(move.id, [])) for move in moves]
        )
        return self._reopen(self.env._("Find on Chorus Pro"))

    def action_link(self):
        """Link every invoice that was found and is the same."""
        self.ensure_one()
        for line in self.line_ids.filtered(lambda line: line.state == "found"):
            identity = line.move_id._chorus_identities(line.environment)[line.move_id.id]
            line.move_id._chorus_link(
                line.environment,
                identity,
                {
                    "chorus_invoice_id": line.chorus_invoice_id,
                    "flow_number": line.flow_number,
                    "status_code": line.status_code,
                    "status_at": line.status_at or None,
                    "status_comment": line.status_comment,
                    "deposited_on": line.deposited_on,
                },
            )
            line.sudo().state = "linked"
        return self._reopen(self.env._("Find on Chorus Pro"))

    # -- looking --------------------------------------------------------------------------------------

    def _check_moves(self):
        self._check_chosen()
        if len(self.move_ids) > MAX_INVOICES and not self.flow_number:
            raise UserError(
                self.env._("Choose at most %s invoices at a time, or give the flow number.", MAX_INVOICES)
            )
        connection = self.env["chorus.connection"]._for(self.company_id, self.environment)
        if not connection:
            raise UserError(self.env._("There is no connection of %s to Chorus Pro.", self.company_id.name))
        if reason := connection._why_not_usable():
            raise UserError(reason)

    def _search_all(self, identities):
        """
        :return: dict move id → list of ``chorus_api.InvoiceSummary`` with its number
        """
        connection = self.env["chorus.connection"]._for(self.company_id, self.environment)
        results = {}
        flow_number = (self.flow_number or "").strip()
        try:
            with client_of(connection, uuid.uuid4().hex[:12]) as client:
                if flow_number:
                    listed = list(client.iter_invoices(InvoiceSearch(flow_number=flow_number)))
                    for move_id, identity in identities.items():
                        results[move_id] = [item for item in listed if item.number == identity.number]
                else:
                    for move_id, identity in identities.items():
                        if identity.number:
                            search = InvoiceSearch(number=identity.number)
                            results[move_id] = list(client.iter_invoices(search))
        except errors.ChorusError as error:
            raise UserError(self.env["chorus.words"]._error_sentence(error)) from error
        return results

    def _result(self, move, identity, summaries):
        """Values of the result line of one invoice."""
        values = {
            "wizard_id": self.id,
            "move_id": move.id,
            "environment": self.environment,
            "state": "absent",
        }
        live = move.sudo().chorus_line_ids.filtered(
            lambda line: line.environment == self.environment and line.live and line.state != "hand"
        )
        if live:
            return {**values, "state": "known", "remark": self.env._("It is followed already.")}
        if not identity or not identity.number:
            return {**values, "remark": self.env._("It is no posted customer invoice.")}
        remark = self.env._("Chorus Pro has no invoice with this number of yours.")
        for summary in summaries:
            differences = self._in_words(identity, summary)
            if not differences:
                return {**values, **summary_values(summary), "state": "found", "remark": False}
            remark = "\n".join(differences)
            values["state"] = "different"
        return {**values, "remark": remark}

    def _in_words(self, identity, summary):
        """In what an invoice of Chorus Pro with the same number is not this one: none may differ."""
        names = {
            "number": self.env._("Number"),
            "seller": self.env._("Seller's SIRET"),
            "buyer": self.env._("Buyer's SIRET"),
            "date": self.env._("Date"),
            "total": self.env._("Total"),
        }

        def shown(value):
            return format_date(self.env, value) if isinstance(value, date) else value

        return [
            self.env._(
                "%(what)s: %(here)s here, %(there)s on Chorus Pro",
                what=names[name],
                here=shown(here),
                there=shown(there),
            )
            for name, here, there in identity.differences(summary)
        ]


class ChorusAdoptLine(models.TransientModel):
    _name = "chorus.adopt.line"
    _inherit = ["chorus.written.by.code"]
    _description = "Invoice looked for on Chorus Pro"

    wizard_id = fields.Many2one("chorus.adopt", required=True, ondelete="cascade", index=True)
    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="move_id.partner_id")
    environment = fields.Selection(ENVIRONMENTS, "Looked for in", readonly=True)
    state = fields.Selection(
        [
            ("found", "Found"),
            ("different", "Another one"),
            ("absent", "Not there"),
            ("known", "Known"),
            ("linked", "Linked"),
        ],
        readonly=True,
    )
    remark = fields.Text(readonly=True)
    chorus_invoice_id = fields.Char(readonly=True)
    flow_number = fields.Char("Flow number", readonly=True)
    status_code = fields.Char(readonly=True)
    status_label = fields.Char("Status", compute="_compute_status_label")
    status_at = fields.Datetime("Since", readonly=True)
    status_comment = fields.Text(readonly=True)
    deposited_on = fields.Date("Deposited", readonly=True)

    @api.depends("status_code")
    @api.depends_context("lang")
    def _compute_status_label(self):
        for line in self:
            line.status_label = self.env["chorus.words"]._status_label(line.status_code)
