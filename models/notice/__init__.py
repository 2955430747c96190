"""One catalogue of sentences, one way of telling people."""

from . import (
    chorus_live,
    chorus_notice,
    chorus_words,
)
