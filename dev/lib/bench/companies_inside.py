"""Many companies in one database, inside an Odoo process: branches, which share their parent's chart."""

from odoo import Command

from ..samples.legal_pdfs import legal_pdfs

_SIREN = "732829320"
# Establishments of the demo's company have lower numbers.
FIRST = 101
_CUSTOMER = {
    "name": "Mairie de Clisson",
    "is_company": True,
    "company_registry": "12345678200051",
    "street": "3 place de l'Hôtel de Ville",
    "zip": "44190",
    "city": "Clisson",
}


def siret(number):
    """The number-th establishment of the companies' SIREN: 14 digits with their check digit."""
    digits = f"{_SIREN}{number:04}"
    # As everywhere with Luhn: every other digit counts twice, beginning beside the check digit.
    doubled = (int(digit) * (1 + (place % 2 == 0)) for place, digit in enumerate(reversed(digits)))
    total = sum(sum(divmod(value, 10)) for value in doubled)
    return f"{digits}{-total % 10}"


def make(env, simulators, count, each):
    """Companies that send to production, with posted invoices that have their legal PDF.

    :param list simulators: dicts with auth_url, api_url and credentials; company n uses the n-th, in turn
    :param int count: companies
    :param int each: invoices of each
    :return: list of dicts: ids of the company and of its invoices, and its SIRET
    """
    root = env.ref("base.demo_company_fr")
    admin = env.ref("base.user_admin")
    made = []
    for number in range(count):
        company = env["res.company"].create(
            {
                "name": f"Ateliers {number + 1}",
                "parent_id": root.id,
                "company_registry": siret(FIRST + number),
                "vat": "FR44732829320",
                "street": "12 quai des Bateliers",
                "zip": "44000",
                "city": "Nantes",
                "phone": "+33240000000",
                "email": f"factures{number + 1}@ateliers.example",
            }
        )
        admin.company_ids = [Command.link(company.id)]
        made.append({"company": company.id, "siret": company.company_registry, "moves": []})
    customer = env["res.partner"].create({**_CUSTOMER, "country_id": env.ref("base.fr").id})
    env.cr.commit()
    for number, row in enumerate(made):
        company = env["res.company"].browse(row["company"])
        customer.with_company(company).dematerialized_invoice_type = "facturx"
        own = env(context={**env.context, "allowed_company_ids": company.ids, "tracking_disable": True})
        connect(own, company, simulators[number % len(simulators)])
        row["moves"] = _invoices(own, company, customer, each).ids
        env.cr.commit()
    return made


def connect(env, company, simulator):
    """Switch a company on, as an administrator does."""
    connection = env["chorus.connection"].create(
        {
            "company_id": company.id,
            "environment": "production",
            "auth_url": simulator["auth_url"],
            "api_url": simulator["api_url"],
            "first_deposit_limit": 0,
            **simulator["credentials"],
        }
    )
    env.cr.commit()
    connection.action_refresh_token()
    # The token was saved by a transaction of its own: begin a new one to see it.
    env.cr.commit()
    env.invalidate_all()
    company.with_env(env).chorus_environment = "production"


def _invoices(env, company, customer, count):
    bank = (
        env["res.partner.bank"]
        .with_context(install_mode=True)
        .create(
            {
                "partner_id": company.partner_id.id,
                "acc_number": "FR7630006000011234567890189",
                "allow_out_payment": True,
            }
        )
    )
    tax = env["account.tax"].search(
        [("type_tax_use", "=", "sale"), ("amount", "=", 20), ("price_include", "=", False)], limit=1
    )
    line = Command.create({"name": "Entretien", "price_unit": 100, "tax_ids": [Command.set(tax.ids)]})
    values = {
        "move_type": "out_invoice",
        "partner_id": customer.id,
        "partner_bank_id": bank.id,
        "invoice_line_ids": [line],
    }
    moves = env["account.move"].with_company(company).create([values] * count)
    moves.action_post()
    legal_pdfs(env, moves)
    return moves
