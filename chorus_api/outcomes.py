"""From what happened on the wire to an answer, or to the error that says what to do next.

The rule for writes (a deposit above all): "nothing was done" only where that is certain, "unknown" for the
rest, because an invoice deposited twice is worse than a question asked once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from . import errors
from .readers import Json, Unreadable, decompress, integer, read_object, reference, word
from .routes import Route
from .transport import Exchange

# The exchange broke before anything can have been processed, whatever the body's state (used for reads).
_CONNECT_FAILURES = {"proxy_failure", "dns_failure", "tls_failure", "connection_refused", "connect_timeout"}

# A failure before the body began to leave, told by what it means at that point.
_BEFORE_SENDING = {"answer_timeout": "connect_timeout", "connection_lost": "connection_failed"}

# Statuses by which the server, or a gateway before it, declines without having processed the request.
# 5xx are not among them: a gateway answers 502 or 504 when the service behind it is still at work.
# 408 and 499 are not either: they tell that somebody lost patience, not that nothing was done.
_DECLINED = {
    400: (errors.Refused, "bad_request"),
    401: (errors.TokenRejected, "token_rejected"),
    403: (errors.AccessDenied, "access_denied"),
    404: (errors.RouteNotFound, "route_not_found"),
    413: (errors.Refused, "too_large"),
    415: (errors.Refused, "unsupported_media"),
    429: (errors.RateLimited, "rate_limited"),
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
    kind: type[errors.Refused] = errors.Refused


# Reference §2.1. Labels are compared by their beginning; only the first part is stable.
REFUSALS = (
    Refusal("nothing_found", "TRA_MSG_00.015", kind=errors.NothingFound),  # seen live, code 20000
    Refusal("nothing_found", "GFT_MSG_01.075", kind=errors.NothingFound),  # seen live, code 20007
    Refusal("flow_not_found", "POQ_MSG_01.003", kind=errors.FlowNotFound),  # seen live, code 20001
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
) -> errors.ChorusError:
    """The error for a status other than 2xx."""
    context = {**context, **remote, "retry_after": patience}
    if 300 <= status < 400:
        # An instruction to ask elsewhere, which our credentials do not follow: somebody has to correct the
        # address. 302 and 303 are also what servers say once they have done what was posted.
        if route.write and exchange.left:
            return errors.OutcomeUnknown("redirect_refused", about_connection=True, **context)
        return errors.NotSent("redirect_refused", retryable=False, **context)
    if status == 409 and route.write and exchange.left:
        # A conflict may be one with what this very request has done.
        return errors.OutcomeUnknown("conflict", **context)
    if 400 <= status < 500 and status not in _AMBIGUOUS_4XX:
        if remote["remote_code"] and status not in (401, 403, 413, 429):
            return refusal(**context)
        kind, code = _DECLINED.get(status, (errors.Refused, "client_error"))
        if status == 400 and _is_challenge(exchange):
            kind, code = _DECLINED[401]  # the gateway answers 400 where others say 401 (seen live)
        return kind(code, detail=_challenge(exchange), **context)
    code = "server_error" if 500 <= status < 600 else "unexpected_status"
    if route.write:
        return errors.OutcomeUnknown(code, **context)
    passing = code == "server_error" or status in _AMBIGUOUS_4XX
    return errors.Unavailable("server_error", **context) if passing else errors.BadAnswer(code, **context)


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
        raise errors.OutcomeUnknown(
            "contradictory_answer" if numbered else "missing_field", **remote, **context
        )
    raise errors.BadAnswer("missing_field", **remote, **context)


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


def refusal(route: str, remote_code: int | None, remote_label: str, **context: Any) -> errors.Refused:
    """The :class:`errors.Refused` for a ``codeRetour`` other than 0."""
    context.update(route=route, remote_code=remote_code, remote_label=remote_label)
    for row in REFUSALS:
        if (
            remote_label.startswith(row.label)
            and row.remote_code in (None, remote_code)
            and row.route in (None, route)
        ):
            return row.kind(row.code, **context)
    return errors.Refused("refused", **context)


def _no_answer(route: Route, exchange: Exchange, context: Json) -> errors.ChorusError:
    failure = exchange.failure
    detail = exchange.hint
    if not exchange.left or (failure in _CONNECT_FAILURES and not route.write):
        return errors.NotSent(_BEFORE_SENDING.get(failure, failure), detail=detail, **context)
    kind = errors.OutcomeUnknown if route.write else errors.Unavailable
    return kind(failure or "connection_lost", detail=detail, **context)


def _unreadable(route: Route, exchange: Exchange, code: str, context: Json) -> errors.ChorusError:
    if route.write:
        return errors.OutcomeUnknown(exchange.failure or code, detail=exchange.hint, **context)
    if exchange.failure in ("", "answer_too_large"):
        return errors.BadAnswer(code, **context)
    return errors.Unavailable(exchange.failure, detail=exchange.hint, **context)


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
