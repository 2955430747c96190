"""Where calls go: the two addresses of one environment, and the policy on addresses."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

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
