"""The other electronic channels that may stand beside Chorus Pro, and what their fields on an invoice mean.

What was *not* sent there is the closed set. Any other value of a channel's state, also one that a later
version of its module or somebody's own module adds, means that the channel has the invoice: sent twice, it
could be paid twice. The modules need not be installed; a field that the database lacks says nothing.
"""

from typing import NamedTuple

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

GONE, REFUSED, FAILED = "gone", "refused", "failed"
_WEIGHT = (GONE, REFUSED, FAILED)
# The finding about each; ``despite`` once a person has said that the invoice goes all the same.
FINDINGS = {GONE: "other_channel", REFUSED: "other_channel_refused", FAILED: "other_channel_failed"}
DESPITE = "other_channel_despite"

# Nothing was sent, and nothing was tried.
UNSENT = frozenset({False, None, "", "ready"})
# The channel's module also writes these when its own call broke: nobody knows whether anything left.
UNCERTAIN = frozenset({"error", "skipped"})


class Channel(NamedTuple):
    """One other way to send an invoice, as its module writes it on ``account.move``."""

    name: object
    """how a person calls it"""
    state: str | None
    """field with the state of the invoice there; None when the module keeps none on the invoice"""
    sent: str
    """field that is filled once the other side has the invoice"""
    refused: frozenset = frozenset()
    """states in which it was taken, and the other side or the buyer does not want it"""
    waiting: frozenset = frozenset()
    """states in which the module has yet to send it, by itself"""


APPROVED_PLATFORM = _lt("Odoo's approved platform")

CHANNELS = (
    Channel(
        _lt("Peppol"),
        "peppol_move_state",
        "peppol_message_uuid",
        refused=frozenset({"RE", "refused", "rejected", "cancelled"}),
        waiting=frozenset({"to_send"}),
    ),
    Channel(
        _lt("Nemhandel"),
        "nemhandel_move_state",
        "nemhandel_message_uuid",
        refused=frozenset({"BusinessReject", "rejected"}),
        waiting=frozenset({"to_send"}),
    ),
    Channel(_lt("the approved platform of another module"), None, "fr_einvoicing_flow_id"),
)
# Every field that tells of another channel, whether or not this database has it.
CHANNEL_FIELDS = tuple(
    name for channel in CHANNELS for name in (channel.state, channel.sent) if name is not None
)


class Standing(NamedTuple):
    """Where an invoice stands on another channel."""

    channel: Channel
    kind: str
    """``gone``: the channel has it; ``refused``: it had it; ``failed``: nobody knows whether anything left"""
    state: object
    """what the channel's state field says, as stored"""
    key: str
    """names exactly this situation: what a person decided about it holds for no other"""


def standing(move):
    """Where an invoice stands on the other channels: where that weighs most, when it is on several.

    :param move: one ``account.move``
    :rtype: Standing | None
    """
    return min(_standings(move), key=lambda stands: _WEIGHT.index(stands.kind), default=None)


def _standings(move):
    for channel in CHANNELS:
        known = channel.state in move._fields
        state = move[channel.state] if known else False
        sent = move[channel.sent] if channel.sent in move._fields else False
        kind = _kind(channel, state, sent)
        if kind:
            mark = sent.ids if hasattr(sent, "ids") else sent
            yield Standing(
                channel, kind, state, f"{channel.state or channel.sent}={state or ''}:{mark or ''}"
            )


def _kind(channel, state, sent):
    if state in channel.refused:
        return REFUSED
    if sent or state not in UNSENT | UNCERTAIN:
        return GONE
    return FAILED if state in UNCERTAIN else None
