"""What went to Chorus Pro by itself, until the summary of its day has told of it."""

from odoo import api, fields, models

from ..base import moments
from ..base.moments import SUMMARY_AFTER, next_at


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    by_itself = fields.Selection(
        [("new", "In no summary yet"), ("told", "In the summary of its day")],
        "Sent by itself",
        readonly=True,
        copy=False,
    )
    _by_itself_index = models.Index("(company_id, environment) WHERE by_itself = 'new'")

    @api.model
    def _untold_days(self):
        """:return: list of (company id, environment) whose summary of a day is due"""
        self.env.cr.execute(
            """
            SELECT company_id, environment, min(create_date) FROM chorus_deposit_line
            WHERE by_itself = 'new' GROUP BY company_id, environment
            """
        )
        now = moments.now(self.env)
        companies = self.env["res.company"].sudo()
        return [
            (company_id, environment)
            for company_id, environment, first in self.env.cr.fetchall()
            if next_at(first, companies.browse(company_id).chorus_sending_hour + SUMMARY_AFTER) <= now
        ]
