"""The engagement number of an invoice to the State, checked before sending."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ... import chorus_api
from ..connection.chorus_connection_token import client_of
from ..directory.chorus_engagement import MAX_NUMBERS, STATE_SIRET
from ..notice.chorus_notice import notice
from ..notice.chorus_sentences import explain


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_engagement_notice = fields.Char(
        string="Engagement in Chorus Pro",
        compute="_compute_chorus_engagement",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    chorus_can_check_engagement = fields.Boolean(compute="_compute_chorus_engagement")

    @api.depends("purchase_order_reference", "commercial_partner_id", "move_type")
    def _compute_chorus_engagement(self):
        for move in self:
            checkable = move._chorus_engagement_number() and move._chorus_is_to_the_state()
            move.chorus_can_check_engagement = checkable
            row = checkable and self.env["chorus.engagement"].sudo().search(
                [
                    ("company_id", "=", move.company_id.id),
                    ("environment", "=", move.company_id._chorus_directory_environment()),
                    ("number", "=", move._chorus_engagement_number()),
                ]
            )
            move.chorus_engagement_notice = move._chorus_tell_engagement(row) if row else False

    def _chorus_tell_engagement(self, row):
        day = format_date(self.env, fields.Datetime.context_timestamp(self, row.checked_at).date())
        if row.known:
            return self.env._("Open in Chorus Pro (checked on %s)", day)
        return self.env._("Chorus Pro does not have this engagement (checked on %s)", day)

    def action_chorus_check_engagement(self):
        """Ask Chorus Pro whether it has the engagement numbers of these invoices to the State."""
        self.check_access("read")
        self.env["chorus.structure"]._check_may_look_up()
        moves = self.filtered(
            lambda move: move._chorus_engagement_number() and move._chorus_is_to_the_state()
        )
        if not moves:
            raise UserError(
                self.env._(
                    "Chorus Pro tells about engagements of the services of the State only (SIRET %s).",
                    STATE_SIRET,
                )
            )
        engagements, asked = self.env["chorus.engagement"], []
        for company, invoices in moves.grouped("company_id").items():
            environment = company._chorus_directory_environment()
            connection = self.env["chorus.connection"]._for(company, environment)
            if reason := connection._why_not_usable():
                raise UserError(reason)
            numbers = [move._chorus_engagement_number() for move in invoices][:MAX_NUMBERS]
            try:
                with client_of(connection) as client:
                    asked.append((connection, engagements._ask_about(client, connection, numbers)))
            except chorus_api.ChorusError as error:
                raise UserError(explain(self.env, error)) from None
        # All is asked before the first answer is written: nobody waits for the network behind a row of ours.
        answers = [item for found in asked for item in engagements._keep(*found).items()]
        unknown = [number for number, known in answers if not known]
        self.invalidate_recordset(["chorus_engagement_notice"])
        return notice(
            "warning" if unknown or not answers else "success",
            self.env._("Engagement numbers"),
            self.env._("Chorus Pro does not have: %s", ", ".join(unknown))
            if unknown
            else self.env._("%s checked.", len(answers)),
        )
