"""Every ``except Exception`` of the addon, with the reason why it may stand there.

An error of PostgreSQL that asks for a retry (serialization, deadlock, lock not available) must never be
swallowed inside a transaction that goes on: what follows would be lost without a word.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# chorus_api, einvoice and rendering know no database (test_layers): what is raised there is the outcome.
FOLDERS = ("controllers", "mapping", "migrations", "models", "wizards", "worker")
WIDE = {"Exception", "BaseException", "psycopg2.Error", "psycopg2.OperationalError", "psycopg2.DatabaseError"}
RAISED = "raises again what asks for a retry"
OUTCOME = "around a call, in no transaction: it is the outcome"
APART = "the transactions are the step's own and have ended; what was due stays due"

AGAIN = "again_when_asked has run it again; rolled back, and due at the next run"

REASONS = {
    "models/document/account_move_render.py AccountMove._chorus_render_fast": RAISED,
    "models/document/account_move_render.py AccountMove._chorus_render_batches": RAISED,
    "models/document/account_move_render.py AccountMove._chorus_render_alone": RAISED,
    "models/invoice/account_move_automatic.py AccountMove._chorus_plan_sending": RAISED,
    "models/invoice/account_move_ereporting.py AccountMove._chorus_classify_again": RAISED,
    "models/connection/chorus_connection_written.py ChorusConnection._cron_watch_connections": AGAIN,
    "models/deposit/chorus_deposit_outcome.py ChorusDepositLine._together_or_alone": RAISED,
    "models/deposit/chorus_deposit_outcome.py ChorusDepositLine._each_alone": RAISED,
    "models/directory/chorus_structure_look_up.py ChorusStructure._keep": RAISED,
    "models/directory/chorus_structure_refresh.py ChorusStructure._cron_refresh_directory": AGAIN,
    "models/directory/chorus_structure_refresh.py ChorusStructure._search_again": AGAIN,
    "models/directory/chorus_structure_refresh.py ChorusStructure._with_work": AGAIN + ": one by one next",
    "models/base/transactions.py in_transaction": "this is the retry",
    "models/base/transactions.py again_when_asked": "this is the retry, the last try raises",
    "models/base/transactions.py advisory_locks": "the cursor of the locks alone; it writes nothing",
    "worker/channel.py guarded": APART,
    "worker/channel.py Channel.write_each": RAISED,
    "worker/preparer.py Preparer.prepare": APART + ": one by one next",
    "worker/preparer.py Preparer._prepare_alone": APART,
    "worker/requests.py Requests.make": OUTCOME,
    "worker/sender.py Sender._start_each": APART + ": one by one next",
    "worker/sender.py Sender.deliver": OUTCOME,
    "worker/sender.py Sender.conclude": APART + ": one by one next",
    "worker/travel.py Travel._run": APART,
    "worker/turns.py Turns._stand_in": APART,
    "worker/turns.py Turns._turn_beside": "raises all of it again",
    "worker/travel.py Travel._step": APART,
    "worker/travel.py Travel._leave": APART,
    "worker/travel.py Travel._write": APART,
    "worker/travel.py Travel._do": OUTCOME,
}


def wide_handlers():
    """{"path Class.method": number of handlers that catch everything}"""
    found = {}
    for path in (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        _walk(tree, [], path.relative_to(ROOT).as_posix(), found)
    return found


def _walk(node, names, path, found):
    for child in ast.iter_child_nodes(node):
        inner = names
        if isinstance(child, (ast.ClassDef, ast.FunctionDef)):
            inner = [*names, child.name]
        if isinstance(child, ast.ExceptHandler):
            kinds = child.type.elts if isinstance(child.type, ast.Tuple) else [child.type]
            if any(kind is None or ast.unparse(kind) in WIDE for kind in kinds):
                found.setdefault(f"{path} {'.'.join(names)}", []).append(child)
        _walk(child, inner, path, found)


def test_each_wide_handler_has_its_reason():
    assert sorted(wide_handlers()) == sorted(REASONS)


def test_where_a_transaction_goes_on_a_retry_is_raised():
    for place, handlers in wide_handlers().items():
        if not REASONS[place].startswith(RAISED):
            continue
        raising = [
            handler
            for handler in handlers
            if any(
                isinstance(node, ast.If)
                and isinstance(node.test, ast.Call)
                and ast.unparse(node.test.func) in ("asks_for_retry", "ends_transaction")
                and isinstance(node.body[0], ast.Raise)
                for node in handler.body
            )
        ]
        assert raising, place
