from odoo import api, models

from ...chorus_api import statuses
from ..base.chorus_states import INVOICE
from .chorus_errors import explain as explain_error
from .chorus_sentences import CATALOGUE, say


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
        return self._about_status(code, "meaning")

    @api.model
    def _status_action(self, code):
        return self._about_status(code, "action")

    @api.model
    def _about_status(self, code, column):
        if not code:
            return False
        known = code if code in statuses.INVOICE_STATUSES else "unknown"
        return say(self.env, f"status.{known}.{column}")

    @api.model
    def _pick(self, row, name):
        return getattr(row, f"{name}_fr" if self._in_french() else f"{name}_en")

    @api.model
    def _error_sentence(self, error):
        """What a failed call means, with the reference under which the log has the details.

        :param error: ``chorus_api.ChorusError``
        """
        return explain_error(self.env, error)

    @api.model
    def _explained(self, explained):
        """One reason of a rejection: our sentence when the text is known, else Chorus Pro's own words."""
        key = f"rejection.{explained.code}"
        return say(self.env, key) if key in CATALOGUE else explained.raw

    @api.model
    def _state_sentence(self, state, status_code):
        """What happens next with an invoice, in one sentence."""
        row = INVOICE.get(state)
        if row and row.told_by_status and status_code:
            return self._status_action(status_code) or self._status_meaning(status_code)
        return self.env._(row.sentence) if row and row.sentence else False
