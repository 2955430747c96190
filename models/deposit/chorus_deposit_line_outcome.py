"""What Chorus Pro says of one invoice, as verbs: whoever learns of it, a worker or a person, uses them."""

import logging

from odoo import models

from ...chorus_api import explain
from ..base.moments import naive_utc
from ..base.transactions import asks_for_retry
from ..notice.chorus_sentences import say, together

_logger = logging.getLogger(__name__)


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    def _integrated(self, summary=None):
        """Chorus Pro holds the invoice.

        :param summary: ``chorus_api.InvoiceSummary``, which gives its identifier and status when known
        """
        self.ensure_one()
        if self.state != "integrated":
            if summary and summary.flow_number and summary.flow_number != self.flow_number:
                # It came with another flow than this one, which was only refused as its double.
                self.deposit_id = self.env["chorus.deposit"]._adopted(
                    self.company_id, self.environment, summary.flow_number, summary.deposited_on
                )
            self._move_to("integrated", message=False)
        self._solved()
        if summary:
            self._identified(summary)
            self._told(summary)

    def _seen(self, summary):
        """A search shows the invoice: it is there, with the status that the search tells.

        :param summary: ``chorus_api.InvoiceSummary``
        """
        self.ensure_one()
        if self.state == "integrated":
            self._identified(summary)
            self._follow_recipient(summary)
            self._told(summary)
            return
        self._integrated(summary)
        if self.deposit_id:
            self.deposit_id._close_when_complete()

    def _identified(self, summary):
        if summary.id and not self.chorus_invoice_id:
            self.chorus_invoice_id = str(summary.id)

    def _told(self, summary):
        """Write the status that a search gives."""
        if summary.status and self._apply_status(
            summary.status, naive_utc(summary.status_at), summary.comment
        ):
            self._tell_status()

    def _rejected(self, texts, tell=True):
        """Chorus Pro rejected the invoice and holds nothing of it.

        :param list[str] texts: the reasons as Chorus Pro gave them
        :param bool tell: whether a person has to hear of it
        """
        self.ensure_one()
        message = self._rejection_words(texts)
        keys = [item.field for text in texts for item in explain(text) if item.field]
        self._move_to("rejected", message=message, fix_key=keys[0] if keys else False)
        if tell:
            self._tell_of(self.env._("%s was rejected by Chorus Pro", self.number), message)

    def _rejection_words(self, texts):
        """The reasons of a rejection in words for an accountant; a sentence also when there is none."""
        words = self.env["chorus.words"]
        sentences = [words._explained(item) for text in texts for item in explain(text)]
        return together(sentences) or say(self.env, "own.rejected_without_reason")

    def _each_alone(self, write):
        """Call ``write(line)`` for each of these lines, each behind a savepoint; tell of failures.

        :return: those that were written
        """
        written = self.browse()
        for line in self:
            try:
                with self.env.cr.savepoint():
                    write(line)
            except Exception as error:
                if asks_for_retry(error):
                    raise
                _logger.exception("Writing the answer of Chorus Pro about line %s failed", line.id)
                line._tell_unwritten(error)
            else:
                written |= line
        return written
