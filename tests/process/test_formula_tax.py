"""With Odoo's taxes by formula installed: an eco-contribution is a charge of its line."""

from lib.server import odoo

FORMULA = """
from odoo import Command, fields

company = env["res.company"].search([("name", "=", "FR Company")])
env = env(context={"allowed_company_ids": company.ids, "lang": "en_US"})
company = company.with_env(env)
company.write({"company_registry": "73282932000074", "phone": "0240000000", "email": "compta@example.com"})
customer = env["res.partner"].with_company(company).create({
    "name": "Mairie", "is_company": True, "country_id": env.ref("base.fr").id, "street": "3 place de l'Hotel",
    "zip": "44190", "city": "Clisson", "company_registry": "12345678200051",
    "dematerialized_invoice_type": "facturx",
})


def tax(amount, **values):
    return env["account.tax"].create({
        "name": f"{amount} {values.get('invoice_label')}", "amount": amount, "type_tax_use": "sale",
        "company_id": company.id, "country_id": env.ref("base.fr").id,
        "price_include_override": "tax_excluded", **values,
    })


vat = tax(20)


def eco(formula, label, in_base=True, **values):
    return tax(0, amount_type="code", formula=formula, include_base_amount=in_base, sequence=0,
               invoice_label=label, **values)


def invoice(*rows):
    move = env["account.move"].create({
        "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": fields.Date.today(),
        "partner_bank_id": company.partner_id.bank_ids[:1].id,
        "invoice_line_ids": [
            Command.create({"name": "Article", "price_unit": price, "quantity": quantity,
                            "discount": discount, "tax_ids": [Command.set(taxes.ids)]})
            for price, quantity, discount, taxes in rows
        ],
    })
    move.action_post()
    return move


told = {}


def tell(word, move):
    semantic = move._chorus_invoices("production")[move.id]
    blocking = [f["code"] for f in move._chorus_findings("production")[move.id] if f["severity"] == "block"]
    charges = [(a.reason, str(a.amount)) for line in semantic.lines for a in line.allowances if a.is_charge]
    totals = semantic.totals
    told[word] = [str(totals.tax_basis), str(totals.tax), str(totals.grand), f"{move.amount_total:.2f}",
                  charges, blocking]


tell("IN-BASE", invoice((99, 1, 0, eco("quantity * 1.0", "DEEE") + vat),
                        (98, 4, 25, eco("quantity * 2.0", "Mobilier") + vat)))
tell("OF-PRICE", invoice((200, 3, 0, eco("quantity * price_unit * 0.01", "Textile") + vat)))
outside = eco("quantity * 0.5", "Hors base", in_base=False, ubl_cii_tax_category_code="E",
              ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-4")
tell("OUTSIDE", invoice((10, 2, 0, vat + outside)))
tell("NO-CATEGORY", invoice((10, 2, 0, vat + eco("quantity * 0.5", "Rien", in_base=False))))
result = told
"""


def test_contributions_by_formula(environment, database, shell):
    odoo.run(environment, ["-d", database, "-i", "account_tax_python"], log="formula")
    told = shell(FORMULA)
    assert told["IN-BASE"] == [
        "402.00", "80.40", "482.40", "482.40", [["DEEE", "1.00"], ["Mobilier", "8.00"]], []
    ]  # fmt: skip
    assert told["OF-PRICE"] == ["606.00", "121.20", "727.20", "727.20", [["Textile", "6.00"]], []]
    assert told["OUTSIDE"] == ["21.00", "4.00", "25.00", "25.00", [], []]
    assert told["NO-CATEGORY"][-1] == ["fixed_tax_without_category"]
