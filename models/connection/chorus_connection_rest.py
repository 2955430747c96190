"""A connection that fails is left alone for a while, and comes back by itself.

What made it rest must work before it is relied on again. One that let a call time out answers a small
question first. One that let a deposit time out may answer questions all day: there a single file is tried
after each rest, and the others wait until one is taken.
"""

import logging
import uuid

from odoo import fields, models

from ...chorus_api import InvoiceSearch, errors
from ..base import moments
from ..base.moments import aware_utc
from ..base.transactions import LOCK_SPACE, advisory_lock, fresh_env, in_transaction, retry_at, wake
from ..notice.chorus_notice import TO_ACT
from ..notice.chorus_sentences import explain
from .chorus_connection_token import probe_client, write_apart

_logger = logging.getLogger(__name__)

# Of these a person must hear: no waiting cures them. (Refused keys are told of where the token is asked for.)
_FOR_A_PERSON = (errors.TokenRejected, errors.AccessDenied, errors.RouteNotFound)
# Seconds in which a connection that let a call time out has to answer a probe, by number of failures in a
# row; the last one repeats. About a tenth of the rest before it (``transactions.RETRY_MINUTES``): a gateway
# that hangs costs little, and one that is merely slow is given as long as any call has in the end.
PROBE_SECONDS = (5, 10, 20, 30, 60)
# Beside the other advisory locks: one probe of a connection at a time, on any host.
_PROBE_LOCK_SPACE = LOCK_SPACE + 4
# Of so many deposits in a row without an answer a person hears: the rests have grown to a quarter of an hour.
DEPOSITS_TOLD = 5


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    rest_until = fields.Datetime("Left alone until", readonly=True, copy=False)
    rest_count = fields.Integer("Failures in a row", readonly=True, copy=False)
    timed_out = fields.Boolean("Has to answer a probe first", readonly=True, copy=False)
    deposit_rest_until = fields.Datetime("No file leaves until", readonly=True, copy=False)
    deposit_rest_count = fields.Integer("Deposits without an answer in a row", readonly=True, copy=False)

    def _is_resting(self):
        """Whether the connection failed a moment ago and is left alone for now."""
        self.ensure_one()
        return bool(self.rest_until and self.rest_until > moments.now(self.env))

    def _probe_seconds(self):
        """How long the connection has for its answer to a probe."""
        self.ensure_one()
        return PROBE_SECONDS[min(max(self.rest_count, 1), len(PROBE_SECONDS)) - 1]

    def _answered_probe(self):
        """It answers again: calls have their usual time. What works in earnest ends the count of failures."""
        self.with_context(tracking_disable=True).timed_out = False

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
            connection.with_context(tracking_disable=True).write(
                {
                    "rest_count": count,
                    "rest_until": until,
                    "timed_out": connection.timed_out or error.waited,
                }
            )
            if isinstance(error, _FOR_A_PERSON) or error.code == "redirect_refused":
                connection.env["chorus.notice"]._tell(
                    connection,
                    TO_ACT[connection.environment],
                    lambda row: explain(row.env, error),
                    summary=connection.env._(
                        "Chorus Pro cannot be reached any more: %s", connection.company_id.name
                    ),
                )

    def _report_look_up_failure(self, error):
        """The same of a look-up in the directory, written apart: who is refused there may well deposit.

        Nothing is written while somebody else writes on the connection.
        """
        if not isinstance(error, (errors.AccessDenied, errors.RouteNotFound)):
            write_apart(self.env, self.id, lambda row: row._report_failure(error), here=False)

    def _report_recovery(self):
        """The connection works again: close the call for help and let the queue go on at once."""
        for connection in self.filtered(lambda item: item.rest_count or item.rest_until):
            connection.with_context(tracking_disable=True).write(
                # A check of everything that is late is told anew: its call for help is closed too.
                {"rest_count": 0, "rest_until": False, "timed_out": False, "full_check_late": False}
            )
            if not connection.deposit_rest_count:
                connection.env["chorus.notice"]._solved(connection, TO_ACT[connection.environment])
            connection.env["chorus.deposit"].search(
                [
                    ("company_id", "=", connection.company_id.id),
                    ("environment", "=", connection.environment),
                    ("state", "=", "ready"),
                ]
            ).next_action_at = moments.now(self.env)
            wake(connection.env)

    # -- files that were sent and got no answer, whatever else is answered

    def _deposits_rest(self):
        """Whether no file leaves for now, since the last ones got no answer."""
        self.ensure_one()
        return bool(self.deposit_rest_until and self.deposit_rest_until > moments.now(self.env))

    def _try_one_deposit(self):
        """Take the leave, in this transaction, to send the one file that may leave after a rest.

        It counts as unanswered until something else is said of it: whoever dies over it has had the try.

        :return: bool, False while nothing may leave, or somebody else writes on the connection just now
        """
        connection = self.try_lock_for_update(allow_referencing=True)
        if not connection or connection._deposits_rest():
            return False
        connection._deposit_unanswered()
        return True

    def _deposit_unanswered(self, error=None):
        """Nobody knows whether a file was taken: the next ones rest, and then one of them is tried alone.

        :param error: ``chorus_api.ChorusError``; None when none has come yet
        """
        for connection in self:
            if error and not (error.about_connection or connection.deposit_rest_count):
                continue
            # Several files that left together come back with the same error; one has counted since it left.
            count = connection.deposit_rest_count + (0 if connection._deposits_rest() else 1)
            until = retry_at(connection.env, count, error and error.retry_after)
            connection.with_context(tracking_disable=True).write(
                {
                    "deposit_rest_count": count,
                    "deposit_rest_until": max(until, connection.deposit_rest_until or until),
                }
            )
            if error and count >= DEPOSITS_TOLD:
                connection.env["chorus.notice"]._tell(
                    connection,
                    TO_ACT[connection.environment],
                    lambda row: row._words_of_unanswered_deposits(),
                    summary=connection.env._("Files sent get no answer: %s", connection.company_id.name),
                )

    def _words_of_unanswered_deposits(self):
        return self.env._(
            "Chorus Pro answers questions, but the last files that were sent to it got no answer in time. The"
            " invoices in them are looked for there: do not send them again. The other invoices wait, and one"
            " file is tried from time to time; they leave by themselves once one is taken. If it goes on"
            " tomorrow, ask the support of Chorus Pro, with the diagnostic of this connection (tab Support)."
        )

    def _deposit_declined(self):
        """The file that was tried alone was certainly not taken: the next one may try, alone as well."""
        for connection in self.filtered("deposit_rest_count"):
            count = max(1, connection.deposit_rest_count - 1)
            connection.with_context(tracking_disable=True).write(
                {"deposit_rest_count": count, "deposit_rest_until": False}
            )

    def _deposit_taken(self):
        """A file was taken: the others leave as usual."""
        for connection in self.filtered("deposit_rest_count"):
            connection.with_context(tracking_disable=True).write(
                {"deposit_rest_count": 0, "deposit_rest_until": False}
            )
            connection.env["chorus.notice"]._solved(connection, TO_ACT[connection.environment])


