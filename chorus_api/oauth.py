"""PISTE's token: OAuth 2 client credentials."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeGuard
from urllib.parse import urlencode

from . import errors
from .endpoints import Endpoints, is_loopback_url
from .outcomes import answer
from .readers import Json, integer
from .routes import OAUTH
from .secrets import Headers, Secret
from .session import Caller, Wire
from .settings import Settings
from .transport import Exchange

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
