"""Before files are made, the directory is asked about recipients and services that nobody looked up yet."""

import logging
import time

from ..chorus_api import ChorusError
from ..einvoice import clean_code
from ..models.base import moments
from ..models.base.siret import is_siret
from ..models.connection.chorus_connection_token import client_of
from .pace import LARGEST_BATCH

_logger = logging.getLogger(__name__)

# Of the time that a run has left, the most that goes into asking.
ASKING_SHARE = 0.5


class Directory:
    def __init__(self, channel):
        self.channel = channel

    def ask(self):
        """Look up what the queued invoices need and the directory was never asked about.

        The click makes no calls, so an invoice to a new customer arrives here unchecked against the
        directory; a large structure's services are listed without their rules. What cannot be asked now stays
        unknown: the invoices are checked with what is known.

        :return: whether anything was asked, which may have changed the connection
        """
        seconds = (self.channel.deadline - time.monotonic()) * ASKING_SHARE

        def step(env):
            connection = self.channel.connection_in(env)
            wanted = self._codes_by_siret(env, connection)
            structures = env["chorus.structure"].search(
                [("siret", "in", list(wanted)), ("environment", "=", self.channel.environment)]
            )
            asked = structures.filtered("looked_up_at")
            missing = sorted(structures._never_asked(wanted, self.channel.environment))
            if missing:
                structures._look_up(connection, missing, seconds)
            return self._ask_rules(connection, asked, wanted) or bool(missing)

        return self.channel.transaction(step, tries=3)

    def _codes_by_siret(self, env, connection):
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

    def _ask_rules(self, connection, structures, wanted):
        """Learn the own rule of each named service listed without it; return whether any was asked for."""
        services = (
            connection.env["chorus.service"]
            .search(
                [
                    ("structure_id", "in", structures.ids),
                    ("code", "in", list(set().union(*wanted.values()))),
                    ("active_in_chorus", "=", True),
                    ("rule_looked_up_at", "=", False),
                    ("chorus_id", "not in", (False, "")),
                ]
            )
            .filtered(lambda service: service.code in wanted[service.structure_id.siret])
        )
        if not services or connection._why_no_call():
            return False
        try:
            with client_of(connection) as client:
                for service in services:
                    detail = client.service(int(service.structure_id.chorus_id), int(service.chorus_id))
                    service.write(
                        {
                            "needs_engagement": detail.needs_engagement,
                            "rule_looked_up_at": moments.now(connection.env),
                        }
                    )
        except ChorusError as error:
            _logger.info("Directory: the rules of services could not be asked (%s)", error.code)
        return True
