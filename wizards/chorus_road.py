"""Many customers moved to Chorus Pro, or away, in one step: what is open on the other road is shown first."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..models.base.chorus_identity import is_siret
from ..models.invoice.account_move_channel import CHORUS, HAND, NONE, OTHER, PEPPOL, PLATFORM

TO_CHORUS, AWAY = "chorus", "away"
TARGETS = [(TO_CHORUS, "To Chorus Pro"), (AWAY, "Away from Chorus Pro")]
# In the order in which the screen shows them.
STATES = [("stays", "Stays as it is"), ("moves", "Moves"), ("there", "There already")]
ELSEWHERE = (PLATFORM, PEPPOL, OTHER)
# On the way to Chorus Pro, or perhaps there: the customer stays until this is settled.
ON_ITS_WAY = ("queued", "unconfirmed")
SETTLED = ("paid", "reversed", "invoicing_legacy")
MAX_CUSTOMERS = 2000


class ChorusRoad(models.TransientModel):
    _name = "chorus.road"
    _description = "Move Customers to Chorus Pro, or Away"

    partner_ids = fields.Many2many("res.partner", string="Customers", readonly=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    target = fields.Selection(TARGETS, "Move", required=True, default=TO_CHORUS, readonly=True)
    line_ids = fields.One2many("chorus.road.line", "wizard_id", "What changes", readonly=True)
    moving_count = fields.Integer(compute="_compute_counts")
    staying_count = fields.Integer(compute="_compute_counts")
    there_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for wizard in self:
            states = wizard.line_ids.mapped("state")
            wizard.moving_count = states.count("moves")
            wizard.staying_count = states.count("stays")
            wizard.there_count = states.count("there")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._look()
        return wizards

    def _look(self):
        """Write a line for each customer: whether it moves, and what is open on each road.

        :raises UserError: when too many are chosen
        :raises AccessError: unless the user may write on them, and works in the company
        """
        self.ensure_one()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose the company first in which the customers are to move."))
        customers = self.partner_ids.commercial_partner_id.with_company(self.company_id)
        customers.check_access("write")
        if len(customers) > MAX_CUSTOMERS:
            raise UserError(self.env._("Choose %s customers at most at a time.", MAX_CUSTOMERS))
        invoices = self._open_invoices(customers)
        values = [self._line_values(customer, invoices) for customer in customers]
        self.line_ids.sudo().unlink()
        self.env["chorus.road.line"].sudo().create(values)

    def _open_invoices(self, customers):
        """How many invoices of each customer are open, by where they are.

        :return: dict kind → dict customer id → count
        """
        moves = self.env["account.move"].sudo()
        sold = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("commercial_partner_id", "in", customers.ids)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("state", "=", "posted")
        )
        unpaid = Domain("payment_state", "not in", SETTLED)
        kinds = {
            "leaving": Domain("chorus_state", "in", ON_ITS_WAY),
            "at_chorus": Domain("chorus_road", "in", (CHORUS, HAND)) & unpaid,
            "elsewhere": Domain("chorus_road", "in", ELSEWHERE) & unpaid,
            "waiting": Domain("sending_data", "!=", False),
            "unsent": Domain("chorus_road", "=", NONE) & Domain("is_move_sent", "=", False) & unpaid,
        }
        return {
            kind: {
                customer.id: count
                for customer, count in moves._read_group(
                    sold & domain, ["commercial_partner_id"], ["__count"]
                )
            }
            for kind, domain in kinds.items()
        }

    def _line_values(self, customer, invoices):
        counts = {kind: found.get(customer.id, 0) for kind, found in invoices.items()}
        on = customer._is_chorus_customer(self.company_id)
        if on == (self.target == TO_CHORUS):
            state, notes = "there", []
        else:
            obstacles = self._obstacles(customer, counts)
            state, notes = ("stays" if obstacles else "moves"), [*obstacles, *self._notes(counts)]
        return {
            "wizard_id": self.id,
            "partner_id": customer.id,
            "state": state,
            "rank": [name for name, _label in STATES].index(state),
            "notes": "\n".join(notes),
        }

    def _obstacles(self, customer, counts):
        """Yield why a customer cannot move now."""
        obstacles = []
        if self.target == TO_CHORUS and not is_siret(customer._chorus_siret()):
            obstacles.append(self.env._("No SIRET of 14 digits: fill it in first."))
        if counts["leaving"]:
            obstacles.append(
                self.env._(
                    "On its way to Chorus Pro: %s. Wait until it is there, or withdraw it.", counts["leaving"]
                )
            )
        if counts["waiting"]:
            obstacles.append(
                self.env._(
                    "Waiting to be sent by Odoo's own scheduled action: %s. Wait until it is gone.",
                    counts["waiting"],
                )
            )
        return obstacles

    def _notes(self, counts):
        """What is open on each road, in sentences."""
        notes = []
        if counts["elsewhere"]:
            notes.append(
                self.env._(
                    "Sent by another road and not paid: %s. Nothing of it is sent again; follow it there.",
                    counts["elsewhere"],
                )
            )
        if counts["at_chorus"] - counts["leaving"] > 0:
            notes.append(
                self.env._(
                    "With Chorus Pro and not paid: %s. It is followed there to the end.",
                    counts["at_chorus"] - counts["leaving"],
                )
            )
        if counts["unsent"]:
            notes.append(
                self.env._("Confirmed and not sent yet: %s. It takes the new road.", counts["unsent"])
            )
        return notes

    def action_move(self):
        """Move those that can move; look once more before, for invoices may have left meanwhile."""
        self.ensure_one()
        self._look()
        customers = self.line_ids.filtered(lambda line: line.state == "moves").partner_id
        customers = customers.with_company(self.company_id)
        if not customers:
            raise UserError(self.env._("None of these customers can move: the reasons stand beside them."))
        to_chorus = self.target == TO_CHORUS
        customers.write({"dematerialized_invoice_type": "facturx" if to_chorus else False})
        told = (
            self.env._("The invoices of %s go by Chorus Pro from now on.", self.company_id.name)
            if to_chorus
            else self.env._("The invoices of %s go by Chorus Pro no more.", self.company_id.name)
        )
        customers._message_log_batch(bodies=dict.fromkeys(customers.ids, told))
        staying = self.staying_count
        message = (
            self.env._("Customers moved to Chorus Pro: %s.", len(customers))
            if to_chorus
            else self.env._("Customers moved away from Chorus Pro: %s.", len(customers))
        )
        if staying:
            message += " " + self.env._("Not moved: %s.", staying)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if staying else "success",
                "title": self.env._("Chorus Pro"),
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class ChorusRoadLine(models.TransientModel):
    _name = "chorus.road.line"
    _inherit = ["chorus.written.by.code"]
    _description = "Customer to Move to Chorus Pro, or Away"
    _order = "rank, id"

    wizard_id = fields.Many2one("chorus.road", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(STATES, readonly=True)
    rank = fields.Integer(readonly=True)
    notes = fields.Text("What is open", readonly=True)
