"""Where calls go, with which token, and the client: one method per operation of Chorus Pro.

The addresses and the policy on them, PISTE's OAuth 2 client credentials, and one class made of the operations
by domain.
"""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeGuard
from urllib.parse import urlencode

from . import errors
from .errors import answer
from .flows import FlowOperations
from .invoice_actions import InvoiceActions, ValidationOperations
from .invoices import InvoiceOperations
from .operations import Caller, CallRecord, Wire
from .readers import Json, integer
from .routes import OAUTH, Route
from .structures import StructureOperations
from .transport import Exchange, Headers, Secret, Settings

OFFICIAL_DOMAIN = "piste.gouv.fr"

# Only what an API address needs. Everything else (user:password@, backslashes, blanks, queries, fragments)
# is refused, because two parsers may disagree about the host it names.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>/[A-Za-z0-9/._~-]*)?",
    re.ASCII | re.IGNORECASE,
)


class EndpointError(ValueError):
    """An address that is not accepted; ``code`` is ``malformed``, ``not_https`` or ``no_path``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _split(url: str | None) -> tuple[str, str, str, str]:
    """Scheme, host without brackets, normal form of the URL; raises :class:`EndpointError`."""
    match = _URL.fullmatch((url or "").strip())
    if not match or ".." in match["host"] or int(match["port"] or 443) not in range(1, 65536):
        raise EndpointError("malformed")
    host = match["host"].lower()
    port = f":{match['port']}" if match["port"] else ""
    scheme = match["scheme"].lower()
    path = (match["path"] or "").rstrip("/")
    return scheme, host.strip("[]"), f"{scheme}://{host}{port}{path}", path


def is_loopback(host: str) -> bool:
    """True for this very machine: ``localhost``, 127.0.0.0/8, ``::1`` (host without brackets)."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def allowed_host(url: str | None, extra_hosts: Iterable[str] = ()) -> bool:
    """True when credentials may be sent to this URL's host.

    That is the official domain and what is below it, this very machine, and the exact names in
    ``extra_hosts`` (the server's configuration). An unreadable URL is not allowed.
    """
    try:
        host = _split(url)[1]
    except EndpointError:
        return False
    official = host == OFFICIAL_DOMAIN or host.endswith("." + OFFICIAL_DOMAIN)
    return official or is_loopback(host) or host in {extra.strip().lower() for extra in extra_hosts}


def official_environment(url: str | None) -> str:
    """``"test"`` or ``"production"`` for a host of the official domain, ``""`` for any other.

    PISTE puts ``sandbox-`` before the names of the hosts of its qualification space.
    """
    host = _split(url)[1]
    if host != OFFICIAL_DOMAIN and not host.endswith("." + OFFICIAL_DOMAIN):
        return ""
    return "test" if host.startswith("sandbox-") else "production"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The token address and the API's root, e.g. ``https://api.piste.gouv.fr``, of one environment.

    Blanks, a final ``/`` and a final ``/cpro`` are taken off. https is required, except for the loopback
    interface (a simulator); else :class:`EndpointError`, a ``ValueError`` with ``code``.
    """

    auth_url: str
    api_url: str

    def __post_init__(self) -> None:
        for name in ("auth_url", "api_url"):
            scheme, host, url, path = _split(getattr(self, name))
            if scheme != "https" and not is_loopback(host):
                raise EndpointError("not_https")
            if name == "auth_url" and not path:
                raise EndpointError("no_path")
            object.__setattr__(self, name, url.removesuffix("/cpro") if name == "api_url" else url)

    def url(self, route: str) -> str:
        """Address of a route, given by its path below ``/cpro/``."""
        return f"{self.api_url}/cpro/{route}"


def is_loopback_url(url: str | None) -> bool:
    """True when the URL's host is this very machine."""
    return is_loopback(_split(url)[1])


# Reference: PISTE's published hosts; "sandbox" is Chorus Pro's qualification.
OFFICIAL = {
    "production": Endpoints("https://oauth.piste.gouv.fr/api/oauth/token", "https://api.piste.gouv.fr"),
    "test": Endpoints(
        "https://sandbox-oauth.piste.gouv.fr/api/oauth/token", "https://sandbox-api.piste.gouv.fr"
    ),
}


_LIFETIME = 3600  # seconds; seen live
_LONGEST = 24 * 3600


@dataclass(frozen=True, slots=True)
class Token:
    """``value`` is opaque (54 characters where measured); ``expires_at`` is an aware UTC datetime."""

    value: str = field(repr=False)
    expires_at: datetime


def fetch_token(
    endpoints: Endpoints,
    client_id: str | None,
    client_secret: str | None,
    *,
    settings: Settings | None = None,
    correlation_id: str | None = None,
    clock: Callable[[], datetime] | None = None,
    transport: Wire | None = None,
) -> Token:
    """Ask PISTE for a new token.

    Blanks around the two identifiers, a known cause of refusals, are taken off. The life of the token
    counts from before the request left.

    :param clock: callable returning the present aware datetime
    :param transport: see :class:`session.Caller`
    :raises InvalidCredentials: 400 or 401 (the two identifiers cannot be told apart, seen live)
    :raises ChorusError: the others, as for any read
    """
    form = Secret(
        urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": (client_id or "").strip(),
                "client_secret": (client_secret or "").strip(),
                "scope": "openid",
            }
        )
    )
    del client_id, client_secret
    settings = settings or Settings()
    now = (clock or _utc_now)()
    headers = Headers(
        Content_Type="application/x-www-form-urlencoded",
        Accept="application/json",
        Accept_Encoding="identity",
        User_Agent=settings.user_agent,
    )
    with Caller(settings, is_loopback_url(endpoints.auth_url), correlation_id, transport=transport) as caller:
        exchange = caller.exchange(OAUTH, endpoints.auth_url, headers, form)
        return _token(exchange, caller, settings, now)


