"""Preparing within the time that there is, and invoices whose preparation ended with its process.

A process that is killed (Odoo's limits of time, processor and memory; a power cut) writes nothing down. What
it had begun is: the innocent ones of its batch pass alone, the one that kills is told to a person.
"""

import logging

from odoo import api, models

from . import moments, server_time
from .chorus_worker_pace import PreparePace
from .chorus_worker_prepare import LEASE
from .transactions import fresh_env, in_transaction

_logger = logging.getLogger(__name__)

# So many preparations of an invoice ended with their process; then a person is told.
MAX_KILLED = 3
# An invoice that may have used up a whole run is begun with nearly all of the time that a run can have.
SUSPECT_SHARE = 0.7
# What is remembered changes when the pace does, by more than so much of it.
SAME_PACE = 0.2


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _prepare_pace(self, company_id, environment):
        """What former runs have learned of the channel.

        :rtype: PreparePace
        """
        with fresh_env(self.env) as env:
            connection = self._connection(env, company_id, environment)
            return PreparePace(env["chorus.pace"]._prepare_seconds(connection))

    @api.model
    def _prepare_next(self, company_id, environment, pace):
        """Prepare as many lines as the time allows; when there are none, one that a former run died of.

        :param PreparePace pace: learns from it
        :return: int, the number of lines that left the queue
        """
        known = pace.each
        room = pace.room(min(server_time.seconds_left(), server_time.processor_seconds_left()))
        with pace.measured() as measure:
            measure.count = prepared = self._prepare_some(company_id, environment, room)
        if prepared:
            self._remember_pace(company_id, environment, known, pace.each)
            return prepared
        return self._prepare_suspect(company_id, environment)

    @api.model
    def _remember_pace(self, company_id, environment, known, seconds):
        if known and abs(seconds - known) < SAME_PACE * known:
            return
        in_transaction(
            self.env,
            lambda env: env["chorus.pace"]._remember(self._connection(env, company_id, environment), seconds),
        )

    @api.model
    def _prepare_suspect(self, company_id, environment):
        """Prepare one line alone whose former preparation ended with its process.

        :return: int, the number of lines that left the queue
        """
        if server_time.seconds_left() < SUSPECT_SHARE * server_time.limit():
            return 0
        line_id, left = in_transaction(
            self.env, lambda env: self._begin_suspect(env, company_id, environment)
        )
        return self._prepare_alone(line_id) if line_id else left

    @api.model
    def _begin_suspect(self, env, company_id, environment):
        """Write down that the next suspect is prepared, or stop it when that was tried often enough.

        :return: (id of the line to prepare or None, number of lines that left the queue)
        """
        domain = [*self._queued_domain(company_id, environment), ("preparations", ">", 0)]
        lines = env["chorus.deposit.line"].search(domain, order="preparations, id", limit=20)
        line = lines.try_lock_for_update(limit=1)
        if not line:
            return None, 0
        if line.preparations >= MAX_KILLED:
            self._stop_suspect(line.with_context(lang=env["chorus.words"]._lang(line.company_id)))
            return None, 1
        count = line.preparations + 1
        line.write({"preparations": count, "next_action_at": moments.now(line.env) + LEASE})
        return line.id, 0

    @api.model
    def _stop_suspect(self, line):
        number = line.move_id.name
        _logger.warning("Line %s: %s preparations ended with their process", line.id, line.preparations)
        message = line.env._(
            "The file of invoice %(number)s could not be made: the server ended the work %(count)s times"
            " before it was done, because it took too long or too much memory. Ask the administrator to look"
            " at the limits of the server and at its log (reference %(ref)s), then send the invoice again.",
            number=number,
            count=line.preparations,
            ref=f"line {line.id}",
        )
        line._move_to("blocked", message=message)
        line._tell_of(line.env._("%s was stopped before it was sent to Chorus Pro", number), message)
