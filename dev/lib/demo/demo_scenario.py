"""The story of the demo: send, follow, be suspended, be paid."""

import base64
import collections
import json
import time
from pathlib import Path

from .. import console
from ..server.rpc import poll
from . import demo_checklist, demo_company, demo_data, demo_invoices

USERS = demo_company.USERS
connect = demo_company.connect
STATE_FIELD = {"test": "chorus_test_state", "production": "chorus_state"}[demo_company.ENVIRONMENT]
_SECONDS = 600
_DELAYS = (
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
    "IN_RECU",
    "IN_TRAITE_SE_CPP",
    "IN_EN_ATTENTE_TRAITEMENT_CPP",
    "IN_EN_COURS_TRAITEMENT_CPP",
)
_TOLD = 160  # letters of what to do
# The plug is pulled after so many deposits, for so long.
_DEPOSITS_BEFORE, _DEAD_SECONDS = 3, 5
# What a buyer does so that an invoice ends in this state.
_DECISIONS = {
    "suspended": {"status": "SUSPENDUE", "comment": "Merci de joindre le procès-verbal de réception."},
    "paid": {"status": "MISE_EN_PAIEMENT"},
}


def play(stage, summary=None, unplug=False, before_send=None, checklist=False):
    """Play the whole story; returns whether every invoice came out as expected.

    `summary`: path of a JSON file to write. Deposited files go to `stage.folder`/deposits.
    `unplug`: Chorus Pro goes dead while the deposits are under way, and comes back.
    `checklist`: the administrator breaks and repairs each step of the checklist before.
    `before_send(moves)` is called when the invoices are posted (dict key -> id).
    """
    with console.step("Creating the company, its customers and its invoices"):
        accountant = demo_company.prepare(stage)
        moves = demo_invoices.make(accountant)
    # The report is there when it is first asked for: nobody waits in front of a demo.
    stage.simulator.control("settings", {"not_found_period": 0.0, "flow_delays": dict.fromkeys(_DELAYS, 0.0)})
    checked = True
    if checklist:
        with console.step("The administrator goes through the checklist"):
            checked = demo_checklist.play(stage)
    with console.step("Sending from the list, as an accountant does"):
        _close_a_structure(stage)
        if before_send:
            before_send(moves)
        stopped = _send(accountant, list(moves.values()))
    if unplug:
        with console.step("Pulling Chorus Pro's plug, and putting it back"):
            _unplug(stage)
    with console.step("Waiting for Odoo's scheduled actions"):
        _await_deposits(stage, accountant, moves)
    with console.step("The buyers look at their invoices"):
        _buyers_decide(stage, accountant, moves)
        # Half an hour later.
        stage.make_due("cron_follow")
        _await_buyers(accountant, moves)
    _keep_deposits(stage, accountant)
    rows = _rows(accountant, moves, stopped)
    _print_table(rows)
    if summary:
        Path(summary).write_text(json.dumps(rows, indent=1, ensure_ascii=False))
    wrong = [row for row in rows if row["state"] != row["expected"]]
    for row in wrong:
        console.error(f"{row['invoice']} is {row['state']}, expected {row['expected']}: {row['message']}")
    doubled = _deposited_twice(stage)
    for number in doubled:
        console.error(f"{number} was deposited more than once")
    return checked and not wrong and not doubled


def _deposited_twice(stage):
    """The numbers of invoices that the simulator took more than once."""
    deposits = stage.simulator.control("ledger")["deposits"]
    taken = collections.Counter(file["number"] for deposit in deposits for file in deposit["files"])
    return [number for number, times in taken.items() if times > 1]


def _expected_end(key):
    return demo_data.INVOICES[key].get("end", demo_data.GOOD_END)


def _close_a_structure(stage):
    siret = demo_data.CUSTOMERS["closing"][1]
    stage.simulator.control(f"structures/{siret}", {"active": False})


def _send(accountant, ids):
    """Open the Send screen on all invoices and press Send; returns dict id -> why it was stopped."""
    action = accountant.call("account.move", "action_chorus_send", ids)
    domain = [("wizard_id", "=", action["res_id"]), ("state", "=", "stopped")]
    rows = accountant.search_read("chorus.send.line", domain, ["move_id", "reasons"])
    accountant.call("chorus.send", "action_send", [action["res_id"]])
    return {row["move_id"][0]: row["reasons"] for row in rows}


