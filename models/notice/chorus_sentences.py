"""One catalogue of sentences by key, and the one way of saying them in a reader's language.

The tables of ``chorus_api`` and ``einvoice`` carry English; here each of their sentences has a key, and so
have the reasons that the addon itself stores (``OWN``). A sentence said with :func:`say` is a text that
remembers its key and parameters: a field of type :class:`chorus_reason.Reason` stores those, and each reader
gets it in her own language.
"""

from datetime import date

from odoo.tools import format_date
from odoo.tools.translate import get_translation

from ...chorus_api import rejections, statuses
from .chorus_error_sentences import BY_CLASS, BY_CODE
from .chorus_finding_rules import ALL_RULES
from .chorus_own_sentences import OWN

ADDON = "l10n_fr_chorus_pro"


def _catalogue():
    rows = {f"finding.{code}": rule.message_en for code, rule in ALL_RULES.items()}
    for code, status in (*statuses.INVOICE_STATUSES.items(), ("unknown", statuses.invoice_status("unknown"))):
        rows |= {f"status.{code}.meaning": status.meaning_en, f"status.{code}.action": status.action_en}
    rows |= {f"rejection.{meaning.code}": meaning.message_en for meaning in rejections.MEANINGS}
    rows |= {f"error.{name}": sentence for name, sentence in (BY_CLASS | BY_CODE).items()}
    return rows | {f"own.{key}": sentence for key, sentence in OWN.items()}


# Key → English. Keys are stored: one that a database may hold is never renamed, nor its parameters.
CATALOGUE = _catalogue()


class Sentence(str):
    """A text in one language that remembers what it was made of.

    ``parts``: one for each line, [key, parameters] or a text in somebody's own words.
    """

    __slots__ = ("parts",)

    def __new__(cls, text, parts):
        sentence = super().__new__(cls, text)
        sentence.parts = parts
        return sentence


def say(env, key, /, **params):
    """The sentence of ``key`` in the language of ``env``.

    :param str key: of ``CATALOGUE``
    :param params: texts, numbers, dates; or sentences of this module, which follow the language as well
    :rtype: Sentence
    """
    kept = {name: _kept(value) for name, value in params.items()}
    return Sentence(_said(env, [key, kept]), [[key, kept]])


def together(texts):
    """Several texts as one, a line each; those of this module go on following the reader's language.

    :rtype: Sentence
    """
    texts = [text for text in texts if text]
    return Sentence("\n".join(texts), [part for text in texts for part in _parts(text)])


def said_again(env, parts):
    """What ``parts`` of a :class:`Sentence` say in the language of ``env``; what nobody knows is left out.

    :rtype: Sentence
    """
    return Sentence("\n".join(filter(None, (_said(env, part) for part in parts))), parts)


def _parts(text):
    return text.parts if isinstance(text, Sentence) else [str(text)]


def _kept(value):
    if isinstance(value, Sentence):
        return {"said": value.parts}
    if isinstance(value, list | tuple):
        return [_kept(item) for item in value]
    if isinstance(value, date):
        return {"date": value.isoformat()[:10]}
    return value if isinstance(value, int | float | bool) or value is None else str(value)


def _shown(env, value):
    if not isinstance(value, dict):
        return value
    if "said" in value:
        return str(said_again(env, value["said"]))
    return format_date(env, value["date"])


def _said(env, part):
    if isinstance(part, str):
        return part
    key, params = part
    english = CATALOGUE.get(key)
    if english is None:
        return ""
    shown = {name: _shown(env, value) for name, value in params.items()}
    said = get_translation(ADDON, env.lang or "en_US", english, shown)
    # With parameters, Python has made one of each two signs already.
    return said if shown else said.replace("%%", "%")
