"""The scheduled refresh of the directory: only what is in use and due, one structure at a time.

It also finds the public bodies among the customers of a company: what is still to be asked stands on the
structures themselves, and each answer is committed by itself. A search goes on where it stopped, whoever
started it.
"""

import logging
import random
from collections import defaultdict
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ... import chorus_api
from ...einvoice import compact_code
from ..base import moments
from ..base.chorus_authority import check_not_rendering
from ..base.chorus_identity import SIRET_FIELD, is_siret
from ..base.transactions import again_when_asked, fresh_env
from ..connection.chorus_connection_rest import may_ask
from ..connection.chorus_connection_token import client_of, write_apart
from ..notice.chorus_notice import FOUND
from ..notice.chorus_sentences import explain

_logger = logging.getLogger(__name__)


# New customers are looked for again after this.
SEARCH_AGAIN = timedelta(days=30)
# Customers that a message names.
NAMED = 20


class ChorusStructure(models.Model):
    _inherit = "chorus.structure"

    asked_by_id = fields.Many2one(
        "res.company", "Asked for by", readonly=True, index="btree_not_null", ondelete="set null"
    )

    @api.model
    def _cron_refresh_directory(self):
        """Look up what is due, company by company, until it is done or the time is used up.

        Each structure is committed by itself: a later run goes on where this one stopped.
        """
        check_not_rendering(self.env)
        self._search_again()
        connections = (
            self.env["chorus.connection"]
            .sudo()
            .search_fetch([("company_id.active", "=", True)], ["company_id", "environment"])
        )
        considered = set()
        found = self._with_work(connections)
        for connection in found:
            if connection._why_no_call():
                continue
            if connection.timed_out:
                # It is asked something: nothing waits for the network in a transaction.
                self.env["ir.cron"]._commit_progress()
            try:
                if not may_ask(self.env, connection.id):
                    continue
                # Somebody who looks the same structure up meanwhile makes PostgreSQL ask for another try.
                if not again_when_asked(self.env, partial(self._refresh_through, connection, considered)):
                    break
            except Exception:
                # A connection that fails in an unforeseen way must not keep the others from their turn.
                _logger.exception("Directory: the refresh through connection %s failed", connection.id)
                self.env.cr.rollback()
        self._wake_after_rests(found)

    @api.model
    def _wake_after_rests(self, connections):
        """What waits for connections that rest is gone on with when the first of them may be asked again."""
        with fresh_env(self.env) as own:
            found = own["chorus.connection"].browse([connection.id for connection in connections]).exists()
            resting = found.filtered(lambda connection: connection._is_resting())
            if resting:
                own.ref("l10n_fr_chorus_pro.cron_directory")._trigger(min(resting.mapped("rest_until")))

    @api.model
    def _with_work(self, connections):
        """Those connections for which :meth:`_refresh_through` has anything to do, as a list in any order."""
        engagements = self.env["chorus.engagement"]

        def look():
            # Companies have many fields, and there may be hundreds.
            connections.company_id.fetch(["parent_path", "chorus_search_running"])
            due, numbers = self._due_sirets(connections), engagements._unchecked(connections)
            ended = self._ended_searches(connections)
            return [one for one in connections if due[one] or numbers[one] or one in ended]

        try:
            found = again_when_asked(self.env, look)
        except Exception:
            # What spoils the look at all of them must not keep any from its turn.
            _logger.exception("Directory: the connections could not be looked at together")
            self.env.cr.rollback()
            found = list(connections)
        # Chance decides who is first: a company with much to do must not always keep the others waiting.
        random.shuffle(found)
        return found

    @api.model
    def _refresh_through(self, connection, considered):
        """Refresh what the company of ``connection`` uses.

        :param set considered: environments whose list of recipients this run has thought about
        :return: bool, whether there is time left
        """
        due = self._due_sirets(connection)[connection]
        numbers = self.env["chorus.engagement"]._unchecked(connection)[connection]
        if not due and not numbers:
            self._tell_found(connection)
            return True
        try:
            with client_of(connection) as client:
                active_ids = {}
                if due and connection.environment not in considered:
                    considered.add(connection.environment)
                    active_ids = self._confirm_by_list(client, connection.environment)
                    due = self._due_sirets(connection)[connection]
                if not self._refresh_structures(client, connection, due, active_ids):
                    return False
                if due and connection.rest_count:
                    write_apart(self.env, connection.id, lambda row: row._report_recovery(), here=False)
                self._tell_found(connection)
                return self._refresh_engagements(client, connection, numbers)
        except chorus_api.ChorusError as error:
            # The account or the way to Chorus Pro is at fault, no structure: the company's turn is over.
            _logger.info("Directory: connection %s rests (%s)", connection.id, error.code)
            connection._report_look_up_failure(error)
            return True

    @api.model
    def _refresh_structures(self, client, connection, due, active_ids):
        in_use = self._service_codes_in_use(due)
        remaining = len(due)
        known = [("siret", "in", due), ("environment", "=", connection.environment)]
        listed = set(self.sudo().search([*known, ("services_looked_up_at", "!=", False)]).mapped("siret"))
        # What was read is let go: nothing waits for the network in a transaction.
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for siret in due:
            try:
                found = self._ask_all(
                    client,
                    siret,
                    in_use.get(siret, set()),
                    listed=siret in listed,
                    active_id=active_ids.get(siret),
                )
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
                self.env["chorus.engagement"]._check_numbers(client, connection, [number])
            except chorus_api.ChorusError as error:
                _logger.info("Engagements of connection %s rest (%s)", connection.id, error.code)
                return True
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(numbers) - position):
                return False
        return True

    @api.model
    def _due_sirets(self, connections):
        """The SIRETs that companies use, each in its environment, and that are due, oldest first.

        :return: dict connection → list
        """
        in_use, asked = self._sirets_in_use(connections), self._asked_sirets(connections)
        wanted = {connection: in_use[connection] | asked[connection] for connection in connections}
        rows = self.sudo().search_fetch(
            [
                ("siret", "in", list(set().union(*wanted.values()))),
                ("environment", "in", list(set(connections.mapped("environment")))),
            ],
            ["siret", "environment", "next_look_up"],
            order="next_look_up, id",
        )
        now = moments.now(self.env)
        known, due = defaultdict(set), defaultdict(list)
        for row in rows:
            known[row.environment].add(row.siret)
            if not row.next_look_up or row.next_look_up <= now:
                due[row.environment].append(row.siret)
        return {
            connection: [
                *sorted(sirets - known[connection.environment]),
                *(siret for siret in due[connection.environment] if siret in sirets),
            ]
            for connection, sirets in wanted.items()
        }

    @api.model
    def _sirets_in_use(self, connections):
        """The SIRETs of the companies' Chorus customers; in test also those of the data set.

        :return: dict connection → set
        """
        customers = defaultdict(set)
        companies = connections.company_id
        # As ``res.partner._check_company_domain`` has it.
        used_by = {
            company.id: {None, *map(int, company.parent_path.split("/")[:-1])} for company in companies
        }
        for company_id, _id, siret, only_for, in_test in self.env["res.partner"]._chorus_marked(companies):
            siret = compact_code(siret or "")
            if only_for in used_by[company_id] and is_siret(siret):
                customers[company_id, "test"].add(siret)
                if not in_test:
                    customers[company_id, "production"].add(siret)
        data_set = set()
        if "test" in connections.mapped("environment"):
            structures = self.sudo().search([("environment", "=", "test"), ("in_test_data_set", "=", True)])
            data_set = set(filter(is_siret, structures.mapped("siret")))
        return {
            connection: customers[connection.company_id.id, connection.environment]
            | (data_set if connection.environment == "test" else set())
            for connection in connections
        }

    # -- finding the public bodies among the customers of a company

    def _with_answer(self):
        """Those of which Chorus Pro has said what they are, or that it does not know them."""
        return self.filtered(
            lambda structure: structure.looked_up_at and (structure.nature or not structure.known)
        )

    def _is_marked_by_search(self):
        """Whether a customer with this SIRET should be marked: said to be public, and receiving invoices."""
        self.ensure_one()
        return self.nature == "public" and self._receives_invoices()

    @api.model
    def _ask_for(self, company, environment, sirets):
        """Have the scheduled refresh ask about these SIRETs for a company, besides those in use.

        :return: int, how many are to be asked
        """
        rows = self._with_rows(environment, sirets).values()
        waiting = self.sudo().union(*rows)
        waiting.write({"asked_by_id": company.id, "next_look_up": moments.now(self.env)})
        company.sudo().write(
            {"chorus_search_running": True, "chorus_search_next": moments.now(self.env) + SEARCH_AGAIN}
        )
        self.env.ref("l10n_fr_chorus_pro.cron_directory").sudo()._trigger()
        return len(waiting)

    @api.model
    def _asked_sirets(self, connections):
        """The SIRETs that a search of each company waits for.

        :return: dict connection → set
        """
        waiting = self.sudo().search_fetch(
            [("asked_by_id", "in", connections.company_id.ids)], ["siret", "environment", "asked_by_id"]
        )
        asked = defaultdict(set)
        for row in waiting:
            asked[row.asked_by_id, row.environment].add(row.siret)
        return {
            connection: asked[connection.company_id, connection.environment] for connection in connections
        }

    @api.model
    def _search_again(self):
        """Once a month, ask about the customers that came since the search of each company."""
        companies = (
            self.env["res.company"].sudo().search([("chorus_search_next", "<=", moments.now(self.env))])
        )
        for company in companies:
            try:
                again_when_asked(self.env, partial(self._search_again_for, company))
            except Exception:
                # The others must not wait for a company that fails in an unforeseen way.
                _logger.exception("The customers of %s could not be compared", company.name)
                self.env.cr.rollback()

    @api.model
    def _search_again_for(self, company):
        environment = company._chorus_directory_environment()
        customers = self.env["res.partner"].sudo()._chorus_to_search(company)
        known = self.sudo().search([("siret", "in", list(customers)), ("environment", "=", environment)])
        self._ask_for(company, environment, customers.keys() - set(known._with_answer().mapped("siret")))
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _ended_searches(self, connections):
        """Those through which a search has run that waits for nothing any more, and has not been told."""
        searching = connections.filtered(
            lambda connection: (
                connection.company_id.chorus_search_running
                and connection.environment == connection.company_id._chorus_directory_environment()
            )
        )
        asked = self._asked_sirets(searching)
        return searching.filtered(lambda connection: not asked[connection])

    @api.model
    def _tell_found(self, connection):
        """At the end of a search, tell the responsible person of the public customers that are not marked."""
        if not self._ended_searches(connection):
            return
        company, environment = connection.company_id, connection.environment
        company.chorus_search_running = False
        found = self.env["res.partner"].sudo()._chorus_found_public(company, environment)
        if not found:
            return self.env["chorus.notice"]._solved(company, FOUND)

        def note(told):
            names = ", ".join(found[:NAMED].mapped("name"))
            return told.env._(
                "Customers that Chorus Pro knows as public bodies, and that are not marked as Chorus Pro"
                " customers: %(count)s (%(names)s). Customers → Chorus Pro → Find public customers shows them"
                " and marks them at once.",
                count=len(found),
                names=names,
            )

        self.env["chorus.notice"]._tell(company, FOUND, note, anew=True)


