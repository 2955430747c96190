"""A failed call, told to the person in front of the screen."""

from .chorus_error_sentences import BY_CLASS, BY_CODE
from .chorus_sentences import CATALOGUE, say


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
