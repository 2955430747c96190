"""Many companies in one database, inside an Odoo process: branches, which share their parent's chart."""

from odoo import Command
from odoo.addons.l10n_fr_chorus_pro.tests.statements import multiply

from ..samples.legal_pdfs import click, legal_pdfs
from .bench_follow import post

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


def multiply_idle(env, row, simulator, count, first):
    """Copies of a company by SQL, each with a connection that has no token and an invoice at its buyer's.

    :param dict row: of :func:`make`: the company, whose first invoice is sent for it
    :param str simulator: its address, for its control; it knows the copies' invoices afterwards
    :param int count: copies
    :param int first: number of the first copy, see :func:`siret`
    """
    if not count:
        return
    settings = {"simulator": simulator}
    line = _send_first(env, row, settings)
    cr = env.cr
    sirets = [siret(first + number) for number in range(count)]
    never = dict.fromkeys(("token_cipher", "token_expiry", "full_check_at", "follow_turn_at"), "NULL")
    copies = multiply_companies(env, line.company_id, sirets, **never)
    own = {"company_id": f"{copies[0]} + n - 1"}
    for number, one in enumerate(sirets, 1):
        post(settings, f"structures/{one}", {"name": f"Idle {number}", "public": False})
        account = {"login": f"IDLE_{number}@cpro.fr", "password": "simulator-password", "structures": [one]}
        post(settings, "accounts", account)
        post(settings, "seed", {"count": 1, "seller": one, "prefix": "IDLE-", "age_days": 0})
    newest = post(settings, "seed", {"count": 1, "prefix": "LAST-"})["first_id"]
    moves = multiply(cr, "account_move", line.move_id.id, count, **own, name="'IDLE-' || n")
    deposits = multiply(
        cr, "chorus_deposit", line.deposit_id.id, count, **own, flow_number="'IDLE' || n", sealed="TRUE"
    )
    multiply(
        cr,
        "chorus_deposit_line",
        line.id,
        count,
        **own,
        number="'IDLE-' || n",
        move_id=f"{moves[0]} + n - 1",
        deposit_id=f"{deposits[0]} + n - 1",
        chorus_invoice_id=f"({newest - count} + n - 1)::text",
    )
    cr.commit()


def multiply_companies(env, company, sirets, **connection_changes):
    """Copies of a company and of its connection to production by SQL, one for each SIRET.

    :param connection_changes: SQL by column of the connections
    :return: ids of the copies, one after the other
    """
    cr, count, nth = env.cr, len(sirets), f"(ARRAY{sirets})[n]"
    connection = env["chorus.connection"]._for(company, "production")
    partners = multiply(
        cr,
        "res_partner",
        company.partner_id.id,
        count,
        name="'Idle ' || n",
        complete_name="'Idle ' || n",
        company_registry=nth,
    )
    cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id IN %s", (tuple(partners),))
    copies = multiply(
        cr, "res_company", company.id, count, name="'Idle ' || n", partner_id=f"{partners[0]} + n - 1"
    )
    cr.execute(
        "UPDATE res_company SET parent_path = regexp_replace(parent_path, '[0-9]+/$', id || '/')"
        " WHERE id IN %s",
        (tuple(copies),),
    )
    cr.execute(
        "INSERT INTO res_company_users_rel (cid, user_id) SELECT id, %s FROM res_company WHERE id IN %s",
        (env.ref("base.user_admin").id, tuple(copies)),
    )
    own = {"company_id": f"{copies[0]} + n - 1"}
    database = env["chorus.database"].sudo().search([("company_id", "=", company.id)])
    multiply(cr, "chorus_database", database.id, count, **own)
    logins = {"login": "'IDLE_' || n || '@cpro.fr'", "confirmed_siret": nth}
    multiply(cr, "chorus_connection", connection.id, count, **own, **logins, **connection_changes)
    return copies


def _send_first(env, row, settings):
    """Send a company's first invoice and follow it to its buyer: its line."""
    post(settings, f"structures/{row['siret']}", {"name": "Atelier", "public": False})
    click(env, [{**row, "moves": row["moves"][:1]}])
    worker = env["chorus.worker"]
    worker._cron_send()
    line = env["account.move"].browse(row["moves"][0]).chorus_line_ids
    for _look in range(4):
        post(settings, "clock", {"advance": 300})
        env.cr.commit()
        env.cr.execute(
            "UPDATE chorus_deposit SET sent_at = sent_at - interval '5 minutes',"
            " next_action_at = next_action_at - interval '5 minutes' WHERE state = 'sent'"
        )
        env.cr.commit()
        worker._cron_follow()
        env.cr.commit()
        env.invalidate_all()
    if line.status_code != "MISE_A_DISPOSITION":
        raise AssertionError(f"{line.state} {line.status_code} {line.message}")
    return line
