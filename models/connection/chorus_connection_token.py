"""The OAuth token of a connection: fetched for everybody, kept whatever becomes of the caller."""

import logging
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

from odoo import fields, models
from odoo.exceptions import UserError
from psycopg2.errors import LockNotAvailable

from ... import chorus_api
from ..base import chorus_server_config, moments, transactions
from ..base.chorus_server_config import call_settings
from ..base.transactions import LOCK_SPACE, fresh_env, waiting
from ..notice.chorus_notice import REFUSED, notice
from ..notice.chorus_sentences import explain
from .chorus_connection_secret import credential_of

_logger = logging.getLogger(__name__)

# A token is renewed this long before its end (PISTE gives one hour).
MARGIN = timedelta(minutes=4)
# PISTE was reported to refuse good keys now and then (seen live): it is asked again after these seconds.
PAUSES = (1.0, 2.0)
# Second advisory lock space: one renewal at a time per connection, on any host.
RENEWAL_LOCK_SPACE = LOCK_SPACE + 1
RENEWAL_WAIT = "60s"


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    def action_refresh_token(self):
        """Ask PISTE for a token now; say until when it is good, or what was refused and what to check."""
        self.ensure_one()
        self.check_access("write")
        connection = self.sudo()
        connection._confirm_siret()
        if reason := connection._why_no_token_request(with_account=False):
            raise UserError(reason)
        connection.flush_recordset()
        try:
            token_renewal(connection, write_here=True)(None)
        except chorus_api.ChorusError as error:
            return notice("danger", self.env._("No token"), explain(self.env, error))
        return notice("success", self.env._("Connected to PISTE"), connection._token_sentence())

    def _token_sentence(self):
        # This transaction's snapshot is older than a token that another one has just saved.
        with fresh_env(self.env) as own:
            expiries = [self._token_row(env)["token_expiry"] for env in (self.env, own)]
        expiry = max(filter(None, expiries))
        local = fields.Datetime.context_timestamp(self, expiry)
        return self.env._("The token is good until %s. It is renewed by itself.", local.strftime("%H:%M"))

    def _keep_token(self, token):
        # The token counts by the clock of this host, what is stored by PostgreSQL's, which all hosts share.
        now, left = moments.now(self.env), token.expires_at - datetime.now(UTC)
        self._bind_to_database()
        if self.state == "refused":
            self.env["chorus.notice"]._solved(self, REFUSED)
        self.write(
            {
                "token_cipher": chorus_server_config.encrypt(self.env, token.value),
                "token_expiry": now + timedelta(seconds=int(left.total_seconds())),
                "state": "connected",
                "connected_at": now,
                "last_error": False,
            }
        )

    def _keep_refusal(self, error, tell):
        """What PISTE refused is a state; what never reached it, or broke there, only the last error.

        :param bool tell: give the responsible person an activity, since nobody is looking at the form.
        """
        self.last_error = explain(self.env, error)
        if isinstance(error, chorus_api.InvalidCredentials):
            self.write({"state": "refused", "token_cipher": False, "token_expiry": False})
            if tell:
                self.env["chorus.notice"]._tell(self, REFUSED, lambda row: explain(row.env, error), anew=True)

    def _heal(self, seconds=None):
        """Ask for a token again when PISTE refused the keys some time ago: good keys are refused at times.

        :param float seconds: that PISTE has to answer; as usual when not given
        :return: bool, whether there is a token now. It was saved by a transaction of its own.
        """
        self.ensure_one()
        if self.state != "refused" or self._why_no_token_request():
            return False
        try:
            token_renewal(self, settings=_settings(seconds))(None)
        except chorus_api.ChorusError as error:
            _logger.info("Connection %s: still no token (%s)", self.id, error.code)
            return False
        return True

    def _token_row(self, env):
        """Return the token columns of this connection as the database has them in ``env``'s transaction."""
        env.cr.execute(
            "SELECT token_cipher, token_expiry, state FROM chorus_connection WHERE id = %s", [self.id]
        )
        return dict(
            zip(("token_cipher", "token_expiry", "state"), env.cr.fetchone() or (None,) * 3, strict=True)
        )


# -------------------------------------------------------------------- out of the reach of templates


def good_token(connection):
    """Return the saved token when it has some time left, or ``''``."""
    if not connection.token_expiry or connection.token_expiry < moments.now(connection.env) + MARGIN:
        return ""
    return chorus_server_config.decrypt(connection.env, connection.token_cipher) or ""


