"""The addon's own reasons that are stored (key → English), and what a failed call means for a person.

Keys and parameters are stored: neither is ever renamed.
"""

# The sentences are collected here and translated where they are told: no record is at hand.
# pylint: disable=prefer-env-translation
from ...einvoice.translate import _

OWN = {
    "answer_not_kept": _("The answer of Chorus Pro could not be kept: %(error)s"),
    "file_damaged": _("The stored file is missing or damaged: send it again."),
    "file_not_made": _(
        "The file of invoice %(number)s could not be made (%(error)s). It is tried again by itself;"
        " the server's log has the details."
    ),
    "file_stopped": _(
        "The file of invoice %(number)s could not be made: the server ended the work %(count)s times"
        " before it was done, because it took too long or too much memory. Ask the administrator to look"
        " at the limits of the server and at its log (reference %(ref)s), then send the invoice again."
    ),
    "first_by_person": _(
        "Chorus Pro has not taken a first real invoice of this company yet: a person sends that one (Send to"
        " Chorus). The others go by themselves once it has arrived."
    ),
    "given_up_by": _("Given up by %(user)s"),
    "has_it_already": _("Not sent: Chorus Pro has it already, see the invoice."),
    "in_another_flow": _("Chorus Pro has its invoices under another flow number."),
    "not_checked": _("It could not be checked (%(error)s); it is tried again by itself."),
    "not_done": _(
        "The answer was lost, and the status on Chorus Pro has not changed since: it was not"
        " done. You may try again."
    ),
    "not_known_whether": _(
        "It is not known whether Chorus Pro took this file: the answer was lost, and no"
        " invoice of it has been found there. Look on the portal, then choose: send it again,"
        " type its flow number, or give up."
    ),
    "nothing_final": _(
        "Chorus Pro took this file more than %(days)s days ago and has said nothing final about it."
        " Look on the portal under the flow number, or ask the support of Chorus Pro; it is"
        " still followed."
    ),
    "reason_beside": _("Chorus Pro rejected it: the reason stands beside the invoice."),
    "receipt_of_another": _(
        "Chorus Pro answered with flow number %(flow)s, which is that of another file: this one may never"
        " have been taken. It is looked for there."
    ),
    "rejected_without_reason": _("Chorus Pro rejected the file without a reason."),
    "stopped_while_asking": _("The server stopped while it was asking. The status is looked at first."),
    "stopped_while_sending": _(
        "The server stopped while it was sending. Chorus Pro is asked whether it has it."
    ),
    "withdrawn_by": _("Withdrawn by %(user)s"),
    "with_reference": _("%(sentence)s (reference %(ref)s)"),
    "with_remote_words": "%(sentence)s (%(words)s)",
}


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
