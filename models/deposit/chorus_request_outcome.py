"""What became of a request, as verbs: whoever learns of it says it with them."""

from datetime import timedelta

from markupsafe import Markup
from odoo import api, models

from ...chorus_api import errors
from ..base import moments
from ..base.chorus_authority import BY_CODE
from ..base.moments import naive_utc
from ..base.scheduled import retry_at, wake
from ..notice.chorus_sentences import say

# A status that has not moved so long after a lost call shows that nothing was done.
LOST_FOR_GOOD = timedelta(minutes=2)
MAX_TRIES = 20


class ChorusRequest(models.Model):
    _inherit = "chorus.request"

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
