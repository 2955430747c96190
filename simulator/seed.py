"""Many synthetic invoices at once, for measuring a client."""

import json

from .clock import plain_date


def seed(
    chorus,
    count=1000,
    seller="33254021516357",
    buyer="12345678200051",
    prefix="SEED-",
    status="MISE_A_DISPOSITION",
    age_days=10,
    flows_of=1,
    step=1.0,
):
    """Integrated invoices ``prefix`` + 1 … ``count``, the last change of status ``age_days`` ago for the
    first and ``step`` seconds later for each next one; ``flows_of`` invoices share a flow number.
    Returns their ids and numbers."""
    supplier, recipient = chorus.directory.get(seller), chorus.directory.get(buyer)
    if supplier is None or recipient is None:
        raise ValueError("unknown seller or buyer")
    first = chorus.clock.now() - age_days * 86400
    login = next(iter(chorus.gateway.accounts))
    with chorus.store.transaction() as store:
        start = store.next_number("invoice_id", 12000001)
        store.remember("invoice_id", start + count - 1)
        counter = store.recall("seeded", 0)
        store.remember("seeded", counter + count)
        rows, events = [], []
        for index in range(count):
            at, number = first + index * step, f"{prefix}{counter + index + 1}"
            amount = 100.0 + index % 900
            rows.append(
                (
                    start + index,
                    f"CPP0011117{900000000000000 + (counter + index) // flows_of:015d}",
                    seller,
                    supplier["id"],
                    buyer,
                    recipient["id"],
                    number,
                    "FACTURE",
                    plain_date(at),
                    at,
                    "A1_FACTURE_FOURNISSEUR",
                    amount,
                    amount * 1.2,
                    amount * 1.2,
                    "EUR",
                    "EDI_MIXTE",
                    login,
                    status,
                    at,
                    json.dumps({"seeded": True}),
                )
            )
            events.append((start + index, status, at, "CHORUS"))
        store.run_many(
            "INSERT INTO invoice (id, flow_number, seller, seller_id, buyer, buyer_id, number, kind, "
            "issue_date, deposited_at, cadre, net, gross, payable, currency, mode, creator, status, "
            "status_at, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        store.run_many("INSERT INTO event (invoice_id, code, at, who) VALUES (?, ?, ?, ?)", events)
    return {
        "count": count,
        "first_id": start,
        "last_id": start + count - 1,
        "first_number": rows[0][6] if rows else None,
        "last_number": rows[-1][6] if rows else None,
        "status": status,
        "currency": "EUR",
        "mode": "EDI_MIXTE",
    }
