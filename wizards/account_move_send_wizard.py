"""Odoo's own screens that send, one invoice or several: our checkboxes, in the reader's language."""

from odoo import api, fields, models

from ..models.base.chorus_channels import FAILED
from ..models.directory.res_partner import SENDING_METHOD
from ..models.document.account_move_send import ENVELOPES


class AccountMoveSendWizard(models.TransientModel):
    _inherit = "account.move.send.wizard"

    chorus_blocked = fields.Boolean("Something keeps it from Chorus Pro", compute="_compute_chorus_blocked")

    @api.depends("alerts")
    def _compute_chorus_blocked(self):
        for wizard in self:
            wizard.chorus_blocked = any(
                key.startswith("chorus_pro_block_") and alert.get("level") == "danger"
                for key, alert in (wizard.alerts or {}).items()
            )

    def _compute_sending_method_checkboxes(self):
        result = super()._compute_sending_method_checkboxes()
        for wizard in self:
            wizard.sending_method_checkboxes = wizard._chorus_checkboxes(wizard.sending_method_checkboxes)
        return result

    def _chorus_checkboxes(self, checkboxes):
        """``checkboxes`` with our method and the other electronic channels put right for this invoice."""
        self.ensure_one()
        move, environment = self.move_id, self.company_id.chorus_environment
        if SENDING_METHOD in checkboxes and not move.chorus_customer:
            checkboxes = {key: box for key, box in checkboxes.items() if key != SENDING_METHOD}
        busy = environment and move._chorus_busy(environment)
        reasons = {}
        if SENDING_METHOD in checkboxes:
            stands = move._chorus_in_the_way()
            if stands:
                reason = self.env._("tried by %s") if stands.kind == FAILED else self.env._("sent by %s")
                reasons[SENDING_METHOD] = reason % move._chorus_other_channel()
            elif busy:
                reasons[SENDING_METHOD] = self.env._("on its way already")
        if move._chorus_busy("production"):
            reason = self.env._("sent by Chorus Pro")
            reasons.update({key: reason for key in checkboxes if key not in ENVELOPES})
        if environment == "production" and move.chorus_customer:
            # The alerts say which road is taken and why: a second one that cannot be taken says nothing.
            checkboxes = {
                key: box
                for key, box in checkboxes.items()
                if key in ENVELOPES or not (key in reasons or box.get("readonly"))
            }
            reasons = {key: reason for key, reason in reasons.items() if key in checkboxes}
        boxes = {
            key: {**box, "checked": False, "readonly": True, "label": f"{box['label']} ({reasons[key]})"}
            if key in reasons
            else box
            for key, box in checkboxes.items()
        }
        if environment == "test" and SENDING_METHOD in boxes and SENDING_METHOD not in reasons:
            box = boxes[SENDING_METHOD]
            boxes[SENDING_METHOD] = {**box, "label": self.env._("%s (TEST)", box["label"])}
        return boxes


class AccountMoveSendBatchWizard(models.TransientModel):
    _inherit = "account.move.send.batch.wizard"

    @api.depends("move_ids")
    @api.depends_context("lang")
    def _compute_summary_data(self):
        result = super()._compute_summary_data()
        methods = self.env["res.partner"]._fields["invoice_sending_method"]
        labels = dict(methods._description_selection(self.env))
        for wizard in self:
            # Odoo takes the labels as they stand in the code.
            wizard.summary_data = {
                key: {**row, "label": labels[SENDING_METHOD]} if key == SENDING_METHOD else row
                for key, row in (wizard.summary_data or {}).items()
            }
        return result
