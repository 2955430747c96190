"""Connections over real transactions: buttons, tokens that outlive their callers, copied databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.server import databases, odoo, rpc

PUBLIC = ["12345678200051", "12345678200028", "12345678200036", "12345678200044", "12345678200069"]
SUPPLIER = "33254021516357"
LOOK_UPS = "structures/v1/rechercher"


@pytest.fixture
def log_in(start_odoo, database):
    """`log_in()` starts an Odoo server and returns the administrator's session in the French company."""

    def log_in():
        server = start_odoo(cron_threads=0)
        session = rpc.Session(server.url, database, "admin", "admin")
        session.server = server
        session.company = session.search_read("res.company", [("name", "=", "FR Company")], ["id"])[0]["id"]
        user = session.search_read("res.users", [("login", "=", "admin")], ["id"])[0]["id"]
        session.call("res.users", "write", [user], {"company_ids": [(4, session.company)]})
        session.context = {"allowed_company_ids": [session.company]}
        return session

    return log_in


@pytest.fixture
def session(log_in):
    return log_in()


def connect(session, simulator, environment):
    """Configure as the form does: save, then press the button; return the connection's id."""
    connection = session.create(
        "chorus.connection",
        {
            "company_id": session.company,
            "environment": environment,
            "auth_url": simulator.auth_url,
            "api_url": simulator.url,
            "supplier_siret": SUPPLIER if environment == "test" else False,
            **simulator.CREDENTIALS,
        },
    )
    notice = session.call("chorus.connection", "action_refresh_token", [connection])["params"]
    assert notice["type"] == "success", notice
    return connection


def read(session, connection, *names):
    return session.call("chorus.connection", "read", [connection], list(names))[0]


def customers(session):
    """One Chorus customer for each structure of the data set."""
    country = session.ref("base.fr")
    return [
        session.create(
            "res.partner",
            {
                "name": f"Customer {siret}",
                "is_company": True,
                "country_id": country,
                "company_registry": siret,
                "dematerialized_invoice_type": "facturx",
            },
        )
        for siret in PUBLIC
    ]


@pytest.mark.parametrize("kind", ["test", "production"])
def test_every_button_works_outside_a_test_transaction(session, simulator, kind):
    connection = connect(session, simulator, kind)
    for _press in range(2):
        notice = session.call("chorus.connection", "action_refresh_token", [connection])["params"]
        assert notice["type"] == "success", notice
        session.call("chorus.connection", "action_check_all", [connection])
    state = read(session, connection, "state", "checked_at", "password_expiry")
    assert state["state"] == "connected" and state["checked_at"]
    bound = session.search_read("chorus.database", [("fingerprint", "!=", False)], ["company_id"])
    assert len(bound) == (kind == "production")
    steps = session.search_read(
        "chorus.connection.step", [("connection_id", "=", connection)], ["key", "result"]
    )
    assert {step["result"] for step in steps if step["key"] in ("keys", "factures", "account")} == {"ok"}


def test_wrong_keys_are_kept_as_refused(session, simulator):
    connection = connect(session, simulator, "test")
    session.call("chorus.connection", "write", [connection], {"client_secret": "wrong"})
    notice = session.call("chorus.connection", "action_refresh_token", [connection])["params"]
    assert notice["type"] == "danger"
    assert read(session, connection, "state")["state"] == "refused"


def test_many_workers_renew_a_lost_token_once(session, simulator, log_in):
    connection = connect(session, simulator, "test")
    partners = customers(session)
    session.call("res.company", "write", [session.company], {"chorus_environment": "test"})
    other = log_in()
    simulator.control("tokens", method="DELETE")
    simulator.control("calls", method="DELETE")
    # The renewal is slow, so that all of them wait for it.
    simulator.control("faults", {"route": "oauth", "kind": "slow", "seconds": 1, "count": 1})
    with ThreadPoolExecutor(len(partners)) as pool:
        answers = list(
            pool.map(
                lambda item: (session, other)[item[0] % 2].call(
                    "res.partner", "action_chorus_look_up", [item[1]]
                ),
                enumerate(partners),
            )
        )
    assert [answer["params"]["type"] for answer in answers] == ["success"] * len(partners), answers
    counts = simulator.control("calls")["counts"]
    assert counts["oauth"] == 1
    assert read(session, connection, "state")["state"] == "connected"