def _token(exchange: Exchange, caller: Caller, settings: Settings, now: datetime) -> Token:
    context = caller.context(exchange)
    try:
        payload = answer(OAUTH, exchange, settings.max_answer_bytes, **context)
    except (errors.TokenRejected, errors.Refused) as error:
        refused = error
    else:
        value = payload.get("access_token")
        if usable_token(value):
            return Token(value, now + timedelta(seconds=_lifetime(payload)))
        del payload, value
        raise errors.BadAnswer(
            "no_access_token", route=OAUTH.path, http_status=exchange.status, **caller.ids(exchange)
        )
    raise _refusal(refused)


def _refusal(error: errors.ChorusError) -> errors.ChorusError:
    """400 and 401 concern the credentials; other refusals (404: wrong address) stay what they are."""
    if error.http_status not in (400, 401):
        return error
    code = "invalid_client" if error.remote_label in ("", "invalid_client") else "oauth_refused"
    return errors.InvalidCredentials(
        code,
        route=error.route,
        http_status=error.http_status,
        remote_label=error.remote_label,
        correlation_id=error.correlation_id,
        request_id=error.request_id,
        detail=error.detail,
    )


def usable_token(value: object) -> TypeGuard[str]:
    """True for a str that can stand in a header."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 8192
        and value.isascii()
        and value.isprintable()
        and not any(character.isspace() for character in value)
    )


def _lifetime(payload: Json) -> int:
    seconds = integer(payload.get("expires_in"))
    return min(seconds, _LONGEST) if seconds and seconds > 0 else _LIFETIME


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ChorusClient(
    FlowOperations, InvoiceOperations, InvoiceActions, StructureOperations, ValidationOperations
):
    """Calls Chorus Pro in the name of one technical account. Use it as a context manager.

    Every method raises a :class:`errors.ChorusError`; nothing is retried, except that a call answered 401
    is repeated once after ``renew`` gave a new token (the gateway refuses before the service sees anything,
    so this is safe for writes too).

    :param Endpoints endpoints: addresses of the environment
    :param str login: of the technical account, ``TECH_…@cpro.fr``
    :param str password: of the technical account
    :param str token: current token; may be empty, then ``renew`` is asked first
    :param renew: ``renew(old_token) -> new_token``; its errors pass through. None: never renewed.
    :param Settings settings: limits
    :param str correlation_id: identifies the caller's work in log lines and errors; made up when absent
    :param during: gives a context manager to enter around each call, its token and its place in the pace
        included: for whoever has to know that this thread waits for the network
    :param caller_options: ``clock``, ``sleep``, ``transport`` of :class:`session.Caller`
    """

    def __init__(
        self,
        endpoints: Endpoints,
        login: str | None,
        password: str | None,
        token: str | None,
        renew: Callable[[str], str] | None = None,
        settings: Settings | None = None,
        correlation_id: str | None = None,
        during: Callable[[], AbstractContextManager[object]] = nullcontext,
        **caller_options: Any,
    ) -> None:
        self.endpoints = endpoints
        self._during = during
        self.settings = settings or Settings()
        account = f"{(login or '').strip()}:{password or ''}".encode()
        self._account = Secret(base64.b64encode(account).decode("ascii"))
        self._token = Secret(token)
        self._renew = renew
        self._caller = Caller(
            self.settings, is_loopback_url(endpoints.api_url), correlation_id, **caller_options
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ChorusClient {self.endpoints.api_url}>"

    def close(self) -> None:
        """Close the connections. The client can still be used; it connects again."""
        self._caller.__exit__()

    @property
    def correlation_id(self) -> str:
        return self._caller.correlation_id

    @correlation_id.setter
    def correlation_id(self, value: str) -> None:
        self._caller.correlation_id = value

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The :class:`session.CallRecord` of each request made, oldest first."""
        return tuple(self._caller.calls)

    @property
    def last_call(self) -> CallRecord | None:
        """The last :class:`session.CallRecord`, or None."""
        return self._caller.calls[-1] if self._caller.calls else None

    def call(self, route: Route, payload: Json | None = None) -> Json:
        """The JSON object a route answers to ``payload`` (a dict, left out for GET).

        The ``codeRetour`` is checked; what else the answer holds is up to the caller to read with care.
        """
        content = None if route.method == "GET" else json.dumps(payload or {}).encode("ascii")
        with self._during():
            return self._call(route, content)

    def _call(self, route: Route, content: bytes | None) -> Json:
        begun = self._caller.begin()
        if not usable_token(self._token.reveal()):
            self._renew_token(route)
        try:
            return self._try(route, content, begun)
        except errors.TokenRejected:
            if self._renew is None:
                raise
        self._renew_token(route)
        return self._try(route, content, begun)

    def _try(self, route: Route, content: bytes | None, begun: float) -> Json:
        headers = Headers(
            Authorization=Secret(f"Bearer {self._token.reveal()}"),
            cpro_account=self._account,
            Content_Type="application/json;charset=utf-8",
            Accept="application/json;charset=utf-8",
            Accept_Encoding="identity",
            User_Agent=self.settings.user_agent,
        )
        exchange = self._caller.exchange(route, self.endpoints.url(route.path), headers, content, begun)
        return answer(route, exchange, self._caller.max_bytes(route), **self._caller.context(exchange))

    def _renew_token(self, route: Route) -> None:
        if self._renew is not None:
            self._token = Secret(self._renew(self._token.reveal()))
        if not usable_token(self._token.reveal()):
            raise errors.TokenRejected(
                "token_rejected",
                route=route.path,
                detail="no usable token",
                correlation_id=self.correlation_id,
            )
