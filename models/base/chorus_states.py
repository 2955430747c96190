"""States of a deposit, of its lines, of requests and of the invoice: everything known of each, one row each.

Models, worker, screens, tests and the tables of docs/architecture.md read these rows; views read computed
fields (``chorus_level``, ``chorus_todo`` …) that come from them. What the buyer's statuses mean is the table
of ``chorus_api.statuses``.
"""

from dataclasses import dataclass

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

LEVELS = [("danger", "To act on"), ("warning", "To watch"), ("info", "Under way"), ("success", "Done")]


@dataclass(frozen=True, slots=True)
class LineState:
    """A state of one invoice on its way to one environment.

    ``live``: Chorus Pro holds the invoice or may come to hold it: at most one such line per invoice and
    environment. ``held``: Chorus Pro holds it, or nobody can say that it does not. ``level``: its colour, ""
    for none. ``told_as``: the invoice's state (:data:`INVOICE`) when it is another. ``attention``: somebody
    has to look once sending has ended. ``followed``: its buyer's statuses are asked for. ``waits``: it has
    not left yet, and a person may take it back.
    """

    code: str
    label: str
    goes_to: tuple = ()
    live: bool = False
    held: bool = False
    level: str = "info"
    told_as: str = ""
    attention: bool = False
    followed: bool = False
    waits: bool = False


LINES = (
    LineState("queued", "Waiting", ("ready", "blocked", "failed", "cancelled"), live=True, waits=True),
    LineState("blocked", "Stopped before sending", level="danger", attention=True),
    LineState(
        "ready",
        "Ready to send",
        ("sending", "failed", "cancelled"),
        live=True,
        told_as="queued",
        waits=True,
    ),
    LineState(
        "sending",
        "Being sent",
        ("ready", "sent", "unconfirmed", "failed"),
        live=True,
        held=True,
        told_as="queued",
    ),
    LineState(
        "unconfirmed",
        "To be confirmed",
        ("sent", "integrated", "ready", "failed", "cancelled"),
        live=True,
        held=True,
        level="warning",
        attention=True,
    ),
    LineState(
        "sent",
        "Deposited",
        # Back, when the receipt turns out to be that of another file.
        ("integrated", "rejected", "unconfirmed"),
        live=True,
        held=True,
        followed=True,
    ),
    LineState("integrated", "With the buyer", ("unconfirmed",), live=True, held=True, followed=True),
    LineState("rejected", "Rejected by Chorus Pro", level="danger", attention=True),
    LineState("failed", "Not sent", level="danger", attention=True),
    LineState("cancelled", "Withdrawn", level=""),
    LineState("hand", "Deposited by hand", ("integrated", "cancelled"), live=True, held=True, followed=True),
)
LINE = {row.code: row for row in LINES}


@dataclass(frozen=True, slots=True)
class DepositState:
    """A state of a file. Other words than those of an invoice: in French, "dépôt" and "facture" have not
    the same gender. ``open``: its outcome or its report is still awaited. ``ends_help``: calls for help end.
    """

    code: str
    label: str
    goes_to: tuple = ()
    level: str = "info"
    open: bool = False
    ends_help: bool = False


DEPOSITS = (
    DepositState("ready", "Ready to send", ("sending", "failed", "cancelled"), open=True),
    DepositState("sending", "Being sent", ("ready", "sent", "unconfirmed", "failed"), open=True),
    DepositState(
        "unconfirmed",
        "To be confirmed",
        ("sent", "integrated", "ready", "failed", "cancelled"),
        level="warning",
        open=True,
    ),
    DepositState(
        "sent",
        "Taken in",
        ("integrated", "partial", "rejected", "unconfirmed"),
        open=True,
        ends_help=True,
    ),
    DepositState("integrated", "Integrated", ("unconfirmed",), level="success", ends_help=True),
    DepositState("partial", "Partly integrated", level="warning", ends_help=True),
    DepositState("rejected", "Rejected", level="danger", ends_help=True),
    DepositState("failed", "Could not be sent", level="danger"),
    DepositState("cancelled", "Taken back", level="", ends_help=True),
)
DEPOSIT = {row.code: row for row in DEPOSITS}


@dataclass(frozen=True, slots=True)
class InvoiceState:
    """What the accountant sees on the invoice: the line's state, told further by the buyer's status.

    ``step``: the group it is counted in (:data:`STEPS`). ``offer``: what is offered whatever the status;
    the requests that a status takes are the status's own. ``told_by_status``: the buyer's status says more
    than ``sentence``. ``buyer_speaks``: the message is the buyer's. ``settled``: no payment is awaited.
    """

    code: str
    label: str
    level: str
    step: str
    sentence: object = ""
    offer: str = ""
    told_by_status: bool = False
    buyer_speaks: bool = False
    settled: bool = False


