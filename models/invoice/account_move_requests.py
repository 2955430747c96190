"""What can be done about an invoice that Chorus Pro holds, offered on the invoice."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..base.chorus_identity import SIRET_FIELD
from ..base.chorus_states import INVOICE, INVOICES, OFFERS, OPEN_REQUEST_STATES, REQUEST, STEPS, that
from ..base.transactions import wake
from ..notice.chorus_finding_rules import PLACES
from ..notice.chorus_notice import dialog


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_request_ids = fields.One2many(
        "chorus.request", "move_id", "Asked of Chorus Pro", readonly=True, copy=False
    )
    chorus_todo = fields.Selection(OFFERS, string="What to do", compute="_compute_chorus_todo")
    chorus_step = fields.Selection(
        STEPS,
        "Chorus Pro: step",
        compute="_compute_chorus_step",
        search="_search_chorus_step",
        help="Production's; the test's as long as the company is in test and nothing went to production.",
    )
    chorus_to_act = fields.Boolean(
        "Chorus Pro: to act on", compute="_compute_chorus_step", search="_search_chorus_to_act"
    )
    chorus_fix_note = fields.Char("What to correct", compute="_compute_chorus_fix_note")
    chorus_fix_elsewhere = fields.Boolean(compute="_compute_chorus_fix_note")
    # The findings say what is wrong there by now: once is enough.
    chorus_reason_told = fields.Boolean("Reason told by the findings", compute="_compute_chorus_reason_told")
    chorus_recipient_id = fields.Many2one(
        "res.partner",
        "Recipient on Chorus Pro",
        readonly=True,
        copy=False,
        help="Who has the invoice on Chorus Pro since it was redirected, when it is not the customer.",
    )
    chorus_request_message = fields.Char("The last request", compute="_compute_chorus_todo")

    @api.depends(
        "chorus_state", "chorus_test_state", "chorus_request_ids.state", "chorus_line_ids.found_there"
    )
    def _compute_chorus_todo(self):
        for move in self:
            line = move._chorus_told_line()
            last = line.request_ids.sorted("id")[-1:]
            offer = line._offer()
            message = False
            if line.found_there and not line.live:
                offer = "take_over"
            if last.state == "unknown":
                offer, message = "check", last.message
            elif last.state in OPEN_REQUEST_STATES and last.kind != "acknowledge":
                offer = False
                message = self.env._("It is being asked of Chorus Pro now.")
            elif last.state in ("refused", "not_done") and offer:
                message = last.message
            elif (
                last.state == "done"
                and last.status_before_at == line.status_at
                and offer == REQUEST[last.kind].offer
            ):
                # Done, but the new status has not come back yet.
                offer = False
                message = self.env._("Done on Chorus Pro; its new status comes back by itself.")
            move.chorus_todo = offer
            move.chorus_request_message = message

    @api.depends(
        "state", "chorus_state", "chorus_test_state", "chorus_not_for_chorus", "company_id.chorus_environment"
    )
    def _compute_chorus_step(self):
        for move in self:
            in_test = move.company_id.sudo().chorus_environment == "test"
            told = INVOICE.get(move.chorus_state or (in_test and move.chorus_test_state))
            waits = not told and move.state == "posted" and not move.chorus_not_for_chorus
            move.chorus_step = told.step if told else "to_send" if waits and move.chorus_customer else False
            move.chorus_to_act = move.chorus_step == "to_act"

    def _search_chorus_step(self, operator, value):
        if operator != "in":
            return NotImplemented
        testing = Domain("company_id", "in", self.env["res.company"].sudo()._search(
            [("chorus_environment", "=", "test")]
        ))  # fmt: skip
        untold = Domain("chorus_state", "=", False)
        found = []
        for step in value:
            codes = that(INVOICES, step=step)
            found.append(
                Domain("chorus_state", "in", codes)
                | untold & testing & Domain("chorus_test_state", "in", codes)
                if codes
                else untold
                & (~testing | Domain("chorus_test_state", "=", False))
                & self._chorus_may_go_domain()
            )
        return Domain.OR(found)

    @api.model
    def _chorus_may_go_domain(self):
        """Confirmed invoices of Chorus Pro customers, whatever their story."""
        return (
            Domain("state", "=", "posted")
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & Domain("chorus_not_for_chorus", "=", False)
            & Domain("chorus_customer", "=", True)
        )

    def _search_chorus_to_act(self, operator, value):
        if operator != "in":
            return NotImplemented
        told = Domain("chorus_step", "=", "to_act")
        return told if True in value else ~told

    def _chorus_acknowledge_later(self, line):
        """Have the rejection of ``line`` acknowledged once this transaction has committed.

        It is not told to Chorus Pro before the credit note exists for good; saying it twice harms nobody.
        """
        self.ensure_one()
        request = line.sudo().request_ids.filtered(
            lambda request: request.kind == "acknowledge" and request.state in (*OPEN_REQUEST_STATES, "done")
        )
        if not request and line._id_there():
            self.env["chorus.request"].sudo().create(
                {
                    "line_id": line.id,
                    "kind": "acknowledge",
                    "user_id": self.env.uid,
                    "status_before": line.status_code,
                    "status_before_at": line.status_at,
                }
            )
            wake(self.env, what="follow")

    @api.depends("chorus_state", "chorus_test_state")
    @api.depends_context("lang", "uid")
    def _compute_chorus_fix_note(self):
        for move in self:
            model, name = move._chorus_fix_place()
            move.chorus_fix_note = False
            if model:
                label = self._chorus_place_label(model, name)
                note = self.env._("To correct: %(field)s", field=label)
                who = self._chorus_who_may(move._chorus_fix_record(model) or move)
                move.chorus_fix_note = f"{note}. {who}" if who else note
            move.chorus_fix_elsewhere = bool(model) and model != "account.move"

    @api.depends("chorus_state", "chorus_test_state")
    def _compute_chorus_reason_told(self):
        self.chorus_reason_told = False
        places = {move: place for move in self if (place := move._chorus_fix_place())[0]}
        found = self.browse().union(*places)._chorus_saved_findings() if places else {}
        for move, place in places.items():
            blocking = [one for one in found.get(move._origin.id, ()) if one["severity"] == "block"]
            move.chorus_reason_told = place in [(one["model"], one["field"]) for one in blocking]

    def _chorus_fix_record(self, model):
        """The record of ``model`` in which the reason of a rejection is corrected, possibly empty."""
        return self._chorus_place(self._chorus_told_line().fix_key, model, {})

    def _chorus_fix_place(self):
        """Model and field in which the reason of a rejection is corrected; (False, False) when not known."""
        self.ensure_one()
        line = self._chorus_told_line()
        if line.state != "rejected" or line.fix_key not in PLACES:
            return False, False
        model, name = PLACES[line.fix_key]
        return (model, name) if name in self.env[model]._fields else (False, False)

    def action_chorus_open_fix(self):
        """Open the record in which the reason of the rejection is corrected."""
        self._chorus_check_may_follow()
        model, _name = self._chorus_fix_place()
        place = self._chorus_fix_record(model) if model else self
        return self._chorus_open_to_fix(place or self)

    @api.model
    def _chorus_place_label(self, model, name):
        """The label under which a form shows a field: not always the field's own."""
        labels = {
            SIRET_FIELD: self.env._("SIRET"),
            "buyer_reference": self.env._("Service code"),
            "contract_reference": self.env._("Public contract (marché)"),
            "purchase_order_reference": self.env._("Engagement number"),
        }
        return labels.get(name) or self.env[model]._fields[name]._description_string(self.env)

    # -- buttons --------------------------------------------------------------------------------------

    def _chorus_check_offer(self, *offers):
        """
        :return: the line to act on
        :raises UserError: when none of ``offers`` stands now, or the user may not
        """
        self.ensure_one()
        self.check_access("write")
        self.invalidate_recordset(["chorus_todo"])
        if self.chorus_todo not in offers:
            raise UserError(
                self.chorus_request_message
                or self.env._("This cannot be done with %s now: look at its status.", self.name)
            )
        return self._chorus_told_line()

    def _chorus_open_wizard(self, model, title, **values):
        wizard = self.env[model].create(values)
        return dialog(wizard, title)

    def action_chorus_complete(self):
        """Open the screen on which a suspended invoice is completed."""
        self._chorus_check_offer("complete")
        return self._chorus_open_wizard(
            "chorus.complete", self.env._("Complete the invoice"), move_id=self.id
        )

    def action_chorus_recycle(self):
        """Open the screen on which an invoice is sent to the right service."""
        self._chorus_check_offer("redirect")
        return self._chorus_open_wizard("chorus.recycle", self.env._("Redirect the invoice"), move_id=self.id)

    def action_chorus_correct(self):
        """Open the step that replaces an invoice which the buyer rejected."""
        self._chorus_check_offer("correct")
        return self._chorus_open_wizard(
            "chorus.correct", self.env._("Correct a rejected invoice"), move_id=self.id
        )
