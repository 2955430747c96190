from odoo import api, fields, models


class ChorusLateRate(models.Model):
    """Rate of late-payment interest of public buyers, by the half-year in which the interest begins to run.

    Source: code de la commande publique, R2192-31: the European Central Bank's main refinancing rate on the
    first day of the half-year, plus eight points.
    """

    _name = "chorus.late.rate"
    _description = "Late-payment rate of public buyers"
    _order = "date_from desc"
    _rec_name = "date_from"

    date_from = fields.Date("From", required=True)
    rate = fields.Float("Rate (% a year)", required=True, digits=(6, 3))

    _one_a_day = models.Constraint("UNIQUE(date_from)", "There is a rate from this date already.")
    _rate_is_positive = models.Constraint("CHECK(rate >= 0)", "A rate is not negative.")

    @api.model
    def _rate_on(self, day):
        """:return: float, % a year, in force on ``day``; 0.0 before the first row."""
        row = self.sudo().search([("date_from", "<=", day)], order="date_from desc", limit=1)
        return row.rate
