"""Buttons of an invoice to validate: they stand above the worker, which does the asking."""

from odoo import models
from odoo.exceptions import UserError

from ..worker import doors
from .base.transactions import fresh_env
from .notice.chorus_notice import dialog, notice


class ChorusValidation(models.Model):
    _inherit = "chorus.validation"

    def _check_may_answer(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("account.group_account_invoice"):
            raise UserError(self.env._("Only people who may invoice can do this."))
        if self.state != "to_validate":
            raise UserError(self.env._("%s waits for no answer any more: look at its state.", self.number))

    def action_accept(self):
        """Accept the invoice: it goes on to the public body."""
        self._check_may_answer()
        return self._answer(True, False)

    def action_refuse(self):
        """Open the screen that asks for the reason of a refusal."""
        self._check_may_answer()
        wizard = self.env["chorus.validation.refuse"].create({"validation_id": self.id})
        return dialog(wizard, self.env._("Refuse the invoice"))

    def action_read(self):
        """Open the invoice itself, fetched from Chorus Pro at the first time."""
        self.ensure_one()
        self.check_access("read")
        if not self.sudo().file_id:
            content = doors.fetch_file(self)
            if not isinstance(content, bytes):
                raise UserError(content)
            self.sudo().file_id = (
                self.env["ir.attachment"]
                .sudo()
                .create(
                    {
                        "name": f"{self.number}.pdf".replace("/", "_"),
                        "raw": content,
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.sudo().file_id.id}",
            "target": "new",
        }

    def _answer(self, accept, reason):
        doors.answer_validation(self, accept, reason)
        # Written by a transaction of its own, which the snapshot of this one does not see.
        self.invalidate_recordset()
        with fresh_env(self.env) as env:
            now = env[self._name].browse(self.id)
            done, message = now.state in ("accepted", "refused"), now.message
        return notice(
            "success" if done else "warning",
            self.number,
            message or (self.env._("Done on Chorus Pro.") if done else self.env._("Asked of Chorus Pro.")),
        )
