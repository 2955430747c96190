"""Removing the addon keeps what the law keeps: deposited files and reports stay, as files of the invoices.

Made for databases of any size: a few hundred invoices at a time, each time committed, nothing taken from a
deposit meanwhile. Begun again (a limit of time, a server that stopped), it goes on where it stopped.
"""

import json
import logging
from collections import defaultdict

from odoo.tools import split_every

_logger = logging.getLogger(__name__)

# Invoices handed over in one transaction.
BATCH = 200
# The description of our reports, by which one that is there already is known.
_MARK = "Chorus Pro: what was sent, and what became of it"
# What a report says of each record, besides its plain columns.
_LEFT_OUT = {"binary", "one2many", "many2many"}
# Copies share their content in the store with the original: no file is read or written.
_COPIED = (
    "type, store_fname, db_datas, checksum, mimetype, file_size, index_content, company_id, url,"
    " create_uid, write_uid, create_date, write_date"
)


def uninstall_hook(env):
    """Hand every deposited file, and a report of what became of it, over to the invoices it carried.

    Code général des impôts L102 B: kept six years at least; code de commerce L123-22: ten years.
    """
    env = env(su=True)
    env.flush_all()
    moves = _left(env)
    done = 0
    for move_ids in split_every(BATCH, moves):
        _hand_over(env, list(move_ids))
        _end_batch(env)
        done += len(move_ids)
        _logger.info("Chorus Pro: %s of %s invoices have their files", done, len(moves))
    for deposit_ids in split_every(BATCH, _without_invoice(env)):
        deposits = env["chorus.deposit"].browse(deposit_ids)
        _copy_files(env, [(item._name, item.id, "res.company", item.company_id.id) for item in deposits])
        _end_batch(env)
    # The originals last: until here every deposit has its own.
    env.cr.execute("DELETE FROM ir_attachment WHERE res_model IN ('chorus.deposit', 'chorus.request')")
    # What is remembered of the lists of recipients: see models/directory/chorus_structure_listed.py.
    env["ir.config_parameter"].search([("key", "=like", "l10n_fr_chorus_pro.%")]).unlink()
    env.invalidate_all()


def _end_batch(env):
    env.flush_all()
    # What is done stays done, and nothing of it stays in memory.
    env.cr.commit()  # pylint: disable=invalid-commit
    env.invalidate_all()


def _left(env):
    """Ids of the invoices whose report is missing, or older than the last word about them."""
    env.cr.execute(
        """
        SELECT line.move_id FROM chorus_deposit_line AS line
        WHERE NOT EXISTS (
            SELECT FROM ir_attachment AS report
            WHERE report.res_model = 'account.move' AND report.res_id = line.move_id
                AND report.description = %s AND report.write_date >= line.write_date
        )
        GROUP BY line.move_id ORDER BY line.move_id
        """,
        (_MARK,),
    )
    return [row[0] for row in env.cr.fetchall()]


def _without_invoice(env):
    env.cr.execute(
        "SELECT id FROM chorus_deposit AS deposit WHERE NOT EXISTS"
        " (SELECT FROM chorus_deposit_line WHERE deposit_id = deposit.id) ORDER BY id"
    )
    return [row[0] for row in env.cr.fetchall()]


def _hand_over(env, move_ids):
    moves = env["account.move"].browse(move_ids)
    lines = moves.chorus_line_ids
    told = {
        "deposits": _columns(lines.deposit_id),
        "lines": _columns(lines.sorted("id"), "move_id"),
        "attempts": _columns(lines.deposit_id.attempt_ids.sorted("id"), "deposit_id"),
        "statuses": _columns(lines.event_ids.sorted("at"), "line_id"),
        "requests": _columns(lines.request_ids.sorted("id"), "line_id"),
    }
    places = {
        ("chorus.deposit", line.deposit_id.id, "account.move", line.move_id.id)
        for line in lines
        if line.deposit_id
    }
    places |= {
        ("chorus.request", request.id, "account.move", request.line_id.move_id.id)
        for request in lines.request_ids
    }
    _copy_files(env, sorted(places))
    attachments = env["ir.attachment"]
    attachments.search(
        [("res_model", "=", "account.move"), ("res_id", "in", move_ids), ("description", "=", _MARK)]
    ).unlink()
    attachments.create(
        [
            {
                "name": f"chorus_pro_{''.join(filter(str.isalnum, move.name or ''))}.json",
                "raw": json.dumps(_report(move, told), default=str, ensure_ascii=False, indent=1).encode(),
                "mimetype": "application/json",
                "description": _MARK,
                "res_model": "account.move",
                "res_id": move.id,
            }
            for move in moves
        ]
    )


def _copy_files(env, places):
    """Give files to other records, once.

    :param places: list of (model, id, other model, other id)
    """
    models, ids, other_models, other_ids = map(list, zip(*places, strict=True)) if places else ([],) * 4
    env.cr.execute(
        f"""
        INSERT INTO ir_attachment (res_model, res_id, name, {_COPIED})
        SELECT place.other_model, place.other_id,
            CASE WHEN file.res_field = 'file' THEN coalesce(deposit.filename, file.name) ELSE file.name END,
            {", ".join(f"file.{column}" for column in _COPIED.split(", "))}
        FROM unnest(%s::text[], %s::int[], %s::text[], %s::int[])
            AS place(model, id, other_model, other_id)
        JOIN ir_attachment AS file ON file.res_model = place.model AND file.res_id = place.id
        LEFT JOIN chorus_deposit AS deposit ON place.model = 'chorus.deposit' AND deposit.id = place.id
        WHERE NOT EXISTS (
            SELECT FROM ir_attachment AS there
            WHERE there.res_model = place.other_model AND there.res_id = place.other_id
                AND there.checksum = file.checksum AND there.res_field IS NULL
        )
        """,
        (models, ids, other_models, other_ids),
    )


def _report(move, told):
    """Everything that is known of one invoice on Chorus Pro, oldest first.

    :param dict told: what was read of the batch
    :rtype: dict
    """
    return {
        "invoice": move.name,
        "company": move.company_id.name,
        "deposits": [
            {
                **line,
                "deposit": next(iter(told["deposits"].get(line["deposit_id"], ())), {}),
                "attempts": told["attempts"].get(line["deposit_id"], []),
                "statuses": told["statuses"].get(line["id"], []),
                "requests": told["requests"].get(line["id"], []),
            }
            for line in told["lines"].get(move.id, ())
        ],
    }


def _columns(records, by="id"):
    """The plain columns of records, read at once, in order.

    :return: values of the records by the value of ``by``
    :rtype: dict[int, list[dict]]
    """
    names = [name for name, field in records._fields.items() if field.store and field.type not in _LEFT_OUT]
    rows = defaultdict(list)
    for values in records.read(names, load=None):
        rows[values[by]].append(values)
    return rows
