"""Automatic sending as people hear of it: what is held back, once and grouped; what went, once a day."""

from markupsafe import Markup
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ..base import moments
from ..base.chorus_states import LINES, that
from ..base.moments import local_day
from ..notice.chorus_notice import HELD_BACK

# Invoices that a message names; what is beyond is counted.
NAMED = 20
_ATTENTION = that(LINES, attention=True)


class AccountMove(models.Model):
    _inherit = "account.move"

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
