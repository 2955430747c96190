"""What was really taken, in order: the judge of tests that kill and drop.

Two files taken for the same (seller SIRET, number) are a double, unless a report that told the first one's
rejection or incident had reached the client before the second was taken.
"""

import json

from . import flows
from .clock import timestamp

_LOST = ("rejected", "incident")


def ledger(chorus):
    """Every deposit with its files, every invoice, every (seller, number) taken more than once."""
    with chorus.store.transaction() as store:
        flows.settle(chorus)
        for row in store.all("SELECT * FROM deposit WHERE NOT read ORDER BY taken_seq"):
            flows.read(chorus, row)
        deposits = [_deposit(chorus, row) for row in store.all("SELECT * FROM deposit ORDER BY taken_seq")]
        found = [_invoice(row) for row in store.all("SELECT * FROM invoice ORDER BY id")]
    pairs = _pairs(deposits)
    return {
        "deposits": deposits,
        "invoices": found,
        "pairs": pairs,
        "doubled": [pair for pair in pairs if pair["doubled"]],
    }


def _deposit(chorus, row):
    found = flows.state_of(chorus, row)
    refused, technical = flows.errors_of(chorus, row)
    files = chorus.store.all("SELECT * FROM file WHERE flow_number = ? ORDER BY id", row["flow_number"])
    return {
        "flow_number": row["flow_number"],
        "taken_seq": row["taken_seq"],
        "received_at": timestamp(row["received_at"]),
        "filename": row["filename"],
        "syntax": row["syntax"],
        "sha256": row["sha256"],
        "size": row["size"],
        "client": row["client"],
        "account": row["account"],
        "state": found[0] if found else None,
        "verdict": row["verdict"],
        "verdict_at": timestamp(row["verdict_at"]) if row["verdict"] else None,
        "reported_at": row["reported_at"] and timestamp(row["reported_at"]),
        "reported_seq": row["reported_seq"],
        "errors": refused,
        "technical_errors": technical,
        "files": [_file(file) for file in files],
    }


def _file(file):
    return {
        "name": file["name"],
        "sha256": file["sha256"],
        "size": file["size"],
        "seller_siret": file["seller"],
        "number": file["number"],
        "buyer_siret": file["buyer"],
        "total": file["total"],
        "date": file["issue_date"],
        "verdict": file["verdict"],
        "errors": json.loads(file["errors"]),
        "technical_errors": json.loads(file["technical"]),
        "invoice_id": file["invoice_id"],
    }


def _invoice(row):
    return {
        "id": row["id"],
        "number": row["number"],
        "seller_siret": row["seller"],
        "buyer_siret": row["buyer"],
        "status": row["status"],
        "status_at": timestamp(row["status_at"]),
        "comment": row["comment"],
        "flow_number": row["flow_number"],
        "total": row["gross"],
        "service_code": row["service_code"],
        "purchase_order": row["purchase_order"],
        "rejection_handled": bool(row["rejection_handled"]),
    }


def _pairs(deposits):
    taken = {}
    for deposit in deposits:
        for file in deposit["files"]:
            if file["seller_siret"] and file["number"]:
                taken.setdefault((file["seller_siret"], file["number"]), []).append(
                    {
                        "flow_number": deposit["flow_number"],
                        "taken_seq": deposit["taken_seq"],
                        "received_at": deposit["received_at"],
                        "verdict": file["verdict"],
                        "verdict_at": deposit["verdict_at"],
                        "reported_at": deposit["reported_at"],
                        "reported_seq": deposit["reported_seq"],
                    }
                )
    return [
        {"seller_siret": seller, "number": number, "taken": files, "doubled": _doubled(files)}
        for (seller, number), files in taken.items()
    ]


def _doubled(files):
    """True when some file was taken although an earlier one was not known to be refused."""
    for position, later in enumerate(files):
        for earlier in files[:position]:
            told = (
                earlier["verdict"] in _LOST
                and earlier["reported_seq"] is not None
                and earlier["reported_seq"] < later["taken_seq"]
            )
            if not told:
                return True
    return False
