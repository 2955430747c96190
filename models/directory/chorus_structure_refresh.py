"""The scheduled refresh of the directory: only what is in use and due, one structure at a time."""

import logging
import random
from functools import partial

from odoo import api, models

from ... import chorus_api
from ..base import moments
from ..base.chorus_authority import check_not_rendering
from ..base.chorus_identity import is_siret
from ..base.transactions import again_when_asked
from ..connection.chorus_connection_token import client_of
from ..notice.chorus_sentences import explain

_logger = logging.getLogger(__name__)


class ChorusStructure(models.Model):
    _inherit = "chorus.structure"

    @api.model
    def _cron_refresh_directory(self):
        """Look up what is due, company by company, until it is done or the time is used up.

        Each structure is committed by itself: a later run goes on where this one stopped.
        """
        check_not_rendering(self.env)
        self._search_again()
        connections = list(self.env["chorus.connection"].sudo().search([("company_id.active", "=", True)]))
        # Chance decides who is first: a company with much to do must not always keep the others waiting.
        random.shuffle(connections)
        for connection in connections:
            if connection._why_no_call():
                continue
            try:
                # Somebody who looks the same structure up meanwhile makes PostgreSQL ask for another try.
                if not again_when_asked(self.env, partial(self._refresh_through, connection)):
                    return
            except Exception:
                # A connection that fails in an unforeseen way must not keep the others from their turn.
                _logger.exception("Directory: the refresh through connection %s failed", connection.id)
                self.env.cr.rollback()

    @api.model
    def _refresh_through(self, connection):
        """Refresh what the company of ``connection`` uses; return whether there is time left."""
        due = self._due_sirets(connection)
        numbers = self.env["chorus.engagement"]._unchecked(
            connection, self.env["chorus.engagement"]._numbers_in_use(connection.company_id)
        )
        if not due and not numbers:
            self._tell_found(connection)
            return True
        try:
            with client_of(connection) as client:
                if not self._refresh_structures(client, connection, due):
                    return False
                self._tell_found(connection)
                return self._refresh_engagements(client, connection, numbers)
        except chorus_api.ChorusError as error:
            # The account or the way to Chorus Pro is at fault, no structure: the company's turn is over.
            _logger.info("Directory: connection %s rests (%s)", connection.id, error.code)
            return True

    @api.model
    def _refresh_structures(self, client, connection, due):
        in_use = self._service_codes_in_use(due)
        remaining = len(due)
        known = [("siret", "in", due), ("environment", "=", connection.environment)]
        listed = set(self.sudo().search([*known, ("services_looked_up_at", "!=", False)]).mapped("siret"))
        for siret in due:
            try:
                found = self._ask_all(client, siret, in_use.get(siret, set()), listed=siret in listed)
                answer = ""
            except chorus_api.ChorusError as error:
                if error.about_connection:
                    raise
                found, answer = None, explain(self.env, error)
            self._keep(connection.environment, {siret: found}, {siret: answer})
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                return False
        return True

    @api.model
    def _refresh_engagements(self, client, connection, numbers):
        """Check the engagement numbers that are new or old; the API may not be subscribed: then they stay."""
        for position, number in enumerate(numbers, 1):
            try:
                self.env["chorus.engagement"]._check(client, connection, [number])
            except chorus_api.ChorusError as error:
                _logger.info("Engagements of connection %s rest (%s)", connection.id, error.code)
                return True
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(numbers) - position):
                return False
        return True

    @api.model
    def _due_sirets(self, connection):
        """Return the SIRETs that the company uses in this environment and that are due, oldest first."""
        sirets = self._sirets_in_use(connection) | self._asked_sirets(connection)
        rows = self.sudo().search_fetch(
            [("siret", "in", list(sirets)), ("environment", "=", connection.environment)],
            ["siret", "next_look_up"],
            order="next_look_up, id",
        )
        never = sorted(sirets - set(rows.mapped("siret")))
        now = moments.now(self.env)
        due = [row.siret for row in rows if not row.next_look_up or row.next_look_up <= now]
        return never + due

    @api.model
    def _sirets_in_use(self, connection):
        """Return the SIRETs of the company's Chorus customers; in test also those of the data set."""
        partners = (
            self.env["res.partner"]
            .sudo()
            .with_company(connection.company_id)
            .search(
                [
                    ("dematerialized_invoice_type", "=", "facturx"),
                    *self.env["res.partner"]._check_company_domain(connection.company_id),
                ]
            )
        )
        if connection.environment == "production":
            partners = partners.filtered(lambda partner: not partner.chorus_test_customer)
        sirets = {partner._chorus_siret() for partner in partners}
        if connection.environment == "test":
            data_set = self.sudo().search([("environment", "=", "test"), ("in_test_data_set", "=", True)])
            sirets |= set(data_set.mapped("siret"))
        return {siret for siret in sirets if is_siret(siret)}