def _unplug(stage):
    """Kill the simulator after a few deposits; it comes back with what it had taken."""
    poll(
        lambda: len(stage.simulator.control("ledger")["deposits"]) >= _DEPOSITS_BEFORE,
        60,
        "first deposits",
        0.05,
    )
    stage.simulator.kill()
    time.sleep(_DEAD_SECONDS)
    stage.simulator.start_again()


def _states(accountant, moves):
    rows = accountant.call("account.move", "read", list(moves.values()), [STATE_FIELD])
    return {row["id"]: row[STATE_FIELD] for row in rows}


def _await_deposits(stage, accountant, moves):
    """Wait until no invoice is on its way any more: Odoo's own scheduled actions do the work."""

    def are_past(*states):
        return lambda: not set(states) & set(_states(accountant, moves).values())

    poll(are_past("queued", "unconfirmed"), _SECONDS, "every file was taken")
    stage.let_pass(minutes=5)
    poll(are_past("queued", "sent", "unconfirmed"), _SECONDS, "every deposit has its verdict")


def _await_buyers(accountant, moves):
    """Wait until the decided invoices show what the buyers decided."""

    def decided():
        states = _states(accountant, moves)
        expected = {moves[key]: _expected_end(key) for key in moves}
        return all(states[move] == end for move, end in expected.items() if end in _DECISIONS)

    poll(decided, _SECONDS, "the buyers' decisions have come back")


def _buyers_decide(stage, accountant, moves):
    """One invoice is suspended with a comment, one is paid."""
    numbers = _numbers(accountant, moves)
    ledger = stage.simulator.control("ledger")
    ids = {invoice["number"]: invoice["id"] for invoice in ledger["invoices"]}
    for key, number in numbers.items():
        decision = _DECISIONS.get(_expected_end(key))
        if decision and number in ids:
            stage.simulator.control(f"invoices/{ids[number]}/status", decision)


def _numbers(accountant, moves):
    rows = accountant.call("account.move", "read", list(moves.values()), ["name"])
    names = {row["id"]: row["name"] for row in rows}
    return {key: names[move] for key, move in moves.items()}


def _keep_deposits(stage, accountant):
    folder = stage.folder / "deposits"
    folder.mkdir(exist_ok=True)
    for row in accountant.search_read("chorus.deposit", [], ["filename", "file"]):
        (folder / Path(row["filename"]).name).write_bytes(base64.b64decode(row["file"]))


def _rows(accountant, moves, stopped):
    """What the summary says of each invoice."""
    fields = ["name", "partner_id", "amount_total_signed", STATE_FIELD, "chorus_status_label"]
    fields += ["chorus_sentence", "chorus_message"]
    read = accountant.call("account.move", "read", list(moves.values()), fields)
    lines = accountant.search_read("chorus.deposit.line", [], ["move_id", "flow_number"])
    flows = {line["move_id"][0]: line["flow_number"] for line in lines}
    keys = {move: key for key, move in moves.items()}
    return [
        {
            "key": keys[row["id"]],
            "invoice": row["name"],
            "customer": row["partner_id"][1],
            "amount": row["amount_total_signed"],
            "deposit": flows.get(row["id"]) or "",
            "state": row[STATE_FIELD] or "stopped",
            "status": row["chorus_status_label"] or "",
            "to_do": row["chorus_sentence"] or "",
            "message": stopped.get(row["id"]) or row["chorus_message"] or "",
            "expected": _expected_end(keys[row["id"]]),
        }
        for row in read
    ]


def _print_table(rows):
    columns = ("invoice", "customer", "amount", "deposit", "state", "status", "to_do")
    table = [columns, *(_cells(row, columns) for row in rows)]
    widths = [max(len(line[index]) for line in table) for index in range(len(columns))]
    for line in table:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cells(row, columns):
    """The texts of one line; a stopped invoice says why."""
    told = {**row, "amount": f"{row['amount']:.2f}"}
    told["to_do"] = " ".join(f"{row['to_do']} {row['message']}".split())[:_TOLD]
    return [told[name] for name in columns]
