"""Automatic sending: what confirming an invoice leaves to the scheduled action.

Confirming only writes down from when on it may go: nothing is checked, rendered or called there.
"""

import logging

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..base import moments
from ..base.moments import AT_POSTING, DAILY, next_at
from ..base.scheduled import wake
from ..base.transactions import asks_for_retry
from ..notice.chorus_sentences import Reason

_logger = logging.getLogger(__name__)


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_auto_at = fields.Datetime(
        "Goes to Chorus Pro by itself from", readonly=True, copy=False, index="btree_not_null"
    )
    chorus_auto_reason = Reason("Why it did not go by itself", readonly=True, copy=False)
    chorus_auto_note = fields.Char("Automatic sending", compute="_compute_chorus_auto_note")

    @api.depends("chorus_auto_at", "chorus_auto_reason", "chorus_state", "chorus_test_state", "state")
    @api.depends_context("lang", "tz")
    def _compute_chorus_auto_note(self):
        for move in self:
            waits = move.chorus_auto_at and move.chorus_step == "to_send"
            if waits and move.chorus_auto_reason:
                move.chorus_auto_note = self.env._(
                    "Not sent by itself: %s Once this is corrected it goes by itself, or send it by hand.",
                    move.chorus_auto_reason,
                )
            elif waits:
                move.chorus_auto_note = self.env._(
                    "It goes to Chorus Pro by itself (%s).",
                    format_datetime(self.env, move.chorus_auto_at, dt_format="short"),
                )
            else:
                move.chorus_auto_note = False

    def _chorus_plan_sending(self):
        """Write down, for those that go by themselves, from when on; whatever happens, confirming goes on."""
        if not any(company._chorus_sends_by_itself() for company in self.company_id):
            return
        # What was to be written before fails where it belongs, not below.
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                planned = self._chorus_sending_times()
                for at in set(planned.values()):
                    moves = self.filtered(lambda move, at=at: planned.get(move.id) == at)
                    moves._chorus_plan(at)
                if planned:
                    wake(self.env, min(planned.values()))
        except Exception as error:
            if asks_for_retry(error):
                raise
            _logger.exception("Invoices %s could not be left to automatic sending", self.ids)

    def _chorus_sending_times(self):
        """:return: dict move id → naive UTC from which it goes by itself; none of those that go by hand"""
        now = moments.now(self.env)
        times = {}
        for move in self:
            company = move.company_id.sudo()
            if not (move.state == "posted" and company.chorus_environment and move.chorus_customer):
                continue
            mode = move._chorus_sending_mode()
            if mode == AT_POSTING:
                times[move.id] = now
            elif mode == DAILY:
                times[move.id] = next_at(now, company.chorus_sending_hour)
        return times

    def _chorus_sending_mode(self):
        """How this invoice goes: as its customer says, else as its company does."""
        self.ensure_one()
        company = self.company_id.sudo()
        if not company._chorus_sends_by_itself():
            return "manual"
        customer = self.commercial_partner_id.sudo().with_company(company)
        said = customer.chorus_sending or company.chorus_sending
        return said if said in (AT_POSTING, DAILY) else "manual"

    def _chorus_plan(self, at, reason=False):
        """
        :param at: naive UTC from which they go by themselves; False: by hand only
        :param reason: why they did not go so far, or False
        """
        changed = self.filtered(
            lambda move: move.chorus_auto_at != at or (move.chorus_auto_reason or False) != reason
        )
        # No entry changes: the checks of balances and sequences of an invoice's write are spared.
        models.BaseModel.write(changed.sudo(), {"chorus_auto_at": at, "chorus_auto_reason": reason})

    def action_chorus_keep_back(self):
        """From now on these invoices go by hand only."""
        self.check_access("write")
        self.env["chorus.deposit"].check_access("read")
        self._chorus_plan(False)
        return True
