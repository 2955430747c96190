"""The addon's own reasons that are stored beside an invoice, a deposit or a request: key → English.

Keys and parameters are stored: neither is ever renamed.
"""

# The sentences are collected here and translated where they are told: no record is at hand.
# pylint: disable=prefer-env-translation
from ..einvoice.translate import _

OWN = {
    "answer_not_kept": _("The answer of Chorus Pro could not be kept: %(error)s"),
    "with_reference": _("%(sentence)s (reference %(ref)s)"),
    "with_remote_words": "%(sentence)s (%(words)s)",
}
