"""What is fixed outside the records: addresses, options of the server's administrator, secrets at rest.

An option ``chorus_pro_x`` of the file is the variable ``CHORUS_PRO_X`` of the environment; the environment
wins. docs/server_configuration.md lists them.

Without ``chorus_pro_encryption_keys`` in the server's configuration the key comes from the database's own
secret: that keeps secrets out of SQL logs and partial exports, not out of a full dump. With it, a dump alone
is of no use. Several keys are separated by commas: the first enciphers, all decipher, so that a new key is
put first, stored secrets are enciphered again by the daily check, and the old one goes.
"""

import base64
import hashlib
import os

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from odoo.tools import config

from ...chorus_api import Settings

ENVIRONMENTS = [("test", "Test"), ("production", "Production")]

AUTH_URL = {
    "test": "https://sandbox-oauth.piste.gouv.fr/api/oauth/token",
    "production": "https://oauth.piste.gouv.fr/api/oauth/token",
}
API_URL = {
    "test": "https://sandbox-api.piste.gouv.fr",
    "production": "https://api.piste.gouv.fr",
}
PORTAL = {
    "test": "https://qualif.chorus-pro.gouv.fr",
    "production": "https://cpro.chorus-pro.gouv.fr",
}
PISTE_PORTAL = "https://piste.gouv.fr"


def parameter(env, key):
    """Return the text of a system parameter, ``''`` when it is not set."""
    return env["ir.config_parameter"].sudo().get_param(key) or ""


def keep_parameter(env, key, value):
    """Store the text of a system parameter."""
    env["ir.config_parameter"].sudo().set_param(key, value)


PREFIX = "chorus_pro_"
# Credentials that may stay out of the database, per company and environment.
CREDENTIALS = ("client_id", "client_secret", "login", "password")


def option(name):
    """Return the text of option ``chorus_pro_<name>``, without surrounding blanks, or ``''``."""
    key = PREFIX + name
    return (os.environ.get(key.upper()) or config.get(key) or "").strip()


def option_list(name):
    """Return the comma-separated values of an option as a list of non-empty strings."""
    return [part.strip() for part in option(name).split(",") if part.strip()]


def call_settings():
    """Return the ``chorus_api.Settings`` of calls: the server's own proxy and certificates, when it has them.

    Without ``chorus_pro_proxy`` the proxy of the process environment (``https_proxy``) is used.
    """
    proxy, bundle = option("proxy"), option("ca_bundle")
    return Settings(proxies={"https": proxy} if proxy else None, ca_bundle=bundle or None)


def credential(name, company_id, environment, siret):
    """Return a credential given by the server for this company and environment, or ``''``.

    The most precise key wins: ``chorus_pro_<environment>_<SIRET>_<name>``, then
    ``chorus_pro_<environment>_company<id>_<name>``, then ``chorus_pro_<environment>_<name>``.

    :param str name: one of ``CREDENTIALS``.
    :param int company_id: res.company.
    :param str environment: ``test`` or ``production``.
    :param str siret: of the company, as an administrator confirmed it; may be empty.
    """
    scopes = [f"{environment}_{siret}_"] if siret.isdigit() else []
    scopes += [f"{environment}_company{company_id}_", f"{environment}_"]
    return next((value for scope in scopes if (value := option(scope + name))), "")


def by_siret(siret, environment):
    """Return whether the server gives any credential for this SIRET."""
    return siret.isdigit() and any(option(f"{environment}_{siret}_{name}") for name in CREDENTIALS)


def any_by_siret(environment):
    """Return whether the server gives credentials for SIRETs at all."""
    start = f"{PREFIX}{environment}_"
    written = start.upper()
    return any(name.startswith(written) and name[len(start) :][:1].isdigit() for name in os.environ) or any(
        name.startswith(start) and name[len(start) :][:1].isdigit()
        for options in config.options.maps
        for name in options
    )


MIN_KEY_LENGTH = 32


class WeakKey(ValueError):
    """A key of the configuration is too short to protect anything."""


def encrypt(env, text):
    """Return ``text`` enciphered with the first key, as ASCII."""
    return _fernet(env).encrypt(text.encode()).decode()


def decrypt(env, cipher):
    """Return the text of ``cipher``; ``''`` when there is none; ``None`` when no known key opens it."""
    if not cipher:
        return ""
    try:
        return _fernet(env).decrypt(cipher.encode()).decode()
    except (InvalidToken, WeakKey):
        return None


def rotate(env, ciphers):
    """Return those of ``ciphers`` that can be read and are not under the first key, as it would have them.

    :return: dict cipher → cipher
    """
    rotated = {}
    try:
        present = _fernets(env)[0]
    except WeakKey:
        return rotated
    for cipher in ciphers:
        try:
            present.decrypt(cipher.encode())
        except InvalidToken:
            if (text := decrypt(env, cipher)) is not None:
                rotated[cipher] = encrypt(env, text)
    return rotated


def _fernet(env):
    return MultiFernet(_fernets(env))


def _fernets(env):
    """The configured keys, then the database's own, which only has to open what older settings closed."""
    keys = option_list("encryption_keys")
    if any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise WeakKey("chorus_pro_encryption_keys")
    database_secret = parameter(env, "database.secret")
    return [_fernet_of(key) for key in (*keys, f"database:{database_secret}")]


def _fernet_of(key):
    digest = hashlib.sha256(b"l10n_fr_chorus_pro:" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
