"""Switch a company's invoices off, to test or to production: what changes is shown and confirmed."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.base.chorus_server_config import ENVIRONMENTS
from ..models.base.chorus_states import LINES, that
from ..models.connection.chorus_connection_secret import credential_of

TARGETS = [("off", "Off"), *ENVIRONMENTS]


class ChorusSwitch(models.TransientModel):
    _name = "chorus.switch"
    _description = "Switch Chorus Pro"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    present = fields.Selection(TARGETS, string="Now", compute="_compute_present")
    target = fields.Selection(TARGETS, string="Switch to", required=True)
    changes = fields.Text(string="What changes", compute="_compute_changes")
    obstacle = fields.Text(string="What is missing", compute="_compute_changes")
    test_customer_count = fields.Integer(compute="_compute_changes")
    archive_test_customers = fields.Boolean(string="Archive the test customers", default=True)
    waiting_count = fields.Integer(
        "Invoices that have not left yet",
        compute="_compute_waiting",
        help="Queued, or in a file that is ready, for an environment to which nothing is sent any more.",
    )
    waiting = fields.Selection(
        [("keep", "Let them wait until it is switched back"), ("withdraw", "Withdraw them")],
        string="What waits to be sent",
        required=True,
        default="keep",
    )
    first_deposit_limit = fields.Integer(
        string="Invoices in the first real deposit",
        default=1,
        help="0: no limit.",
    )
    confirmed = fields.Boolean(string="I have read this and want it")
    responsible_id = fields.Many2one(
        "res.users",
        string="Who is told",
        compute="_compute_responsible",
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Receives an activity about the connection, and about invoices whose sender has left.",
    )

    @api.depends("company_id")
    def _compute_responsible(self):
        for switch in self:
            switch.responsible_id = switch.company_id.chorus_responsible_id

    @api.depends("company_id")
    def _compute_present(self):
        for switch in self:
            switch.present = switch.company_id.chorus_environment or "off"

    @api.depends("company_id", "target")
    def _compute_changes(self):
        for switch in self:
            switch.test_customer_count = len(switch._test_customers())
            if switch.target in (False, "off"):
                switch.obstacle = False
                sentences = switch._changes_when_off() + switch._changes_for_waiting()
                switch.changes = switch.target and "\n".join(sentences)
                continue
            connection = self.env["chorus.connection"]._for(switch.company_id, switch.target)
            switch.obstacle = connection._why_not_usable()
            sentences = switch._changes(connection) + switch._changes_for_waiting() if connection else []
            switch.changes = "\n".join(sentences) or False

    @api.depends("company_id", "target")
    def _compute_waiting(self):
        for switch in self:
            switch.waiting_count = len(switch._waiting())

    def action_switch(self):
        """Do it: from its commit on, no file leaves for another environment than the target."""
        self.ensure_one()
        self.env["chorus.connection"].check_access("write")
        if self.target == "production" and not self.confirmed:
            raise UserError(self.env._("Tick that you have read what changes."))
        company = self.company_id
        environment = False if self.target == "off" else self.target
        connection = self.env["chorus.connection"]._for(company, environment) if environment else False
        if environment == "production":
            connection.first_deposit_limit = self.first_deposit_limit
        if environment == "production" and self.archive_test_customers:
            self._test_customers().active = False
        company.chorus_environment = environment
        company.chorus_responsible_id = self.responsible_id
        busy = self._withdraw_waiting() if self.waiting == "withdraw" else self.browse()
        for known in self.env["chorus.connection"].search([("company_id", "=", company.id)]):
            known._message_log(
                body=self.env._(
                    "%(company)s: Chorus Pro switched to %(target)s by %(user)s.",
                    company=company.name,
                    target=dict(self._fields["target"]._description_selection(self.env))[self.target],
                    user=self.env.user.name,
                )
            )
        done = {"type": "ir.actions.client", "tag": "soft_reload"}
        if not busy:
            return done
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Not withdrawn: %s", ", ".join(busy.mapped("display_name"))),
                "message": self.env._(
                    "Their files are being made just now. They wait and are not sent; open this screen again"
                    " to withdraw them."
                ),
                "sticky": True,
                "next": done,
            },
        }

    def action_configure(self):
        """Open the connection in which something is missing; it is made when there is none."""
        self.ensure_one()
        return self.env["chorus.connection"]._configure(self.company_id, self.target)

    # ---------------------------------------------------------------- what changes

    def _test_customers(self):
        return self.env["res.partner"].search(
            [
                ("chorus_test_customer", "=", True),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )

    def _lines(self, states):
        """The company's invoices in one of ``states`` for other environments than the target."""
        return (
            self.env["chorus.deposit.line"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("state", "in", states),
                    ("environment", "!=", self.target),
                ]
            )
        )

    def _waiting(self):
        return self._lines(that(LINES, waits=True))

    def _withdraw_waiting(self):
        """Withdraw what waits; one that a worker holds just now must not keep the switch from being done.

        :return: account.move, those that could not be withdrawn
        """
        busy = self.env["account.move"]
        for line in self._waiting():
            try:
                with self.env.cr.savepoint():
                    line.move_id._chorus_withdraw(line.environment)
            except UserError:
                busy |= line.move_id
        return busy

    def _changes_for_waiting(self):
        """What becomes of the invoices that have not left, and of those that come to their turn again."""
        lines = []
        if self.waiting_count:
            lines.append(
                self.env._(
                    "Not sent yet, and not sent any more once you switch: %s invoices. Choose below whether"
                    " they wait or are withdrawn.",
                    self.waiting_count,
                )
            )
        if leaving := len(self._lines(("sending",))):
            lines.append(self.env._("Being sent at this moment, too late to stop: %s invoices.", leaving))
        back = (
            self.env["chorus.deposit.line"]
            .sudo()
            .search_count(
                [
                    ("company_id", "=", self.company_id.id),
                    ("state", "in", that(LINES, waits=True)),
                    ("environment", "=", self.target),
                ]
            )
        )
        if back and self.target != self.present:
            lines.append(
                self.env._("Waiting for this environment: %s invoices. They leave once you switch.", back)
            )
        return lines

    def _changes_when_off(self):
        return [
            self.env._("Nothing more is sent to Chorus Pro for %s.", self.company_id.name),
            self.env._("What was sent is still followed."),
        ]

    def _changes(self, connection):
        """Return the sentences that tell what the target environment means."""
        other = self.env["chorus.connection"]._for(
            self.company_id, "test" if self.target == "production" else "production"
        )
        lines = [
            self.env._("Address: %s", connection.api_url),
            self.env._("Client ID: %s", credential_of(connection, "client_id")),
            self.env._("Technical account: %s", credential_of(connection, "login")),
        ]
        if other and credential_of(other, "client_id") == credential_of(connection, "client_id"):
            lines.append(self.env._("Caution: test and production have the same Client ID."))
        if self.target == "production":
            lines += [
                self.env._("Invoices are real: public bodies receive and pay them."),
                self.env._(
                    "The seller's SIRET is the company's own, %s, no longer that of the test data set.",
                    connection._own_siret() or "?",
                ),
                self.env._("What was sent in test does not count as sent."),
            ]
            if self.test_customer_count:
                customers = self.env._("Customers that exist only in the test data set: %s.")
                lines.append(customers % self.test_customer_count)
        else:
            lines += [
                self.env._("Nothing reaches a public body any more: invoices go to the qualification space."),
                self.env._(
                    "The seller's SIRET in what is sent is that of the test data set, %s.",
                    connection.supplier_siret or "?",
                ),
                self.env._("Real invoices already sent are still followed."),
            ]
        return lines
