"""The pace of a connection's calls, for all processes and servers together."""

from odoo import api, fields, models

from ...chorus_api.access import is_loopback_url

# A ceiling: the pace begins far below it and grows as long as the gateway is content (``chorus.pace``).
_DEFAULT_PACE = 300


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    calls_per_minute = fields.Integer(
        "Calls per minute at most",
        compute="_compute_calls_per_minute",
        store=True,
        readonly=False,
        help="For all processes and servers together. The pace begins below, grows while Chorus Pro answers"
        " well, and slows down when it does not. 0: no limit.",
    )

    files_at_once = fields.Integer(
        "Files that travel at once",
        default=3,
        required=True,
        help="While Chorus Pro takes one file, others leave beside it. Every call counts for the calls per"
        " minute.",
    )

    _files_at_once_in_bounds = models.Constraint(
        "CHECK (files_at_once BETWEEN 1 AND 10)", "Between 1 and 10 files travel at once."
    )
    _calls_per_minute_positive = models.Constraint(
        "CHECK (calls_per_minute >= 0)", "The number of calls per minute cannot be negative."
    )

    @api.depends("api_url")
    def _compute_calls_per_minute(self):
        for connection in self:
            local = is_loopback_url(connection.api_url or "")
            connection.calls_per_minute = 0 if local else _DEFAULT_PACE

    def _pace(self):
        """Return a function that is told of the last call, takes the next free slot and gives the seconds to
        wait for it; None where there is no limit."""
        self.ensure_one()
        if not self.calls_per_minute:
            return None
        ceiling, number, paces = self.calls_per_minute, self.id, self.env["chorus.pace"]
        return lambda record=None: paces._reserve(number, ceiling, record)
