"""What a connection remembers about sending and following: groups, windows, unknown outcomes."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..base import moments
from ..notice.chorus_notice import TO_ACT

# Days of deposits that a full check asks for at once, as long as they fit into a run.
WHOLE = 366
# A full check is due each day; one that did not end for so long is told.
CHECK_LATE = timedelta(days=3)


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
        help="An archive of two is tried first, and everything else leaves in single files meanwhile; once"
        " Chorus Pro has integrated it, archives of the company's group size follow. Refused: single files.",
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
    full_check_from = fields.Date("Full check goes on with deposits of", readonly=True, copy=False)
    full_check_days = fields.Integer(
        "Days of deposits asked for at once", readonly=True, copy=False, default=WHOLE
    )
    full_check_late = fields.Boolean("Told that the full check is late", readonly=True, copy=False)
    send_turn_at = fields.Datetime("Last turn of sending", readonly=True, copy=False)
    follow_turn_at = fields.Datetime("Last turn of following", readonly=True, copy=False)
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

    def _watch_full_check(self, done):
        """Tell a person when the check of all open invoices has not come to its end for days; close that
        when it has."""
        self.ensure_one()
        kind = TO_ACT[self.environment]
        if done:
            if self.full_check_late:
                self.full_check_late = False
                self.env["chorus.notice"]._solved(self, kind)
            return
        late = self.full_check_from and (
            self.full_check_at and moments.now(self.env) - self.full_check_at > CHECK_LATE
        )
        if late and not self.full_check_late:
            self.full_check_late = True
            self.env["chorus.notice"]._tell(
                self,
                kind,
                lambda row: row.env._(
                    "The daily check of all open invoices has not come to its end since %(day)s: Chorus Pro"
                    " answers slowly, or the scheduled action has too little time. Changes are still"
                    " followed. Ask your administrator to raise limit_time_real_cron, or the calls per"
                    " minute of the connection.",
                    day=format_date(row.env, row.full_check_at),
                ),
                summary=self.env._("The daily check of Chorus Pro is late: %s", self.company_id.name),
            )

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
