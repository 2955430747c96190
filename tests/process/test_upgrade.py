"""An upgrade of the addon on a database in use."""

import pytest
from test_security_processes import BUYER, CONNECTED, CRONS, SUPPLIER

from lib import databases, odoo

INDEX = """
SELECT i.indisunique, i.indisvalid, pg_get_expr(i.indpred, i.indrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = 'chorus_deposit_line_one_live_line'
"""
KEPT = """
SELECT l.id, l.state, l.number, l.flow_number, d.state, d.sha256, a.store_fname, m.chorus_state
FROM chorus_deposit_line l
JOIN chorus_deposit d ON d.id = l.deposit_id
JOIN account_move m ON m.id = l.move_id
JOIN ir_attachment a ON a.res_model = 'chorus.deposit' AND a.res_id = d.id AND a.res_field = 'file'
ORDER BY l.id
"""
# What a version before this one lacks, or has otherwise.
OLDER = """
DROP INDEX chorus_deposit_line_one_live_line;
ALTER TABLE chorus_deposit_line DROP COLUMN batch, DROP COLUMN first_slot;
ALTER TABLE chorus_deposit_line DROP CONSTRAINT chorus_deposit_line_known_state;
UPDATE ir_module_module SET latest_version = '19.0.0.9.0' WHERE name = 'l10n_fr_chorus_pro';
"""


@pytest.fixture
def sent(environment, simulator, shell, start_odoo, database):
    """A database in use: two invoices in production, taken by Chorus Pro. Their ids."""

    def prepare():
        done = shell(
            CONNECTED.format(
                supplier=SUPPLIER, buyer=BUYER, auth_url=simulator.auth_url, url=simulator.url,
                credentials=simulator.CREDENTIALS, count=2,
            )
        )  # fmt: skip
        assert not done["conflicts"]
        server = start_odoo(cron_threads=0)
        databases.set_parameter(database, "report.url", server.url)
        shell(CRONS)
        server.stop()
        return done["invoices"]

    return prepare


def test_an_upgrade_keeps_what_was_sent_and_restores_its_guards(environment, database, sent, sql):
    sent()
    before = sql(KEPT)
    assert len(before) == 2
    assert all("|sent|" in row or "|integrated|" in row for row in before)
    assert len(sql(INDEX)) == 1
    sql(OLDER)
    odoo.run(environment, ["-d", database, "-u", "l10n_fr_chorus_pro"], log="upgrade")
    assert sql(KEPT) == before
    (index,) = sql(INDEX)
    assert index.startswith("t|t|")
    assert "'sent'" in index
    places = sql("SELECT count(*) FROM pg_indexes WHERE indexname = 'chorus_deposit_line_one_first_slot'")
    assert places == ["1"]
    constraints = sql("SELECT count(*) FROM pg_constraint WHERE conname = 'chorus_deposit_line_known_state'")
    assert constraints == ["1"]
    assert sql(
        "SELECT latest_version > '19.0.1' FROM ir_module_module WHERE name = 'l10n_fr_chorus_pro'"
    ) == ["t"]
