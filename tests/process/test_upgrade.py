"""An upgrade of the addon on a database in use: one that a former version installed and sent from."""

import base64
from pathlib import Path

import pytest
from test_security_processes import BUYER, CONNECTED, SUPPLIER

from lib import console
from lib.server import databases, former, odoo

PAGE = Path(__file__).resolve().parent.parent / "unit" / "data" / "page_patched_qt.pdf"
KEPT = {
    "lines": """
        SELECT l.id, l.move_id, l.company_id, l.environment, l.deposit_id, l.state, l.number, l.seller_siret,
            l.buyer_siret, l.invoice_date, l.amount_total, l.flow_number, l.status_code, l.queued_by_id
        FROM chorus_deposit_line l ORDER BY l.id""",
    "deposits": """
        SELECT d.id, d.environment, d.state, d.sha256, d.size, d.flow_number, d.sent_at, d.attempt_number,
            a.store_fname, a.checksum
        FROM chorus_deposit d
        JOIN ir_attachment a ON a.res_model = 'chorus.deposit' AND a.res_id = d.id AND a.res_field = 'file'
        ORDER BY d.id""",
    "journal": "SELECT id, deposit_id, kind, outcome, correlation_id FROM chorus_attempt ORDER BY id",
    "invoices": "SELECT id, name, state, chorus_state, amount_total, is_move_sent FROM account_move"
    " WHERE chorus_state IS NOT NULL ORDER BY id",
    "connections": "SELECT id, company_id, environment, state, auth_url, api_url, client_id, login,"
    " client_secret_cipher, password_cipher FROM chorus_connection ORDER BY id",
    "companies": "SELECT id, chorus_environment FROM res_company ORDER BY id",
    "customers": "SELECT id, dematerialized_invoice_type FROM res_partner ORDER BY id",
}
GUARDS = """
SELECT c.relname, i.indisunique, i.indisvalid
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname IN (
    'chorus_deposit_line_one_live_line', 'chorus_deposit_line_one_first_slot', 'chorus_deposit_one_flow',
    'chorus_request_one_open'
) ORDER BY 1
"""
# The pages are there already, so that no server is needed to print them.
SEND = """
for invoice in invoices:
    env["ir.attachment"].create({{
        "name": "page.pdf", "raw": __import__("base64").b64decode("{page}"), "mimetype": "application/pdf",
        "res_model": "account.move", "res_id": invoice.id, "res_field": "invoice_pdf_report_file",
        "company_id": company.id,
    }})
env.cr.commit()
env["chorus.worker"]._cron_send()
env["chorus.worker"]._cron_follow()
env.cr.commit()
"""


@pytest.fixture
def commit():
    """The former state of the addon: the first version, unless a test is parametrized."""
    return former.FIRST


@pytest.fixture
def database(environment, commit):
    """A database in which the former version is installed."""
    with databases.temporary(environment, "process", former.database(environment, commit)) as name:
        yield name


@pytest.fixture
def sent(environment, simulator, database, commit):
    """Use the former version: `sent(count)` sends invoices in production; their ids."""

    def prepare(count=3):
        text = CONNECTED.format(
            supplier=SUPPLIER, buyer=BUYER, auth_url=simulator.auth_url, url=simulator.url,
            credentials=simulator.CREDENTIALS, count=count,
        ) + SEND.format(page=base64.b64encode(PAGE.read_bytes()).decode())  # fmt: skip
        done = former.script(environment, database, text, log="former-use", commit=commit)
        assert not done["conflicts"]
        return done["invoices"]

    return prepare


@pytest.fixture
def upgrade(environment, database):
    def run():
        odoo.run(environment, ["-d", database, "-u", "l10n_fr_chorus_pro"], log="upgrade")

    return run


def kept(sql):
    return {name: sql(query) for name, query in KEPT.items()}


@pytest.mark.parametrize("commit", former.RELEASED.values(), ids=former.RELEASED)
def test_an_upgrade_keeps_what_was_sent_and_restores_its_guards(sql, sent, upgrade):
    keeps_what_was_sent_and_restores_its_guards(sql, sent, upgrade)


@pytest.mark.long
@pytest.mark.parametrize("commit", former.BETWEEN.values(), ids=former.BETWEEN)
def test_an_upgrade_from_between_two_releases_keeps_as_much(sql, sent, upgrade):
    keeps_what_was_sent_and_restores_its_guards(sql, sent, upgrade)


