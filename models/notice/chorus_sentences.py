"""One catalogue of sentences by key, and the one way of saying them in a reader's language.

The tables of ``chorus_api`` and ``einvoice`` carry English; here each of their sentences has a key, and so
have the reasons that the addon itself stores (``OWN``). A sentence said with :func:`say` is a text that
remembers its key and parameters: a field of type :class:`Reason` stores those, and each reader gets it in her
own language.
"""

import json
from datetime import date

from odoo import fields
from odoo.tools import format_date
from odoo.tools.translate import get_translation

from ...chorus_api import rejections, statuses
from .chorus_finding_rules import ALL_RULES
from .chorus_own_sentences import BY_CLASS, BY_CODE, OWN

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


# A stored line that begins with it is a sentence of the catalogue; no text of anybody else has it.
MARK = "\x1e"


def packed(sentence):
    """What is stored of a :class:`chorus_sentences.Sentence`: a line for each part, which SQL can count."""
    return "\n".join(
        part.replace(MARK, "") if isinstance(part, str) else MARK + json.dumps(part, ensure_ascii=False)
        for part in sentence.parts
    )


def unpacked(env, stored):
    """What a stored text says in the language of ``env``.

    :rtype: Sentence
    """
    lines = stored.split("\n")
    return said_again(env, [json.loads(line[1:]) if line.startswith(MARK) else line for line in lines])


class Reason(fields.Text):
    """A text about what happened: ours by its key, others' words as they came.

    What is written may be a plain text, or a :class:`chorus_sentences.Sentence`, of which the keys and
    parameters are stored. Reading gives a sentence in the language of the reader's environment. Texts that
    former versions stored in one language stay as they are.
    """

    def convert_to_cache(self, value, record, validate=True):
        if isinstance(value, Sentence):
            value = packed(value)
        elif validate and isinstance(value, str):
            value = value.replace(MARK, "")
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        if value and MARK in value:
            return unpacked(record.env, value)
        return super().convert_to_record(value, record)

    def convert_to_read(self, value, record, use_display_name=True):
        return str(value) if value else super().convert_to_read(value, record, use_display_name)


def _without_words(error):
    """What names a refusal that came without a text."""
    if error.remote_code:
        return f"codeRetour {error.remote_code}"
    return f"HTTP {error.http_status}" if error.http_status else error.code


def explain(env, error):
    """Return the sentence for a ``chorus_api.ChorusError``, in the user's language.

    The remote text, when there is one, is appended as it came; then the reference under which the log has
    the details of the call.

    :rtype: chorus_sentences.Sentence
    """
    name = error.code if error.code in BY_CODE else _nearest(error)
    key = f"error.{name}"
    if "%(detail)s" in CATALOGUE[key]:
        said = say(env, key, detail=error.remote_label or error.detail or _without_words(error))
    else:
        said = say(env, key)
        if error.remote_label:
            said = say(env, "own.with_remote_words", sentence=said, words=error.remote_label)
    if not error.correlation_id:
        return said
    return say(env, "own.with_reference", sentence=said, ref=error.correlation_id)


def _nearest(error):
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in BY_CLASS)