def test_a_renewed_token_outlives_a_rollback(session, simulator, shell, sql):
    connection = connect(session, simulator, "test")
    simulator.control("tokens", method="DELETE")
    before = sql(f"SELECT token_cipher FROM chorus_connection WHERE id = {connection}")
    shell(f"""
from odoo.addons.l10n_fr_chorus_pro.models.connection.chorus_connection_token import client_of
with client_of(env["chorus.connection"].browse({connection})) as client:
    result = len(list(client.my_structures()))
env.cr.rollback()
""")
    assert sql(f"SELECT token_cipher FROM chorus_connection WHERE id = {connection}") != before
    simulator.control("calls", method="DELETE")
    shell(f"""
from odoo.addons.l10n_fr_chorus_pro.models.connection.chorus_connection_token import client_of
with client_of(env["chorus.connection"].browse({connection})) as client:
    result = len(list(client.my_structures()))
""")
    assert "oauth" not in simulator.control("calls")["counts"]


def test_a_raw_copy_of_the_database_makes_no_call(session, simulator, environment, database):
    connect(session, simulator, "production")
    session.call("res.company", "write", [session.company], {"chorus_environment": "production"})
    customers(session)
    session.server.stop()
    simulator.control("calls", method="DELETE")
    with databases.temporary(environment, "copied", database) as copied:
        result = odoo.script(
            environment,
            copied,
            """
for cron in ("cron_directory", "cron_watch_connections"):
    env.ref(f"l10n_fr_chorus_pro.{cron}").method_direct_trigger()
connection = env["chorus.connection"].search([("environment", "=", "production")])
result = connection._why_not_usable()
""",
            log="copied",
        )
        assert "copy of the database" in result
        assert simulator.control("calls")["total"] == 0
        result = odoo.script(
            environment,
            copied,
            """
connection = env["chorus.connection"].search([("environment", "=", "production")])
connection.action_confirm_database()
env.cr.commit()
env.ref("l10n_fr_chorus_pro.cron_directory").method_direct_trigger()
result = connection._why_not_usable()
""",
            log="confirmed",
        )
        assert result == ""
        assert simulator.control("calls")["counts"][LOOK_UPS] == len(PUBLIC)


def test_the_scheduled_actions_commit_step_by_step(session, simulator, shell, sql):
    connect(session, simulator, "test")
    session.call("res.company", "write", [session.company], {"chorus_environment": "test"})
    customers(session)
    simulator.control("faults", {"route": "structures/v1/consulter", "kind": "http_500", "count": 1})
    shell("""
env.ref("l10n_fr_chorus_pro.cron_directory").method_direct_trigger()
env.ref("l10n_fr_chorus_pro.cron_watch_connections").method_direct_trigger()
result = True
""")
    rows = sql("SELECT siret FROM chorus_structure WHERE looked_up_at IS NOT NULL")
    assert len(rows) == len(PUBLIC) - 1


# Somebody else writes on each structure once, while its answer is on the way.
MEANWHILE = """
structures = env.registry["chorus.structure"]
ask, met = structures._ask_all, set()

def meanwhile(self, client, siret, *more, **terms):
    found = ask(self, client, siret, *more, **terms)
    if siret not in met:
        met.add(siret)
        with env.registry.cursor() as cr:
            cr.execute("UPDATE chorus_structure SET chorus_id = 'x' WHERE siret = %s", (siret,))
    return found

structures._ask_all = meanwhile
env.ref("l10n_fr_chorus_pro.cron_directory").method_direct_trigger()
result = len(met)
"""


def test_somebody_who_writes_on_a_structure_meanwhile_costs_one_more_look_up(session, simulator, shell, sql):
    connect(session, simulator, "test")
    session.call("res.company", "write", [session.company], {"chorus_environment": "test"})
    customers(session)
    shell('env.ref("l10n_fr_chorus_pro.cron_directory").method_direct_trigger()\nresult = True')
    sql("UPDATE chorus_structure SET looked_up_at = NULL, next_look_up = '2020-01-01'")
    assert shell(MEANWHILE) == len(PUBLIC)
    rows = sql("SELECT siret FROM chorus_structure WHERE looked_up_at IS NOT NULL AND chorus_id <> 'x'")
    assert len(rows) == len(PUBLIC)