def keeps_what_was_sent_and_restores_its_guards(sql, sent, upgrade):
    (before,) = sql("SELECT latest_version FROM ir_module_module WHERE name = 'l10n_fr_chorus_pro'")
    sent()
    was = kept(sql)
    # Single files, or an archive after the first: as the version had it by default.
    assert len(was["lines"]) == 3 and was["deposits"]
    assert all("|sent|" in row or "|integrated|" in row for row in was["deposits"])
    sql(
        "DROP INDEX chorus_deposit_line_one_live_line;"
        "ALTER TABLE chorus_deposit_line DROP CONSTRAINT chorus_deposit_line_known_state"
    )
    upgrade()
    assert kept(sql) == was
    guards = sql(GUARDS)
    assert len(guards) == 4
    assert all(row.endswith("|t|t") for row in guards)
    assert sql("SELECT count(*) FROM pg_constraint WHERE conname = 'chorus_deposit_line_known_state'") == [
        "1"
    ]
    (version,) = sql("SELECT latest_version FROM ir_module_module WHERE name = 'l10n_fr_chorus_pro'")
    assert version > before


def test_what_former_versions_believed_stops_no_upgrade_and_is_told(sql, sent, upgrade):
    sent()
    sql("UPDATE chorus_deposit SET flow_number = (SELECT min(flow_number) FROM chorus_deposit)")
    sql("UPDATE chorus_deposit_line SET paid_at = '9999-12-31', payment_days = 2912066")
    upgrade()
    assert sql("SELECT DISTINCT paid_at, payment_days FROM chorus_deposit_line") == ["|"]
    (guard,) = (row for row in sql(GUARDS) if row.startswith("chorus_deposit_one_flow"))
    assert guard.endswith("|t|t")
    repeated = sql("SELECT id FROM chorus_deposit WHERE flow_repeated")
    assert len(repeated) == 2
    told = sql("SELECT res_id FROM mail_activity WHERE res_model = 'chorus.deposit' ORDER BY res_id")
    assert told == sorted(repeated, key=int)


def test_a_clone_without_its_history_says_what_to_do():
    with pytest.raises(console.Stop, match="git fetch --unshallow"):
        former.sources("0123456789abcdef0123456789abcdef01234567")


FRENCH_LABELS = """
SELECT f.model || '.' || f.name, f.field_description ->> 'fr_FR' FROM ir_model_fields f
JOIN ir_model_data d ON d.model = 'ir.model.fields' AND d.res_id = f.id
WHERE d.module = 'l10n_fr_chorus_pro' ORDER BY 1
"""
# What else is read in French: xml id, and the French (of a view a digest, since it has many lines).
FRENCH_WORDS = """
SELECT d.model, d.name, CASE d.model
    WHEN 'ir.ui.menu' THEN (SELECT r.name ->> 'fr_FR' FROM ir_ui_menu r WHERE r.id = d.res_id)
    WHEN 'ir.ui.view' THEN (SELECT md5(r.arch_db ->> 'fr_FR') FROM ir_ui_view r WHERE r.id = d.res_id)
    WHEN 'ir.model' THEN (SELECT r.name ->> 'fr_FR' FROM ir_model r WHERE r.id = d.res_id)
    WHEN 'ir.model.fields' THEN (SELECT md5(r.help ->> 'fr_FR') FROM ir_model_fields r WHERE r.id = d.res_id)
    WHEN 'ir.model.fields.selection' THEN
        (SELECT r.name ->> 'fr_FR' FROM ir_model_fields_selection r WHERE r.id = d.res_id)
    ELSE (SELECT r.name ->> 'fr_FR' FROM ir_act_window r WHERE r.id = d.res_id)
END
FROM ir_model_data d
WHERE d.module = 'l10n_fr_chorus_pro' AND NOT d.noupdate AND d.model IN (
    'ir.actions.act_window', 'ir.model', 'ir.model.fields', 'ir.model.fields.selection',
    'ir.ui.menu', 'ir.ui.view'
) ORDER BY 1, 2
"""
FORMER_LABEL = """
UPDATE ir_model_fields SET field_description = field_description || '{"fr_FR": "Ancien libellé"}'
WHERE (model, name) IN (('chorus.deposit', 'flow_number'), ('account.move', 'chorus_state'))
"""


def test_an_update_takes_the_labels_that_were_renamed(environment, sql, upgrade):
    """What an upgraded database shows in French is what a new one shows."""
    sql(FORMER_LABEL)
    upgrade()
    with databases.temporary(environment, "process", databases.with_addon(environment)) as fresh:
        expected = databases.sql(fresh, FRENCH_LABELS)
        words = databases.sql(fresh, FRENCH_WORDS)
    upgraded = sql(FRENCH_LABELS)
    assert not [row for row in upgraded if row.endswith("Ancien libellé")]
    # Labels of fields that others define too depend on who was installed last.
    assert {row for row in expected if "chorus" in row.split("|")[0]} <= set(upgraded)
    assert len(words) > 500
    found = set(sql(FRENCH_WORDS))
    assert [row for row in words if "chorus" in row and row not in found] == []
