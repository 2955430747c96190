"""The limit of the first real deposit, whoever puts invoices in the queue."""

from odoo import models
from psycopg2 import errors as pg_errors

from ..base.chorus_states import OWN_LIVE_STATES

_SLOT_INDEX = "chorus_deposit_line_one_first_slot"


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_within_first_deposit(self, environment, conflicts):
        """Return those of these invoices that the limit of the first real deposit lets go, and its places.

        Those of the company that are on their way already count.

        :param dict conflicts: gets, by move id, a translated sentence for each of the others.
        :return: (invoices, dict company id → list of free places; no entry where no limit holds)
        :rtype: tuple[account.move, dict[int, list[int]]]
        """
        allowed, places = self, {}
        for company, moves in self.grouped("company_id").items():
            limit = self._chorus_first_deposit_limit(company, environment)
            if limit is None:
                continue
            lines = (
                self.env["chorus.deposit.line"]
                .sudo()
                .search(
                    [
                        ("company_id", "=", company.id),
                        ("environment", "=", environment),
                        ("state", "in", OWN_LIVE_STATES),
                    ]
                )
            )
            used = set(lines.mapped("first_slot"))
            free = [place for place in range(1, limit + 1) if place not in used]
            places[company.id] = free[: max(limit - len(lines), 0)]
            held = moves[len(places[company.id]) :]
            allowed -= held
            for move in held:
                conflicts[move.id] = move._chorus_first_deposit_sentence(limit)
        return allowed, places

    def _chorus_first_deposit_limit(self, company, environment):
        connection = self.env["chorus.connection"]._for(company, environment)
        return connection._max_deposit_now() if connection else None

    def _chorus_first_deposit_sentence(self, limit):
        return self.env._(
            "%(invoice)s waits: until Chorus Pro has taken a first real invoice, no more than"
            " %(limit)s may be sent. An administrator can lift this limit on the connection.",
            invoice=self.name,
            limit=limit,
        )

    def _chorus_insert_alone(self, environment, places):
        """Queue one invoice after the whole click met an index: somebody else was faster.

        :param dict places: see :meth:`_chorus_within_first_deposit`.
        :return: ``""``, or a translated sentence that says why it was not queued.
        """
        self.ensure_one()
        free = places.get(self.company_id.id)
        for place in free if free is not None else [False]:
            try:
                with self.env.cr.savepoint():
                    self._chorus_insert_lines(environment, {self.company_id.id: [place]} if place else {})
                return ""
            except pg_errors.UniqueViolation as error:
                if error.diag.constraint_name != _SLOT_INDEX:
                    return self.env._("%s is already on its way to Chorus Pro.", self.name)
        limit = self._chorus_first_deposit_limit(self.company_id, environment)
        return self._chorus_first_deposit_sentence(limit)
