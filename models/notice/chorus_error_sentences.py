"""What a failed call means for the person in front of the screen, and what she can check."""

# The sentences are collected here and translated where they are told: no record is at hand.
# pylint: disable=prefer-env-translation
from ...einvoice.translate import _

# By class of chorus_api.errors; the first that matches an error's ancestry is told.
BY_CLASS = {
    "InvalidCredentials": _(
        "PISTE does not accept this Client ID with this Client Secret. Check in PISTE, application, tab "
        "Authentification: they must be the Identifiants Oauth (not the API Keys), of the application of "
        "this environment (sandbox for test, production otherwise), copied whole and without blanks."
    ),
    "TokenRejected": _(
        "Chorus Pro refuses the technical account. Check the technical username and password: a new account "
        "works after about 30 minutes, a password is good for 424 days, and a change of SIRET loses "
        "the account."
    ),
    "AccessDenied": _(
        "PISTE refuses access to this service. In PISTE, accept the terms of use (CGU) of the API "
        "and tick it "
        "in your application; in Chorus Pro, check that the PISTE application is declared (Raccordement)."
    ),
    "RateLimited": _("PISTE asks to slow down: too many calls in a short time. Try again in a few minutes."),
    "NotSent": _(
        "Nothing could be sent: the server of PISTE or Chorus Pro cannot be reached. Check the address, the "
        "network and the proxy of the Odoo server; if they are right, try again later."
    ),
    "Unavailable": _("Chorus Pro is not available just now. Try again later."),
    "BadAnswer": _(
        "The answer cannot be read: what answers at this address does not speak like PISTE or Chorus Pro. "
        "Check the addresses of the connection; a proxy page also looks like this."
    ),
    "OutcomeUnknown": _("The answer of Chorus Pro was lost: nobody knows yet whether it did what was asked."),
    "NothingFound": _("Chorus Pro finds nothing."),
    "Refused": _("Chorus Pro refuses: %(detail)s"),
    "ChorusError": _("The call to Chorus Pro failed: %(detail)s"),
}

# By the error's code, where it says more than its class.
BY_CODE = {
    "redirect_refused": _(
        "Instead of an answer came a redirection to another address, where nothing is sent. Check the "
        "addresses of the connection; the sign-in page of a proxy also looks like this."
    ),
    "flow_number_known": _(
        "Chorus Pro answered with the flow number %(detail)s, which it had given to another deposit: nobody "
        "knows yet whether it took this file. It is being looked for there."
    ),
}
