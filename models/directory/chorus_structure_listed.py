"""The list of all public recipients: one download that spares the calls about what has not changed.

What that file holds is not published (``chorus_api/recipients.py``), and it may be some days old. So it never
says anything new: it only confirms what Chorus Pro has answered before. Where it says something else, or says
nothing, Chorus Pro is asked as ever; where it says something else of most structures it is not understood;
and some of those that it confirms are asked about all the same, those whose last answer is oldest first.
"""

import json
import logging
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from odoo import api, fields, models

from ... import chorus_api
from ...chorus_api.errors import TIMED_OUT
from ..base import moments
from ..base.chorus_server_config import keep_parameter, parameter
from ..base.transactions import processor_seconds_left, seconds_left
from .chorus_structure import FORBIDDEN_SERVICE
from .chorus_structure_look_up import FRESH_DAYS

_logger = logging.getLogger(__name__)

# A structure costs two calls or three; the list one, and the time of some dozens to fetch and to read it.
FEWEST = 20
SPOT_CHECKS = 3
# A list that says something else of more than half of these is not understood.
COMPARED = 10
# It is made anew every week, or oftener.
OLDEST = timedelta(days=15)
# A zip tells the time of a clock, and not in which time zone it stood: the first to have a day are so much
# ahead. What may have been made before an answer does not confirm it.
FARTHEST_ZONE = timedelta(hours=14)
# After a list that was of use; after one that was not, by what was wrong with it, in days.
AGAIN = timedelta(hours=20)
NOT_UNDERSTOOD = 30
REST = {"unanswered": 1, "out_of_time": 7, "contradicted": 7}
# Seconds of a run: to begin with, and to be left at the end.
BEGIN_WITH, LEAVE = 60, 10
PARAMETER = "l10n_fr_chorus_pro.recipients_list.%s"

# Without these a structure cannot be confirmed; the others are compared where the list has them.
NEEDED = ("active", "requirement", "moa_only")


