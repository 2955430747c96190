"""Queued invoices become files: the directory is asked, then as many are made at once as the time allows.

A process that is killed (Odoo's limits of time, processor and memory; a power cut) writes nothing down. What
it had begun is: the innocent ones of its batch pass alone, the one that kills is told to a person.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from ..chorus_api import ChorusError, pack, safe_filename, split
from ..einvoice import clean_code
from ..models.base import moments, transactions
from ..models.base.chorus_identity import is_siret, of_invoice, to_values
from ..models.base.transactions import asks_for_retry, retry_at
from ..models.connection.chorus_connection_token import client_of
from ..models.notice.chorus_sentences import say, together
from .channel import Channel, Env, Record, in_words_of_company

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
        # Asked first, written afterwards, and what was read is let go before: nobody waits for the network
        # behind a row that is held, nor PostgreSQL behind a snapshot.
        with self.channel.fresh() as env:
            connection = self.channel.connection_in(env)
            wanted = self._codes_by_siret(env, connection)
            missing, services = self._not_asked_yet(env, wanted)
            if not missing and not services:
                return False
            found, answers = (
                env["chorus.structure"]._ask_about(connection, missing, seconds, wanted, env.cr.commit)
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
                connection.env.cr.commit()  # pylint: disable=invalid-commit
                for service_id, *place in services:
                    rules[service_id] = client.service(*place).needs_engagement
        except ChorusError as error:
            _logger.info("Directory: the rules of services could not be asked (%s)", error.code)
        return rules


# Before any invoice was measured: what does no harm on a slow machine.
FIRST_BATCH = 4
# A batch by what is remembered from former runs takes about so many seconds: the machine may have slowed.
FIRST_SECONDS = 8
# A batch may turn out slower than the one before, and is never so many times larger.
CAUTION = 1.5
GROWTH = 3
LARGEST_BATCH = 50


class PreparePace:
    """Seconds that one invoice takes to prepare, learned from batch to batch.

    :param each: seconds of one invoice as former runs have learned, None when none has
    :ivar each: the same, as this run has learned
    """

    def __init__(self, each: Any = None) -> None:
        self.each = each
        self._most = max(1, int(FIRST_SECONDS / each)) if each else FIRST_BATCH
        self.count = 0

    def room(self, seconds: float) -> Any:
        """How many invoices fit into ``seconds``: 1 at least."""
        fitting = seconds / (CAUTION * self.each) if self.each else FIRST_BATCH
        return max(1, int(min(self._most, fitting, LARGEST_BATCH)))

    @contextmanager
    def measured(self) -> Iterator[Any]:
        """Measure the batch made inside the block, which sets ``count``."""
        started = time.monotonic()
        self.count = 0
        yield self
        if self.count:
            self.each = max(0.01, (time.monotonic() - started) / self.count)
            self._most = GROWTH * self.count


MAX_TRIES = 5
# While the first archive waits for its verdict, no more single files than these are made ahead: what is still
# in the queue then can travel together.
AHEAD_OF_TRIAL = 25
# Between writing down that lines are prepared and locking them.
LEASE = timedelta(minutes=1)
# So many preparations of an invoice ended with their process; then a person is told.
MAX_KILLED = 3
# An invoice that may have used up a whole run is begun with nearly all of the time that a run can have.
SUSPECT_SHARE = 0.7
# What is remembered changes when the pace does, by more than so much of it.
SAME_PACE = 0.2


class Preparer:
    """Prepares for one channel; keeps what it learns of the time that an invoice takes."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._pace = None

    def prepare_next(self) -> int:
        """Prepare as many lines as the time allows; when there are none, one that a former run died of.

        :return: int, the number of lines that left the queue
        """
        if self._waits_for_trial():
            return 0
        pace = self._pace = self._pace or self._known_pace()
        known = pace.each
        room = pace.room(min(transactions.seconds_left(), transactions.processor_seconds_left()))
        with pace.measured() as measure:
            measure.count = prepared = self.prepare(room)
        if prepared:
            self._remember_pace(known, pace.each)
            return prepared
        return self._prepare_suspect()

    def _waits_for_trial(self) -> bool:
        """Whether enough single files wait to keep the pace busy until the first archive has its verdict."""
        with self.channel.fresh() as env:
            if self.channel.connection_in(env).group_state != "trial":
                return False
        return len(self.channel.due_deposits("ready", limit=AHEAD_OF_TRIAL)) == AHEAD_OF_TRIAL

    def _known_pace(self) -> Any:
        """What former runs have learned of the channel.

        :rtype: PreparePace
        """
        with self.channel.fresh() as env:
            return PreparePace(env["chorus.pace"]._prepare_seconds(self.channel.connection_in(env)))

    def _remember_pace(self, known: Any, seconds: float) -> None:
        if known and abs(seconds - known) < SAME_PACE * known:
            return
        self.channel.transaction(
            lambda env: env["chorus.pace"]._remember(self.channel.connection_in(env), seconds)
        )

    # -- a batch --------------------------------------------------------------------------------------

    def prepare(self, count: int = LARGEST_BATCH) -> int:
        """Turn up to ``count`` queued lines into files: ready, or blocked with the reasons.

        That it was begun is written down first: a preparation that ends with its process leaves no other
        trace. The lines stay locked while their files are made, so that no other worker makes them too. When
        the batch fails as a whole, each line is tried by itself: one bad invoice never holds the others.

        :return: int, the number of lines that left the queue.
        """
        taken = self.channel.transaction(lambda env: self._begin(env, count))
        if not taken:
            return 0

        def batch(env: Env) -> Any:
            lines = env["chorus.deposit.line"].browse(taken).try_lock_for_update()
            lines = lines.filtered(lambda line: line.state == "queued")
            company = env["res.company"].browse(self.channel.company_id)
            return self._make_files(lines.with_context(lang=env["chorus.words"]._lang(company)))

        try:
            return self.channel.transaction(batch, tries=3)
        except Exception:
            _logger.exception("Preparing %s invoices at once failed; one by one now", len(taken))
        return sum(self._prepare_alone(line_id) for line_id in taken)

    def _begin(self, env: Env, count: int) -> Any:
        """Write down that the next lines are about to be prepared.

        Nobody else takes them while they are: for a moment because they are not due, then because they are
        locked.

        :return: list of ids
        """
        domain = [*self._queued(env), ("preparations", "=", 0)]
        lines = env["chorus.deposit.line"].search(domain, order="id", limit=count).try_lock_for_update()
        lines.write({"preparations": 1, "next_action_at": moments.now(env) + LEASE})
        return lines.ids

    def _queued(self, env: Env) -> list[Any]:
        return [
            *self.channel.domain,
            ("company_id.chorus_environment", "=", self.channel.environment),
            ("state", "=", "queued"),
            ("next_action_at", "<=", moments.now(env)),
        ]

    def _make_files(self, lines: Record) -> int:
        """Make and store the files of ``lines`` in this transaction.

        :return: int, the number of lines
        """
        if not lines:
            return 0
        moves = lines.move_id.with_company(lines.company_id)
        built = moves._chorus_build_files(self.channel.environment)
        files = {}
        for line in lines:
            result = built[line.move_id.id]
            if isinstance(result, list):
                message = together(finding["message"] for finding in result)
                self._stop(line, message)
                continue
            files[line] = result.content
            line.move_id._chorus_tell_remarks(result)
            line.write(to_values(of_invoice(result.invoice)))
        self._make_deposits(self.channel.connection_in(lines.env), files)
        return len(lines)

    def _stop(self, line: Record, message: str) -> None:
        line._move_to("blocked", message=message)
        line._tell_of(
            line.env._("%s was stopped before it was sent to Chorus Pro", line.move_id.name), message
        )

    def _make_deposits(self, connection: Record, files: Any) -> None:
        """Store ``files`` (dict line → bytes) as deposits, grouped when allowed."""
        deposits = connection.env["chorus.deposit"]
        together = [line for line in files if not line.alone]
        while together and connection._group_size() > 1:
            entries = [(self._filename(line), files[line]) for line in together]
            groups = split(entries, max_count=connection._group_size()).groups
            count = len(groups[0]) if groups else 0
            if count < 2:
                break
            lines = connection.env["chorus.deposit.line"].union(*together[:count])
            archive = pack(entries[:count], stem=f"FACTURES_{lines[0].id}_{lines[-1].id}")
            deposits._for_files([(lines, *archive)])
            connection._group_made()
            for line in lines:
                del files[line]
            together = together[count:]
        deposits._for_files([(line, self._filename(line), content) for line, content in files.items()])

    def _filename(self, line: Record) -> Any:
        """Unique and readable: the invoice's number and the line's id."""
        return safe_filename(f"{line.number}_{line.id}", ".pdf")

    # -- one alone ------------------------------------------------------------------------------------

    def _prepare_alone(self, line_id: int) -> Any:
        def one(env: Env) -> Any:
            line = in_words_of_company(env["chorus.deposit.line"].browse(line_id).try_lock_for_update())
            if not line.exists() or line.state != "queued":
                return 0
            return self._make_files(line)

        try:
            return self.channel.transaction(one, tries=3)
        except Exception as caught:
            if asks_for_retry(caught):
                # The invoice did nothing wrong: it stays in the queue, and no try is counted.
                _logger.info("Preparing line %s is tried again by the next run: %s", line_id, caught)
                return 0
            error = caught
            _logger.exception("Preparing line %s failed", line_id)
            return self.channel.transaction(lambda env: self._failed(env, line_id, error))

    def _failed(self, env: Env, line_id: int, error: Exception) -> int:
        line = in_words_of_company(env["chorus.deposit.line"].browse(line_id))
        env = line.env
        if line.state != "queued":
            return 0
        line.write({"tries": line.tries + 1, "preparations": 0})
        message = say(env, "own.file_not_made", number=line.move_id.name, error=type(error).__name__)
        # As the log names it.
        message = say(env, "own.with_reference", sentence=message, ref=f"line {line_id}")
        if line.tries >= MAX_TRIES:
            line._move_to("failed", message=message)
            line._tell_of(env._("%s could not be sent to Chorus Pro", line.move_id.name), message)
            return 1
        line.write({"message": message, "next_action_at": retry_at(env, line.tries)})
        return 0

    # -- one that a process died of -------------------------------------------------------------------

    def _prepare_suspect(self) -> int:
        """Prepare one line alone whose former preparation ended with its process.

        :return: int, the number of lines that left the queue
        """
        if transactions.seconds_left() < SUSPECT_SHARE * transactions.limit():
            return 0
        line_id, left = self.channel.transaction(self._begin_suspect)
        return self._prepare_alone(line_id) if line_id else left

    def _begin_suspect(self, env: Env) -> Any:
        """Write down that the next suspect is prepared, or stop it when that was tried often enough.

        :return: (id of the line to prepare or None, number of lines that left the queue)
        """
        domain = [*self._queued(env), ("preparations", ">", 0)]
        lines = env["chorus.deposit.line"].search(domain, order="preparations, id", limit=20)
        line = lines.try_lock_for_update(limit=1)
        if not line:
            return None, 0
        if line.preparations >= MAX_KILLED:
            self._stop_suspect(in_words_of_company(line))
            return None, 1
        count = line.preparations + 1
        line.write({"preparations": count, "next_action_at": moments.now(line.env) + LEASE})
        return line.id, 0

    def _stop_suspect(self, line: Record) -> None:
        _logger.warning("Line %s: %s preparations ended with their process", line.id, line.preparations)
        message = say(
            line.env,
            "own.file_stopped",
            number=line.move_id.name,
            count=line.preparations,
            ref=f"line {line.id}",
        )
        self._stop(line, message)
