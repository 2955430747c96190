"""A connection that fails is left alone for a while, and comes back by itself."""

from odoo import fields, models

from ...chorus_api import errors
from ..base import moments
from ..base.scheduled import retry_at, wake
from ..notice.chorus_notice import TO_ACT
from ..notice.chorus_sentences import explain

# Of these a person must hear: no waiting cures them. (Refused keys are told of where the token is asked for.)
_FOR_A_PERSON = (errors.TokenRejected, errors.AccessDenied, errors.RouteNotFound)


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    rest_until = fields.Datetime("Left alone until", readonly=True, copy=False)
    rest_count = fields.Integer("Failures in a row", readonly=True, copy=False)

    def _is_resting(self):
        """Whether the connection failed a moment ago and is left alone for now."""
        self.ensure_one()
        return bool(self.rest_until and self.rest_until > moments.now(self.env))

    def _report_failure(self, error):
        """Leave the connection alone for a while; tell the responsible person, once, what to repair.

        :param error: ``chorus_api.ChorusError``; one that is not about the connection changes nothing.
        """
        if not error.about_connection:
            return
        for connection in self:
            # Several workers may come back with the same failure.
            count = connection.rest_count + (0 if connection._is_resting() else 1)
            until = retry_at(self.env, count, error.retry_after)
            until = max(until, connection.rest_until or until)
            connection.with_context(tracking_disable=True).write({"rest_count": count, "rest_until": until})
            if isinstance(error, _FOR_A_PERSON) or error.code == "redirect_refused":
                connection.env["chorus.notice"]._tell(
                    connection,
                    TO_ACT[connection.environment],
                    lambda row: explain(row.env, error),
                    summary=connection.env._(
                        "Chorus Pro cannot be reached any more: %s", connection.company_id.name
                    ),
                )

    def _report_recovery(self):
        """The connection works again: close the call for help and let the queue go on at once."""
        for connection in self.filtered(lambda item: item.rest_count or item.rest_until):
            connection.with_context(tracking_disable=True).write({"rest_count": 0, "rest_until": False})
            connection.env["chorus.notice"]._solved(connection, TO_ACT[connection.environment])
            connection.env["chorus.deposit"].search(
                [
                    ("company_id", "=", connection.company_id.id),
                    ("environment", "=", connection.environment),
                    ("state", "=", "ready"),
                ]
            ).next_action_at = moments.now(self.env)
            wake(connection.env)
