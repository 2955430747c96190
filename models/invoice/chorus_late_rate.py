from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.moments import half_year
from ..notice.chorus_notice import RATE

# Code de la commande publique, R2192-31: points above the European Central Bank's rate.
POINTS = 8.0


class ChorusLateRate(models.Model):
    """Rate of late-payment interest of public buyers, by the half-year in which the interest begins to run.

    Source: code de la commande publique, R2192-31: the European Central Bank's main refinancing rate on the
    first day of the half-year, plus eight points.
    """

    _name = "chorus.late.rate"
    _description = "Late-payment rate of public buyers"
    _order = "date_from desc"
    _rec_name = "date_from"

    date_from = fields.Date("From", required=True, default=lambda self: self._next_half_year())
    central_rate = fields.Float(
        "Rate of the European Central Bank (%)",
        compute="_compute_central_rate",
        readonly=False,
        digits=(6, 3),
        help="Of its main refinancing operations, in force on the first day of the half-year.",
    )
    rate = fields.Float("Rate (% a year)", required=True, digits=(6, 3))

    _one_a_day = models.Constraint("UNIQUE(date_from)", "There is a rate from this date already.")
    _rate_is_positive = models.Constraint("CHECK(rate >= 0)", "A rate is not negative.")

    @api.constrains("date_from")
    def _check_half_year(self):
        for row in self:
            if row.date_from != half_year(row.date_from):
                raise ValidationError(
                    self.env._("A rate holds from 1 January or 1 July on: %s is neither.", row.date_from)
                )

    @api.depends("rate")
    def _compute_central_rate(self):
        for row in self:
            row.central_rate = row.rate - POINTS if row.rate else 0.0

    @api.onchange("central_rate")
    def _onchange_central_rate(self):
        if self.central_rate:
            self.rate = self.central_rate + POINTS

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        # Whoever was asked for a rate need not look for it any more.
        self.env["chorus.notice"]._solved_everywhere(RATE)
        return rows

    @api.model
    def _next_half_year(self):
        """The half-year after the last one that has a rate."""
        last = self.search([], limit=1).date_from
        return last + relativedelta(months=6) if last else half_year(fields.Date.context_today(self))

    @api.model
    def _in_force(self, day):
        """:return: the newest row that begins on ``day`` or before it; empty before the first one"""
        return self.sudo().search([("date_from", "<=", day)], order="date_from desc", limit=1)

    @api.model
    def _rate_on(self, day):
        """:return: float, % a year, in force on ``day``; 0.0 before the first row."""
        return self._in_force(day).rate
