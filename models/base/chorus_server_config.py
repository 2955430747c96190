"""Options that only the server's administrator can set, in odoo.conf or in the environment.

An option ``chorus_pro_x`` of the file is the variable ``CHORUS_PRO_X`` of the environment; the
environment wins. docs/server_configuration.md lists them.
"""

import os

from odoo.tools import config

from ...chorus_api import Settings

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
