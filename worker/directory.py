"""Before files are made, the directory is asked about recipients and services that nobody looked up yet."""

import logging
import time
from typing import Any

from ..chorus_api import ChorusError
from ..einvoice import clean_code
from ..models.base import moments
from ..models.base.chorus_identity import is_siret
from ..models.connection.chorus_connection_token import client_of
from .channel import Channel, Env, Record
from .pace import LARGEST_BATCH

_logger = logging.getLogger(__name__)

# Of the time that a run has left, the most that goes into asking.
ASKING_SHARE = 0.5


class Directory:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def ask(self) -> bool:
        """Look up what the queued invoices need and the directory was never asked about.

        The click makes no calls, so an invoice to a new customer arrives here unchecked against the
        directory; a large structure's services are listed without their rules. What cannot be asked now stays
        unknown: the invoices are checked with what is known.

        :return: whether anything was asked, which may have changed the connection
        """
        seconds = (self.channel.deadline - time.monotonic()) * ASKING_SHARE
        # Asked first, written afterwards: nobody waits for the network behind a row that is held.
        with self.channel.fresh() as env:
            connection = self.channel.connection_in(env)
            wanted = self._codes_by_siret(env, connection)
            missing, services = self._not_asked_yet(env, wanted)
            if not missing and not services:
                return False
            found, answers = (
                env["chorus.structure"]._ask_about(connection, missing, seconds, wanted)
                if missing
                else (None, {})
            )
            rules = self._ask_rules(connection, services)
        self.channel.transaction(lambda env: self._keep(env, found, answers, rules), tries=3)
        return True

    def _not_asked_yet(self, env: Env, wanted: Any) -> Any:
        """
        :param dict wanted: of :meth:`_codes_by_siret`
        :return: list of SIRETs; list of (id of the service, its numbers on Chorus Pro: structure, service)
        """
        structures = env["chorus.structure"].search(
            [("siret", "in", list(wanted)), ("environment", "=", self.channel.environment)]
        )
        resting = structures.filtered(
            lambda structure: (
                structure.failures and structure.next_look_up and structure.next_look_up > moments.now(env)
            )
        )
        # One whose services nobody needed so far was asked about itself alone.
        asked = structures.filtered(
            lambda structure: (
                structure.looked_up_at
                and (structure.services_looked_up_at or not structure.known or not wanted[structure.siret])
            )
        )
        missing = sorted(wanted.keys() - set((asked + resting).mapped("siret")))
        services = env["chorus.service"].search(
            [
                ("structure_id", "in", asked.ids),
                ("code", "in", list(set().union(*wanted.values()))),
                ("active_in_chorus", "=", True),
                ("rule_looked_up_at", "=", False),
                ("chorus_id", "not in", (False, "")),
            ]
        )
        return missing, [
            (service.id, int(service.structure_id.chorus_id), int(service.chorus_id))
            for service in services
            if service.code in wanted[service.structure_id.siret]
        ]

    def _keep(self, env: Env, found: Any, answers: Any, rules: Any) -> None:
        env["chorus.structure"]._keep_answers(self.channel.connection_in(env), found, answers)
        now = moments.now(env)
        for service_id, needed in rules.items():
            env["chorus.service"].browse(service_id).write(
                {"needs_engagement": needed, "rule_looked_up_at": now}
            )

    def _codes_by_siret(self, env: Env, connection: Record) -> Any:
        """SIRETs that the queued invoices go to, with the service codes that the invoices name there.

        :rtype: dict[str, set[str]]
        """
        queued = [
            *self.channel.domain,
            ("state", "=", "queued"),
            ("next_action_at", "<=", moments.now(env)),
        ]
        lines = env["chorus.deposit.line"].search(queued, order="id", limit=LARGEST_BATCH)
        wanted = {}
        for customer, moves in lines.move_id.grouped("commercial_partner_id").items():
            stand_in = connection._test_recipient_for(customer)
            siret = stand_in.siret or customer._chorus_siret()
            if is_siret(siret):
                codes = () if stand_in else filter(None, moves.mapped("buyer_reference"))
                wanted.setdefault(siret, set()).update(map(clean_code, codes))
        return wanted

    def _ask_rules(self, connection: Record, services: Any) -> Any:
        """Learn the own rule of services that were listed without it.

        :param list services: of :meth:`_not_asked_yet`
        :return: dict id of the service → whether an engagement number is required
        """
        rules = {}
        if not services or connection._why_no_call():
            return rules
        try:
            with client_of(connection) as client:
                for service_id, *place in services:
                    rules[service_id] = client.service(*place).needs_engagement
        except ChorusError as error:
            _logger.info("Directory: the rules of services could not be asked (%s)", error.code)
        return rules
