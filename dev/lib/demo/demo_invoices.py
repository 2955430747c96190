"""Makes the demo's invoices through the calls of Odoo's own screens."""

from . import demo_data


def make(accountant):
    """Create and post every invoice; returns a dict key -> id of account.move."""
    known = taxes(accountant)
    names = {key: row[0] for key, row in demo_data.CUSTOMERS.items()}
    rows = accountant.search_read("res.partner", [("name", "in", list(names.values()))], ["name"])
    partners = {row["name"]: row["id"] for row in rows}
    made = {}
    for key, invoice in demo_data.INVOICES.items():
        values = _values(invoice, partners[names[invoice["to"]]], known)
        made[key] = accountant.create("account.move", values)
        accountant.call("account.move", "action_post", [made[key]])
        if invoice.get("pay"):
            _pay(accountant, made[key])
    return made


def _values(invoice, partner, taxes):
    customer = invoice["to"]
    values = {
        "move_type": invoice.get("type", "out_invoice"),
        "partner_id": partner,
        "invoice_date": invoice.get("date", False),
        "buyer_reference": invoice.get("service", demo_data.SERVICE.get(customer, False)),
        "purchase_order_reference": invoice.get("engagement", demo_data.ENGAGEMENT.get(customer, False)),
        "contract_reference": invoice.get("market", False),
        "invoice_line_ids": [(0, 0, line_values(row, taxes)) for row in invoice["lines"]],
    }
    optional = {"name": "number", "chorus_process": "process"}
    return values | {field: invoice[key] for field, key in optional.items() if key in invoice}


def line_values(row, taxes):
    return {
        "name": row["name"],
        "quantity": row["quantity"],
        "price_unit": row["price"],
        "discount": row["discount"],
        "tax_ids": [(6, 0, [taxes[row["tax"]]])],
    }


def taxes(accountant):
    """The company's sales VAT by rate; the less usual rates are switched on first."""
    domain = [("type_tax_use", "=", "sale"), ("tax_scope", "=", "consu"), ("amount", ">", 0)]
    domain += [("price_include_override", "!=", "tax_included"), ("active", "in", [True, False])]
    rows = accountant.search_read("account.tax", domain, ["amount", "active"], order="sequence, id")
    found = {}
    for row in rows:
        found.setdefault(row["amount"], row["id"])
    asleep = [row["id"] for row in rows if not row["active"] and row["id"] in found.values()]
    if asleep:
        accountant.call("account.tax", "write", asleep, {"active": True})
    return found


def _pay(accountant, move):
    """Register the payment, as with the button Pay."""
    context = {**accountant.context, "active_model": "account.move", "active_ids": [move]}
    wizard = accountant.call("account.payment.register", "create", [{}], context=context)[0]
    accountant.call("account.payment.register", "action_create_payments", [wizard], context=context)
