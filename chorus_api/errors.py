"""What can go wrong with a call, sorted by what the caller may do next; and how that is read from the wire.

Every error says four things a sender must know: whether the server may have done what was asked
(``outcome``), whether the same call may succeed later without anybody acting (``retryable``), how long the
server wants to be left alone (``retry_after``), and whether the connection is at fault rather than what was
asked (``about_connection``). No text of an error ever holds a secret. The rule for writes (a deposit above
all): "nothing was done" only where that is certain, "unknown" for the rest, because an invoice deposited
twice is worse than a question asked once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .readers import Json, Unreadable, decompress, integer, read_object, reference, word
from .routes import Route
from .transport import Exchange

NOTHING_DONE = "nothing_done"
UNKNOWN = "unknown"
# Nobody answered in time. The next call would wait as long: whoever waits for a gateway that hangs serves
# nobody else meanwhile.
TIMED_OUT = {"answer_timeout", "deadline"}


class ChorusError(Exception):
    """Base of all errors of this package.

    :ivar str code: stable snake_case key, one of those listed in the class's docstring
    :ivar str route: path below ``/cpro/``, or ``oauth``
    :ivar int|None http_status: None when no answer came
    :ivar str outcome: ``nothing_done`` or ``unknown``
    :ivar bool retryable: the identical call may succeed later; waiting and counting are the caller's
    :ivar bool about_connection: the way or the account is at fault: any other call would fail alike, and no
        file, invoice or structure is to blame
    :ivar float|None retry_after: seconds asked for by the server, already clamped
    :ivar int|None remote_code: ``codeRetour`` of the answer
    :ivar str remote_label: ``libelle`` of the answer (or OAuth's ``error``), cleaned and shortened
    :ivar str correlation_id: our identifier of the work this call was part of
    :ivar str request_id: the gateway's identifier of the call (``x-piste-request-id``), for its support
    :ivar str detail: short technical hint in English
    """

    outcome = NOTHING_DONE
    retryable = False
    about_connection = False

    def __init__(
        self,
        code: str,
        *,
        route: str = "",
        http_status: int | None = None,
        outcome: str | None = None,
        retryable: bool | None = None,
        about_connection: bool | None = None,
        retry_after: float | None = None,
        remote_code: int | None = None,
        remote_label: str = "",
        correlation_id: str = "",
        request_id: str = "",
        detail: str = "",
    ) -> None:
        super().__init__(code)
        self.code = code
        self.route = route
        self.http_status = http_status
        if outcome is not None:
            self.outcome = outcome
        if retryable is not None:
            self.retryable = retryable
        if about_connection is not None:
            self.about_connection = about_connection
        elif code in TIMED_OUT:
            self.about_connection = True
        self.retry_after = retry_after
        self.remote_code = remote_code
        self.remote_label = remote_label
        self.correlation_id = correlation_id
        self.request_id = request_id
        self.detail = detail

    @property
    def waited(self) -> bool:
        """Whether the longest time that a call is given went by: the next one would cost as much."""
        return self.code in TIMED_OUT or self.code == "connect_timeout"

    def __str__(self) -> str:
        parts = [self.code]
        if self.route:
            parts.append(f"on {self.route}")
        if self.http_status is not None:
            parts.append(f"HTTP {self.http_status}")
        if self.remote_code is not None or self.remote_label:
            answer = [str(part) for part in (self.remote_code, self.remote_label) if part not in (None, "")]
            parts.append("answered " + " ".join(answer))
        if self.detail:
            parts.append(self.detail)
        if self.correlation_id:
            parts.append(f"call {self.correlation_id}")
        return ", ".join(parts)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


def speaks_of_connection(outcome: object) -> bool:
    """Whether what came of a call (an answer, an error or None) is an error about the connection."""
    return isinstance(outcome, ChorusError) and outcome.about_connection


class InvalidCredentials(ChorusError):
    """The token server refused client id and secret: ``invalid_client``, ``oauth_refused``.

    ``retryable``, because valid credentials were reported to be refused now and then: try
    ``limits.INVALID_CLIENT_RETRIES`` more times, some seconds apart, before telling a person.
    """

    retryable = True
    about_connection = True


class TokenRejected(ChorusError):
    """401 although the token was renewed: ``token_rejected``.

    Either the technical account (login, password) is wrong, expired or not active yet, or the gateway
    stumbled. Retryable with a bound: random 401 were reported when calls follow each other fast.
    """

    retryable = True
    about_connection = True


class AccessDenied(ChorusError):
    """403: ``access_denied``. API not subscribed, conditions not accepted, account reset, wrong route."""

    about_connection = True


class Refused(ChorusError):
    """The server understood and said no; asking again will not help.

    For an answer with ``codeRetour`` other than 0 a code of ``outcomes.REFUSALS`` (``file_too_large``,
    ``invoice_not_found``, ``no_right``, ``not_suspended``), else ``refused``; for a bare 4xx ``bad_request``,
    ``too_large``, ``unsupported_media``, ``client_error``.
    """


class RouteNotFound(Refused):
    """404: ``route_not_found``. An address to correct, or a gateway in the middle of a change: the file is
    not at fault, so a later try may succeed."""

    retryable = True
    about_connection = True


class FlowNotFound(Refused):
    """``flow_not_found``: unknown flow number, or a flow deposited moments ago: then wait."""

    retryable = True


class NothingFound(Refused):
    """``nothing_found``: a search without result. The client's list methods turn it into an empty page."""


class LimitExceeded(Refused):
    """A published limit would be broken; no call was made. ``unknown_syntax``, or a code of
    ``limits.check_flow`` or ``limits.check_attachment``."""


class RateLimited(ChorusError):
    """429: ``rate_limited``. Nothing was done."""

    retryable = True
    about_connection = True


class NotSent(ChorusError):
    """The request did not reach the service, so nothing was done.

    ``dns_failure``, ``connection_refused``, ``connect_timeout``, ``tls_failure``, ``proxy_failure``,
    ``connection_failed``, ``deadline`` (used up before the body began to leave), ``redirect_refused``.
    """

    retryable = True
    about_connection = True


class OutcomeUnknown(ChorusError):
    """A write that may or may not have been done: look before doing it again.

    ``answer_timeout``, ``connection_lost``, ``deadline``, ``server_error``, ``unexpected_status``,
    ``unreadable_answer``, ``answer_too_large``, ``missing_field``, ``no_flow_number``,
    ``contradictory_answer``, ``conflict`` (409), ``redirect_refused``, ``flow_number_known`` (that of another
    deposit); after the body had begun to leave also the codes of :class:`NotSent`.
    """

    outcome = UNKNOWN


class Unavailable(ChorusError):
    """A read the server could not answer now: ``server_error``, ``answer_timeout``, ``connection_lost``,
    ``deadline``, or a code of :class:`NotSent` when the connection broke in the middle of the answer."""

    retryable = True


class BadAnswer(ChorusError):
    """An answer to a read that makes no sense: ``unreadable_answer``, ``answer_too_large``,
    ``unexpected_status``, ``missing_field``, ``no_access_token``, ``pages_repeat``, ``pages_incomplete``,
    ``too_many_pages``."""

    retryable = True


# The exchange broke before anything can have been processed, whatever the body's state (used for reads).
_CONNECT_FAILURES = {"proxy_failure", "dns_failure", "tls_failure", "connection_refused", "connect_timeout"}

# A failure before the body began to leave, told by what it means at that point.
_BEFORE_SENDING = {"answer_timeout": "connect_timeout", "connection_lost": "connection_failed"}

# Statuses by which the server, or a gateway before it, declines without having processed the request.
# 5xx are not among them: a gateway answers 502 or 504 when the service behind it is still at work.
# 408 and 499 are not either: they tell that somebody lost patience, not that nothing was done.
_DECLINED = {
    400: (Refused, "bad_request"),
    401: (TokenRejected, "token_rejected"),
    403: (AccessDenied, "access_denied"),
    404: (RouteNotFound, "route_not_found"),
    413: (Refused, "too_large"),
    415: (Refused, "unsupported_media"),
    429: (RateLimited, "rate_limited"),
}
_AMBIGUOUS_4XX = {408, 425, 499}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One known refusal: ``code`` is ours. None, or "" for ``label``, means any.

    ``codeRetour`` numbers are per service, so a row without a label names its route.
    """

    code: str
    label: str
    remote_code: int | None = None
    route: str | None = None
    kind: type[Refused] = Refused


# Reference §2.1. Labels are compared by their beginning; only the first part is stable.
REFUSALS = (
    Refusal("nothing_found", "TRA_MSG_00.015", kind=NothingFound),  # seen live, code 20000
    Refusal("nothing_found", "GFT_MSG_01.075", kind=NothingFound),  # seen live, code 20007
    Refusal("flow_not_found", "POQ_MSG_01.003", kind=FlowNotFound),  # seen live, code 20001
    Refusal("file_too_large", "GDP_MSG_11.022"),  # annex V5.00
    Refusal("invoice_not_found", "GDP_MSG_11.008"),  # annex, completer
    Refusal("no_right", "GDP_MSG_11.005"),  # annex, completer
    Refusal("not_suspended", "GDP_MSG_11.033"),  # annex, completer
    Refusal("file_too_large", "", 20003, "transverses/v1/ajouter/fichier"),  # annex
)


def answer(route: Route, exchange: Exchange, max_bytes: int, **context: Any) -> Json:
    """The JSON object answered, or raise the error that fits.

    :param route: :class:`routes.Route`
    :param exchange: :class:`transport.Exchange`
    :param int max_bytes: bound of the decompressed body
    :param context: ``correlation_id``, ``request_id``, ``max_retry_after`` for the errors
    """
    longest = context.pop("max_retry_after", 3600.0)
    context.update(route=route.path, http_status=exchange.status)
    if exchange.status is None:
        raise _no_answer(route, exchange, context)
    payload, unreadable = _payload(exchange, max_bytes)
    remote = _remote(payload)
    if not 200 <= exchange.status < 300:
        raise _declined(
            route, exchange, exchange.status, remote, retry_after(exchange.headers, longest), context
        )
    if payload is None:
        raise _unreadable(route, exchange, unreadable, context)
    if not route.bare:
        _check_return_code(route, payload, remote, context)
    return payload


def _declined(
    route: Route,
    exchange: Exchange,
    status: int,
    remote: Json,
    patience: float | None,
    context: Json,
) -> ChorusError:
    """The error for a status other than 2xx."""
    context = {**context, **remote, "retry_after": patience}
    if 300 <= status < 400:
        # An instruction to ask elsewhere, which our credentials do not follow: somebody has to correct the
        # address. 302 and 303 are also what servers say once they have done what was posted.
        if route.write and exchange.left:
            return OutcomeUnknown("redirect_refused", about_connection=True, **context)
        return NotSent("redirect_refused", retryable=False, **context)
    if status == 409 and route.write and exchange.left:
        # A conflict may be one with what this very request has done.
        return OutcomeUnknown("conflict", **context)
    if 400 <= status < 500 and status not in _AMBIGUOUS_4XX:
        if remote["remote_code"] and status not in (401, 403, 413, 429):
            return refusal(**context)
        kind, code = _DECLINED.get(status, (Refused, "client_error"))
        if status == 400 and _is_challenge(exchange):
            kind, code = _DECLINED[401]  # the gateway answers 400 where others say 401 (seen live)
        return kind(code, detail=_challenge(exchange), **context)
    code = "server_error" if 500 <= status < 600 else "unexpected_status"
    if route.write:
        return OutcomeUnknown(code, **context)
    passing = code == "server_error" or status in _AMBIGUOUS_4XX
    return Unavailable("server_error", **context) if passing else BadAnswer(code, **context)


def _check_return_code(route: Route, payload: Json, remote: Json, context: Json) -> None:
    """Refuse a ``codeRetour`` other than 0, and an answer without it: an object that says nothing would read
    as an empty result, and "nothing found" is what may allow a second deposit."""
    numbered = bool(reference(payload.get("numeroFluxDepot")))
    if remote["remote_code"] == 0 or (remote["remote_code"] is None and numbered):
        return
    if remote["remote_code"] and not (route.write and numbered):
        raise refusal(**remote, **context)
    if route.write:
        # Refused, yet with a flow number; or neither.
        raise OutcomeUnknown("contradictory_answer" if numbered else "missing_field", **remote, **context)
    raise BadAnswer("missing_field", **remote, **context)


def _payload(exchange: Exchange, max_bytes: int) -> tuple[Json | None, str]:
    """The JSON object of the body, or None and why.

    An object that is closed is complete, so it counts even when the connection broke right after it or the
    announced length was wrong: the flow number in it is worth more than the framing.
    """
    body = exchange.body
    if exchange.failure == "answer_too_large":
        return None, "answer_too_large"
    try:
        encoding = word(exchange.headers.get("Content-Encoding", "")).lower()
        if encoding not in ("", "identity"):
            body = decompress(body, max_bytes)
        return read_object(body), ""
    except Unreadable as error:
        return None, error.code


def _remote(payload: Json | None) -> Json:
    payload = payload or {}
    label = word(payload.get("libelle") or payload.get("error"), 300)
    return {"remote_code": integer(payload.get("codeRetour")), "remote_label": label}


def refusal(route: str, remote_code: int | None, remote_label: str, **context: Any) -> Refused:
    """The :class:`errors.Refused` for a ``codeRetour`` other than 0."""
    context.update(route=route, remote_code=remote_code, remote_label=remote_label)
    for row in REFUSALS:
        if (
            remote_label.startswith(row.label)
            and row.remote_code in (None, remote_code)
            and row.route in (None, route)
        ):
            return row.kind(row.code, **context)
    return Refused("refused", **context)


def _no_answer(route: Route, exchange: Exchange, context: Json) -> ChorusError:
    failure = exchange.failure
    detail = exchange.hint
    if not exchange.left or (failure in _CONNECT_FAILURES and not route.write):
        return NotSent(_BEFORE_SENDING.get(failure, failure), detail=detail, **context)
    kind = OutcomeUnknown if route.write else Unavailable
    return kind(failure or "connection_lost", detail=detail, **context)


def _unreadable(route: Route, exchange: Exchange, code: str, context: Json) -> ChorusError:
    if route.write:
        return OutcomeUnknown(exchange.failure or code, detail=exchange.hint, **context)
    if exchange.failure in ("", "answer_too_large"):
        return BadAnswer(code, **context)
    return Unavailable(exchange.failure, detail=exchange.hint, **context)


def _challenge(exchange: Exchange) -> str:
    """What the gateway says against the token, e.g. ``Bearer realm="PISTE", error="invalid_token"``."""
    return word(exchange.headers.get("WWW-Authenticate", ""))


def _is_challenge(exchange: Exchange) -> bool:
    return _challenge(exchange).lower().startswith("bearer")


def retry_after(headers: Mapping[str, str], longest: float, now: datetime | None = None) -> float | None:
    """Seconds of a ``Retry-After`` header (RFC 9110 10.2.3: seconds or a date), within 0..``longest``.

    None when the header is absent or unreadable.
    """
    value = word(headers.get("Retry-After", ""), 64)
    seconds: float | None = integer(value) if value.isdecimal() else None
    if seconds is None:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - (now or datetime.now(UTC))).total_seconds()
    return float(min(max(seconds, 0), longest))
