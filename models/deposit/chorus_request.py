"""What a person asks Chorus Pro to do with an invoice it holds, and what became of it, as verbs."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from ...chorus_api import errors, statuses
from ..base import moments
from ..base.chorus_authority import BY_CODE
from ..base.chorus_states import OPEN_REQUEST_STATES, REQUEST_KINDS, REQUEST_STATES, sql_list
from ..base.moments import naive_utc
from ..base.transactions import fresh_env, retry_at, wake
from ..notice.chorus_sentences import Reason, say

# A status that has not moved so long after a lost call shows that nothing was done.
LOST_FOR_GOOD = timedelta(minutes=2)
MAX_TRIES = 20


class ChorusRequest(models.Model):
    """Something a person asked Chorus Pro to do with an invoice it holds: complete, redirect, acknowledge.

    Chorus Pro has no key against doubles, so each request is written down before the call, at most one is
    open per invoice, and when the answer is lost the invoice's status is asked before anything is offered
    again. People read it, only code writes it.
    """

    _name = "chorus.request"
    _inherit = ["chorus.written.by.code"]
    _description = "Request to Chorus Pro about an invoice"
    _order = "id desc"
    _rec_name = "kind"
    _check_company_auto = True

    line_id = fields.Many2one(
        "chorus.deposit.line", required=True, readonly=True, ondelete="restrict", index=True
    )
    move_id = fields.Many2one(related="line_id.move_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    environment = fields.Selection(related="line_id.environment", store=True)
    kind = fields.Selection(REQUEST_KINDS, required=True, readonly=True)
    state = fields.Selection(REQUEST_STATES, required=True, readonly=True, default="waiting")
    user_id = fields.Many2one("res.users", "Asked by", readonly=True)
    called_at = fields.Datetime("Sent", readonly=True)
    ended_at = fields.Datetime("Answered", readonly=True)
    tries = fields.Integer(readonly=True)
    next_action_at = fields.Datetime(
        "Next step not before", readonly=True, default=lambda self: moments.now(self.env)
    )
    comment = fields.Text("Message to the buyer", readonly=True)
    recipient_siret = fields.Char("Recipient (SIRET)", readonly=True)
    partner_id = fields.Many2one("res.partner", "New recipient", readonly=True)
    service_code = fields.Char("Service", readonly=True)
    engagement = fields.Char("Engagement number", readonly=True)
    contract = fields.Char("Public contract (marché)", readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Files", readonly=True)
    uploaded = fields.Json("Files stored on Chorus Pro", readonly=True, groups="base.group_system")
    status_before = fields.Char("Status when asked (code)", readonly=True)
    status_before_at = fields.Datetime("Status since", readonly=True)
    message = Reason("What happened", readonly=True)
    correlation_id = fields.Char("Reference", readonly=True)
    sealed = fields.Boolean(readonly=True, copy=False)

    _one_open = models.UniqueIndex(
        f"(line_id) WHERE state IN {sql_list(OPEN_REQUEST_STATES)}",
        "Something was just asked of Chorus Pro about this invoice.",
    )
    _known_state = models.Constraint(
        f"CHECK (state IN {sql_list(dict(REQUEST_STATES))})", "Unknown state of a request."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_ten_years(self):
        raise UserError(self.env._("What was asked of Chorus Pro cannot be deleted: it is kept ten years."))

    def _has_moved(self, code, at):
        """Whether the invoice's status shows that the request was done, or that it needs doing no more.

        :param str code: status that Chorus Pro gives now
        :param datetime at: since when, naive UTC, or None
        """
        self.ensure_one()
        if self.kind not in statuses.invoice_status(code).asks:
            return True
        return bool(at and self.status_before_at and at > self.status_before_at)

    def _tell_asker(self):
        """Who asked is not looking any more: what became of it comes to her screen, a failure also stays."""
        self.ensure_one()
        user = self.user_id
        words = self.with_context(lang=user.lang or "en_US")
        if self.state == "done":
            sentence = words.env._("Done on Chorus Pro.")
        else:
            sentence = words.env._("Chorus Pro did not do it.")
        message = " ".join(part for part in (sentence, self.message) if part)
        user.partner_id._bus_send(
            "account_notification",
            {
                "type": "success" if self.state == "done" else "warning",
                "title": self.move_id.name,
                "message": message,
                "sticky": self.state != "done",
                "action_button": {
                    "name": words.env._("Open"),
                    "action_name": words.env._("Invoices"),
                    "model": "account.move",
                    "res_ids": self.move_id.ids,
                },
            },
        )
        if self.state != "done" and self.kind == "acknowledge":
            self.line_id._tell_of(
                words.env._("%s: the rejection was not acknowledged on Chorus Pro", self.move_id.name),
                message,
            )

    def _tell_unsettled(self):
        """Tell the responsible person that nobody can find out what became of a request."""
        self.ensure_one()
        self.line_id._tell_of(
            self.env._("%s: what you asked of Chorus Pro is not known to be done", self.move_id.name),
            self.env._(
                "The answer was lost, and Chorus Pro does not show the invoice since. Look at it on the"
                " portal. The status goes on being asked here once a day."
            ),
        )

    def _outcome(self):
        """What the web client shows after these requests, then the form anew: how the last one ended.

        It was written by another transaction, which this one's snapshot does not show: read in a fresh one.
        """
        told = {
            "done": ("success", self.env._("Done on Chorus Pro.")),
            "waiting": ("info", self.env._("It is asked of Chorus Pro as soon as possible.")),
            "sending": ("info", self.env._("It is being asked of Chorus Pro now.")),
            "unknown": (
                "warning",
                self.env._("The answer was lost. The status is looked at before anything else."),
            ),
        }
        with fresh_env(self.env) as env:
            request = env["chorus.request"].browse(self.ids).sorted("id")[-1:]
            title, state, message = request.move_id.name, request.state, request.message
        kind, sentence = told.get(state, ("danger", self.env._("Chorus Pro did not do it.")))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": title,
                "message": " ".join(part for part in (sentence, message) if part),
                "sticky": kind in ("danger", "warning"),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # -- what became of a request, as verbs: whoever learns of it says it with them

    def _answered(self, error, unknown, summary):
        """The call was made, or could not be.

        :param error: ``chorus_api.ChorusError``, None when it went well
        :param bool unknown: whether nobody knows what the call has done
        :param summary: ``chorus_api.InvoiceSummary`` of the invoice after it, when it was read
        """
        if self.state not in ("sending", "unknown"):
            return
        words = self.env["chorus.words"]
        if not error:
            self._done(summary)
        elif unknown:
            self._answer_lost(words._error_sentence(error))
            if summary:
                self._weigh_status(summary)
        else:
            if summary and summary.status:
                self.line_id._seen(summary)
            if error.retryable and self.kind == "acknowledge" and self.tries < MAX_TRIES:
                at = retry_at(self.env, self.tries, error.retry_after)
                self._goes_on("waiting", words._error_sentence(error), at)
            else:
                refused = isinstance(error, errors.Refused) and not error.about_connection
                self._close("refused" if refused else "not_done", words._error_sentence(error))

    def _answer_lost(self, message):
        """Nobody knows whether it was done. To acknowledge twice harms nobody; the rest is looked at."""
        if self.kind == "acknowledge":
            self._goes_on("waiting", message, retry_at(self.env, self.tries))
            return
        at = moments.now(self.env) + LOST_FOR_GOOD + timedelta(seconds=30)
        self._goes_on("unknown", message, at)

    def _goes_on(self, state, message, at):
        """It is still open: the scheduled action goes on with it at ``at``."""
        self.write({"state": state, "message": message, "next_action_at": at})
        wake(self.env, at, "follow")

    def _weigh_status(self, summary):
        """Decide by the invoice's status what became of a request whose answer was lost."""
        at = naive_utc(summary.status_at)
        if self._has_moved(summary.status, at):
            self._done(summary)
        elif moments.now(self.env) - self.called_at >= LOST_FOR_GOOD:
            self._close(
                "not_done",
                say(self.env, "own.not_done"),
            )

    def _done(self, summary):
        """Chorus Pro did it."""
        self._close("done", False)
        changes = self._redirect_invoice() if self.kind == "recycle" else {}
        if summary and summary.status:
            self.line_id._seen(summary)
        if self.kind != "acknowledge":
            self.line_id._solved()
            self.line_id._tell_status()
        self._note_on_invoice(changes)

    def _close(self, state, message):
        nobody_looks = self.state == "unknown" or self.kind == "acknowledge"
        self.write({"state": state, "message": message, "ended_at": moments.now(self.env)})
        if nobody_looks:
            self._tell_asker()

    def _redirect_invoice(self):
        """After a redirection the invoice says what Chorus Pro now has; its number and its file stay.

        :return: dict field of the invoice → (what it said, what it says)
        """
        move = self.move_id.with_context(**BY_CODE)
        wanted = {
            "buyer_reference": self.service_code,
            "purchase_order_reference": self.engagement,
            "contract_reference": self.contract,
        }
        changes = {
            name: (move[name], value)
            for name, value in wanted.items()
            if value not in (False, "", move[name])
        }
        move.write({name: value for name, value in wanted.items() if value})
        if self.recipient_siret:
            self.line_id.buyer_siret = self.recipient_siret
        recipient = self.partner_id
        if recipient and recipient.commercial_partner_id != move.commercial_partner_id:
            # The entry keeps its customer: a posted one would bring other terms, taxes and accounts.
            changes["chorus_recipient_id"] = move.commercial_partner_id.display_name, recipient.display_name
            move.chorus_recipient_id = recipient
        return changes

    @api.model
    def _told_changes(self, env, changes):
        """From what to what, one sentence for each field."""
        labels = {
            "buyer_reference": env._("Service code"),
            "purchase_order_reference": env._("Engagement number"),
            "contract_reference": env._("Public contract (marché)"),
            "chorus_recipient_id": env._("Recipient"),
        }
        return [
            env._("%(field)s: %(old)s → %(new)s", field=labels[name], old=old or "–", new=new)
            for name, (old, new) in changes.items()
        ]

    def _note_on_invoice(self, changes):
        env = self.with_context(lang=self.user_id.lang).env
        sentence = {
            "complete": env._("Completed on Chorus Pro."),
            "recycle": env._("Redirected on Chorus Pro."),
            "acknowledge": env._("The rejection was acknowledged on Chorus Pro."),
        }[self.kind]
        self.move_id.with_context(no_new_invoice=True).message_post(
            body=Markup("<br/>").join(
                [sentence, *self._told_changes(env, changes), *filter(None, [self.comment])]
            ),
            author_id=self.user_id.partner_id.id,
            attachment_ids=self.attachment_ids.ids,
        )
