"""A subcontractor's or co-contractor's invoice, which a holder of the contract has to validate."""

import json

from . import invoices
from .clock import plain_date


def subcontract(
    chorus,
    validator,
    seller="40483304800022",
    seller_name="Sous-traitance du Maine",
    buyer="12345678200051",
    number=None,
    cadre="A9",
    total=1200.5,
    contract="M-2026-17",
    rank=1,
):
    """Deposits an invoice that waits for ``validator`` (a SIRET); returns its id and number.

    ``cadre`` is A9 or A12; ``total`` includes tax; ``rank`` says which validator is waited for, 1 or 2.
    """
    directory = chorus.directory
    holder, recipient = directory.get(validator), directory.get(buyer)
    if holder is None or recipient is None:
        raise ValueError("unknown validator or buyer")
    if directory.get(seller) is None:
        directory.set(seller, name=seller_name, public=False)
    supplier = directory.get(seller)
    counter = chorus.store.next_number("subcontracted", 1)
    number = number or f"ST-{counter:04d}"
    now = chorus.clock.now()
    invoice_id = invoices.create(
        chorus,
        {
            "flow_number": f"CPP0011117{800000000000000 + counter:015d}",
            "number": number,
            "kind": "FACTURE",
            "issue_date": plain_date(now),
            "deposited_at": now,
            "cadre": invoices.CADRES[cadre],
            "net": round(total / 1.2, 2),
            "gross": total,
            "payable": total,
            "currency": "EUR",
            "contract": contract,
            "mode": "PORTAIL",
            "creator": next(iter(chorus.gateway.accounts)),
            "validator_id": holder["id"],
            "facts": json.dumps({"seeded": True}),
        },
        supplier,
        recipient,
        None,
        at=now,
        status=f"A_VALIDER_{rank}",
    )
    return {"id": invoice_id, "number": number}
