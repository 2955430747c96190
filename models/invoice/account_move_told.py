"""Which of its lines tells the story of an invoice, and where it stands on another electronic channel."""

from odoo import fields, models

from ..base.chorus_channels import APPROVED_PLATFORM, DESPITE, FINDINGS, GONE, standing


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_despite = fields.Char(
        "Sent by Chorus Pro all the same",
        readonly=True,
        copy=False,
        help="The situation on another channel in which a person decided that Chorus Pro gets the invoice.",
    )

    def _chorus_line(self, environment):
        """The line that tells the story of an environment: the live one, else the latest."""
        self.ensure_one()
        lines = self.sudo().chorus_line_ids.filtered(lambda line: line.environment == environment)
        return lines.filtered("live")[:1] or lines.sorted("id")[-1:]

    def _chorus_told_line(self):
        """The line whose story the invoice tells: production's, else that of the test."""
        return self._chorus_line("production") or self._chorus_line("test")

    # -- where an invoice stands on another electronic channel, in the terms of a finding

    def _chorus_in_the_way(self):
        """Where the invoice stands on another channel, unless a person decided about just that.

        :rtype: chorus_channels.Standing | None
        """
        self.ensure_one()
        move = self.sudo()
        stands = standing(move)
        return stands if stands and (stands.kind == GONE or stands.key != move.chorus_despite) else None

    def _chorus_channel_words(self, stands):
        """What a sentence about ``stands`` needs.

        :rtype: dict
        """
        self.ensure_one()
        move = self.sudo()
        company = move.company_id
        name = stands.channel.name
        if stands.channel.state == "peppol_move_state" and hasattr(company, "_get_peppol_proxy_type"):
            # The same fields serve two networks; the company says on which one it is.
            name = APPROVED_PLATFORM if company._get_peppol_proxy_type() == "pdp" else name
        labels = {}
        if stands.channel.state in move._fields:
            labels = dict(move._fields[stands.channel.state]._description_selection(self.env))
        return {
            "number": move.name,
            "channel": self.env._(name),
            "state": labels.get(stands.state, stands.state or ""),
        }

    def _chorus_channel_said(self):
        """Yield what the other channels say of this invoice, as (code, params, record)."""
        stands = standing(self.sudo())
        if stands:
            decided = not self._chorus_in_the_way()
            code = DESPITE if decided else FINDINGS[stands.kind]
            yield code, self._chorus_channel_words(stands), None