class ChorusStructure(models.Model):
    _inherit = "chorus.structure"

    listed_at = fields.Datetime(
        string="Confirmed unchanged on",
        readonly=True,
        help="Chorus Pro's list of all public recipients said the same as the last look-up.",
    )

    @api.model
    def _confirm_by_list(self, client, environment):
        """Confirm by the list of public recipients what is due, when so much is due that it pays.

        :return: dict SIRET → number on Chorus Pro, of those that the list says are active but whose duties it
            does not tell
        :raises chorus_api.ChorusError: the connection is at fault
        """
        if not self._is_list_worth_it(environment):
            return {}
        due = self._confirmable(environment)
        # While the network is waited for, no transaction is open.
        self.env["ir.cron"]._commit_progress()
        listed = self._read_list(client, environment, due.mapped("siret"))
        if listed is None:
            return {}
        # Whoever looked one up meanwhile knows better.
        due.invalidate_recordset()
        due = due.filtered_domain(self._confirmable_domain(environment))
        in_use = self._service_codes_in_use(due.mapped("siret"))
        aspects = {
            structure: structure._compare(listed.structures[structure.siret], in_use.get(structure.siret, ()))
            for structure in due
            if structure.siret in listed.structures and structure._is_older_than(listed.written_at)
        }
        misread = _misread(aspects.values())
        if misread.intersection(NEEDED):
            self._rest_list(environment, "disagrees")
            return {}
        confirmed, active = self.browse(), self.browse()
        for structure, said in aspects.items():
            if any(same is False and aspect not in misread for aspect, same in said.items()):
                continue
            needed = [*NEEDED, *(aspect for aspect in ("services", "rules") if aspect in said)]
            if all(said[aspect] and aspect not in misread for aspect in needed):
                confirmed |= structure
            elif said["active"] and structure.chorus_id:
                active |= structure
        if not self._passes_spot_checks(client, environment, confirmed or active, in_use):
            self._rest_list(environment, "contradicted")
            return {}
        now = moments.now(self.env)
        confirmed.filtered_domain([("next_look_up", "<=", now)]).write(
            {"listed_at": now, "next_look_up": now + timedelta(days=FRESH_DAYS)}
        )
        _logger.info(
            "Directory: the list of public recipients has %s structures; of %s due it confirms %s",
            listed.counted,
            len(due),
            len(confirmed),
        )
        self.env["ir.cron"]._commit_progress(len(confirmed))
        return {structure.siret: int(structure.chorus_id) for structure in active}

    # ---------------------------------------------------------------- whether to read it

    @api.model
    def _confirmable_domain(self, environment):
        now = moments.now(self.env)
        week_ago = now - timedelta(days=FRESH_DAYS)
        return [
            ("environment", "=", environment),
            ("next_look_up", "<=", now),
            # Due earlier, or asked for by somebody: Chorus Pro is asked.
            ("looked_up_at", "<=", week_ago),
            "|",
            ("listed_at", "=", False),
            ("listed_at", "<=", week_ago),
            ("asked_by_id", "=", False),
            ("failures", "=", 0),
            # To be told anything else a call has to say it.
            ("known", "=", True),
            ("active_in_chorus", "=", True),
            ("private", "=", False),
        ]

    @api.model
    def _confirmable(self, environment):
        return self.sudo().search(self._confirmable_domain(environment))

    @api.model
    def _is_list_worth_it(self, environment):
        """Whether enough is due that companies of this environment use, and the list is not to rest."""
        if seconds_left() < BEGIN_WITH or self._list_rests(environment):
            return False
        due = set(self._confirmable(environment).mapped("siret"))
        in_use = set()
        if len(due) < FEWEST:
            return False
        connections = self.env["chorus.connection"].sudo()
        for connection, sirets in self._sirets_in_use(
            connections.search([("environment", "=", environment), ("company_id.active", "=", True)])
        ).items():
            if not due.isdisjoint(sirets - in_use) and not connection._why_no_call():
                in_use |= due & sirets
            if len(in_use) >= FEWEST:
                return True
        return False

    @api.model
    def _list_rests(self, environment):
        try:
            until = datetime.fromisoformat(json.loads(parameter(self.env, PARAMETER % environment))["until"])
            return moments.now(self.env) < until
        except (ValueError, TypeError, KeyError):
            # Never read, or somebody wrote there.
            return False

    @api.model
    def _rest_list(self, environment, why):
        """Remember that the list needs no reading for a while; the calls of old do the work.

        :param str why: a code, "" when it was of use
        """
        pause = timedelta(days=REST.get(why, NOT_UNDERSTOOD)) if why else AGAIN
        if why:
            _logger.warning(
                "Directory: the list of public recipients of %s is of no use (%s); structures are asked about"
                " one by one, and it is not read again for %s days",
                environment,
                why,
                pause.days,
            )
        until = moments.now(self.env) + pause
        keep_parameter(
            self.env, PARAMETER % environment, json.dumps({"until": until.isoformat(), "why": why or "read"})
        )
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _read_list(self, client, environment, sirets):
        """Return what the list says of these structures, or None when nothing that could be used.

        :rtype: chorus_api.RecipientsList
        :raises chorus_api.ChorusError: the connection is at fault
        """
        try:
            listed = chorus_api.read_recipients(client.recipients_file(), sirets, _time_is_left)
        except chorus_api.RecipientsUnreadable as error:
            self._rest_list(environment, error.code)
            return None
        except (chorus_api.AccessDenied, chorus_api.RouteNotFound) as error:
            # Of this route: where nothing at all is allowed, the next call says so.
            self._rest_list(environment, error.code)
            return None
        except chorus_api.ChorusError as error:
            if not error.about_connection:
                unanswered = isinstance(error, chorus_api.Unavailable)
                self._rest_list(environment, "unanswered" if unanswered else error.code)
                return None
            if error.code in TIMED_OUT:
                self._rest_list(environment, "unanswered")
            raise
        if not listed.written_at:
            self._rest_list(environment, "undated")
            return None
        if moments.now(self.env) - listed.written_at > OLDEST:
            self._rest_list(environment, "old")
            return None
        # At once: whatever becomes of this run, the file is not fetched anew by the next.
        self._rest_list(environment, "")
        return listed

    # ---------------------------------------------------------------- whether it says the same

    def _is_older_than(self, written_at):
        """Whether the list was made after the last answer about this structure, wherever its clock stood.

        :param datetime written_at: of the list
        """
        self.ensure_one()
        return self.looked_up_at < written_at - FARTHEST_ZONE

    def _compare(self, listed, codes):
        """Compare what is known of this structure with what the list says.

        :param chorus_api.ListedStructure listed: what the list says
        :param codes: service codes that are in use
        :return: dict aspect → True (the same), False, or None where the list does not say
        """
        self.ensure_one()
        said = {
            "active": _same(self.active_in_chorus, listed.active),
            "requirement": _same(self.requirement, _requirement(self, listed)),
            "moa_only": _same(self.moa_only, listed.works_owner_only),
            "reports_payment": _same(self.reports_payment, listed.reports_payment),
            "name": _same(_plain(self.name), _plain(listed.name) or None),
        }
        if self.services_looked_up_at or codes or self.needs_service or self.needs_service_or_engagement:
            known = {
                service.code: service
                for service in self.service_ids
                if service.active_in_chorus and service.code != FORBIDDEN_SERVICE
            }
            told = _active_codes(listed) if self.services_looked_up_at else None
            said["services"] = _same(set(known), told)
            said["rules"] = _same_rules(known, listed, codes)
        return said

    @api.model
    def _passes_spot_checks(self, client, environment, listed, in_use):
        """Ask about some of those that the list would spare; return whether Chorus Pro says the same."""
        for structure in listed.sorted("looked_up_at")[:SPOT_CHECKS]:
            siret = structure.siret
            known = structure._duties_told()
            try:
                found = self._ask_all(
                    client, siret, in_use.get(siret, set()), listed=bool(structure.services_looked_up_at)
                )
            except chorus_api.ChorusError as error:
                if error.about_connection:
                    raise
                # What it is about comes with its turn.
                _logger.info("Directory: %s could not be looked up (%s)", siret, error.code)
                continue
            self._keep(environment, {siret: found}, {siret: ""})
            self.env["ir.cron"]._commit_progress(1)
            structure.invalidate_recordset()
            if structure._duties_told() != known:
                _logger.info("Directory: Chorus Pro says something else of %s than its list", siret)
                return False
        return True

    def _duties_told(self):
        """What invoices to this structure are checked against."""
        return replace(self._as_recipient(self._services_by_code()[self.id]), name=None)


