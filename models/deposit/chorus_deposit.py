import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base import moments
from ..base.chorus_authority import check_not_rendering
from ..base.chorus_states import (
    DEPOSIT,
    DEPOSIT_STATES,
    DEPOSIT_TRANSITIONS,
    LEVELS,
    LINE_TRANSITIONS,
    level,
    sql_list,
)
from ..base.transactions import wake
from ..notice.chorus_notice import TO_ACT, dialog
from ..notice.chorus_sentences import Reason, say

FACTURX_SYNTAX = "IN_DP_E2_CII_FACTURX"


class ChorusDeposit(models.Model):
    """One file sent, or about to be sent, to Chorus Pro. People read it, only code writes it."""

    _name = "chorus.deposit"
    _description = "Chorus Pro deposit"
    _inherit = ["chorus.written.by.code", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    # Whoever reads a deposit may write a note on it and mark her activity as done.
    _mail_post_access = "read"
    _check_company_auto = True
    _rec_names_search = ["name", "flow_number"]

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    environment = fields.Selection(
        [("test", "Test"), ("production", "Production")], required=True, readonly=True, index=True
    )
    state = fields.Selection(DEPOSIT_STATES, required=True, readonly=True, default="ready")
    level = fields.Selection(LEVELS, compute="_compute_level")
    origin = fields.Selection(
        [("api", "Sent from here"), ("adopted", "Found on Chorus Pro"), ("hand", "Deposited by hand")],
        required=True,
        readonly=True,
        default="api",
    )
    syntax = fields.Char(readonly=True, default=FACTURX_SYNTAX)
    file = fields.Binary(attachment=True, readonly=True)
    filename = fields.Char(readonly=True)
    sha256 = fields.Char("SHA-256", readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    line_ids = fields.One2many("chorus.deposit.line", "deposit_id", "Invoices", readonly=True)
    line_count = fields.Integer("Number of invoices", compute="_compute_line_count")
    flow_number = fields.Char(readonly=True, index="btree_not_null")
    flow_repeated = fields.Boolean("Flow number of an earlier deposit", readonly=True)
    flow_state = fields.Char("Flow state (code)", readonly=True)
    flow_state_label = fields.Char("Flow state", compute="_compute_flow_state_label")
    flow_state_at = fields.Datetime("Flow state since", readonly=True)
    sent_at = fields.Datetime(readonly=True)
    attempt_number = fields.Integer("Attempts", readonly=True)
    resends = fields.Integer("Sent again after an unknown outcome", readonly=True)
    checks = fields.Integer("Checks since the last change", readonly=True)
    unconfirmed_at = fields.Datetime("Unconfirmed since", readonly=True)
    next_action_at = fields.Datetime("Next step not before", readonly=True)
    looked_at = fields.Datetime("Looked for before it left", readonly=True)
    needs_person = fields.Boolean("A person must decide", readonly=True, default=False)
    last_error = Reason("What happened", readonly=True)
    sealed = fields.Boolean(readonly=True, copy=False)
    report = fields.Json("Last report of Chorus Pro", readonly=True, groups="base.group_system")
    attempt_ids = fields.One2many("chorus.attempt", "deposit_id", "Journal", readonly=True)

    _known_state = models.Constraint(
        f"CHECK (state IN {sql_list(dict(DEPOSIT_STATES))})",
        "Unknown state of a deposit.",
    )
    _sent_has_flow = models.Constraint(
        "CHECK (state NOT IN ('sent', 'partial', 'rejected') OR flow_number IS NOT NULL)",
        "A deposit that was taken has a flow number.",
    )
    _sending_is_numbered = models.Constraint(
        "CHECK (state != 'sending' OR attempt_number > 0)", "A deposit being sent has an attempt number."
    )
    # An answer that gives the number of an earlier deposit says nothing about this one. (Databases of former
    # versions may hold such numbers; they are marked, see migrations/19.0.1.1.0.)
    _one_flow = models.UniqueIndex(
        "(company_id, environment, flow_number)"
        " WHERE origin = 'api' AND flow_number IS NOT NULL AND flow_repeated IS NOT TRUE",
        "Chorus Pro has given this flow number to another deposit.",
    )
    _work_index = models.Index(
        "(state, next_action_at) WHERE state IN ('ready', 'sending', 'unconfirmed', 'sent')"
    )
    _unsealed_index = models.Index("(company_id, environment, id) WHERE sealed IS NOT TRUE")
    # The ORM writes IS TRUE, and PostgreSQL takes a partial index only for what is written alike.
    _person_index = models.Index("(company_id, environment) WHERE needs_person IS TRUE")

    @api.depends("name", "flow_number")
    def _compute_display_name(self):
        for deposit in self:
            deposit.display_name = deposit.flow_number or deposit.name

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(
            self.env["chorus.deposit.line"]._read_group(
                [("deposit_id", "in", self.ids)], ["deposit_id"], ["__count"]
            )
        )
        for deposit in self:
            deposit.line_count = counts.get(deposit, 0)

    @api.depends("state")
    def _compute_level(self):
        for deposit in self:
            deposit.level = level(DEPOSIT.get(deposit.state))

    @api.depends("flow_state")
    @api.depends_context("lang")
    def _compute_flow_state_label(self):
        words = self.env["chorus.words"]
        for deposit in self:
            deposit.flow_state_label = words._flow_label(deposit.flow_state)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_ten_years(self):
        raise UserError(self.env._("Deposits cannot be deleted: they must be kept ten years."))

    @api.model
    def _for_files(self, files):
        """Create the deposits that carry ``files`` and mark them and their lines ready.

        :param files: list of (lines of one company and environment, file name, the bytes exactly as they will
            be posted)
        """
        values = []
        for lines, filename, content in files:
            values.append(
                {
                    "name": filename,
                    "company_id": lines.company_id.id,
                    "environment": lines[0].environment,
                    "syntax": FACTURX_SYNTAX,
                    "filename": filename,
                    "file": base64.b64encode(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "size": len(content),
                    "next_action_at": moments.now(self.env),
                }
            )
        for deposit, (lines, *_file) in zip(self.create(values), files, strict=True):
            lines._move_to("ready", deposit_id=deposit.id, message=False)

    def _file_attachment(self):
        """The stored file as an attachment; empty where nothing was sent from here."""
        self.ensure_one()
        domain = [("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "=", self.id)]
        return self.env["ir.attachment"].sudo().search(domain, limit=1)

    @api.model
    def _adopted(self, company, environment, flow_number, deposited_on=None):
        """The deposit that stands for a flow which did not leave from here; empty without a flow number.

        :param date deposited_on: day on which Chorus Pro took it
        """
        if not flow_number:
            return self.browse()
        known = self.search(
            [
                ("company_id", "=", company.id),
                ("environment", "=", environment),
                ("flow_number", "=", flow_number),
            ],
            limit=1,
        )
        return known or self.create(
            {
                "name": flow_number,
                "company_id": company.id,
                "environment": environment,
                "state": "integrated",
                "origin": "adopted",
                "syntax": False,
                "flow_number": flow_number,
                "sent_at": deposited_on,
            }
        )

    def _with_flow(self, flow_number):
        """The other files sent from here to which Chorus Pro gave this flow number."""
        self.ensure_one()
        return self._by_flow([flow_number]).get(flow_number, self) - self

    def _by_flow(self, flow_numbers):
        """The files sent from here to which Chorus Pro gave flow numbers.

        Those of the company and environment of these deposits, which all have the same.

        :return: dict flow number → deposits
        """
        if not flow_numbers:
            return {}
        return self.search_fetch(
            [
                ("company_id", "=", self.company_id.id),
                ("environment", "=", self[:1].environment),
                ("flow_number", "in", flow_numbers),
                ("origin", "=", "api"),
            ],
            ["flow_number"],
        ).grouped("flow_number")

    def _tell_flow_repeated(self):
        """Tell a person of deposits with the flow number of an earlier one: one of the two may be lost."""
        for deposit in self:
            deposit = deposit.with_context(lang=self.env["chorus.words"]._lang(deposit.company_id))
            deposit.env["chorus.notice"]._tell(
                deposit,
                TO_ACT[deposit.environment],
                deposit.env._(
                    "Chorus Pro gave the flow number %(flow)s twice: one of the two files may never have been"
                    " taken. Look on the portal for %(invoices)s, and ask the support of Chorus Pro about an"
                    " invoice that is not there.",
                    flow=deposit.flow_number,
                    invoices=", ".join(
                        line.number or line.move_id.name or "" for line in deposit.line_ids.sorted("id")
                    ),
                ),
                summary=deposit.env._("%s has the flow number of another deposit", deposit.name),
            )

    def action_type_flow_number(self):
        """A person has found the deposit on the portal: open the screen for its flow number."""
        self._check_may_decide()
        wizard = self.env["chorus.flow.number"].create({"deposit_id": self.id})
        return dialog(wizard, self.env._("Type the flow number"))

    def _move_to(self, state, *, lines_to=None, message=None, **values):
        """Move the deposits and their lines along the table of transitions.

        :param str lines_to: state of the lines when it differs from the deposit's; False leaves them.
        """
        check_not_rendering(self.env)
        for deposit in self:
            if state != deposit.state and state not in DEPOSIT_TRANSITIONS[deposit.state]:
                raise ValueError(f"deposit {deposit.id}: {deposit.state} -> {state} is no transition")
        if message is not None:
            values["last_error"] = message
        self.write({"state": state, **values})
        if lines_to is not False:
            target = lines_to or state
            lines = self.line_ids.filtered(
                lambda line: line.state != target and target in LINE_TRANSITIONS[line.state]
            )
            lines._move_to(target, message=message)
        if DEPOSIT[state].ends_help:
            self._close_call_for_help()

    def _call_for_help(self, message):
        """Ask the responsible person to act, once, on the deposit itself."""
        for deposit in self:
            deposit.needs_person = True
            deposit.last_error = message
            deposit.env["chorus.notice"]._tell(
                deposit,
                TO_ACT[deposit.environment],
                message,
                summary=deposit.env._("Chorus Pro deposit %s needs a decision", deposit.name),
            )

    def _close_call_for_help(self):
        helped = self.filtered("needs_person")
        helped.needs_person = False
        for environment, deposits in helped.grouped("environment").items():
            deposits.env["chorus.notice"]._solved(deposits, TO_ACT[environment])

    # Buttons. Accountants may press them; the work is done by code with its own rights.

    def action_withdraw(self):
        """Take back deposits that have not left yet."""
        self._check_may_decide()
        for deposit in self.sudo():
            if not deposit.try_lock_for_update() or deposit.state != "ready":
                raise UserError(self.env._("%s has already left, or is leaving now.", deposit.display_name))
            deposit._move_to("cancelled", message=say(self.env, "own.withdrawn_by", user=self.env.user.name))
        return True

    def action_send_again(self):
        """A person states that Chorus Pro does not have the file: it may be posted again."""
        self._check_may_decide()
        for deposit in self.sudo():
            deposit._check_waits_for_decision()
            deposit.message_post(body=self.env._("%s asked to send this file again.", self.env.user.name))
            deposit._move_to(
                "ready", resends=deposit.resends + 1, next_action_at=moments.now(self.env), message=False
            )
            deposit._close_call_for_help()
        wake(self.env)
        return True

    def action_give_up(self):
        """A person states that Chorus Pro has nothing of it: nothing is sent, the invoices are free."""
        self._check_may_decide()
        for deposit in self.sudo():
            deposit._check_waits_for_decision()
            deposit._move_to("cancelled", message=say(self.env, "own.given_up_by", user=self.env.user.name))
        return True

    def action_open_invoices(self):
        self.check_access("read")
        return self.line_ids.move_id._get_records_action(name=self.env._("Invoices of %s", self[:1].name))

    def _check_waits_for_decision(self):
        """
        :raises UserError: while the machine still looks for the deposit, or when nothing is open any more
        """
        if not self.try_lock_for_update() or self.state != "unconfirmed" or not self.needs_person:
            raise UserError(self.env._("%s is not waiting for a decision.", self.display_name))

    def _check_may_decide(self):
        self.check_access("read")
        if not self.env.user.has_group("account.group_account_invoice"):
            raise UserError(self.env._("Only people who may invoice can do this."))
