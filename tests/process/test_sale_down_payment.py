"""With the sales app: a down payment of an order, and its deduction on the final invoice."""

import base64

import einvoice
from lib.samples.schematron import Judge
from lib.server import odoo

ORDERS = """
import base64
from odoo import Command, fields

company = env["res.company"].search([("name", "=", "FR Company")])
env = env(context={"allowed_company_ids": company.ids})
company = company.with_env(env)
company.write({"company_registry": "73282932000074", "phone": "0240000000", "email": "compta@example.com"})
seller = env["res.users"].create({
    "name": "Camille", "login": "camille",
    "company_id": company.id, "company_ids": [Command.set(company.ids)],
    "group_ids": [Command.set([
        env.ref("account.group_account_invoice").id, env.ref("sales_team.group_sale_salesman_all_leads").id,
    ])],
})
office = env(user=seller)
customer = env["res.partner"].with_company(company).create({
    "name": "Mairie", "is_company": True, "country_id": env.ref("base.fr").id, "street": "3 place de l'Hôtel",
    "zip": "44190", "city": "Clisson", "company_registry": "12345678200051",
    "dematerialized_invoice_type": "facturx",
})
product = env["product.product"].create({"name": "Banc", "type": "service", "invoice_policy": "order"})
pricelist = env["product.pricelist"].create({"name": "Euros", "currency_id": env.ref("base.EUR").id})
taxes = {
    (rate, kind): env["account.tax"].create({
        "name": f"{rate} {kind}", "amount": rate, "type_tax_use": "sale", "company_id": company.id,
        "country_id": env.ref("base.fr").id, "price_include_override": kind,
    })
    for rate in (20, 10, 5.5) for kind in ("tax_included", "tax_excluded")
}


def order(kind, *rows):
    found = office["sale.order"].create({
        "partner_id": customer.id, "pricelist_id": pricelist.id,
        "order_line": [
            Command.create({
                "product_id": product.id, "name": "Banc en chêne", "product_uom_qty": quantity,
                "price_unit": price, "discount": discount, "tax_ids": [Command.set(taxes[rate, kind].ids)],
            })
            for quantity, price, discount, rate in rows
        ],
    })
    found.action_confirm()
    return found


def invoice(order, method="delivered", **amounts):
    before = order.invoice_ids
    office["sale.advance.payment.inv"].create({
        "advance_payment_method": method, "sale_order_ids": [Command.set(order.ids)], **amounts,
    }).create_invoices()
    move = order.invoice_ids - before
    move.write({"invoice_date": fields.Date.today(), "partner_bank_id": company.partner_id.bank_ids[:1].id})
    move.action_post()
    return move


def told(move):
    semantic = move._chorus_invoices("production")[move.id]
    findings = move._chorus_findings("production")[move.id]
    file = move._chorus_build_files("production")[move.id]
    return {
        "number": move.name,
        "type": semantic.type_code,
        "preceding": [origin.number for origin in semantic.preceding],
        "notes": [note.text for note in semantic.notes],
        "findings": [row["code"] for row in findings if row["severity"] != "info"],
        "file": base64.b64encode(file.content).decode(),
        "odoo": [f"{amount:.2f}" for amount in (
            move.amount_untaxed, move.amount_tax, move.amount_total, move.amount_residual)],
    }


def story(order, *steps):
    return [told(invoice(order, method, **amounts)) for method, amounts in steps] + [told(invoice(order))]


thirty, fixed = ("percentage", {"amount": 33.33}), ("fixed", {"fixed_amount": 77.77})
stories = {
    "one rate": story(order("tax_excluded", (2, 150.55, 0, 20)), thirty),
    "two rates": story(order("tax_excluded", (3, 99.99, 10, 20), (7, 12.35, 0, 5.5)), thirty),
    "tax included": story(order("tax_included", (3, 119.99, 0, 20), (1, 55.55, 12.5, 10)), fixed),
    "share of tax included": story(order("tax_included", (3, 119.99, 0, 20), (1, 55.55, 12.5, 5.5)), thirty),
    "two down payments": story(order("tax_excluded", (1, 1000, 0, 20), (1, 333.33, 0, 5.5)), thirty, fixed),
}
cut = order("tax_excluded", (10, 100, 0, 20))
half = told(invoice(cut, "percentage", amount=50))
cut.order_line.filtered(lambda line: not line.is_downpayment).product_uom_qty = 3
stories["cut down"] = [half, told(invoice(cut))]


def finals(count):
    found = office["account.move"]
    for _number in range(count):
        ordered = order("tax_excluded", (2, 150, 0, 20))
        invoice(ordered, "percentage", amount=30)
        found += invoice(ordered)
    return found


def queries(moves):
    env.flush_all()
    env.invalidate_all()
    before = env.cr.sql_log_count
    moves._chorus_findings("production")
    return env.cr.sql_log_count - before


few, many = finals(2), finals(6)
queries(few)
result = {"stories": stories, "queries": [queries(few), queries(many)]}
"""


def test_a_down_payment_and_its_deduction(environment, database, shell):
    odoo.run(environment, ["-d", database, "-i", "sale"], log="sale")
    result = shell(ORDERS)
    stories, (few, many) = result["stories"], result["queries"]
    assert few == many, "the queries grow with the invoices"
    for name, (*down_payments, final) in stories.items():
        numbers = [paid["number"] for paid in down_payments]
        assert [paid["type"] for paid in down_payments] == ["386"] * len(numbers), name
        assert [paid["preceding"] for paid in down_payments] == [[]] * len(numbers), name
        assert final["type"] == ("381" if name == "cut down" else "380")
        assert final["preceding"] == (numbers if len(numbers) == 1 else []), name
        # EN 16931 has room for several, Chorus Pro reads one: several stand in a note.
        told = " ".join(final["notes"])
        assert [number in told for number in numbers] == [len(numbers) > 1] * len(numbers), name
    with Judge() as judge:
        for name, documents in stories.items():
            for document in documents:
                content = base64.b64decode(document["file"])
                xml = einvoice.read_xml(content)
                assert document["findings"] == [], (name, document["number"])
                assert einvoice.verify(content) == [], (name, document["number"])
                assert judge.broken(xml) == [], (name, document["number"])
                assert _totals(xml) == document["odoo"], (name, document["number"])


def _totals(xml):
    """BT-109, BT-110, BT-112 and BT-115 as they are written."""
    summation = xml.decode().split("<ram:SpecifiedTradeSettlementHeaderMonetarySummation>")[1]
    names = ("TaxBasisTotalAmount", "TaxTotalAmount", "GrandTotalAmount", "DuePayableAmount")
    return [summation.split(f"<ram:{name}", 1)[1].split(">", 1)[1].split("<", 1)[0] for name in names]
