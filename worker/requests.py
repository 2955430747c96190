"""Requests about one invoice: written down, called outside any lock, their outcome never lost."""

import logging
import uuid
from datetime import timedelta
from typing import Any

from odoo.exceptions import UserError
from odoo.fields import Domain
from psycopg2 import errors as pg_errors

from ..chorus_api import ChorusClient, InvoiceSearch, errors, statuses
from ..models.base import moments
from ..models.base.chorus_states import OPEN_REQUEST_STATES
from ..models.base.transactions import advisory_lock, is_unlocked, wake
from ..models.notice.chorus_sentences import say
from .channel import Channel, Env, guarded

_logger = logging.getLogger(__name__)

# A request left in the middle by a process that died is looked at after this, a lost answer again after that.
LOOK_AFTER = timedelta(minutes=2)
LOOK_AGAIN = timedelta(minutes=10)
# Of a request that nothing has settled for so long a person hears, and it is looked at that often only.
OPEN_LONG = timedelta(days=1)


class Requests:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.env = channel.env
        self._due: list[int] | None = None

    def find_due(self, env: Env) -> list[int]:
        """Look for the requests to go on with; return their ids."""
        # A dead process and a lost answer are looked at whenever we are here; a new try has its time.
        due = Domain("state", "in", ("sending", "unknown")) | Domain("next_action_at", "=", False)
        due |= Domain("next_action_at", "<=", moments.now(env))
        due &= Domain("state", "in", OPEN_REQUEST_STATES) & Domain(self.channel.domain)
        self._due = env["chorus.request"].search(due, order="next_action_at, id", limit=500).ids
        return self._due

    def serve_due(self) -> bool:
        """Go on with every open request: the dead become unknown, the lost are looked at, the rest made.

        :return: bool, whether the connection failed: what is left waits for its return
        """
        if self._due is None:
            with self.channel.fresh() as env:
                self.find_due(env)
        for request_id in self._due or ():
            if self.channel.time_is_up():
                break
            error = guarded("request", self.go_on, request_id)
            if errors.speaks_of_connection(error):
                self.channel.note_fault(error)
                return True
        return False

    # -- asking ---------------------------------------------------------------------------------------

    def ask(
        self, line_id: int, kind: str, values: dict[str, Any], files: Any = (), *, now: bool = True
    ) -> int:
        """Write a request down in a transaction of its own, then make it.

        :param dict values: fields of ``chorus.request`` (comment, recipient, references)
        :param files: iterable of (name, mime type, bytes) to send along
        :param bool now: make the call at once; else the scheduled action makes it
        :return: int, the id of the request, whose ``state`` and ``message`` tell the outcome
        :raises UserError: when the invoice's status does not allow it, or somebody has just asked
        """
        files = list(files)
        try:
            request_id = self.channel.transaction(
                lambda env: self._write_down(env, line_id, kind, values, files)
            )
        except pg_errors.UniqueViolation as error:
            raise UserError(self._asked_already()) from error
        if now:
            self.make(request_id)
        return request_id

    def _asked_already(self) -> Any:
        return self.env._("Somebody has just asked this of Chorus Pro: wait for its answer.")

    def _write_down(self, env: Env, line_id: int, kind: str, values: dict[str, Any], files: Any) -> Any:
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
        if not line._id_there():
            raise UserError(self.env._("Chorus Pro's identifier of this invoice is not known yet."))
        request = env["chorus.request"].create(
            {
                **values,
                "line_id": line_id,
                "kind": kind,
                "user_id": self.env.uid,
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
        wake(env, moments.now(env) + LOOK_AFTER, "follow")
        return request.id

    # -- calling --------------------------------------------------------------------------------------

    def make(self, request_id: int) -> Any:
        """Make the call of a waiting request once, and write what came of it.

        The advisory lock says "this process lives": a request left in ``sending`` without it is one whose
        outcome is unknown. Keys of deposits are positive, those of requests negative.

        :return: the ``chorus_api.ChorusError`` when something went wrong, else None
        """
        correlation_id = uuid.uuid4().hex[:12]
        with advisory_lock(self.env, -request_id) as free:
            if not free:
                return None
            call = self.channel.transaction(lambda env: self.start(env, request_id, correlation_id))
            if not call:
                return None
            error: Any = None
            called, summary = False, None
            try:
                with self.channel.client(correlation_id) as client:
                    pieces = self._store_files(client, request_id, call)
                    called = True
                    self._call(client, call, pieces)
            except errors.ChorusError as caught:
                error = caught
            except Exception as caught:
                _logger.exception("Request %s (%s): unexpected error", request_id, correlation_id)
                kind = errors.OutcomeUnknown if called else errors.NotSent
                error = kind("unexpected", detail=type(caught).__name__, correlation_id=correlation_id)
            # Storing a file that is never referred to does nothing to the invoice.
            unknown = bool(error) and called and error.outcome == "unknown"
            if call["kind"] != "acknowledge" and (not error or unknown or isinstance(error, errors.Refused)):
                summary, _error = self._read_invoice(call["number"], call["invoice_id"])
            self.channel.write_each(
                [request_id],
                lambda env, _ids: self._end(env, request_id, error, unknown, summary),
                self._unwritten,
                connect_tries=9,
            )
            return error

    def start(self, env: Env, request_id: int, correlation_id: str) -> dict[Any, Any] | None:
        """Take a waiting request in this transaction.

        :return: dict of what to call with, or None when it is not there to take
        """
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
            "invoice_id": line._id_there(),
            "number": line.number,
            "comment": request.comment or None,
            "recipient": request.recipient_siret or line.buyer_siret,
            "service": request.service_code or None,
            "engagement": request.engagement or None,
            "contract": request.contract or None,
            "uploaded": request.uploaded or {},
            "files": [
                (attachment.id, attachment.name, attachment.mimetype, attachment.raw)
                for attachment in request.attachment_ids
            ],
        }

    def _store_files(self, client: ChorusClient, request_id: int, call: dict[str, Any]) -> Any:
        """:return: list of (id on Chorus Pro, designation, kind) of the files of the request."""
        pieces = []
        for attachment_id, name, mime, content in call["files"]:
            file_id = call["uploaded"].get(str(attachment_id))
            if not file_id:
                file_id = client.add_file(content, name, mime, name.rpartition(".")[2].upper())

                def keep(env: Env, attachment_id: int = attachment_id, file_id: int = file_id) -> None:
                    request = env["chorus.request"].browse(request_id)
                    request.uploaded = {**(request.uploaded or {}), str(attachment_id): file_id}

                self.channel.transaction(keep)
            pieces.append((file_id, name.rpartition(".")[0] or name, None))
        return pieces

    def _call(self, client: ChorusClient, call: dict[str, Any], pieces: Any) -> None:
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

    def _read_invoice(self, number: str, invoice_id: int) -> Any:
        """:return: (the ``chorus_api.InvoiceSummary`` of one invoice or None, the error or None)"""
        try:
            with self.channel.client(uuid.uuid4().hex[:12]) as client:
                for summary in client.iter_invoices(InvoiceSearch(number=number)):
                    if summary.id == invoice_id:
                        return summary, None
        except errors.ChorusError as error:
            _logger.info("The status of %s could not be read: %s", number, error)
            return None, error
        return None, None

    def _locked(self, env: Env, request_id: int) -> Any:
        env.cr.execute("SELECT id FROM chorus_request WHERE id = %s FOR UPDATE", (request_id,))
        return env["chorus.request"].browse(request_id)

    def _end(self, env: Env, request_id: int, error: Exception | None, unknown: bool, summary: Any) -> None:
        self._locked(env, request_id)._answered(error, unknown, summary)

    def _unwritten(self, env: Env, request_id: int, error: Exception) -> None:
        """What came of a request could not be written: the status is looked at later, and a person hears."""
        env["chorus.request"].browse(request_id).line_id._tell_unwritten(error)

    # -- afterwards -----------------------------------------------------------------------------------

    def go_on(self, request_id: int) -> Any:
        """Go on with an open request, whatever state it is in; return what :meth:`make` does."""
        self.channel.transaction(lambda env: self._recover(env, request_id))
        with self.channel.fresh() as env:
            state = env["chorus.request"].browse(request_id).state
        if state == "waiting":
            return self.make(request_id)
        if state == "unknown":
            return self.look_at(request_id)
        return None

    def _recover(self, env: Env, request_id: int) -> None:
        request = env["chorus.request"].browse(request_id)
        if request.state != "sending" or not is_unlocked(env.cr, -request_id):
            return
        if request.try_lock_for_update() and request.state == "sending":
            request._answer_lost(say(env, "own.stopped_while_asking"))

    def look_at(self, request_id: int) -> Any:
        """Look at the status of the invoice of a request whose answer was lost, and decide; return what
        :meth:`make` does."""
        with self.channel.fresh() as env:
            request = env["chorus.request"].browse(request_id)
            if request.state != "unknown":
                return None
            line = request.line_id
            place = (line.number, line._id_there())
        summary, error = self._read_invoice(*place)

        def step(env: Env, _ids: Any) -> None:
            request = self._locked(env, request_id)
            if request.state != "unknown":
                return
            now = moments.now(self.env)
            open_long = now - request.called_at >= OPEN_LONG
            request.next_action_at = now + (OPEN_LONG if open_long else LOOK_AGAIN)
            if summary and summary.status:
                request._weigh_status(summary)
            elif open_long:
                request._tell_unsettled()

        self.channel.write_each([request_id], step, self._unwritten)
        return error
