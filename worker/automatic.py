"""Invoices that go by themselves: checked as the Send screen does, queued by the same door, told once."""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from ..models.base import moments
from ..models.base.chorus_identity import is_siret
from ..models.base.moments import DAILY, next_at
from ..models.base.transactions import fresh_env
from ..models.notice.chorus_sentences import say, together
from .channel import Channel, Env, Record, guarded

# Checked in one transaction.
BATCH = 50
# What was not ready is looked at again after this, unless it goes by the day.
AGAIN = timedelta(hours=1)
# Findings that say that there is nothing to send by this road.
NOTHING_TO_SEND = {"customer_not_chorus", "already_on_its_way", "not_for_chorus"}
# Of the time that a run has left, the most that goes into asking the directory.
ASKING_SHARE = 0.2


def serve_automatic(env: Env, deadline: float) -> None:
    """Queue what goes by itself and is due, tell of what is not ready, and give the summaries of the day."""
    with fresh_env(env) as new_env:
        due = new_env["account.move"]._chorus_due_by_themselves()
        days = new_env["chorus.deposit.line"]._untold_days()
    for company_id, environment in due:
        guarded("by itself", Automatic(Channel(env, company_id, environment, deadline)).serve)
    for company_id, environment in days:
        channel = Channel(env, company_id, environment, deadline)
        guarded(
            "summary of the day",
            channel.transaction,
            lambda env, channel=channel: env["account.move"]._chorus_tell_day(
                env["res.company"].browse(channel.company_id), channel.environment
            ),
        )


class Automatic:
    """For one channel, the company's present one."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def serve(self) -> None:
        with self.channel.fresh() as env:
            if not self.channel.connection_in(env):
                return
        news = False
        for ids in self._due_batches():
            if self.channel.time_is_up():
                break
            guarded("ask the directory", self._ask_directory, ids)
            news |= any(self.channel.write_each(ids, self._decide, self._unwritten))
        self.channel.transaction(
            lambda env: env["account.move"]._chorus_tell_held_back(
                env["res.company"].browse(self.channel.company_id), self.channel.environment, anew=news
            )
        )

    def _due_batches(self) -> list[Any]:
        with self.channel.fresh() as env:
            ids = env["account.move"]._chorus_due_moves(self.channel.company_id).ids
        return [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]

    def _ask_directory(self, ids: Iterable[int]) -> None:
        """Recipients that nobody looked up yet: what they require decides whether an invoice is ready."""
        with self.channel.fresh() as env:
            moves = env["account.move"].browse(ids)
            sirets = {partner._chorus_siret() for partner in moves.commercial_partner_id}
            structures = env["chorus.structure"]
            missing = structures._never_asked(filter(is_siret, sirets), self.channel.environment)
        # Nobody else may have anything to ask of a connection that has to answer something small first.
        if not missing or not self.channel.may_begin():
            return
        seconds = (self.channel.deadline - time.monotonic()) * ASKING_SHARE
        # Asked outside any transaction, written afterwards.
        with self.channel.fresh() as env:
            structures, connection = env["chorus.structure"], self.channel.connection_in(env)
            asked = structures._ask_about(connection, sorted(missing), seconds, all_read=env.cr.commit)

        def keep(env: Env) -> None:
            env["chorus.structure"]._keep_answers(self.channel.connection_in(env), *asked)

        self.channel.transaction(keep, tries=3)

    def _decide(self, env: Env, ids: Iterable[int]) -> Any:
        """Queue those that are ready, write down why the others are not.

        :return: whether one is held back that was not before
        """
        company = env["res.company"].browse(self.channel.company_id)
        moves = env["account.move"].browse(ids).with_company(company)
        moves = moves.with_context(lang=env["chorus.words"]._lang(company))
        # Somebody is at work on the others: they are still due at the next run.
        moves = moves.try_lock_for_update(allow_referencing=True)
        by_hand = moves.filtered(
            lambda move: (
                move.state != "posted"
                or move.chorus_step != "to_send"
                or move._chorus_sending_mode() == "manual"
            )
        )
        by_hand._chorus_plan(False)
        moves -= by_hand
        reasons = self._reasons(moves)
        none = moves.browse([move_id for move_id, reason in reasons.items() if reason is None])
        none._chorus_plan(False)
        ready = moves.filtered(lambda move: reasons[move.id] == "")
        if ready:
            reasons |= ready._chorus_queue(self.channel.environment)
        gone = ready.filtered(lambda move: not reasons[move.id])
        gone._chorus_plan(False)
        for move in gone:
            move._chorus_line(self.channel.environment).by_itself = "new"
        held = moves - none - gone
        new = any(not move.chorus_auto_reason for move in held)
        for move in held:
            move._chorus_plan(self._again(move), reasons[move.id])
        return new

    def _reasons(self, moves: Record) -> Any:
        """:return: dict move id → why it may not go by itself; ``""`` when it may, None when it never will"""
        company, environment = moves.company_id, self.channel.environment
        if not moves:
            return {}
        if not self.channel.connection_in(moves.env)._first_deposit_done():
            first = say(moves.env, "own.first_by_person")
            return dict.fromkeys(moves.ids, first)
        stopping = ("block",) if company.chorus_sending_warned else ("block", "warn")
        reasons = {}
        for move_id, findings in moves._chorus_findings(environment).items():
            told = [finding for finding in findings if finding["severity"] in stopping]
            never = any(finding["code"] in NOTHING_TO_SEND for finding in told)
            blocks = [finding for finding in told if finding["severity"] == "block"]
            reasons[move_id] = None if never else together(finding["message"] for finding in blocks or told)
        return reasons

    def _again(self, move: Record) -> Any:
        now = moments.now(move.env)
        if move._chorus_sending_mode() == DAILY:
            return next_at(now, move.company_id.chorus_sending_hour)
        return now + AGAIN

    def _unwritten(self, env: Env, move_id: int, error: Exception) -> None:
        """One that cannot even be checked waits for the next time, and says so."""
        move = env["account.move"].browse(move_id)
        move._chorus_plan(
            self._again(move), say(env, "own.not_checked", error=str(error)[:200] or type(error).__name__)
        )
