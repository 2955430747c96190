"""What can go wrong with a call, sorted by what the caller may do next.

Every error says four things a sender must know: whether the server may have done what was asked
(``outcome``), whether the same call may succeed later without anybody acting (``retryable``), how long the
server wants to be left alone (``retry_after``), and whether the connection is at fault rather than what was
asked (``about_connection``). No text of an error ever holds a secret.
"""

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
