from odoo import api, fields, models


class ChorusAttempt(models.Model):
    """Journal of a deposit: one row per attempt to send or to find out; no secret, no answer body."""

    _name = "chorus.attempt"
    _inherit = ["chorus.written.by.code"]
    _description = "Chorus Pro attempt"
    _order = "id desc"

    KEPT_PER_DEPOSIT = 50

    deposit_id = fields.Many2one(
        "chorus.deposit", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="deposit_id.company_id", store=True, index=True)
    number = fields.Integer("Attempt", readonly=True)
    kind = fields.Selection(
        [("send", "Send"), ("search", "Look for it"), ("report", "Ask for the report")],
        required=True,
        readonly=True,
    )
    started_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    outcome = fields.Selection(
        [
            ("running", "Under way"),
            ("accepted", "Taken"),
            ("refused", "Refused"),
            ("not_sent", "Did not leave"),
            ("unknown", "Unknown"),
            ("found", "Found"),
            ("not_found", "Not found"),
            ("answered", "Answered"),
        ],
        required=True,
        readonly=True,
        default="running",
    )
    http_status = fields.Integer("HTTP status", readonly=True)
    duration_ms = fields.Integer("Duration (ms)", readonly=True)
    correlation_id = fields.Char("Reference", readonly=True)
    error = fields.Char(readonly=True)

    @api.model
    def _start(self, deposit, kind, correlation_id):
        """Open a row; the oldest searches beyond the bound leave, the sendings stay."""
        old = self.search([("deposit_id", "=", deposit.id), ("kind", "!=", "send")])[self.KEPT_PER_DEPOSIT :]
        old.sudo().unlink()
        return self.create(
            {
                "deposit_id": deposit.id,
                "number": deposit.attempt_number,
                "kind": kind,
                "correlation_id": correlation_id,
            }
        )

    def _end(self, outcome, seconds, error=None):
        """Close the row. ``error``: ``chorus_api.ChorusError`` or None; ``seconds``: the call's duration."""
        self.write(
            {
                "outcome": outcome,
                "duration_ms": round(seconds * 1000),
                "http_status": getattr(error, "http_status", None) or (0 if error else 200),
                "error": str(error)[:300] if error else False,
            }
        )
