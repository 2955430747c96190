from odoo import api, models
from odoo.tools import LazyTranslate

from ..chorus_api import statuses
from .chorus_errors import explain as explain_error
from .chorus_rejections import EXPLANATIONS
from .chorus_status_sentences import SENTENCES

_lt = LazyTranslate(__name__)

# By state of the invoice; the buyer's statuses have sentences of their own.
STATE_SENTENCES = {
    "queued": _lt("It is sent by itself within a few minutes; you may go on with something else."),
    "blocked": _lt("It was stopped before sending: correct what is named below, then send it again."),
    "failed": _lt("Nothing was sent: see the reason below, then send it again."),
    "unconfirmed": _lt(
        "The answer of Chorus Pro was lost. It is being looked for there: do not send it again."
    ),
    "hand": _lt("It was deposited on the portal by hand and is looked for there."),
    "sent": _lt("Chorus Pro has the file and checks it; the result comes back by itself."),
    "rejected": _lt("Chorus Pro rejected it, and holds nothing of it: correct it, then send it again."),
    "integrated": _lt("Chorus Pro has accepted it and passes it on to the buyer."),
    "cancelled": _lt("It was withdrawn before it left."),
    "replaced": _lt("The buyer refused it, and it was dealt with: nothing more to do here."),
}

# States in which the buyer's own status says more.
TOLD_BY_STATUS = ("integrated", "suspended", "recycle", "refused", "attention", "approved", "paid")


class ChorusWords(models.AbstractModel):
    """What Chorus Pro says, in the reader's language."""

    _name = "chorus.words"
    _description = "Chorus Pro words"

    @api.model
    def _lang(self, company):
        """Language in which the machine writes for a company: its responsible person's, else its own."""
        company = company.sudo()
        return company.chorus_responsible_id.lang or company.partner_id.lang or self.env.lang

    @api.model
    def _in_french(self):
        return (self.env.context.get("lang") or self.env.user.lang or "").startswith("fr")

    @api.model
    def _flow_label(self, code):
        """Label of a flow state; an unknown code is shown as it came."""
        return self._pick(statuses.flow_state(code), "label") if code else False

    @api.model
    def _status_label(self, code):
        """Label of an invoice status; an unknown code is shown as it came."""
        return self._pick(statuses.invoice_status(code), "label") if code else False

    @api.model
    def _status_meaning(self, code):
        return self._sentence(statuses.invoice_status(code).meaning_en) if code else False

    @api.model
    def _status_action(self, code):
        return self._sentence(statuses.invoice_status(code).action_en) if code else False

    @api.model
    def _sentence(self, english):
        return self.env._(SENTENCES[english]) if english in SENTENCES else english

    @api.model
    def _pick(self, row, name):
        return getattr(row, f"{name}_fr" if self._in_french() else f"{name}_en")

    @api.model
    def _is_terminal(self, code):
        return statuses.invoice_status(code).terminal

    @api.model
    def _who_acts(self, code):
        return statuses.invoice_status(code).who

    @api.model
    def _error_sentence(self, error):
        """What a failed call means, with the reference under which the log has the details.

        :param error: ``chorus_api.ChorusError``
        """
        return explain_error(self.env, error)

    @api.model
    def _explained(self, explained):
        """One reason of a rejection: our sentence when the text is known, else Chorus Pro's own words."""
        return self.env._(EXPLANATIONS[explained.code]) if explained.code in EXPLANATIONS else explained.raw

    @api.model
    def _state_sentence(self, state, status_code):
        """What happens next with an invoice, in one sentence."""
        if state in TOLD_BY_STATUS and status_code:
            return self._status_action(status_code) or self._status_meaning(status_code)
        return self.env._(STATE_SENTENCES[state]) if state in STATE_SENTENCES else False
