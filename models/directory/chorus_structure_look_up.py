"""Look public structures up in Chorus Pro and keep what it says: asked first, written afterwards.

No row is locked while the network is waited for: ``_ask_all`` only calls, ``_keep`` only writes.
"""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models

from ... import chorus_api
from ...einvoice import clean_code
from ..base import moments
from ..base.chorus_identity import siret_domain
from ..base.transactions import asks_for_retry
from ..connection.chorus_connection_token import client_of
from ..notice.chorus_notice import notice
from ..notice.chorus_sentences import explain, say

_logger = logging.getLogger(__name__)

# A structure that answered is asked again after this; one that failed, after these hours, growing.
FRESH_DAYS = 7
RETRY_HOURS = (1, 4, 24, 72)
# The rule of each service is a call of its own: all of a small structure, else those in use.
MAX_RULES = 20
# What a click may take before the scheduled refresh does the rest.
CLICK_SECONDS = 20


@dataclass
class Found:
    """What the directory says of one SIRET: values of the structure, its services and their rules.

    ``services`` is a tuple of ``chorus_api`` services, or ``None`` when they were not asked for;
    ``rules`` maps a service code to "engagement required".
    """

    values: dict
    services: tuple | None = None
    rules: dict | None = None


class ChorusStructure(models.Model):
    _inherit = "chorus.structure"

    next_look_up = fields.Datetime(readonly=True, index=True)
    failures = fields.Integer(readonly=True)

    def action_look_up(self):
        """Look these structures up again, now."""
        self.check_access("read")
        self.env["chorus.structure"]._check_may_look_up()
        connections = self.env["chorus.connection"]
        wanted = [
            (connections._for(self.env.company, environment), structures.mapped("siret"))
            for environment, structures in self.grouped("environment").items()
        ]
        answers = self._look_up_all(wanted)
        problems = [f"{siret}: {problem}" for siret, problem in answers if problem]
        return notice(
            "warning" if problems else "success",
            self.env._("Chorus Pro directory"),
            "\n".join(problems) or self.env._("Up to date."),
        )

    @api.model
    def _check_may_look_up(self):
        """Look-ups spend the company's quota: they are for people who invoice.

        :raises AccessError: for others.
        """
        self.check_access("read")

    @api.model
    def _look_up(self, connection, sirets, seconds=CLICK_SECONDS):
        """Ask the directory about SIRETs through a connection and keep the answers.

        What does not fit into ``seconds`` is left to the scheduled refresh.

        :return: ``{siret: '' or why it failed, in the user's words}``.
        """
        return dict(self._look_up_all([(connection, sirets)], seconds))

    @api.model
    def _look_up_all(self, wanted, seconds=CLICK_SECONDS):
        """The same through several connections: all is asked before the first answer is written.

        :param list wanted: of (connection, SIRETs)
        :return: list of (SIRET, '' or why it failed)
        """
        deadline = time.monotonic() + seconds
        asked = [
            (connection, *self._ask_about(connection, sirets, deadline - time.monotonic()))
            for connection, sirets in wanted
        ]
        return [
            answer
            for connection, found, answers in asked
            for answer in self._keep_answers(connection, found, answers).items()
        ]

    # ---------------------------------------------------------------- asking, without writing

    @api.model
    def _ask_about(self, connection, sirets, seconds=CLICK_SECONDS, named=None, all_read=None):
        """Ask the directory about SIRETs; nothing is written but, apart, that the connection has failed.

        :param dict named: by SIRET the service codes that invoices name, where these are what is asked for;
            None: a person asks, who may want to choose among all services
        :param all_read: called when everything was read, before the first call: it may end the transaction
        :return: ``{siret: Found, or None when it failed}`` of those that were asked about (None: no call
            could be made), and
            ``{siret: '' or why it failed}`` of all
        """
        # Different writings of a SIRET are one.
        sirets = list(dict.fromkeys(chorus_api.plain_registration(siret) for siret in sirets))
        if not connection:
            reason = self.env._("No connection to Chorus Pro is configured for this company and environment.")
            return None, dict.fromkeys(sirets, reason)
        if reason := connection._why_no_call():
            return None, dict.fromkeys(sirets, reason)
        deadline = time.monotonic() + seconds
        in_use = self._service_codes_in_use(sirets)
        for siret, codes in (named or {}).items():
            in_use.setdefault(siret, set()).update(codes)
        answers, found = {}, {}
        with client_of(connection) as client:
            if all_read:
                all_read()
            for siret in sirets:
                if time.monotonic() > deadline:
                    answers[siret] = self.env._("Not asked yet: the scheduled refresh will.")
                    continue
                try:
                    found[siret] = self._ask_all(client, siret, in_use.get(siret, set()), named is None)
                    answers[siret] = ""
                except chorus_api.ChorusError as error:
                    if error.about_connection:
                        # The others would fail alike, and no structure is to blame.
                        _logger.info("Directory: connection %s rests (%s)", connection.id, error.code)
                        connection._report_look_up_failure(error)
                        left = (other for other in sirets if other not in answers)
                        answers |= dict.fromkeys(left, explain(self.env, error))
                        break
                    _logger.info("Directory: %s could not be looked up (%s)", siret, error.code)
                    found[siret], answers[siret] = None, explain(self.env, error)
        return found, answers

    @api.model
    def _ask_all(self, client, siret, codes, every_service=False, listed=False, active_id=None):
        """Return what Chorus Pro says of one SIRET.

        :param set codes: service codes that are in use, whose own rule matters
        :param bool every_service: also services that nobody needs so far, and their rules when they are few
        :param bool listed: whether its services were listed before; the list is kept up to date then
        :param int active_id: its number on Chorus Pro, where it is known to be active: no search is needed
        :rtype: Found
        :raises chorus_api.ChorusError:
        """
        detail, active, name = active_id and client.structure(active_id), True, ""
        if not detail or detail.identifier not in (siret, ""):
            page = client.search_structures(siret)
            summary = next(
                (
                    item
                    for item in page.items
                    if chorus_api.plain_registration(item.identifier) == siret and item.id
                ),
                None,
            )
            if summary is None:
                return Found({"known": False})
            detail, active, name = client.structure(summary.id), summary.active, summary.name
            active_id = summary.id
        needed = detail.needs_service or detail.needs_service_or_engagement or codes or every_service
        # Nobody addresses an invoice to a service of a supplier.
        services = () if detail.private else None
        if not detail.private and (needed or listed):
            services = tuple(client.services(active_id))
        wanted = services or ()
        if len(wanted) > MAX_RULES or not every_service:
            wanted = [item for item in wanted if item.code in codes]
        rules = {
            item.code: client.service(active_id, item.id).needs_engagement
            for item in wanted[:MAX_RULES]
            if item.id and item.active
        }
        return Found(
            {
                "known": True,
                "chorus_id": str(active_id),
                "name": detail.name or name,
                "active_in_chorus": active,
                "needs_service": detail.needs_service,
                "needs_engagement": detail.needs_engagement,
                "needs_service_or_engagement": detail.needs_service_or_engagement,
                "moa_only": detail.works_owner_only,
                "private": detail.private,
                "nature": "public" if detail.public else "private" if detail.private else "unsaid",
                "reports_payment": not detail.payment_not_reported,
            },
            services,
            rules,
        )

    # ---------------------------------------------------------------- keeping

    @api.model
    def _keep_answers(self, connection, found, answers):
        """Keep what :meth:`_ask_about` brought; what it did not ask about is left to the scheduled refresh.

        :return: ``answers``, with what could not be kept.
        """
        if found is None:
            return answers
        self._keep(connection.environment, found, answers)
        if left := [siret for siret in answers if siret not in found]:
            self._make_due(connection, left)
            self.env.ref("l10n_fr_chorus_pro.cron_directory").sudo()._trigger()
        return answers

    @api.model
    def _keep(self, environment, found, answers):
        """Write what the directory said, one structure at a time; one that fails keeps what was known of it,
        says why and comes back later."""
        structures = self._with_rows(environment, answers)
        for siret, result in found.items():
            structure = structures.get(siret)
            if not structure:
                continue
            if result is None:
                structure._keep_failure(answers[siret])
                continue
            try:
                with self.env.cr.savepoint():
                    structure._keep_found(result)
            except Exception as error:
                if asks_for_retry(error):
                    raise
                _logger.exception("Directory: the answer about %s could not be kept", siret)
                answers[siret] = say(self.env, "own.answer_not_kept", error=str(error)[:200])
                structure._keep_failure(answers[siret])

    def _keep_failure(self, reason):
        """It rests, longer each time; what was known of it stays."""
        pause = RETRY_HOURS[min(self.failures, len(RETRY_HOURS) - 1)]
        self.write(
            {
                "failures": self.failures + 1,
                "last_error": reason,
                "next_look_up": moments.now(self.env) + timedelta(hours=pause),
                # Whoever searches is not kept waiting for ever.
                "asked_by_id": self.failures + 1 < len(RETRY_HOURS) and self.asked_by_id.id,
            }
        )

    def _keep_found(self, result):
        """
        :param Found result: what the directory says of this structure
        """
        now = moments.now(self.env)
        self.write(
            {
                **result.values,
                "looked_up_at": now,
                "last_error": False,
                "failures": 0,
                "asked_by_id": False,
                "next_look_up": now + timedelta(days=FRESH_DAYS),
            }
        )
        if result.services is not None:
            self._keep_services(result.services, result.rules, now)

    def _keep_services(self, services, rules, now):
        """Make the stored services those of the answer; one that is gone stays, inactive."""
        known = {service.code: service for service in self.service_ids}
        fresh = {}
        for item in services:
            if item.code:
                fresh.setdefault(item.code, item)
        to_create = []
        for code, item in fresh.items():
            values = {"name": item.name, "chorus_id": str(item.id or ""), "active_in_chorus": item.active}
            if code in rules:
                values |= {"needs_engagement": rules[code], "rule_looked_up_at": now}
            if code not in known:
                to_create.append({"structure_id": self.id, "code": code, **values})
            elif changed := {name: value for name, value in values.items() if known[code][name] != value}:
                known[code].write(changed)
        gone = [
            service.id for code, service in known.items() if code not in fresh and service.active_in_chorus
        ]
        services_sudo = self.env["chorus.service"].sudo()
        services_sudo.browse(gone).active_in_chorus = False
        services_sudo.create(to_create)
        self.services_looked_up_at = now

    @api.model
    def _make_due(self, connection, sirets):
        for structure in self._with_rows(connection.environment, sirets).values():
            structure.next_look_up = moments.now(self.env)
            # Chorus Pro itself is asked, not a list of some days ago.
            structure.asked_by_id = structure.asked_by_id or connection.company_id

    @api.model
    def _with_rows(self, environment, sirets):
        """Return ``{siret: structure}`` with sudo, making the rows that are missing.

        Two people may look the same structure up at once: the row of the first is good for both.
        """
        sirets = list(sirets)
        if not sirets:
            return {}
        now = moments.now(self.env)
        self.flush_model()
        self.env.cr.executemany(
            "INSERT INTO chorus_structure (siret, environment, known, active_in_chorus, reports_payment,"
            " next_look_up, create_uid, write_uid, create_date, write_date)"
            " VALUES (%s, %s, true, true, true, %s, %s, %s, %s, %s) ON CONFLICT (siret, environment) "
            "DO NOTHING",
            [(siret, environment, now, self.env.uid, self.env.uid, now, now) for siret in sirets],
        )
        rows = self.sudo().search([("siret", "in", sirets), ("environment", "=", environment)])
        return {structure.siret: structure for structure in rows}

    @api.model
    def _never_asked(self, sirets, environment):
        """Of these SIRETs, those that the directory was not asked about; what failed and rests is left out.

        :rtype: set[str]
        """
        sirets = set(sirets)
        known = self.sudo().search([("siret", "in", list(sirets)), ("environment", "=", environment)])
        now = moments.now(self.env)
        rests = known.filtered(
            lambda structure: structure.failures and structure.next_look_up and structure.next_look_up > now
        )
        return sirets - set((known.filtered("looked_up_at") | rests).mapped("siret"))

    # ---------------------------------------------------------------- what is in use

    @api.model
    def _service_codes_in_use(self, sirets):
        """Return ``{siret: set of service codes}`` named by contacts and by recent invoices."""
        partners = self.env["res.partner"].sudo().with_context(active_test=False).search(siret_domain(sirets))
        in_use = {}
        contacts = (
            self.env["res.partner"]
            .sudo()
            .search_fetch(
                [("commercial_partner_id", "in", partners.ids), ("chorus_service_code", "!=", False)],
                ["commercial_partner_id", "chorus_service_code"],
            )
        )
        for contact in contacts:
            in_use.setdefault(contact._chorus_siret(), set()).add(clean_code(contact.chorus_service_code))
        moves = (
            self.env["account.move"]
            .sudo()
            ._read_group(
                [
                    ("commercial_partner_id", "in", partners.ids),
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("buyer_reference", "!=", False),
                    ("create_date", ">=", fields.Datetime.now() - timedelta(days=90)),
                ],
                ["commercial_partner_id", "buyer_reference"],
            )
        )
        for partner, code in moves:
            in_use.setdefault(partner._chorus_siret(), set()).add(clean_code(code))
        return in_use
