"""How the addon's code says that it acts itself: by a value that no remote caller can send.

Whoever calls a method by RPC chooses its whole context, so that a plain flag in it proves nothing. What
comes over the wire is text, numbers, lists and mappings; never this object.
"""

KEY = "chorus_code"


class _Code:
    def __repr__(self):
        return "<the code of l10n_fr_chorus_pro>"


BY_CODE = {KEY: _Code()}


def is_by_code(env):
    """Return whether the addon's own code set up this environment (``with_context(**BY_CODE)``)."""
    return env.context.get(KEY) is BY_CODE[KEY]