def _time_is_left():
    return min(seconds_left(), processor_seconds_left()) > LEAVE


def _misread(compared):
    """Aspects that differ so often that the list must mean something else by them.

    :param compared: of :meth:`ChorusStructure._compare`
    :return: set of aspects
    """
    answered, differing = Counter(), Counter()
    for said in compared:
        answered.update(aspect for aspect, same in said.items() if same is not None)
        differing.update(aspect for aspect, same in said.items() if same is False)
    return {
        aspect
        for aspect, number in differing.items()
        if answered[aspect] >= COMPARED and 2 * number > answered[aspect]
    }


def _same(known, told):
    return None if told is None else known == told


def _plain(name):
    """A name's letters and digits, whatever case and accents."""
    decomposed = unicodedata.normalize("NFKD", name or "").casefold()
    return "".join(sign for sign in decomposed if sign.isalnum())


def _requirement(structure, listed):
    flags = (listed.needs_service, listed.needs_engagement, listed.needs_service_or_engagement)
    if None in flags:
        return None
    needs_service, needs_engagement, either = flags
    return structure._requirement_of(needs_service, needs_engagement, either)


def _active_codes(listed):
    services = (listed.services or {}).values()
    if listed.services is None or any(service.active is None for service in services):
        return None
    return {service.code for service in services if service.active} - {FORBIDDEN_SERVICE}


def _same_rules(known, listed, codes):
    """Whether the services' engagement duties are the same; None where one in use is not known or told."""
    told = listed.services or {}
    rules = {code: service.needs_engagement for code, service in known.items() if service.rule_looked_up_at}
    answers = {code: told[code].needs_engagement for code in rules if code in told}
    if any(answer is not None and answer != rules[code] for code, answer in answers.items()):
        return False
    # A code that no active service bears has no rule.
    return True if all(answers.get(code) is not None for code in known.keys() & set(codes)) else None