# -------------------------------------------------------------------- out of the reach of templates


def may_ask(env, connection_id):
    """Whether something that could wait may be asked through a connection: it does not rest, and one whose
    last call timed out answers something small now. It rests longer when it does not.

    Whoever waits for a gateway that hangs serves nobody else meanwhile: after its rest it gets a few seconds
    for the cheapest question, never a deposit, which may be taken however late its answer comes. One that
    another worker asks just now is left to that one.
    """
    with fresh_env(env) as own:
        connection = own["chorus.connection"].browse(connection_id)
        if connection._is_resting() or not connection.timed_out:
            return not connection._is_resting()
    with advisory_lock(env, connection_id, _PROBE_LOCK_SPACE) as free:
        if not free:
            return False
        with fresh_env(env) as own:
            connection = own["chorus.connection"].browse(connection_id)
            if connection._is_resting():
                return False
            if not connection.timed_out:
                return True
            client = probe_client(connection, connection._probe_seconds())
            since = aware_utc(moments.now(own))
        with client:
            fault = _probe(client, InvoiceSearch(status_changed_from=since))
        if fault:
            _logger.info("Connection %s: no answer to a probe (%s)", connection_id, fault)

        def note(own):
            connection = own["chorus.connection"].browse(connection_id)
            if fault:
                connection._report_failure(fault)
            else:
                connection._answered_probe()

        in_transaction(env, note)
        return not fault


def _probe(client, search):
    """Ask for one row of the list of changes under a new correlation id.

    :return: the ``chorus_api.ChorusError`` for which the connection cannot be used, None when it can
    """
    client.correlation_id = uuid.uuid4().hex[:12]
    try:
        client.search_invoices(search, page_size=1)
    except (errors.AccessDenied, errors.RouteNotFound):
        # It answers; an account that may not list may deposit all the same. Whoever lists says so.
        return None
    except errors.ChorusError as error:
        # A refusal is an answer; a line that drops is none, and a token that did not come neither.
        error.about_connection |= error.http_status is None
        return error if error.about_connection else None
    return None
