"""The Send screen: what goes, what does not and why, with the one correction for all where there is one."""

from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.notice.chorus_notice import dialog

# The customer asks for one of its services: where it has a single one, no person needs to choose.
SERVICE_CODES = (
    "service_required",
    "service_required_by_state",
    "service_or_engagement_required",
    "service_unknown",
    "service_inactive",
)
# Odoo gives other numbers to several invoices at once.
NUMBER_CODES = ("number_too_long", "number_characters", "number_blanks")


class ChorusSendReason(models.TransientModel):
    _name = "chorus.send.reason"
    _inherit = ["chorus.written.by.code"]
    _description = "Reason why invoices are not sent to Chorus Pro"
    _order = "blocks desc, count desc, id"

    wizard_id = fields.Many2one("chorus.send", required=True, ondelete="cascade", index=True)
    code = fields.Char(readonly=True)
    blocks = fields.Boolean("Stops the sending", readonly=True)
    text = fields.Char("Reason", readonly=True)
    count = fields.Integer("Invoices", readonly=True)
    move_ids = fields.Many2many("account.move", readonly=True)
    fixable_count = fields.Integer(readonly=True)
    fix = fields.Char("One correction for all", readonly=True)
    renumbers = fields.Boolean("Are renumbered together", readonly=True)

    @api.model
    def _correct_all(self, wizard, found):
        """Write the reasons of a Send screen.

        :param dict found: (code, blocks) → (sentences, invoices)
        :return: the invoices that the one correction mends
        """
        values, mended = [], self.env["account.move"]
        for (code, blocks), (sentences, moves) in found.items():
            services = self._only_services(moves) if code in SERVICE_CODES else {}
            mended = mended.union(*services)
            fixable, text = len(services), next(iter(sentences))
            values.append(
                {
                    "wizard_id": wizard.id,
                    "code": code,
                    "blocks": blocks,
                    "text": text if len(sentences) == 1 else self.env._("For example: %s", text),
                    "count": len(moves),
                    "move_ids": [fields.Command.set(moves.ids)],
                    "fixable_count": fixable,
                    "renumbers": code in NUMBER_CODES and self._are_of_one_sequence(moves),
                    "fix": fixable and self.env._("Use the customer's only service: %s invoices", fixable),
                }
            )
        self.sudo().create(values)
        return mended

    @api.model
    def _only_services(self, moves):
        """Invoice → the code of its customer's service, where the directory knows exactly one open."""
        codes = {}
        for move in moves:
            services = move.sudo().chorus_structure_id.service_ids.filtered(
                lambda service: service._accepts_invoices()
            )
            if len(services) == 1:
                codes[move] = services.code
        return codes

    @api.model
    def _are_of_one_sequence(self, moves):
        return len(moves.journal_id) == 1 and len(set(moves.mapped("move_type"))) == 1

    def action_renumber(self):
        """Open Odoo's screen that gives all of these invoices other numbers, to who may use it."""
        self.ensure_one()
        self.env["account.resequence.wizard"].check_access("create")
        action = self.env["ir.actions.act_window"].sudo()._for_xml_id("account.action_account_resequence")
        return {**action, "context": {"active_model": "account.move", "active_ids": self.move_ids.ids}}

    def action_fix_all(self):
        """Give each of these invoices its customer's only service, then check the screen anew."""
        self.ensure_one()
        self._use_only_services(self.move_ids)
        return self.wizard_id.action_recheck()

    @api.model
    def _use_only_services(self, moves):
        """
        :raises UserError: when no customer has exactly one open service
        """
        codes = self._only_services(moves)
        if not codes:
            raise UserError(self.env._("These invoices have to be corrected one by one."))
        for move, code in codes.items():
            move.buyer_reference = code


ENVIRONMENTS = [("test", "Test"), ("production", "Production")]
# In the order in which the screen shows them.
STATES = [
    ("stopped", "Not ready"),
    ("warned", "With a remark"),
    ("ready", "Ready"),
    ("other", "Not a Chorus Pro customer"),
    ("gone", "Already sent"),
]
SENDABLE = ("ready", "warned")
# Findings that say that there is nothing to send: whatever else is found does not matter.
NO_ERROR = {"customer_not_chorus": "other", "already_on_its_way": "gone"}


