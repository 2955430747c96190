"""When the last invoice of a click has left, or could not, whoever clicked hears of it: once."""

import uuid

from odoo import SUPERUSER_ID, api, fields, models

from .chorus_states import LINES, that
from .transactions import in_transaction

# Still under way: nothing can be told yet.
_WAITING = ("queued", *that(LINES, told_as="queued"))
# What asks for a look.
_ATTENTION = that(LINES, attention=True)


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    batch = fields.Char("Click not told yet", readonly=True, copy=False, index="btree_not_null")

    @api.model_create_multi
    def create(self, vals_list):
        """What a person queues at once is one batch; what the machine queues again is nobody's click."""
        if self.env.uid != SUPERUSER_ID:
            batch = uuid.uuid4().hex
            vals_list = [
                {**vals, "batch": batch} if vals.get("state", "queued") == "queued" else vals
                for vals in vals_list
            ]
        return super().create(vals_list)

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
        title = self.env._("Chorus Pro: sending has ended")
        user.partner_id._bus_send(
            "account_notification",
            {
                "type": "warning" if attention else "success",
                "title": f"TEST – {title}" if lines[0].environment == "test" else title,
                "message": "\n".join(told),
                "sticky": bool(attention),
                "action_button": {
                    "name": self.env._("See what needs attention") if attention else self.env._("Open"),
                    "action_name": self.env._("Invoices"),
                    "model": "account.move",
                    "res_ids": shown.move_id.ids,
                },
            },
        )


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _serve_queue(self, company_id, environment, deadline):
        try:
            return super()._serve_queue(company_id, environment, deadline)
        finally:
            self._guarded("notify", self._tell_ended_batches, company_id, environment)

    @api.model
    def _tell_ended_batches(self, company_id, environment):
        """Tell of the batches of a channel of which nothing waits any more.

        Two workers may have made the last two steps: the second to write gets a serialization failure, looks
        again and finds nothing left to tell.
        """
        in_transaction(self.env, lambda env: self._tell_ended(env, company_id, environment))

    @api.model
    def _tell_ended(self, env, company_id, environment):
        env.cr.execute(
            """
            SELECT array_agg(id) FROM chorus_deposit_line
            WHERE company_id = %(company)s AND environment = %(environment)s AND batch IS NOT NULL
            GROUP BY batch, queued_by_id HAVING NOT bool_or(state IN %(waiting)s)
            """,
            {"company": company_id, "environment": environment, "waiting": _WAITING},
        )
        ended = env["chorus.deposit.line"].browse([line for (ids,) in env.cr.fetchall() for line in ids])
        if not ended:
            return
        ended.batch = False
        ended.flush_recordset(["batch"])
        for user, lines in ended.grouped("queued_by_id").items():
            lines.with_context(lang=user.lang)._notify_end(user)