# More customers than this are compared in several goes.
MAX_CUSTOMERS = 20000


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_search_running = fields.Boolean("Public customers are searched", readonly=True, copy=False)
    chorus_search_next = fields.Datetime("Next search for public customers", readonly=True, copy=False)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _chorus_to_search(self, company):
        """Customers of a company that are not marked, by SIRET.

        :return: dict SIRET of 14 digits → res.partner of commercial partners
        """
        own = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        domain = (
            Domain(self._check_company_domain(company))
            & Domain(SIRET_FIELD, "!=", False)
            & (Domain("customer_rank", ">", 0) | Domain("supplier_rank", "=", 0))
            & (Domain("parent_id", "=", False) | Domain("is_company", "=", True))
            & Domain("id", "not in", own.partner_id.ids)
        )
        customers = self.with_company(company).search(domain, limit=MAX_CUSTOMERS, order="id")
        found = {}
        for customer in customers:
            siret = customer._chorus_siret()
            if is_siret(siret) and not customer._is_chorus_customer(company):
                found[siret] = found.get(siret, self.browse()) | customer
        return found

    @api.model
    def _chorus_found_public(self, company, environment):
        """The customers of a company that Chorus Pro says are public and that nobody has marked."""
        customers = self._chorus_to_search(company)
        structures = (
            self.env["chorus.structure"]
            .sudo()
            .search(
                [
                    ("siret", "in", list(customers)),
                    ("environment", "=", environment),
                    ("nature", "=", "public"),
                ]
            )
        )
        public = structures.filtered(lambda structure: structure._is_marked_by_search())
        return self.browse().union(*(customers[siret] for siret in public.mapped("siret")))
