"""Secrets in everything that is written, copies of the database, and what removing the addon leaves."""

import base64
import json
import subprocess

import pytest

from lib import paths
from lib.server import databases, odoo, rpc
from lib.server.simulator import Simulator

SUPPLIER, BUYER = "33254021516357", "12345678200051"
CREDENTIALS = {
    "client_id": "marker-client-id",
    "client_secret": "MARKER-client-secret-4711",
    "login": "MARKER_TECH@cpro.fr",
    "password": "MARKER-password-0815",
}
ADMINISTRATOR_LOG = ("--log-level=debug", "--log-handler=:DEBUG", "--log-sql")


@pytest.fixture
def simulator(tmp_path):
    """A simulator whose credentials are markers."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in CREDENTIALS.items()]
    with Simulator(tmp_path / "simulator", args=options) as running:
        yield running


# Text for Odoo's shell: a French company with a production connection and one public customer.
CONNECTED = """
company = env["res.company"].search([("name", "=", "FR Company")], limit=1) or env.ref("base.demo_company_fr")
env = env(context={{"allowed_company_ids": company.ids}})
company = company.with_env(env)
company.write({{"company_registry": "{supplier}", "phone": "0240000000", "email": "a@example.com"}})
connection = env["chorus.connection"].create({{
    "company_id": company.id, "environment": "production", "auth_url": "{auth_url}", "api_url": "{url}",
    "first_deposit_limit": 0, **{credentials},
}})
env.cr.commit()
connection.action_refresh_token()
env.cr.commit()
env.invalidate_all()
company.chorus_environment = "production"
customer = env["res.partner"].create({{
    "name": "Commune", "is_company": True, "company_registry": "{buyer}", "street": "1 rue", "zip": "44000",
    "city": "Nantes", "country_id": env.ref("base.fr").id, "dematerialized_invoice_type": "facturx",
}})
# The shell's user may make a trusted account only as if Odoo were installing (since spring 2026).
bank = env["res.partner.bank"].with_context(install_mode=True).create({{
    "partner_id": company.partner_id.id, "acc_number": "FR7630006000011234567890189",
    "allow_out_payment": True,
}})
tax = env["account.tax"].search([
    ("company_id", "=", company.id), ("type_tax_use", "=", "sale"), ("amount", "=", 20),
    ("price_include", "=", False),
], limit=1)
invoices = env["account.move"].create([{{
    "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": "2026-11-20",
    "partner_bank_id": bank.id,
    "invoice_line_ids": [(0, 0, {{"name": "Work", "price_unit": 100, "tax_ids": [(6, 0, tax.ids)]}})],
}} for _number in range({count})])
invoices.action_post()
conflicts = invoices._chorus_queue("production")
env.cr.commit()
result = {{
    "company": company.id, "invoices": invoices.ids, "names": invoices.mapped("name"), "conflicts": conflicts,
}}
"""

CRONS = """
for cron in ("cron_send", "cron_follow", "cron_directory", "cron_watch_connections"):
    env.ref(f"l10n_fr_chorus_pro.{cron}").method_direct_trigger()
