"""What a connection remembers about sending and following, from the first steps on: limits and windows."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import format_date

from ..base import moments
from ..notice.chorus_notice import TO_ACT, dialog

# Days of deposits that a full check asks for at once, as long as they fit into a run.
WHOLE = 366
# A full check is due each day; one that did not end for so long is told.
CHECK_LATE = timedelta(days=3)


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    supplier_login = fields.Char(
        string="Login of the supplier's manager",
        readonly=True,
        copy=False,
        help="With it you log in to the qualification space; its password stands in the data set only.",
    )
    replace_buyer = fields.Boolean(
        string="Replace the buyer too",
        help="Test with real invoices: in the copy that is sent, and only there, the customer is "
        "replaced by a "
        "recipient of the test data set that requires the same.",
    )
    first_deposit_limit = fields.Integer(
        string="Invoices in the first real deposit",
        default=1,
        help="Until Chorus Pro has taken a first real invoice of this company, no more than this number is "
        "sent. 0: no limit.",
    )
    _first_deposit_limit_positive = models.Constraint(
        "CHECK(first_deposit_limit >= 0)", "The limit of the first real deposit cannot be negative."
    )

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

    def _max_deposit_now(self):
        """Return how many invoices may be sent at most for now, or ``None`` without limit.

        The limit holds in production until an invoice of the company was integrated.
        """
        self.ensure_one()
        connection = self.sudo()
        if not connection.first_deposit_limit or connection._first_deposit_done():
            return None
        return connection.first_deposit_limit

    def _first_deposit_done(self):
        """Whether Chorus Pro has integrated a real invoice of the company; in test nobody waits for one."""
        self.ensure_one()
        if self.environment != "production":
            return True
        integrated = [
            ("company_id", "=", self.company_id.id),
            ("environment", "=", "production"),
            ("state", "=", "integrated"),
        ]
        return bool(self.env["chorus.deposit.line"].sudo().search_count(integrated, limit=1))

    def action_import_test_data(self):
        """Open the import of the test data set."""
        self.ensure_one()
        self.check_access("write")
        wizard = self.env["chorus.test.data"].create({"connection_id": self.id})
        return dialog(wizard, self.env._("Import the test data set"))

    def action_switch_environment(self):
        """Open the screen that puts the company on this connection's environment."""
        self.ensure_one()
        self.check_access("write")
        company = self.company_id
        switch = self.env["chorus.switch"].create({"company_id": company.id, "target": self.environment})
        return dialog(switch, self.env._("Switch Chorus Pro"))

    def _test_recipient_for(self, partner):
        """Return the ``chorus.structure`` of the test data set that takes the buyer's place, or an empty one.

        It requires what the real buyer requires (nothing, when the production directory does not know it).
        Empty in production, when the option is off, when the partner is itself in the test data set, and
        when the data set has no such recipient.
        """
        self.ensure_one()
        structures = self.env["chorus.structure"].sudo()
        connection = self.sudo()
        if connection.environment != "test" or not connection.replace_buyer:
            return structures
        siret = partner._chorus_siret()
        candidates = structures.search(
            [
                ("environment", "=", "test"),
                ("in_test_data_set", "=", True),
                ("known", "=", True),
                ("active_in_chorus", "=", True),
                ("moa_only", "=", False),
                ("siret", "!=", connection.supplier_siret),
            ],
            order="siret",
        )
        if siret in candidates.mapped("siret"):
            return structures
        buyer = structures.search([("siret", "=", siret), ("environment", "=", "production")], limit=1)
        requirement = buyer.requirement or "none"
        return candidates.filtered(lambda structure: structure.requirement == requirement)[:1]

    def _test_service_for(self, partner):
        """Return the service code of the recipient that takes the buyer's place: ``''`` when it needs none.

        ``None`` when nobody takes the buyer's place.
        """
        stand_in = self._test_recipient_for(partner)
        if not stand_in:
            return None
        return stand_in._first_service().code or ""

    # -- what a connection remembers about sending and following: groups, windows, unknown outcomes

    @api.depends("environment")
    def _compute_auto_resend(self):
        for connection in self:
            connection.auto_resend = connection.environment == "test"

    def _late_checks(self):
        """Of which connections the check of all open invoices has not come to its end for days, however it
        failed: nobody gave it the time, or what Chorus Pro lists could not be read.

        :return: dict connection → since when, naive UTC; one with nothing open is not late
        """
        before = moments.now(self.env) - CHECK_LATE
        old = self.filtered(lambda one: not one.full_check_at or one.full_check_at < before)
        if not old:
            return {}
        self.env["chorus.deposit.line"].flush_model(["state", "followed", "deposited_on"])
        self.env.cr.execute(
            """
            SELECT place.id, oldest.at
            FROM unnest(%s, %s, %s) AS place(id, company_id, environment)
            CROSS JOIN LATERAL (
                SELECT min(coalesce(line.deposited_on, line.create_date)) AS at
                FROM chorus_deposit_line AS line
                WHERE line.company_id = place.company_id AND line.environment = place.environment
                    AND line.followed IS TRUE AND line.state IN ('sent', 'integrated', 'hand')
            ) AS oldest
            WHERE oldest.at < %s
            """,
            (old.ids, [one.company_id.id for one in old], old.mapped("environment"), before),
        )
        rows = [(self.browse(number), oldest) for number, oldest in self.env.cr.fetchall()]
        return {one: max(one.full_check_at or oldest, oldest) for one, oldest in rows}

    def _watch_full_check(self, done=False):
        """Tell a person when the check of all open invoices has not come to its end for days; close that
        when it has."""
        self.ensure_one()
        kind, notice = TO_ACT[self.environment], self.env["chorus.notice"]
        if done:
            if self.full_check_late:
                self.full_check_late = False
                notice._solved(self, kind)
            return
        # What stops everything on the connection is told in its own words.
        if self.full_check_late or self._why_not_usable() or notice._open(self, kind):
            return
        since = self._late_checks().get(self)
        if since:
            self.full_check_late = True
            notice._tell(
                self,
                kind,
                lambda row: row.env._(
                    "The daily check of all open invoices has not come to its end since %(day)s: Chorus Pro"
                    " answers slowly or with errors, or the scheduled action has too little time. Ask your"
                    " administrator to look into the server's log, and to raise limit_time_real_cron or the"
                    " calls per minute of the connection.",
                    day=format_date(row.env, since),
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
