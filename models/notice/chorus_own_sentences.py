"""The addon's own reasons that are stored beside an invoice, a deposit or a request: key → English.

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
    "rejected_without_reason": _("Chorus Pro rejected the file without a reason."),
    "stopped_while_asking": _("The server stopped while it was asking. The status is looked at first."),
    "stopped_while_sending": _(
        "The server stopped while it was sending. Chorus Pro is asked whether it has it."
    ),
    "withdrawn_by": _("Withdrawn by %(user)s"),
    "with_reference": _("%(sentence)s (reference %(ref)s)"),
    "with_remote_words": "%(sentence)s (%(words)s)",
}
