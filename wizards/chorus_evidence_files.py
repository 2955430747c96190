"""What an evidence file holds of one invoice, and what its cover page says."""

import json

from odoo.tools import format_datetime

from ..chorus_api import safe_filename


def folder_of(row):
    """The folder of an invoice in the ZIP."""
    name = safe_filename(row.line_id.number or row.move_id.name, ".zip").removesuffix(".zip")
    return f"{name}_{row.line_id.id}"


def files_of(row):
    """The files of one invoice.

    :param row: ``chorus.evidence.line``, with sudo
    :return: list of (name in the ZIP, function that returns the bytes)
    """
    folder, line, deposit = folder_of(row), row.line_id, row.line_id.deposit_id
    files = []
    sent = deposit._file_attachment()
    if sent:
        files.append((f"{folder}/depot/{deposit.filename}", _reader(sent)))
    if row.copy_id:
        files.append((f"{folder}/chorus_pro/{row.copy_id.name}", _reader(row.copy_id)))
    if deposit.report:
        files.append((f"{folder}/compte_rendu.json", _said(deposit.report)))
    files.append((f"{folder}/statuts.json", _said([_event(event) for event in _events(line)])))
    requests = line.request_ids.sorted("id")
    if requests:
        files.append((f"{folder}/demandes.json", _said([_request(request) for request in requests])))
    for request in requests:
        files += [
            (f"{folder}/demandes/{request.id}_{_safe(file.name)}", _reader(file))
            for file in request.attachment_ids
        ]
    for seal in seals_of(row):
        content = f"{seal.previous}\n{seal.content}".encode()
        files.append((f"{folder}/scelles/{seal.number:08d}.txt", lambda content=content: content))
    return files


def seals_of(row):
    """The entries of the chain about one invoice's deposit, statuses and requests, the oldest first."""
    line = row.line_id
    ours = {("chorus.deposit", line.deposit_id.id)}
    ours |= {("chorus.status.event", event_id) for event_id in line.event_ids.ids}
    ours |= {("chorus.request", request_id) for request_id in line.request_ids.ids}
    seals = row.env["chorus.seal"]
    for model in {name for name, _id in ours}:
        ids = [res_id for name, res_id in ours if name == model]
        seals |= seals.search([("model", "=", model), ("res_id", "in", ids)])
    return seals.sorted("number")


def cover_values(wizard, rows):
    """What the cover page shows."""
    head = wizard.env["chorus.seal"]._head(wizard.company_id)
    return {
        "company": wizard.company_id,
        "user": wizard.create_uid,
        "head": head,
        "rows": [
            {
                "folder": folder_of(row),
                "move": row.move_id,
                "line": row.line_id,
                "deposit": row.line_id.deposit_id,
                "sent_at": format_datetime(row.env, row.line_id.deposit_id.sent_at or False),
                "events": [
                    {
                        "at": format_datetime(row.env, event.at),
                        "label": event.label,
                        "words": event.comment or "",
                    }
                    for event in _events(row.line_id)
                ],
                "requests": row.line_id.request_ids.sorted("id"),
                "copy": row.copy_id,
                "remark": row.remark,
                "seals": seals_of(row),
                "test": row.line_id.environment == "test",
            }
            for row in rows
        ],
    }


def _safe(name):
    stem, dot, extension = name.rpartition(".")
    return safe_filename(stem, f".{extension.lower()}") if dot else safe_filename(name, ".bin")


def _events(line):
    return line.event_ids.sorted(lambda event: (event.at, event.id))


def _event(event):
    return {"code": event.code, "label": event.label, "at": event.at, "words": event.comment or ""}


def _request(request):
    return {
        "kind": request.kind,
        "by": request.user_id.name or "",
        "called_at": request.called_at or "",
        "ended_at": request.ended_at or "",
        "outcome": request.state,
        "words": request.comment or "",
        "recipient": request.recipient_siret or "",
        "service": request.service_code or "",
        "engagement": request.engagement or "",
        "contract": request.contract or "",
        "message": request.message or "",
        "files": request.attachment_ids.mapped("name"),
    }


def _said(facts):
    content = json.dumps(facts, ensure_ascii=False, indent=1, default=str).encode()
    return lambda: content


def _reader(attachment):
    """A function that reads an attachment when its turn comes, without a database cursor."""
    if not attachment.store_fname:
        content = attachment.raw
        return lambda: content
    path = attachment._full_path(attachment.store_fname)

    def read():
        with open(path, "rb") as file:
            return file.read()

    return read
