"""One bad record never stops the others: answers are written together, and one by one when that fails."""

import logging

from odoo import api, models

from .transactions import asks_for_retry, in_transaction

_logger = logging.getLogger(__name__)


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _write_each(self, items, write, unwritten, **patience):
        """Write answers in one transaction; when that fails, each in its own; tell of those that fail alone.

        :param list items: what was answered
        :param write: function(env, list of items)
        :param unwritten: function(env, item, error) that tells a person, in a transaction of its own
        :param patience: of ``in_transaction``
        :return: list of what ``write`` returned, one for each transaction that succeeded
        :raises psycopg2.Error: when PostgreSQL asked for a retry to the end: nothing is lost, the next run
            asks again
        """
        if not items:
            return []
        try:
            return [in_transaction(self.env, lambda env: write(env, items), **patience)]
        except Exception as caught:
            if asks_for_retry(caught):
                raise
            error = caught
            _logger.exception("Writing %s answers of Chorus Pro failed", len(items))
        if len(items) > 1:
            alone = (self._write_each([item], write, unwritten, **patience) for item in items)
            return [result for results in alone for result in results]
        self._guarded("tell", in_transaction, self.env, lambda env: unwritten(env, items[0], error))
        return []

    @api.model
    def _each_line(self, lines, write):
        """Call ``write(line)`` for each line of one deposit, each behind a savepoint; tell of failures.

        :return: those that were written
        """
        written = lines.browse()
        for line in lines:
            try:
                with lines.env.cr.savepoint():
                    write(line)
            except Exception as error:
                if asks_for_retry(error):
                    raise
                _logger.exception("Writing the answer of Chorus Pro about line %s failed", line.id)
                line._tell_unwritten(error)
            else:
                written |= line
        return written
