"""PISTE: tokens, and who may call what.

Order of the checks, as seen live: bearer token, then the route's API subscription, then the technical
account, then the body.
"""

import base64
import binascii
import random
import secrets
from urllib.parse import unquote_plus

from .server import Answer

DOMAINS = (
    "factures",
    "structures",
    "transverses",
    "utilisateurs",
    "engagementsJuridiques",
    "facturesTravaux",
)
_MISSING_TOKEN = 'error="invalid_request", error_description="Unable to find token in the message"'
# The live text of an expired token was not recorded: this one is the gateway product's usual wording.
_BAD_TOKEN = 'error="invalid_token", error_description="The access token expired or is invalid"'


class Denied(Exception):
    """The gateway refuses; carries the answer."""

    def __init__(self, answer):
        super().__init__(answer.status)
        self.answer = answer


class Gateway:
    """Clients: id → {secret, apis: {domain: bool}, terms: {domain: bool}}.

    Accounts: login → {password, active, expires_at (instant or None), structures (identifiers, or None for
    every private structure)}. Both are kept in the store.
    """

    def __init__(self, store, clock, settings):
        self._store, self._clock, self._settings = store, clock, settings
        self._draw = random.Random(settings["oauth_seed"])

    # Administration

    @property
    def clients(self):
        return self._store.recall("clients", {})

    @property
    def accounts(self):
        return self._store.recall("accounts", {})

    def set_client(self, client_id, **changes):
        """Creates or changes a client; ``apis`` and ``terms`` are merged domain by domain."""
        clients = self.clients
        client = clients.setdefault(
            client_id,
            {"secret": "", "apis": dict.fromkeys(DOMAINS, True), "terms": dict.fromkeys(DOMAINS, True)},
        )
        for name in ("apis", "terms"):
            client[name].update(changes.pop(name, {}))
        client.update(changes)
        self._store.remember("clients", clients)
        return client

    def set_account(self, login, **changes):
        accounts = self.accounts
        account = accounts.setdefault(
            login,
            {
                "password": "",
                "active": True,
                "structures": None,
                "expires_at": self._clock.now() + 424 * 86400,
            },
        )  # the technical password's published lifetime
        account.update(changes)
        self._store.remember("accounts", accounts)
        return account

    # Tokens

    def token_answer(self, request):
        """``POST /api/oauth/token``. An unknown id and a wrong secret give the same bytes.

        Id and secret stand in the form or in an HTTP Basic header (RFC 6749, 2.3.1): clients do either.
        """
        form = request.form()
        client_id, secret = _client_credentials(request, form)
        client = self.clients.get(client_id)
        fine = (
            request.method == "POST"
            and form.get("grant_type") == "client_credentials"
            and client is not None
            and secrets.compare_digest(client["secret"].encode(), secret.encode())
        )
        one_in = self._settings["oauth_refusal_one_in"]
        if not fine or (one_in and self._draw.randrange(one_in) == 0):
            return Answer.json(
                {"error": "invalid_client", "error_description": "Client authentication failed"}, 400
            )
        lifetime = self._settings["token_lifetime"]
        token = secrets.token_urlsafe(41)[:54]
        with self._store.transaction():
            self._store.run("DELETE FROM token WHERE expires_at <= ?", self._clock.now())
            self._store.run(
                "INSERT INTO token VALUES (?, ?, ?)", token, client_id, self._clock.now() + lifetime
            )
        return Answer.json(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": lifetime,
                "scope": form.get("scope") or "openid",
            }
        )

    def revoke(self, request=None):
        """Kills the request's token, or all."""
        if request is None:
            self._store.run("DELETE FROM token")
        else:
            self._store.run("DELETE FROM token WHERE value = ?", self._bearer(request))

    # Calls

    def admit(self, request, route, known):
        """Returns (client id, account login), or raises :class:`Denied`."""
        bearer = self._bearer(request)
        realm = "PISTE" if known else "DefaultRealm"
        if not bearer:
            raise Denied(challenge(400, f'Bearer realm="{realm}", {_MISSING_TOKEN}'))
        token = self._store.one("SELECT * FROM token WHERE value = ?", bearer)
        if token is None or token["expires_at"] <= self._clock.now():
            raise Denied(challenge(401, f'Bearer realm="{realm}", {_BAD_TOKEN}'))
        client = self.clients.get(token["client"])
        domain = route.split("/")[0]
        if not known or client is None or not (client["apis"].get(domain) and client["terms"].get(domain)):
            raise Denied(Answer(403))
        if request.method == "GET":
            return token["client"], None
        login = self._account(request.headers.get("cpro-account"))
        if login is None:
            raise Denied(Answer(401))
        return token["client"], login

    def _account(self, header):
        try:
            login, _, password = base64.b64decode(header or "", validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        account = self.accounts.get(login)
        if account is None or not account["active"]:
            return None
        if account["expires_at"] is not None and account["expires_at"] <= self._clock.now():
            return None
        same = secrets.compare_digest(account["password"].encode(), password.encode())
        return login if same else None

    @staticmethod
    def _bearer(request):
        scheme, _, value = (request.headers.get("Authorization") or "").partition(" ")
        return value.strip() if scheme.lower() == "bearer" else ""


def _client_credentials(request, form):
    """The client's id and secret: of the header if it has any, else of the form; empty when it names none."""
    scheme, _, value = (request.headers.get("Authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(client_id), unquote_plus(secret)


def challenge(status, text):
    return Answer(status, b"", {"WWW-Authenticate": text})


def expired():
    return challenge(401, f'Bearer realm="PISTE", {_BAD_TOKEN}')