env.cr.commit()
"""


@pytest.fixture
def connected(shell, simulator):
    """`connected(count)` connects a company to production and queues invoices; returns what it made."""

    def connect(count=1):
        done = shell(
            CONNECTED.format(
                supplier=SUPPLIER,
                buyer=BUYER,
                auth_url=simulator.auth_url,
                url=simulator.url,
                credentials=CREDENTIALS,
                count=count,
            )
        )
        assert not done["conflicts"]
        return done

    return connect


@pytest.fixture
def run_crons(shell, start_odoo, database):
    """`run_crons()` runs every scheduled action once, beside a server that gives invoices their styles."""

    def run(before=""):
        server = start_odoo(cron_threads=0)
        databases.set_parameter(database, "report.url", server.url)
        shell(before + CRONS)
        server.stop()

    return run


def dump(database):
    """Everything in the database, as text."""
    done = subprocess.run(["pg_dump", "--inserts", database], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def marks(token):
    """What must not be found anywhere: the secrets, and the header that carries the technical account."""
    account = base64.b64encode(f"{CREDENTIALS['login']}:{CREDENTIALS['password']}".encode()).decode()
    return {
        "client secret": CREDENTIALS["client_secret"],
        "password": CREDENTIALS["password"],
        "token": token,
        "technical account": account,
    }


def test_secrets_are_found_nowhere(start_odoo, database, simulator, shell, environment):
    server = start_odoo(cron_threads=0, args=ADMINISTRATOR_LOG)
    session = rpc.Session(server.url, database, "admin", "admin")
    company = session.search_read("res.company", [("name", "=", "FR Company")], ["id"])[0]["id"]
    session.call("res.users", "write", [session.user["uid"]], {"company_ids": [(4, company)]})
    session.context = {"allowed_company_ids": [company]}
    answers = []

    def call(method, *args):
        try:
            answers.append(session.call("chorus.connection", method, *args))
        except rpc.Refused as refusal:
            answers.append(str(refusal))
        return answers[-1]

    connection = session.create(
        "chorus.connection",
        {
            "company_id": company,
            "environment": "test",
            "auth_url": simulator.auth_url,
            "api_url": simulator.url,
            "supplier_siret": SUPPLIER,
            **CREDENTIALS,
        },
    )
    call("action_refresh_token", [connection])
    call("action_check_all", [connection])
    # Failures of every kind, with their tracebacks.
    for kind in (
        "http_500",
        "html",
        "bad_account",
        "expired_token",
        "truncated_json",
        "drop_before",
        "empty_403",
    ):
        simulator.control("faults", {"route": "*", "kind": kind, "count": 2})
        call("action_check_all", [connection])
        simulator.control("faults", method="DELETE")
    call(
        "web_save", [connection], {"password": CREDENTIALS["password"]}, {"password": {}, "client_secret": {}}
    )
    call("write", [connection], {"auth_url": "not an address", **CREDENTIALS})
    call("create", [{"nonsense": 1, **CREDENTIALS}])
    fields = session.call("chorus.connection", "fields_get")
    call("read", [connection])
    call("web_read", [connection], {name: {} for name in fields})
    call("onchange", [connection], {}, [], {name: {} for name in fields})
    call("default_get", list(fields))
    call("copy", [connection])
    call("export_data", [connection], ["client_secret", "password", "login"])
    call("get_views", [(False, "form"), (False, "list")])
    answers.append(
        session.search_read(
            "mail.message", [("model", "=", "chorus.connection")], ["body", "tracking_value_ids"]
        )
    )
    answers.append(session.download(f"/odoo/chorus.connection/{connection}").decode())
    token = shell(
        "from odoo.addons.l10n_fr_chorus_pro.models.connection.chorus_connection_token import good_token\n"
        f'result = good_token(env["chorus.connection"].browse({connection}))'
    )
    assert token
    # PostgreSQL copies a database that nobody uses.
    server.stop()
    with databases.temporary(environment, "neutral", database) as copied:
        neutralize(environment, copied)
        places = {
            "log": server.text(),
            "answers": json.dumps(answers, default=str),
            "dump": dump(database),
            "neutralized dump": dump(copied),
        }
    found = [
        f"{name} in the {place}"
        for place, text in places.items()
        for name, mark in marks(token).items()
        if mark in text
    ]
    assert not found
    # The log is the whole one: it tells of the calls themselves.
    assert "POST oauth" in places["log"] and "odoo.sql_db" in places["log"]


def neutralize(environment, database):
    """Odoo's own command on a copy."""
    line = odoo.command(environment, ["-d", database], "neutralize")
    done = subprocess.run([str(part) for part in line], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_neutralized_copy_holds_nothing_and_calls_nobody(connected, simulator, environment, database):
    connected()
    with databases.temporary(environment, "neutral", database) as copied:
        neutralize(environment, copied)
        rows = databases.sql(
            copied,
            "SELECT client_id, client_secret_cipher, login, password_cipher, token_cipher, state"
            " FROM chorus_connection",
        )
        assert rows == ["|||||draft"]
        assert databases.sql(
            copied, "SELECT count(*) FROM res_company WHERE chorus_environment IS NOT NULL"
        ) == ["0"]
        simulator.control("calls", method="DELETE")
        # Even with the credentials typed again and a confirmation: a neutralized copy sends no real invoice.
        result = odoo.script(
            environment,
            copied,
            f"""
connection = env["chorus.connection"].search([("environment", "=", "production")])
connection.write({CREDENTIALS})
refusals = []
for method in ("action_confirm_database", "action_refresh_token", "action_check_all"):
    try:
        getattr(connection, method)()
    except Exception as error:
        refusals.append(str(error))
env.cr.commit()
{CRONS}
result = refusals
""",
            "neutralized",
        )
        assert len(result) == 3 and all("neutralized" in text for text in result), result
        assert simulator.control("calls")["total"] == 0


def test_a_raw_copy_sends_nothing_of_the_queue(connected, simulator, environment, database, run_crons, sql):
    made = connected(2)
    simulator.control("calls", method="DELETE")
    with databases.temporary(environment, "copied", database) as copied:
        odoo.script(environment, copied, CRONS, "copied")
        buttons = odoo.script(
            environment,
            copied,
            f"""
env = env(context={{"allowed_company_ids": [{made["company"]}]}})
refusals = []
connection = env["chorus.connection"].search([("environment", "=", "production")])
for press in (
    connection.action_refresh_token,
    connection.action_check_all,
    env["res.partner"].search([("company_registry", "=", "{BUYER}")], limit=1).action_chorus_look_up,
):
    try:
        press()
    except Exception as error:
        refusals.append(str(error))
result = refusals
""",
            "buttons",
        )
        assert buttons and all("copy of the database" in text for text in buttons), buttons
        assert simulator.control("calls")["total"] == 0
        assert simulator.control("ledger")["deposits"] == []
    # The original is not held up by its copy.
    run_crons()
    files = [file for deposit in simulator.control("ledger")["deposits"] for file in deposit["files"]]
    lines = sql("SELECT state, message, next_action_at FROM chorus_deposit_line")
    assert {file["number"] for file in files} == set(made["names"]), lines


def test_removing_the_addon_leaves_files_and_reports_on_the_invoices(
    connected, simulator, shell, run_crons, sql
):
    made = connected(2)
    sql("UPDATE res_company SET chorus_group_size = 1")
    run_crons()
    simulator.control("clock", {"advance": 3600})
    run_crons('env["chorus.deposit"].search([]).next_action_at = "2020-01-01"\nenv.cr.commit()\n')
    sent = sql("SELECT sha256 FROM chorus_deposit ORDER BY id")
    flows = sql("SELECT flow_number FROM chorus_deposit ORDER BY id")
    assert len(sent) == 2 and all(flows)
    shell(
        'env["ir.module.module"].search([("name", "=", "l10n_fr_chorus_pro")]).button_immediate_uninstall()'
    )
    assert sql("SELECT state FROM ir_module_module WHERE name = 'l10n_fr_chorus_pro'") == ["uninstalled"]
    kept = shell(f"""
import hashlib
result = [
    [attachment.name, hashlib.sha256(attachment.raw).hexdigest(), attachment.raw.decode("latin-1")[:4000]]
    for attachment in env["ir.attachment"].search([
        ("res_model", "=", "account.move"), ("res_id", "in", {made["invoices"]}), ("res_field", "=", False),
    ])
]
""")
    assert set(sent) <= {digest for _name, digest, _text in kept}
    reports = [text for name, _digest, text in kept if name.endswith(".json")]
    assert len(reports) == 2
    for flow in flows:
        assert any(flow in text for text in reports)


# Text for Odoo's shell: thousands of copies of the one invoice that was sent, its file included.
COPIES = """
import runpy
multiply = runpy.run_path("{statements}")["multiply"]
cr, count = env.cr, {count}
line = env["chorus.deposit.line"].search([], limit=1)
move, deposit = line.move_id, line.deposit_id
moves = multiply(cr, "account_move", move.id, count, name="'MANY/' || n")
deposits = multiply(cr, "chorus_deposit", deposit.id, count, flow_number="'F' || n")
multiply(
    cr, "chorus_deposit_line", line.id, count, number="'MANY/' || n", flow_number="'F' || n",
    move_id=f"{{moves[0]}} + n - 1", deposit_id=f"{{deposits[0]}} + n - 1",
)
cr.execute("SELECT id FROM ir_attachment WHERE res_model = 'chorus.deposit' AND res_id = %s", (deposit.id,))
multiply(cr, "ir_attachment", cr.fetchone()[0], count, res_id=f"{{deposits[0]}} + n - 1")
cr.commit()
"""
# The same: the hook, which dies in its fourth batch; then begun again, with its peak of memory.
CUT = """
from odoo.addons.l10n_fr_chorus_pro import uninstall
hand_over, calls = uninstall._hand_over, []
def cut(env, move_ids):
    calls.append(move_ids)
    if len(calls) == 4:
        raise MemoryError
    hand_over(env, move_ids)
uninstall._hand_over = cut
try:
    uninstall.uninstall_hook(env)
except MemoryError:
    env.cr.rollback()
result = len(calls)
"""
AGAIN = """
import resource
from odoo.addons.l10n_fr_chorus_pro import uninstall
hand_over, batches = uninstall._hand_over, []
def count(env, move_ids):
    batches.append(len(move_ids))
    hand_over(env, move_ids)
uninstall._hand_over = count
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
queries = env.cr.sql_log_count
uninstall.uninstall_hook(env)
result = {
    "moves": sum(batches),
    "queries": env.cr.sql_log_count - queries,
    "megabytes": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024,
}
env.cr.commit()
"""
REPORTS = (
    "SELECT count(*), count(DISTINCT res_id) FROM ir_attachment"
    " WHERE res_model = 'account.move' AND mimetype = 'application/json'"
)


def test_removing_the_addon_from_a_large_database_goes_on_where_it_stopped(connected, shell, run_crons, sql):
    count = 2000
    connected(1)
    run_crons()
    shell(COPIES.format(statements=paths.ROOT / "tests" / "statements.py", count=count))
    assert shell(CUT) == 4
    assert sql(REPORTS) == ["600|600"]
    # Nothing was taken from the deposits: the addon may as well stay.
    assert sql("SELECT count(*) FROM ir_attachment WHERE res_model = 'chorus.deposit'") == [str(count + 1)]
    again = shell(AGAIN)
    assert again["moves"] == count + 1 - 600
    assert sql(REPORTS) == [f"{count + 1}|{count + 1}"]
    digest = sql("SELECT DISTINCT sha256 FROM chorus_deposit")
    copies = sql(
        "SELECT count(DISTINCT res_id) FROM ir_attachment WHERE res_model = 'account.move'"
        " AND res_field IS NULL AND mimetype = 'application/pdf'"
        " AND res_id IN (SELECT move_id FROM chorus_deposit_line)"
    )
    assert len(digest) == 1 and copies == [str(count + 1)]
    assert again["queries"] < again["moves"] and again["megabytes"] < 60, again
