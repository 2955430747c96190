"""A text that is stored as keys and parameters, and read in the reader's language."""

import json

from odoo import fields

from .chorus_sentences import Sentence, said_again

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
