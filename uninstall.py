"""Removing the addon keeps what the law keeps: deposited files and reports stay, as files of the invoices."""

import json

# What a report says of each record, besides its plain columns.
_LEFT_OUT = {"binary", "one2many", "many2many"}


def uninstall_hook(env):
    """Hand every deposited file, and a report of what became of it, over to the invoices it carried.

    Code général des impôts L102 B: kept six years at least; code de commerce L123-22: ten years.
    """
    env = env(su=True)
    deposits = env["chorus.deposit"]
    for deposit in deposits.search([]):
        files = _files(env, deposit)
        moves = deposit.line_ids.move_id or deposit.company_id
        for record in moves[1:]:
            for file in files:
                file.copy({"name": file.name, **_place(record)})
        files.write({**_place(moves[0]), "res_field": False})
    for move in env["chorus.deposit.line"].search([]).move_id:
        for request in move.chorus_request_ids:
            _files(env, request).write({**_place(move), "res_field": False})
        env["ir.attachment"].create(
            {
                "name": f"chorus_pro_{''.join(filter(str.isalnum, move.name or ''))}.json",
                "raw": json.dumps(_report(move), default=str, ensure_ascii=False, indent=1).encode(),
                "mimetype": "application/json",
                **_place(move),
            }
        )
    env.flush_all()


def _files(env, record):
    """The files stored on a record, those of its fields included."""
    domain = [("res_model", "=", record._name), ("res_id", "=", record.id), ("id", "!=", 0)]
    found = env["ir.attachment"].search(domain)
    for file in found.filtered(lambda file: file.res_field == "file"):
        file.name = record.filename or file.name
    return found


def _place(record):
    return {"res_model": record._name, "res_id": record.id}


def _report(move):
    """Everything that is known of one invoice on Chorus Pro, oldest first.

    :rtype: dict
    """
    return {
        "invoice": move.name,
        "company": move.company_id.name,
        "deposits": [
            {
                **_columns(line),
                "deposit": _columns(line.deposit_id),
                "attempts": [_columns(attempt) for attempt in line.deposit_id.attempt_ids.sorted("id")],
                "statuses": [_columns(event) for event in line.event_ids.sorted("at")],
                "requests": [_columns(request) for request in line.request_ids.sorted("id")],
            }
            for line in move.chorus_line_ids.sorted("id")
        ],
    }


def _columns(record):
    """:rtype: dict[str, object]"""
    names = [name for name, field in record._fields.items() if field.store and field.type not in _LEFT_OUT]
    return record.read(names, load=None)[0] if record else {}
