"""One channel for each invoice: what another channel has is not deposited, unless a person says so."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.chorus_authority import BY_CODE
from ..base.chorus_channels import CHANNEL_FIELDS, DESPITE, GONE


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_may_go_despite = fields.Boolean(
        "May go by Chorus Pro all the same", compute="_compute_chorus_may_go_despite"
    )

    @api.depends(
        lambda self: [
            "chorus_despite", "state", "chorus_state",
            *(name for name in CHANNEL_FIELDS if name in self._fields),
        ]
    )  # fmt: skip
    def _compute_chorus_may_go_despite(self):
        for move in self:
            stands = move.state == "posted" and move.chorus_customer and move._chorus_in_the_way()
            move.chorus_may_go_despite = bool(
                stands and stands.kind != GONE and not move._chorus_busy("production")
            )

    def _chorus_other_channel(self):
        """How a person calls the other electronic channel that has, or may have, this invoice, or ``''``."""
        stands = self._chorus_in_the_way()
        return self._chorus_channel_words(stands)["channel"] if stands else ""

    def _chorus_channel_sentence(self):
        """Why another channel keeps this invoice from being deposited, or ``''``."""
        for code, params, record in self._chorus_channel_said():
            if code != DESPITE:
                return self._chorus_finding(code, params, record)["message"]
        return ""

    def action_chorus_despite(self):
        """A person states that the other channel does not have these invoices: Chorus Pro may have them.

        The Send screen opens.

        :raises UserError: for an invoice that another channel has, or about which nothing is to decide
        """
        self.check_access("write")
        if not self.env.user.has_group("account.group_account_invoice"):
            raise UserError(self.env._("Only people who may invoice can do this."))
        for move in self:
            stands = move._chorus_in_the_way()
            if not stands:
                raise UserError(
                    self.env._(
                        "Nothing keeps %s from being sent by Chorus Pro: nothing is to decide.", move.name
                    )
                )
            if stands.kind == GONE:
                raise UserError(move._chorus_channel_sentence())
            move.with_context(**BY_CODE).chorus_despite = stands.key
            words = move._chorus_channel_words(stands)
            move._message_log(
                body=self.env._(
                    "%(user)s decided that this invoice goes by Chorus Pro all the same (%(channel)s says:"
                    " %(state)s).",
                    user=self.env.user.name,
                    channel=words["channel"],
                    state=words["state"],
                )
            )
        return self.action_chorus_send()
