"""The limit of the first real deposit, whoever puts invoices in the queue."""

from odoo import models

from .chorus_states import LIVE_STATES

# What a person deposited on the portal tells nothing about our own first deposit.
_ON_THE_WAY = tuple(state for state in LIVE_STATES if state != "hand")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_within_first_deposit(self, environment, conflicts):
        """Return the first of these invoices, as many as the limit of the first real deposit lets go now.

        Those of the company that are on their way already count.

        :param dict conflicts: gets, by move id, a translated sentence for each of the others.
        """
        allowed = self
        for company, moves in self.grouped("company_id").items():
            connection = self.env["chorus.connection"]._for(company, environment)
            limit = connection._max_deposit_now() if connection else None
            if limit is None:
                continue
            taken = self.env["chorus.deposit.line"].sudo().search_count(
                [
                    ("company_id", "=", company.id),
                    ("environment", "=", environment),
                    ("state", "in", _ON_THE_WAY),
                ]
            )
            held = moves[max(limit - taken, 0):]
            allowed -= held
            for move in held:
                conflicts[move.id] = self.env._(
                    "%(invoice)s waits: until Chorus Pro has taken a first real invoice, no more than"
                    " %(limit)s may be sent. An administrator can lift this limit on the connection.",
                    invoice=move.name,
                    limit=limit,
                )
        return allowed