def token_renewal(connection, *, write_here=False, settings=None):
    """Return ``renew(refused_token: str | None) -> str``, which asks PISTE for a token and saves it.

    What it needs is read now, so that it works when the caller's cursor is closed or aborted. When
    another worker has renewed meanwhile, its token is returned. ``renew`` raises ``ChorusError``.

    :param bool write_here: save in the caller's transaction if it holds the row (a form being saved);
        otherwise a token that cannot be saved is only used.
    :param settings: limits of the call, a ``chorus_api.Settings``; the usual ones when not given
    :raises UserError: when the addresses may not receive credentials
    """
    connection.ensure_one()
    if reason := connection._why_wrong_url():
        raise UserError(reason)
    endpoints = connection._endpoints()
    client_id, client_secret = (credential_of(connection, name) for name in ("client_id", "client_secret"))
    connection_id, env = connection.id, connection.env
    settings = settings or call_settings()

    def renew(refused):
        with waiting(), _renewal_turn(env, connection_id):
            if refused is not None and (newer := _newer_token(env, connection_id, refused)):
                return newer
            try:
                token = _fetch(endpoints, client_id, client_secret, settings)
            except chorus_api.ChorusError as error:
                refusal = error
                tell = not write_here
                write_apart(env, connection_id, lambda row: row._keep_refusal(refusal, tell), here=write_here)
                raise
            write_apart(env, connection_id, lambda row: row._keep_token(token), here=write_here)
            return token.value

    return renew


def probe_client(connection, seconds):
    """Return a ``chorus_api.ChorusClient`` for one call that changes nothing and has so many seconds, a token
    included. It neither waits for the pace nor counts for it.

    :raises UserError: when the connection may not be used at all.
    """
    return _maker(connection.sudo(), settings=_settings(seconds))()


def client_of(connection, correlation_id=None, usable=False):
    """Return a ``chorus_api.ChorusClient`` (a context manager), which gets a new token when it needs one.

    :param str correlation_id: goes with each call in the logs and errors.
    :param bool usable: whether the caller has found, in this transaction, that the connection may be used
    :raises UserError: when the connection may not be used at all.
    """
    return client_maker(connection, usable=usable)(correlation_id=correlation_id)


def client_maker(connection, turn=None, usable=False):
    """Return a function that makes such clients, for several threads; what they need is read once, now.

    :param turn: a lock under which they use the database, where threads share what they may take of it
    :param bool usable: as :func:`client_of`
    :return: function(correlation_id=…)
    :raises UserError: when the connection may not be used at all.
    """
    connection = connection.sudo()
    return _maker(connection, call_settings(), turn, connection._pace(), usable)


def _maker(connection, settings, turn=None, pace=None, usable=False):
    connection.ensure_one()
    if not usable and (reason := connection._why_no_call()):
        raise UserError(reason)
    return partial(
        chorus_api.ChorusClient,
        connection._endpoints(),
        credential_of(connection, "login"),
        credential_of(connection, "password"),
        good_token(connection),
        renew=_in_turn(turn, token_renewal(connection, settings=settings)),
        settings=settings,
        pace=_in_turn(turn, pace),
        during=waiting,
        time_left=transactions.seconds_left,
    )


def _settings(seconds=None):
    usual = call_settings()
    return usual.within(seconds) if seconds else usual


def _in_turn(turn, step):
    """``step`` as a function that holds ``turn`` meanwhile."""
    if not turn or not step:
        return step

    def alone(*args):
        with turn:
            return step(*args)

    return alone


# -------------------------------------------------------------------- steps of a renewal, without a recordset


def write_apart(env, connection_id, step, *, here=True):
    """Run ``step(connection)``, which writes on the connection, in a transaction of its own, and commit it.

    A transaction that has asked for a token must not write on the connection itself: the token was saved
    by another one, and PostgreSQL would refuse the second update (isolation level repeatable read).

    :param step: callable taking the connection with sudo.
    :param bool here: when the row is not free, because the caller's transaction has just created or changed
        it, run ``step`` in that one; otherwise leave it.
    """
    with fresh_env(env) as own:
        row = own["chorus.connection"].browse(connection_id).try_lock_for_update(allow_referencing=True)
        if row:
            step(row.with_context(tracking_disable=True))
            own.flush_all()
            return
    if here:
        step(env["chorus.connection"].browse(connection_id).sudo().with_context(tracking_disable=True))


@contextmanager
def _renewal_turn(env, connection_id):
    """Wait for this connection's turn; a turn that does not come is left, two renewals do no harm."""
    with env.registry.cursor() as cr:
        try:
            cr.execute("SELECT set_config('lock_timeout', %s, true)", [RENEWAL_WAIT])
            cr.execute("SELECT pg_advisory_xact_lock(%s, %s)", (RENEWAL_LOCK_SPACE, connection_id))
        except LockNotAvailable:
            cr.rollback()
            _logger.warning(
                "Connection %s: a renewal of the token takes more than %s", connection_id, RENEWAL_WAIT
            )
        yield


def _fetch(endpoints, client_id, client_secret, settings):
    for pause in PAUSES:
        try:
            return chorus_api.fetch_token(endpoints, client_id, client_secret, settings=settings)
        except chorus_api.InvalidCredentials:
            time.sleep(pause)
    return chorus_api.fetch_token(endpoints, client_id, client_secret, settings=settings)


def _newer_token(env, connection_id, refused):
    """Return the saved token if it is another one than ``refused`` and still good, or ``''``."""
    with fresh_env(env) as own:
        connection = own["chorus.connection"].browse(connection_id).exists()
        token = good_token(connection) if connection else ""
        return token if token != refused else ""
