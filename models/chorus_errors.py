"""What a failed call means for the person in front of the screen, and what she can check."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

# By class of chorus_api.errors; the first that matches an error's ancestry is told.
SENTENCES = {
    "InvalidCredentials": _lt(
        "PISTE does not accept this Client ID with this Client Secret. Check in PISTE, application, tab "
        "Authentification: they must be the Identifiants Oauth (not the API Keys), of the application of "
        "this environment (sandbox for test, production otherwise), copied whole and without blanks."
    ),
    "TokenRejected": _lt(
        "Chorus Pro refuses the technical account. Check the technical username and password: a new account "
        "works after about 30 minutes, a password is good for 424 days, and a change of SIRET loses "
        "the account."
    ),
    "AccessDenied": _lt(
        "PISTE refuses access to this service. In PISTE, accept the terms of use (CGU) of the API "
        "and tick it "
        "in your application; in Chorus Pro, check that the PISTE application is declared (Raccordement)."
    ),
    "RateLimited": _lt(
        "PISTE asks to slow down: too many calls in a short time. Try again in a few minutes."
    ),
    "NotSent": _lt(
        "Nothing could be sent: the server of PISTE or Chorus Pro cannot be reached. Check the address, the "
        "network and the proxy of the Odoo server; if they are right, try again later."
    ),
    "Unavailable": _lt("Chorus Pro is not available just now. Try again later."),
    "BadAnswer": _lt(
        "The answer cannot be read: what answers at this address does not speak like PISTE or Chorus Pro. "
        "Check the addresses of the connection; a proxy page also looks like this."
    ),
    "OutcomeUnknown": _lt(
        "The answer of Chorus Pro was lost: nobody knows yet whether it did what was asked."
    ),
    "NothingFound": _lt("Chorus Pro finds nothing."),
    "Refused": _lt("Chorus Pro refuses: %(detail)s"),
}

# By the error's code, where it says more than its class.
SENTENCES_BY_CODE = {
    "redirect_refused": _lt(
        "Instead of an answer came a redirection to another address, where nothing is sent. Check the "
        "addresses of the connection; the sign-in page of a proxy also looks like this."
    ),
    "flow_number_known": _lt(
        "Chorus Pro answered with the flow number %(detail)s, which it had given to another deposit: nobody "
        "knows yet whether it took this file. It is being looked for there."
    ),
}


def _without_words(error):
    """What names a refusal that came without a text."""
    if error.remote_code:
        return f"codeRetour {error.remote_code}"
    return f"HTTP {error.http_status}" if error.http_status else error.code


def explain(env, error):
    """Return the sentence for a ``chorus_api.ChorusError``, in the user's language.

    The remote text, when there is one, is appended as it came; then the reference under which the log has
    the details of the call.
    """
    detail = error.remote_label or error.detail or _without_words(error)
    sentence = SENTENCES_BY_CODE.get(error.code) or next(
        (SENTENCES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in SENTENCES),
        _lt("The call to Chorus Pro failed: %(detail)s"),
    )
    text = env._(sentence)
    if "%(detail)s" in text:
        text = text.replace("%(detail)s", detail)
    elif error.remote_label:
        text = f"{text} ({error.remote_label})"
    if not error.correlation_id:
        return text
    return env._("%(sentence)s (reference %(ref)s)", sentence=text, ref=error.correlation_id)
