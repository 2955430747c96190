"""With the sales app: the customer's reference of the order becomes the engagement number of the invoice."""

from lib.server import odoo

ORDERS = """
company = env["res.company"].search([("name", "=", "FR Company")])
env = env(context={"allowed_company_ids": company.ids})
product = env["product.product"].create({"name": "Bench", "type": "service", "invoice_policy": "order"})


def invoice(references, chorus):
    partner = env["res.partner"].create({
        "name": "Mairie", "is_company": True, "country_id": env.ref("base.fr").id,
        "company_registry": "12345678200051", "dematerialized_invoice_type": "facturx" if chorus else False,
    })
    orders = env["sale.order"].create([
        {"partner_id": partner.id, "client_order_ref": reference, "order_line": [
            (0, 0, {"product_id": product.id, "product_uom_qty": 1, "price_unit": 100})]}
        for reference in references
    ])
    orders.action_confirm()
    return orders._create_invoices().purchase_order_reference or ""


result = {
    "one": invoice(["EJ1300000001"], True),
    "same": invoice(["EJ1300000001", " EJ1300000001"], True),
    "different": invoice(["EJ1300000001", "EJ1300000002"], True),
    "missing": invoice(["EJ1300000001", False], True),
    "none": invoice([False], True),
    "not_chorus": invoice(["PO42"], False),
}
"""


def test_the_engagement_comes_from_the_order_and_is_never_made_up(environment, database, shell):
    odoo.run(environment, ["-d", database, "-i", "sale"], log="sale")
    assert shell(ORDERS) == {
        "one": "EJ1300000001",
        "same": "EJ1300000001",
        "different": "",
        "missing": "",
        "none": "",
        "not_chorus": "",
    }
