"""A text that is stored as keys and parameters, and read in the reader's language."""

import json

from odoo import fields

from .chorus_sentences import Sentence, said_again

# What is stored of a sentence of the catalogue begins with it; no text of anybody else does.
MARK = "\x1e"


class Reason(fields.Text):
    """A text about what happened: ours by its key, others' words as they came.

    What is written may be a plain text, or a :class:`chorus_sentences.Sentence`, of which the keys and
    parameters are stored. Reading gives a sentence in the language of the reader's environment. Texts that
    former versions stored in one language stay as they are.
    """

    def convert_to_cache(self, value, record, validate=True):
        if isinstance(value, Sentence):
            value = MARK + json.dumps(value.parts, ensure_ascii=False)
        elif validate and isinstance(value, str):
            value = value.lstrip(MARK)
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        if value and value.startswith(MARK):
            return said_again(record.env, json.loads(value[len(MARK) :]))
        return super().convert_to_record(value, record)

    def convert_to_read(self, value, record, use_display_name=True):
        return str(value) if value else super().convert_to_read(value, record, use_display_name)
