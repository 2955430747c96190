"""Automatic sending: what confirming leaves to the scheduled action, and what people hear of it.

Confirming only writes down from when on it may go: nothing is checked, rendered or called there. What is held
back is told once and grouped; what went, once a day.
"""

import logging

from markupsafe import Markup
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, format_datetime

from ..base import moments
from ..base.chorus_states import LINES, that
from ..base.moments import AT_POSTING, DAILY, local_day, next_at
from ..base.transactions import asks_for_retry, wake
from ..notice.chorus_notice import HELD_BACK
from ..notice.chorus_sentences import Reason

_logger = logging.getLogger(__name__)


# Invoices that a message names; what is beyond is counted.
NAMED = 20
_ATTENTION = that(LINES, attention=True)


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

    # -- automatic sending as people hear of it

    # -- what the scheduled action finds ----------------------------------------------------------------
    @api.model
    def _chorus_due_by_themselves(self):
        """:return: list of (company id, environment) with invoices whose time has come"""
        self.env.cr.execute(
            """
            SELECT DISTINCT company.id, company.chorus_environment FROM account_move AS move
            JOIN res_company AS company ON company.id = move.company_id
            WHERE move.chorus_auto_at IS NOT NULL AND move.chorus_auto_at <= %s
                AND company.chorus_environment IS NOT NULL
            """,
            (moments.now(self.env),),
        )
        return self.env.cr.fetchall()

    @api.model
    def _chorus_due_moves(self, company_id):
        """Those whose time has come, the longest due first."""
        return self.search(
            [("company_id", "=", company_id), ("chorus_auto_at", "<=", moments.now(self.env))],
            order="chorus_auto_at, id",
        )

    @api.model
    def _chorus_held_back(self, company):
        """Those of a company that should have gone by themselves and were not ready."""
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("chorus_auto_at", "!=", False)
            & Domain("chorus_auto_reason", "!=", False)
            & Domain("state", "=", "posted"),
            order="id",
        )

    # -- what is not ready ------------------------------------------------------------------------------
    @api.model
    def _chorus_tell_held_back(self, company, environment, anew):
        """One activity for all that is held back; it closes itself when nothing is.

        :param bool anew: one more is held back since the last time: the person hears of it again
        """
        notice = self.env["chorus.notice"]
        for other, kind in HELD_BACK.items():
            if other != environment:
                notice._solved(company, kind)
        held = self._chorus_held_back(company)
        if not held:
            return notice._solved(company, HELD_BACK[environment])
        return notice._tell(
            company,
            HELD_BACK[environment],
            lambda told: held.with_context(lang=told.env.context["lang"])._chorus_held_in_words(),
            anew=anew,
        )

    def _chorus_held_in_words(self):
        """A line for each reason, with the invoices that it concerns."""
        groups = {}
        for move in self:
            reason = move.chorus_auto_reason
            # Sentences of the catalogue differ by their parameters only: the first one stands for all.
            parts = getattr(reason, "parts", [])
            key = parts[0][0] if parts and not isinstance(parts[0], str) else str(reason)
            text, names = groups.setdefault(key, (str(reason).splitlines()[0], []))
            names.append(move.name)
        lines = [self.env._("Invoices that did not go to Chorus Pro by themselves: %s", len(self))]
        for text, names in sorted(groups.values(), key=lambda group: -len(group[1])):
            shown = ", ".join(names[:NAMED])
            if len(names) > NAMED:
                shown = self.env._("%(shown)s and %(more)s more", shown=shown, more=len(names) - NAMED)
            lines.append(f"{shown}: {text}")
        lines.append(self.env._("Each goes by itself once it is corrected, or send it by hand."))
        return "\n".join(lines)

    # -- the day ----------------------------------------------------------------------------------------
    @api.model
    def _chorus_tell_day(self, company, environment):
        """Tell the responsible person what went by itself since the last summary, and what did not."""
        lines = self.env["chorus.deposit.line"].search(
            [
                ("company_id", "=", company.id),
                ("environment", "=", environment),
                ("by_itself", "=", "new"),
            ]
        )
        lines.by_itself = "told"
        user = self.env["chorus.notice"]._person(company)
        moves = lines.filtered(lambda line: line.state != "cancelled").move_id
        moves = moves.with_context(lang=user.lang or self.env.lang)
        if not moves:
            return
        env = moves.env
        title = env._(
            "Chorus Pro, %(date)s: what went by itself (%(count)s)",
            date=format_date(env, local_day(moments.now(env))),
            count=len(moves),
        )
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=f"TEST – {title}" if environment == "test" else title,
            body=moves._chorus_day_in_words(environment),
            # A mail server that is slow or away keeps nothing from being sent.
            force_send=False,
        )

    def _chorus_day_in_words(self, environment):
        """The summary's text: an invoice a line, what asks for a person first."""
        env = self.env
        told = [move._chorus_line(environment) for move in self]
        told.sort(key=lambda line: line.state not in _ATTENTION)
        labels = dict(self._fields["chorus_state"]._description_selection(env))
        total = format_amount(env, sum(self.mapped("amount_total_signed")), self.company_id.currency_id)
        rows = Markup().join(
            Markup("<li>%s – %s – %s</li>")
            % (
                line.move_id._get_html_link(title=line.move_id.name),
                line.move_id.commercial_partner_id.name or "",
                labels.get(line.summary_state, ""),
            )
            for line in told[:NAMED]
        )
        parts = [
            Markup("<p>%s</p>") % env._("Their total: %s", total),
            Markup("<ul>%s</ul>") % rows,
        ]
        if len(told) > NAMED:
            parts.append(Markup("<p>%s</p>") % env._("And %s more.", len(told) - NAMED))
        if held := self._chorus_held_back(self.company_id):
            parts.append(Markup("<p>%s</p>") % env._("Held back, the activity says why: %s", len(held)))
        return Markup().join(parts)
