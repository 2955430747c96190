"""How the addon's code says that it acts itself: by a value that no remote caller can send.

Whoever calls a method by RPC chooses its whole context, so that a plain flag in it proves nothing. What
comes over the wire is text, numbers, lists and mappings; never this object.

Texts with expressions (mail templates, reports) reach ``sudo()``, ``with_user()`` and every context; so
rights prove nothing while one is rendered: the thread knows that it renders, and then nobody is the code.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo.exceptions import AccessError

KEY = "chorus_code"


class _Code:
    def __repr__(self):
        return "<the code of l10n_fr_chorus_pro>"


BY_CODE = {KEY: _Code()}


def is_by_code(env):
    """Return whether the addon's own code set up this environment (``with_context(**BY_CODE)``)."""
    return env.context.get(KEY) is BY_CODE[KEY] and not is_rendering()


_rendering = ContextVar("l10n_fr_chorus_pro_rendering", default=False)


@contextmanager
def rendering():
    """Around the rendering of a text that people write, with expressions in it."""
    before = _rendering.set(True)
    try:
        yield
    finally:
        _rendering.reset(before)


def is_rendering():
    """Return whether what runs now was called by an expression of such a text."""
    return _rendering.get()


def check_not_rendering(env):
    """
    :raises AccessError: when an expression of a text wants what only the code, or a person, may do
    """
    if is_rendering():
        raise AccessError(
            env._(
                "A template or a report only shows what Chorus Pro says: it sends nothing and changes nothing"
                " of it. Take the expression that does out of the text."
            )
        )