INVOICES = (
    InvoiceState(
        "queued",
        "Waiting to be sent",
        "info",
        "under_way",
        _lt("It is sent by itself within a few minutes; you may go on with something else."),
    ),
    InvoiceState(
        "blocked",
        "Stopped before sending",
        "danger",
        "to_act",
        _lt("It was stopped before sending: correct what is named below, then send it again."),
        offer="send",
        settled=True,
    ),
    InvoiceState(
        "failed",
        "Not sent",
        "danger",
        "to_act",
        _lt("Nothing was sent: see the reason below, then send it again."),
        offer="send",
        settled=True,
    ),
    InvoiceState(
        "unconfirmed",
        "To be confirmed",
        "warning",
        "to_act",
        _lt("The answer of Chorus Pro was lost. It is being looked for there: do not send it again."),
    ),
    InvoiceState(
        "hand",
        "Deposited by hand",
        "info",
        "under_way",
        _lt("It was deposited on the portal by hand and is looked for there."),
    ),
    InvoiceState(
        "sent",
        "Deposited",
        "info",
        "under_way",
        _lt("Chorus Pro has the file and checks it; the result comes back by itself."),
    ),
    InvoiceState(
        "rejected",
        "Rejected by Chorus Pro",
        "danger",
        "to_act",
        _lt("Chorus Pro rejected it, and holds nothing of it: correct it, then send it again."),
        offer="send",
        settled=True,
    ),
    InvoiceState(
        "integrated",
        "With the buyer",
        "info",
        "under_way",
        _lt("Chorus Pro has accepted it and passes it on to the buyer."),
        told_by_status=True,
    ),
    InvoiceState(
        "suspended", "Suspended: to complete", "danger", "to_act", told_by_status=True, buyer_speaks=True
    ),
    InvoiceState("recycle", "To recycle", "danger", "to_act", told_by_status=True, buyer_speaks=True),
    InvoiceState(
        "refused",
        "Rejected by the buyer",
        "danger",
        "to_act",
        told_by_status=True,
        buyer_speaks=True,
        settled=True,
    ),
    InvoiceState(
        "replaced",
        "Rejected, dealt with",
        "info",
        "over",
        _lt("The buyer refused it, and it was dealt with: nothing more to do here."),
        settled=True,
    ),
    InvoiceState("attention", "To look at", "danger", "to_act", told_by_status=True, buyer_speaks=True),
    InvoiceState("approved", "Payment ordered", "info", "under_way", told_by_status=True),
    InvoiceState("paid", "Payment under way", "success", "being_paid", told_by_status=True),
    InvoiceState(
        "cancelled",
        "Withdrawn",
        "",
        "over",
        _lt("It was withdrawn before it left."),
        settled=True,
    ),
)
INVOICE = {row.code: row for row in INVOICES}

# The groups in which invoices are counted, filtered and shown on the overview.
STEPS = [
    ("to_send", "To send"),
    ("under_way", "Under way"),
    ("to_act", "To act on"),
    ("being_paid", "Payment under way"),
    ("over", "Over"),
]


@dataclass(frozen=True, slots=True)
class Request:
    """Something a person asks Chorus Pro to do with an invoice that it holds, and what is offered for it."""

    code: str
    label: str
    offer: str


REQUESTS = (
    Request("complete", "Complete", "complete"),
    Request("recycle", "Redirect", "redirect"),
    Request("acknowledge", "Acknowledge the rejection", "correct"),
)
REQUEST = {row.code: row for row in REQUESTS}
OFFERS = [
    ("complete", "Complete"),
    ("redirect", "Redirect"),
    ("correct", "Correct"),
    ("send", "Send again"),
    ("check", "Ask what became of it"),
    ("take_over", "Take it over"),
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


def selection(rows):
    """The rows of a table as Odoo's selections want them: list of (code, label)."""
    return [(row.code, row.label) for row in rows]


def that(rows, **columns):
    """The codes of the rows whose columns have these values: ``that(LINES, live=True)``.

    :rtype: tuple[str, ...]
    """
    return tuple(
        row.code for row in rows if all(getattr(row, name) == value for name, value in columns.items())
    )


def sql_list(states):
    """The states as a SQL list of literals: ``('a', 'b')``. Only for the constants of this file."""
    return "(" + ", ".join(f"'{state}'" for state in states) + ")"


def level(row):
    """The level of a row of a table, as a field takes it: False for none."""
    return (bool(row) and row.level) or False


LINE_STATES = selection(LINES)
DEPOSIT_STATES = selection(DEPOSITS)
MOVE_STATES = selection(INVOICES)
REQUEST_KINDS = selection(REQUESTS)
LINE_TRANSITIONS = {row.code: set(row.goes_to) for row in LINES}
DEPOSIT_TRANSITIONS = {row.code: set(row.goes_to) for row in DEPOSITS}
LIVE_STATES = that(LINES, live=True)
# What a person deposited on the portal tells nothing about our own first deposit.
OWN_LIVE_STATES = tuple(state for state in LIVE_STATES if state != "hand")
LIVE_SQL = f"state IN {sql_list(LIVE_STATES)}"
HELD_STATES = that(LINES, held=True)
FOLLOWED_STATES = that(LINES, followed=True)
