"""States of a deposit and of its lines: one table each, read by the models, the views and the tests.

See docs/architecture.md, "States", for the drawing and for who may cause each transition.
"""

LINE_STATES = [
    ("queued", "Waiting"),
    ("blocked", "Stopped before sending"),
    ("ready", "Ready to send"),
    ("sending", "Being sent"),
    ("unconfirmed", "To be confirmed"),
    ("sent", "Deposited"),
    ("integrated", "With the buyer"),
    ("rejected", "Rejected by Chorus Pro"),
    ("failed", "Not sent"),
    ("cancelled", "Withdrawn"),
    ("hand", "Deposited by hand"),
]

# Chorus Pro holds the invoice, or may come to hold it: at most one such line per invoice and environment.
LIVE_STATES = ("queued", "ready", "sending", "unconfirmed", "sent", "integrated", "hand")
# What a person deposited on the portal tells nothing about our own first deposit.
OWN_LIVE_STATES = tuple(state for state in LIVE_STATES if state != "hand")


def sql_list(states):
    """The states as a SQL list of literals: ``('a', 'b')``. Only for the constants of this file."""
    return "(" + ", ".join(f"'{state}'" for state in states) + ")"


LIVE_SQL = f"state IN {sql_list(LIVE_STATES)}"

# Chorus Pro holds the invoice, or nobody can say that it does not.
HELD_STATES = ("sending", "unconfirmed", "sent", "integrated", "hand")

LINE_TRANSITIONS = {
    "queued": {"ready", "blocked", "failed", "cancelled"},
    "ready": {"sending", "failed", "cancelled"},
    "sending": {"ready", "sent", "unconfirmed", "failed"},
    "unconfirmed": {"sent", "integrated", "ready", "failed", "cancelled"},
    "sent": {"integrated", "rejected"},
    "hand": {"integrated", "cancelled"},
    "integrated": set(),
    "blocked": set(),
    "rejected": set(),
    "failed": set(),
    "cancelled": set(),
}

# Other words than those of an invoice: in French, "dépôt" and "facture" have not the same gender.
DEPOSIT_STATES = [
    ("ready", "Ready to send"),
    ("sending", "Being sent"),
    ("unconfirmed", "To be confirmed"),
    ("sent", "Taken in"),
    ("integrated", "Integrated"),
    ("partial", "Partly integrated"),
    ("rejected", "Rejected"),
    ("failed", "Could not be sent"),
    ("cancelled", "Taken back"),
]

DEPOSIT_TRANSITIONS = {
    "ready": {"sending", "failed", "cancelled"},
    "sending": {"ready", "sent", "unconfirmed", "failed"},
    "unconfirmed": {"sent", "integrated", "ready", "failed", "cancelled"},
    "sent": {"integrated", "partial", "rejected"},
    "integrated": set(),
    "partial": set(),
    "rejected": set(),
    "failed": set(),
    "cancelled": set(),
}

# What the accountant sees on the invoice: the line's state, told further by the buyer's status.
MOVE_STATES = [
    ("queued", "Waiting to be sent"),
    ("blocked", "Stopped before sending"),
    ("failed", "Not sent"),
    ("unconfirmed", "To be confirmed"),
    ("hand", "Deposited by hand"),
    ("sent", "Deposited"),
    ("rejected", "Rejected by Chorus Pro"),
    ("integrated", "With the buyer"),
    ("suspended", "Suspended: to complete"),
    ("recycle", "To recycle"),
    ("refused", "Rejected by the buyer"),
    ("replaced", "Rejected, dealt with"),
    ("attention", "To look at"),
    ("approved", "Payment ordered"),
    ("paid", "Payment under way"),
    ("cancelled", "Withdrawn"),
]

LINE_TO_MOVE_STATE = {"ready": "queued", "sending": "queued"}

STATUS_TO_MOVE_STATE = {
    "SUSPENDUE": "suspended",
    "A_COMPLETER": "suspended",
    "A_RECYCLER": "recycle",
    "EN_ATTENTE_RECYCLAGE_FOURNISSEUR": "recycle",
    "REJETEE": "refused",
    "REFUSEE_1": "refused",
    "REFUSEE_2": "refused",
    "ERREUR_FOURNISSEUR_SUR_VALIDEUR": "refused",
    "ERREUR_COTRAITANT_SUR_VALIDEUR": "refused",
    "MANDATEE": "approved",
    "MISE_A_DISPOSITION_COMPTABLE": "approved",
    "COMPTABILISEE": "approved",
    "MISE_EN_PAIEMENT": "paid",
}

# A person has to do something.
ACTION_MOVE_STATES = (
    "blocked",
    "failed",
    "unconfirmed",
    "rejected",
    "suspended",
    "recycle",
    "refused",
    "attention",
)

# What a person asked Chorus Pro to do with an invoice that it holds (chorus.request).
REQUEST_KINDS = [
    ("complete", "Complete"),
    ("recycle", "Redirect"),
    ("acknowledge", "Acknowledge the rejection"),
]
REQUEST_STATES = [
    ("waiting", "Waiting"),
    ("sending", "Being sent"),
    ("unknown", "Answer lost"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("not_done", "Not done"),
]
OPEN_REQUEST_STATES = ("waiting", "sending", "unknown")
