"""Sets the demo's stage through the calls of Odoo's own screens: company, users, customers, connection."""

from . import demo_data

USERS = {"comptable": "comptable"}
ENVIRONMENT = "test"


def prepare(stage):
    """Create everything the invoices need; returns the accountant's session."""
    admin = stage.login()
    company = admin.ref("base.demo_company_fr")
    admin.context = {"allowed_company_ids": [company]}
    admin.call("res.company", "write", [company], demo_data.COMPANY)
    _users(admin, company)
    connect(stage)
    session = accountant(stage)
    _customers(session, admin.ref("account.account_payment_term_30days"))
    return session


def connect(stage):
    """As the administrator: fill in the connection, fetch a token, switch on."""
    admin = stage.login()
    company = admin.ref("base.demo_company_fr")
    admin.context = {"allowed_company_ids": [company]}
    values = {
        "auth_url": stage.simulator.auth_url,
        "api_url": stage.simulator.url,
        "supplier_siret": demo_data.SUPPLIER_SIRET,
        **stage.simulator.CREDENTIALS,
    }
    domain = [("company_id", "=", company), ("environment", "=", ENVIRONMENT)]
    found = admin.call("chorus.connection", "search", domain)
    if found:
        admin.call("chorus.connection", "write", found, values)
    else:
        values |= {"company_id": company, "environment": ENVIRONMENT}
        found = [admin.create("chorus.connection", values)]
    admin.call("chorus.connection", "action_refresh_token", found)
    # A file each: whoever looks on sees which invoice it is.
    admin.call("res.company", "write", [company], {"chorus_environment": ENVIRONMENT, "chorus_group_size": 1})


def accountant(stage):
    """A web session of the accountant, in the demo's company."""
    session = stage.login(*next(iter(USERS.items())))
    session.context = {"allowed_company_ids": [session.user["user_companies"]["current_company"]]}
    return session


def _users(admin, company):
    groups = ("base.group_user", "base.group_partner_manager", "account.group_account_manager")
    for login, password in USERS.items():
        values = {"name": login.capitalize(), "login": login, "password": password, "lang": admin.language}
        values |= {"company_id": company, "company_ids": [(6, 0, [company])]}
        admin.create("res.users", {**values, "group_ids": [(4, admin.ref(name)) for name in groups]})


def _customers(accountant, month):
    """Create the customers, and press "Look up" on each one that has a SIRET; `month`: their payment term."""
    france = accountant.call("res.country", "search", [("code", "=", "FR")])[0]
    for name, siret, street, code, city in demo_data.CUSTOMERS.values():
        values = {"name": name, "company_registry": siret, "street": street, "zip": code, "city": city}
        values |= {"country_id": france, "is_company": True, "dematerialized_invoice_type": "facturx"}
        # As the form proposes it for a public customer.
        values |= {"property_payment_term_id": month, "lang": accountant.language}
        customer = accountant.create("res.partner", values)
        if siret:
            accountant.call("res.partner", "action_chorus_look_up", [customer])