class ChorusSend(models.TransientModel):
    """One screen before sending: what is ready, what is not and why, and where it goes."""

    _name = "chorus.send"
    _description = "Send to Chorus Pro"

    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    line_ids = fields.One2many("chorus.send.line", "wizard_id", "What will be sent", readonly=True)
    reason_ids = fields.One2many("chorus.send.reason", "wizard_id", "What has to be corrected", readonly=True)
    grouped = fields.Boolean("Several have the same reason", compute="_compute_grouped")
    ready_count = fields.Integer(compute="_compute_counts")
    warning_count = fields.Integer(compute="_compute_counts")
    stopped_count = fields.Integer(compute="_compute_counts")
    gone_count = fields.Integer(compute="_compute_counts")
    other_count = fields.Integer(compute="_compute_counts")
    ready_amount = fields.Monetary(compute="_compute_counts")
    currency_id = fields.Many2one("res.currency", compute="_compute_counts")
    environment = fields.Selection(
        [*ENVIRONMENTS, ("mixed", "Test and production")], compute="_compute_environment"
    )
    notice = fields.Char(compute="_compute_environment")
    obstacle = fields.Char("Why nothing leaves for now", compute="_compute_environment")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for wizard in self:
            counts = Counter(wizard.line_ids.mapped("state"))
            ready = wizard._sendable_lines()
            wizard.ready_count = len(ready)
            wizard.warning_count = counts["warned"]
            wizard.stopped_count = counts["stopped"]
            wizard.gone_count = counts["gone"]
            wizard.other_count = counts["other"]
            wizard.currency_id = self.env.company.currency_id
            wizard.ready_amount = sum(ready.move_id.mapped("amount_total_signed"))

    @api.depends("reason_ids.count")
    def _compute_grouped(self):
        for wizard in self:
            wizard.grouped = any(reason.count > 1 for reason in wizard.reason_ids)

    @api.depends("line_ids.environment")
    def _compute_environment(self):
        for wizard in self:
            used = set(wizard.line_ids.mapped("environment")) - {False}
            wizard.environment = "mixed" if len(used) > 1 else (used.pop() if used else False)
            wizard.notice = False
            wizard.obstacle = wizard._why_not_now()
            limits = wizard._deposit_limits()
            if limits:
                wizard.notice = self.env._(
                    "First real deposit: %s invoice goes now. An administrator can lift this limit on the"
                    " connection, once this one has arrived.",
                    min(limits.values()),
                )

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._check_moves()
        return wizards

    def _check_moves(self):
        """Check all invoices in one pass; write a line for each, and each reason once."""
        self.ensure_one()
        self.move_ids.check_access("read")
        self.sudo().line_ids.unlink()
        self.sudo().reason_ids.unlink()
        checked, reasons = [], {}
        for company, moves in self.move_ids.grouped("company_id").items():
            environment = company.chorus_environment
            if environment:
                findings = moves._chorus_findings(environment)
            else:
                off = self.env._(
                    "Chorus Pro is switched off for %s: an administrator switches it on in the settings.",
                    company.name,
                )
                findings = {move.id: [self._off(off)] for move in moves}
            for move in moves:
                line = self._line_values(move, environment, findings.get(move.id, []))
                checked.append((move, line))
                if line["state"] in ("stopped", "warned"):
                    self._gather(reasons, move, findings[move.id])
        mended = self.env["chorus.send.reason"]._correct_all(self, reasons)
        self.env["chorus.send.line"].sudo().create(
            [{**values, "fixable": move in mended} for move, values in checked]
        )

    @api.model
    def _gather(self, reasons, move, findings):
        """Count an invoice's findings: (code, blocks) → (sentences, the first one in front; invoices)."""
        for finding in findings:
            if finding["severity"] != "info":
                key = finding["code"], finding["severity"] == "block"
                sentences, moves = reasons.get(key, ({}, move.browse()))
                reasons[key] = sentences | {finding["message"]: True}, moves | move

    def action_recheck(self):
        """Check the same invoices again, after something was corrected; the screen stays."""
        self.ensure_one()
        self.move_ids._chorus_ask_directory_anew()
        self._check_moves()
        return self._show()

    def _opened(self):
        """The action that opens this screen; a sentence instead when all that was chosen has left already."""
        gone = self.line_ids.filtered(lambda line: line.state == "gone")
        if len(gone) > 1 and gone == self.line_ids:
            return self._notice("info", [self._told_gone(len(gone))])
        return self._show()

    def _show(self):
        return dialog(self, self.env._("Send to Chorus Pro"), large=True)

    @api.model
    def _off(self, message):
        return {
            "code": "off",
            "severity": "block",
            "message": message,
            "model": False,
            "res_id": False,
            "field": False,
        }

    def _line_values(self, move, environment, findings):
        told = [finding for finding in findings if finding["severity"] != "info"]
        blocks = [finding for finding in told if finding["severity"] == "block"]
        state = "stopped" if blocks else "warned" if told else "ready"
        for code, other_state in NO_ERROR.items():
            alone = [finding for finding in blocks if finding["code"] == code]
            if alone:
                state, blocks = other_state, alone
        first = (blocks or told or [{}])[0]
        return {
            "wizard_id": self.id,
            "move_id": move.id,
            "environment": environment,
            "state": state,
            "rank": [name for name, _label in STATES].index(state),
            "reasons": "\n".join(finding["message"] for finding in blocks or told),
            "fix_model": first.get("model"),
            "fix_id": first.get("res_id"),
        }

    def _sendable_lines(self):
        return self.line_ids.filtered(lambda line: line.state in SENDABLE)

    def _why_not_now(self):
        """Why the connection sends nothing for now, in a translated sentence, or ``False``."""
        for company in self._sendable_lines().move_id.company_id:
            connection = self.env["chorus.connection"]._for(company, company.chorus_environment)
            if reason := connection._why_not_usable():
                if connection.sudo().state == "refused":
                    # What to look for in PISTE is told on the connection, to those who can.
                    reason = self.env._(
                        "PISTE refuses the keys of the connection: an administrator has to correct them."
                    )
                return self.env._(
                    "Nothing leaves for now; it goes by itself once this is repaired. %s", reason
                )
        return False

    def _deposit_limits(self):
        """:return: dict company → how many invoices may go now, for those with a limit."""
        limits = {}
        for company in self.move_ids.company_id:
            connection = self.env["chorus.connection"]._for(company, company.chorus_environment or "test")
            limit = connection._max_deposit_now() if connection else None
            if limit:
                limits[company] = limit
        return limits

    def action_send(self):
        """Queue what is ready and say what happens; the scheduled actions do the rest."""
        self.ensure_one()
        self.env["account.move"].check_access("write")
        limits = self._deposit_limits()
        queued, gone, conflicts = 0, 0, {}
        for (company, environment), lines in (
            self._sendable_lines().grouped(lambda line: (line.move_id.company_id, line.environment)).items()
        ):
            if company.chorus_environment != environment:
                raise UserError(
                    self.env._(
                        "The environment of %s changed meanwhile: open this screen again.", company.name
                    )
                )
            moves = lines.move_id[: limits.get(company)]
            # Somebody, or another tab, was faster: one sentence for all of them, and no error.
            busy = moves._chorus_busy(environment)
            gone += len(busy)
            moves = moves.filtered(lambda move: move.id not in busy)  # noqa: B023
            refused = moves.with_company(company)._chorus_queue(environment)
            conflicts.update(refused)
            queued += len(moves) - len(refused)
        told = []
        if queued:
            told.append(
                self.env._(
                    "Invoices handed over: %s. They are sent by themselves; the result comes back on each.",
                    queued,
                )
            )
        if gone:
            told.append(self._told_gone(gone))
        if not told:
            raise UserError("\n".join(conflicts.values()) or self.env._("Nothing is ready to be sent."))
        return self._notice(
            "warning" if conflicts else "success" if queued else "info", [*told, *conflicts.values()]
        )

    @api.model
    def _told_gone(self, count):
        return self.env._(
            "Invoices that are on their way already: %s. There was nothing to do for them.", count
        )

    @api.model
    def _notice(self, kind, sentences):
        """The action that closes the screen and says these sentences."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": self.env._("Chorus Pro"),
                "message": "\n".join(sentences),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class ChorusSendLine(models.TransientModel):
    _name = "chorus.send.line"
    _inherit = ["chorus.written.by.code"]
    _description = "Invoice to be sent to Chorus Pro"
    _order = "rank, id"

    wizard_id = fields.Many2one("chorus.send", required=True, ondelete="cascade", index=True)
    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="move_id.partner_id", string="Customer")
    amount_total = fields.Monetary(related="move_id.amount_total_in_currency_signed", string="Total")
    currency_id = fields.Many2one(related="move_id.currency_id")
    environment = fields.Selection(ENVIRONMENTS, readonly=True)
    state = fields.Selection(STATES, readonly=True)
    rank = fields.Integer(readonly=True)
    reasons = fields.Text("Why", readonly=True)
    fix_model = fields.Char(readonly=True)
    fix_id = fields.Many2oneReference("Where to correct it", model_field="fix_model", readonly=True)

    fixable = fields.Boolean("Has one service to choose from", readonly=True)

    def action_use_only_service(self):
        """Give this invoice its customer's only service, then check the screen anew."""
        self.ensure_one()
        self.env["chorus.send.reason"]._use_only_services(self.move_id)
        return self.wizard_id.action_recheck()

    def action_open_fix(self):
        """Open the record where the first problem is corrected, above this screen, which stays as it is."""
        self.ensure_one()
        model, res_id = self.fix_model or "account.move", self.fix_id or self.move_id.id
        record = self.env[model].browse(res_id)
        record.check_access("read")
        action = self.env["account.move"]._chorus_open_to_fix(record)
        return {
            "type": "ir.actions.client",
            "tag": "chorus_fix",
            "params": {
                "model": model,
                "res_id": res_id,
                "view_id": next((view for view, kind in action["views"] if kind == "form"), False),
                "title": record.display_name,
                "who_may": self.env["account.move"]._chorus_who_may(record),
            },
        }
