import base64
import logging
import uuid
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from psycopg2 import errors as pg_errors

from ..chorus_api import InvoiceSearch, errors, statuses
from . import moments
from .chorus_authority import BY_CODE
from .chorus_connection_token import client_of
from .chorus_states import OPEN_REQUEST_STATES
from .moments import naive_utc
from .transactions import advisory_lock, fresh_env, in_transaction, is_unlocked

_logger = logging.getLogger(__name__)

# A status that has not moved so long after a lost call shows that nothing was done.
LOST_FOR_GOOD = timedelta(minutes=2)
MAX_TRIES = 20
# A request left in the middle by a process that died is looked at after this, a lost answer again after that.
LOOK_AFTER = timedelta(minutes=2)
LOOK_AGAIN = timedelta(minutes=10)


class ChorusWorker(models.AbstractModel):
    """Requests about one invoice: written down, called outside any lock, their outcome never lost."""

    _inherit = "chorus.worker"

    @api.model
    def _cron_follow(self):
        self._guarded("requests", self._serve_requests)
        return super()._cron_follow()

    # -- asking ---------------------------------------------------------------------------------------

    @api.model
    def _ask(self, line_id, kind, values, files=(), *, now=True):
        """Write a request down in a transaction of its own, then make it.

        :param dict values: fields of ``chorus.request`` (comment, recipient, references)
        :param files: iterable of (name, mime type, bytes) to send along
        :param bool now: make the call at once; else the scheduled action makes it
        :return: int, the id of the request, whose ``state`` and ``message`` tell the outcome
        :raises UserError: when the invoice's status does not allow it, or somebody has just asked
        """
        user_id = self.env.uid
        files = list(files)
        try:
            request_id = in_transaction(
                self.env, lambda env: self._write_request(env, line_id, kind, values, files, user_id)
            )
        except pg_errors.UniqueViolation as error:
            raise UserError(self._asked_already()) from error
        if now:
            self._make_request(request_id)
        return request_id

    @api.model
    def _asked_already(self):
        return self.env._("Somebody has just asked this of Chorus Pro: wait for its answer.")

    @api.model
    def _write_request(self, env, line_id, kind, values, files, user_id):
        env.cr.execute("SELECT id FROM chorus_deposit_line WHERE id = %s FOR UPDATE", (line_id,))
        line = env["chorus.deposit.line"].browse(line_id)
        if line.request_ids.filtered(lambda request: request.state in OPEN_REQUEST_STATES):
            raise UserError(self._asked_already())
        if kind not in statuses.invoice_status(line.status_code).asks:
            raise UserError(
                self.env._(
                    "%(number)s is not in the status that allows this any more. It is now: %(status)s",
                    number=line.number or line.move_id.name,
                    status=line.with_context(lang=self.env.lang).status_label or "?",
                )
            )
        if not line.chorus_invoice_id:
            raise UserError(self.env._("Chorus Pro's identifier of this invoice is not known yet."))
        request = env["chorus.request"].create(
            {
                **values,
                "line_id": line_id,
                "kind": kind,
                "user_id": user_id,
                "status_before": line.status_code,
                "status_before_at": line.status_at,
            }
        )
        # They belong to the request, which only code writes: what the buyer was sent stays as it was.
        request.attachment_ids = env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "mimetype": mime,
                    "res_model": request._name,
                    "res_id": request.id,
                }
                for name, mime, content in files
            ]
        )
        env.flush_all()
        # Should this process die before it has called, the scheduled action does.
        self._wake(moments.now(self.env) + LOOK_AFTER, "follow")
        return request.id

    # -- calling --------------------------------------------------------------------------------------

    @api.model
    def _make_request(self, request_id):
        """Make the call of a waiting request once, and write what came of it.

        The advisory lock says "this process lives": a request left in ``sending`` without it is one whose
        outcome is unknown. Keys of deposits are positive, those of requests negative.
        """
        correlation_id = uuid.uuid4().hex[:12]
        with advisory_lock(self.env, -request_id) as free:
            if not free:
                return
            call = in_transaction(self.env, lambda env: self._start_request(env, request_id, correlation_id))
            if not call:
                return
            error, called, summary = None, False, None
            try:
                with fresh_env(self.env) as env:
                    client = client_of(self._connection(env, *call["channel"]), correlation_id)
                with client:
                    pieces = self._store_files(client, request_id, call)
                    called = True
                    self._call_for(client, call, pieces)
            except errors.ChorusError as caught:
                error = caught
            except Exception as caught:
                _logger.exception("Request %s (%s): unexpected error", request_id, correlation_id)
                kind = errors.OutcomeUnknown if called else errors.NotSent
                error = kind("unexpected", detail=type(caught).__name__, correlation_id=correlation_id)
            # Storing a file that is never referred to does nothing to the invoice.
            unknown = bool(error) and called and error.outcome == "unknown"
            if call["kind"] != "acknowledge" and (not error or unknown or isinstance(error, errors.Refused)):
                summary = self._read_invoice(call["channel"], call["number"], call["invoice_id"])
            self._write_each(
                [request_id],
                lambda env, _ids: self._end_request(env, request_id, error, unknown, summary),
                self._request_unwritten,
                connect_tries=9,
            )

    @api.model
    def _start_request(self, env, request_id, correlation_id):
        request = env["chorus.request"].browse(request_id).try_lock_for_update()
        if not request or request.state != "waiting":
            return None
        request.write(
            {
                "state": "sending",
                "called_at": moments.now(self.env),
                "next_action_at": moments.now(self.env) + LOOK_AFTER,
                "correlation_id": correlation_id,
                "tries": request.tries + 1,
                "message": False,
            }
        )
        line = request.line_id
        return {
            "kind": request.kind,
            "channel": (line.company_id.id, line.environment),
            "invoice_id": int(line.chorus_invoice_id),
            "number": line.number,
            "comment": request.comment or None,
            "recipient": request.recipient_siret or line.buyer_siret,
            "service": request.service_code or None,
            "engagement": request.engagement or None,
            "contract": request.contract or None,
            "uploaded": request.uploaded or {},
            "files": [
                (attachment.id, attachment.name, attachment.mimetype, base64.b64decode(attachment.datas))
                for attachment in request.attachment_ids
            ],
        }

    @api.model
    def _store_files(self, client, request_id, call):
        """:return: list of (id on Chorus Pro, designation, kind) of the files of the request."""
        pieces = []
        for attachment_id, name, mime, content in call["files"]:
            file_id = call["uploaded"].get(str(attachment_id))
            if not file_id:
                file_id = client.add_file(content, name, mime, name.rpartition(".")[2].upper())

                def keep(env, attachment_id=attachment_id, file_id=file_id):
                    request = env["chorus.request"].browse(request_id)
                    request.uploaded = {**(request.uploaded or {}), str(attachment_id): file_id}

                in_transaction(self.env, keep)
            pieces.append((file_id, name.rpartition(".")[0] or name, None))
        return pieces

    @api.model
    def _call_for(self, client, call, pieces):
        match call["kind"]:
            case "complete":
                client.complete(call["invoice_id"], call["comment"], pieces)
            case "recycle":
                client.recycle(
                    call["invoice_id"],
                    call["recipient"],
                    call["service"],
                    engagement=call["engagement"],
                    market=call["contract"],
                    comment=call["comment"],
                )
            case "acknowledge":
                client.acknowledge_rejections([call["invoice_id"]])

    @api.model
    def _read_invoice(self, channel, number, invoice_id):
        """:return: the ``chorus_api.InvoiceSummary`` of one invoice, None when it cannot be had now."""
        try:
            with fresh_env(self.env) as env:
                client = client_of(self._connection(env, *channel), uuid.uuid4().hex[:12])
            with client:
                for summary in client.iter_invoices(InvoiceSearch(number=number)):
                    if summary.id == invoice_id:
                        return summary
        except errors.ChorusError as error:
            _logger.info("The status of %s could not be read: %s", number, error)
        return None

    @api.model
    def _request_unwritten(self, env, request_id, error):
        """What came of a request could not be written: the status is looked at later, and a person hears."""
        request = env["chorus.request"].browse(request_id)
        request.line_id._tell_unwritten(error)

    # -- outcomes -------------------------------------------------------------------------------------

    @api.model
    def _end_request(self, env, request_id, error, unknown, summary):
        env.cr.execute("SELECT id FROM chorus_request WHERE id = %s FOR UPDATE", (request_id,))
        request = env["chorus.request"].browse(request_id)
        if request.state not in ("sending", "unknown"):
            return
        words = env["chorus.words"]
        if not error:
            self._request_done(request, summary)
        elif unknown:
            self._request_lost(request, words._error_sentence(error))
            if summary:
                self._weigh_status(request, summary)
        else:
            if summary and summary.status:
                self._apply_summary(request.line_id, summary)
            if error.retryable and request.kind == "acknowledge" and request.tries < MAX_TRIES:
                at = self._retry_at(request.tries, error.retry_after)
                self._request_goes_on(request, "waiting", words._error_sentence(error), at)
            else:
                refused = isinstance(error, errors.Refused) and not error.about_connection
                state = "refused" if refused else "not_done"
                self._close_request(request, state, words._error_sentence(error))

    @api.model
    def _request_lost(self, request, message):
        """Nobody knows whether it was done. To acknowledge twice harms nobody; the rest is looked at."""
        if request.kind == "acknowledge":
            self._request_goes_on(request, "waiting", message, self._retry_at(request.tries))
            return
        at = moments.now(self.env) + LOST_FOR_GOOD + timedelta(seconds=30)
        self._request_goes_on(request, "unknown", message, at)

    @api.model
    def _request_goes_on(self, request, state, message, at):
        """It is still open: the scheduled action goes on with it at ``at``."""
        request.write({"state": state, "message": message, "next_action_at": at})
        self._wake(at, "follow")

    @api.model
    def _weigh_status(self, request, summary):
        """Decide by the invoice's status what became of a request whose answer was lost."""
        at = naive_utc(summary.status_at)
        if request._has_moved(summary.status, at):
            self._request_done(request, summary)
        elif moments.now(self.env) - request.called_at >= LOST_FOR_GOOD:
            self._close_request(
                request,
                "not_done",
                request.env._(
                    "The answer was lost, and the status on Chorus Pro has not changed since: it was not"
                    " done. You may try again."
                ),
            )

    @api.model
    def _request_done(self, request, summary):
        self._close_request(request, "done", False)
        line = request.line_id
        if request.kind == "recycle":
            self._invoice_follows(request)
        if summary and summary.status:
            self._apply_summary(line, summary)
        if request.kind != "acknowledge":
            line.move_id._chorus_solved(line.environment)
            line._tell_status()
        self._note_request(request)

    @api.model
    def _close_request(self, request, state, message):
        nobody_looks = request.state == "unknown" or request.kind == "acknowledge"
        request.write({"state": state, "message": message, "ended_at": moments.now(self.env)})
        if nobody_looks:
            request._tell_asker()

    @api.model
    def _invoice_follows(self, request):
        """After a redirection the invoice says what Chorus Pro now has; its number and its file stay."""
        move = request.move_id.with_context(**BY_CODE)
        wanted = {
            "buyer_reference": request.service_code,
            "purchase_order_reference": request.engagement,
            "contract_reference": request.contract,
        }
        move.write({name: value for name, value in wanted.items() if value})
        if request.recipient_siret:
            request.line_id.buyer_siret = request.recipient_siret
        recipient = request.partner_id
        if recipient and recipient.commercial_partner_id != move.commercial_partner_id:
            # The entry keeps its customer: a posted one would bring other terms, taxes and accounts.
            move.chorus_recipient_id = recipient

    @api.model
    def _note_request(self, request):
        env = request.env
        sentence = {
            "complete": env._("Completed on Chorus Pro."),
            "recycle": env._("Redirected on Chorus Pro."),
            "acknowledge": env._("The rejection was acknowledged on Chorus Pro."),
        }[request.kind]
        request.move_id.with_context(no_new_invoice=True).message_post(
            body="\n".join(part for part in (sentence, request.comment) if part),
            author_id=request.user_id.partner_id.id,
            attachment_ids=request.attachment_ids.ids,
        )

    # -- afterwards -----------------------------------------------------------------------------------

    @api.model
    def _serve_requests(self):
        """Go on with every open request: the dead become unknown, the lost are looked at, the rest made."""
        with fresh_env(self.env) as env:
            # A dead process and a lost answer are looked at whenever we are here; a new try has its time.
            due = Domain("state", "in", ("sending", "unknown")) | Domain("next_action_at", "=", False)
            due |= Domain("next_action_at", "<=", moments.now(self.env))
            requests = env["chorus.request"].search(
                due & Domain("state", "in", OPEN_REQUEST_STATES), order="next_action_at, id", limit=500
            )
            todo = [(request.id, request.company_id.id, request.environment) for request in requests]
        for request_id, *channel in todo:
            if self._usable(*channel):
                self._guarded("request", self._go_on, request_id)

    @api.model
    def _go_on(self, request_id):
        in_transaction(self.env, lambda env: self._recover_request(env, request_id))
        with fresh_env(self.env) as env:
            state = env["chorus.request"].browse(request_id).state
        if state == "waiting":
            self._make_request(request_id)
        elif state == "unknown":
            self._check_request(request_id)

    @api.model
    def _recover_request(self, env, request_id):
        request = env["chorus.request"].browse(request_id)
        if request.state != "sending" or not is_unlocked(env.cr, -request_id):
            return
        if request.try_lock_for_update() and request.state == "sending":
            self._request_lost(
                request, env._("The server stopped while it was asking. The status is looked at first.")
            )

    @api.model
    def _check_request(self, request_id):
        """Look at the status of the invoice of a request whose answer was lost, and decide."""
        with fresh_env(self.env) as env:
            request = env["chorus.request"].browse(request_id)
            if request.state != "unknown":
                return
            line = request.line_id
            place = ((line.company_id.id, line.environment), line.number, int(line.chorus_invoice_id))
        summary = self._read_invoice(*place)

        def step(env):
            env.cr.execute("SELECT id FROM chorus_request WHERE id = %s FOR UPDATE", (request_id,))
            request = env["chorus.request"].browse(request_id)
            if request.state != "unknown":
                return
            request.next_action_at = moments.now(self.env) + LOOK_AGAIN
            if summary and summary.status:
                self._weigh_status(request, summary)

        self._write_each([request_id], lambda env, _ids: step(env), self._request_unwritten)
