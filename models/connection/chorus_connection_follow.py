"""What a connection remembers about sending and following: groups, windows, unknown outcomes."""

from odoo import api, fields, models


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    group_state = fields.Selection(
        [
            ("untried", "Never tried"),
            ("trial", "First archive under way"),
            ("proven", "Archives are taken"),
            ("refused", "Archives are refused"),
        ],
        string="Several invoices in one file",
        default="untried",
        required=True,
        readonly=True,
        copy=False,
        help="Single files are the safe way. An archive of two is tried first; once Chorus Pro has integrated"
        " it, archives of the company's group size follow.",
    )
    followed_until = fields.Datetime("Statuses known until", readonly=True, copy=False)
    window_state = fields.Selection(
        [("unknown", "Not known yet"), ("honoured", "Honoured"), ("ignored", "Ignored by the server")],
        string="Search by date of change",
        default="unknown",
        required=True,
        readonly=True,
        copy=False,
    )
    full_check_at = fields.Datetime("Last full check", readonly=True, copy=False)
    resolve_horizon_hours = fields.Integer(
        "Look for an unconfirmed deposit for (hours)",
        default=24,
        help="When the answer to a deposit was lost, its invoices are searched on Chorus Pro for so long"
        " before anything else is done.",
    )
    auto_resend = fields.Boolean(
        "Then send it again by itself",
        compute="_compute_auto_resend",
        store=True,
        readonly=False,
        help="Off: a person looks on the portal and decides. In production this is the safe choice.",
    )

    _horizon_is_long_enough = models.Constraint(
        "CHECK (resolve_horizon_hours >= 1)", "Unconfirmed deposits are searched for one hour at least."
    )

    @api.depends("environment")
    def _compute_auto_resend(self):
        for connection in self:
            connection.auto_resend = connection.environment == "test"

    def _group_size(self):
        """How many invoices may go into one file now: 1, 2 for the first trial, or the company's choice."""
        self.ensure_one()
        wanted = self.company_id.chorus_group_size or 1
        if self.group_state == "trial" and not self._trial_under_way():
            self.group_state = "untried"
        return {"untried": min(wanted, 2), "proven": wanted}.get(self.group_state, 1)

    def _trial_under_way(self):
        """Whether an archive is on its way; one that was withdrawn before its verdict proved nothing."""
        deposits = self.env["chorus.deposit"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("environment", "=", self.environment),
                ("state", "in", ("ready", "sending", "unconfirmed", "sent")),
            ]
        )
        return any(count > 1 for count in deposits.mapped("line_count"))

    def _group_made(self):
        if self.group_state == "untried":
            self.group_state = "trial"

    def _group_verdict(self, good):
        """An archive came to its end: integrated, or rejected as a whole without a reason per invoice."""
        if good:
            self.group_state = "proven"
        elif self.group_state != "proven":
            self.group_state = "refused"

    def action_try_groups_again(self):
        """Forget that archives were refused."""
        self.check_access("write")
        self.group_state = "untried"
