"""When the last invoice of a click has left, or could not, whoever clicked hears of it: once."""

import uuid

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import format_datetime

from ..base.chorus_states import LINES, that

# Still under way: nothing can be told yet.
_WAITING = ("queued", *that(LINES, told_as="queued"))
# What asks for a look.
_ATTENTION = that(LINES, attention=True)


def as_one_click(env, vals_list):
    """What a person queues at once is one batch; what the machine queues again is nobody's click.

    :return: the values with the batch of those that are queued
    """
    if env.uid == SUPERUSER_ID:
        return vals_list
    batch = uuid.uuid4().hex
    return [
        {**vals, "batch": batch} if vals.get("state", "queued") == "queued" else vals for vals in vals_list
    ]


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    batch = fields.Char("Click not told yet", readonly=True, copy=False, index="btree_not_null")

    @api.model
    def _progress(self, company_ids, user_id=None):
        """How far the clicks are of which something still waits.

        :param list company_ids:
        :param int user_id: only what this user has clicked
        :return: (int, how many have left or could not; int, of how many)
        """
        self.flush_model(["batch", "state"])
        self.env.cr.execute(
            """
            SELECT count(*) FILTER (WHERE state NOT IN %(waiting)s), count(*) FROM chorus_deposit_line
            WHERE batch IS NOT NULL AND company_id = ANY(%(companies)s)
                AND (%(user)s IS NULL OR queued_by_id = %(user)s)
            """,
            {"waiting": _WAITING, "companies": company_ids, "user": user_id},
        )
        return self.env.cr.fetchone()

    @api.model
    def _tell_ended_clicks(self, company_id, environment):
        """Tell of the clicks of a channel of which nothing waits any more.

        Two workers may have made the last two steps: the second to write gets a serialization failure, looks
        again and finds nothing left to tell.
        """
        self.env.cr.execute(
            """
            SELECT array_agg(id) FROM chorus_deposit_line
            WHERE company_id = %(company)s AND environment = %(environment)s AND batch IS NOT NULL
            GROUP BY batch, queued_by_id HAVING NOT bool_or(state IN %(waiting)s)
            """,
            {"company": company_id, "environment": environment, "waiting": _WAITING},
        )
        ended = self.browse([line for (ids,) in self.env.cr.fetchall() for line in ids])
        if not ended:
            return
        ended.batch = False
        ended.flush_recordset(["batch"])
        for user, lines in ended.grouped("queued_by_id").items():
            lines = lines.with_context(lang=user.lang, tz=user.tz)
            lines._log_deposited()
            lines._notify_end(user)

    def _log_deposited(self):
        """A line in each invoice's history: that it left, when, under which flow number."""
        bodies = {}
        for line in self.filtered("flow_number"):
            sent_at = line.deposited_on
            body = self.env._(
                "Deposited on Chorus Pro: flow %(flow)s, %(date)s",
                flow=line.flow_number,
                date=format_datetime(self.env, sent_at) if sent_at else "",
            )
            bodies[line.move_id.id] = f"TEST – {body}" if line.environment == "test" else body
        if bodies:
            self.env["account.move"].sudo().browse(bodies)._message_log_batch(bodies)

    def _notify_end(self, user):
        """Show ``user`` what became of these lines, with a click to what needs attention."""
        lines = self.filtered(lambda line: line.state != "cancelled")
        if not lines:
            return
        attention = lines.filtered(lambda line: line.state in _ATTENTION)
        shown = attention or lines
        words = {
            "blocked": self.env._("Stopped before sending: %s"),
            "failed": self.env._("Could not be sent: %s"),
            "rejected": self.env._("Rejected: %s"),
            "unconfirmed": self.env._("Not confirmed yet, Chorus Pro is being asked: %s"),
        }
        told = [self.env._("Taken by Chorus Pro: %s", len(lines) - len(attention))]
        for state in _ATTENTION:
            if count := len(lines.filtered(lambda line, state=state: line.state == state)):
                told.append(words[state] % count)
        if taken := lines.filtered(lambda line: line.state == "sent"):
            told.append(
                self.env._("Results still awaited, they come by themselves: %s", len(taken)),
            )
        title = self.env._("Chorus Pro: sending has ended")
        user.partner_id._bus_send(
            "account_notification",
            {
                "type": "warning" if attention else "success",
                "title": f"TEST – {title}" if lines[0].environment == "test" else title,
                "message": "\n".join(told),
                # It stays until it was read: whoever sent may be elsewhere meanwhile.
                "sticky": True,
                "action_button": {
                    "name": self.env._("See what needs attention") if attention else self.env._("Open"),
                    "action_name": self.env._("Invoices"),
                    "model": "account.move",
                    "res_ids": shown.move_id.ids,
                },
            },
        )
