"""Odoo's own scheduled actions, on their own clock: people click, nobody helps."""

import pytest
from running import running

from lib.server import invariants


@pytest.mark.long
def test_a_click_is_integrated_though_chorus_pro_stumbles(server):
    """The first post comes too fast for Chorus Pro, the first report is not there: each due time wakes."""
    server.control("settings", {"not_found_period": 20.0})
    server.control("faults", {"route": "factures/v1/deposer/flux", "kind": "http_429", "count": 1})
    moves = server.invoices(3)
    server.click(moves)
    server.wait_for(moves, "integrated", 330)
    assert server.taken(moves) == [1, 1, 1]


@pytest.fixture
def hurried(environment, database, tmp_path):
    """A running server that gives a scheduled action 60 seconds."""
    with running(environment, database, tmp_path, args=["--limit-time-real-cron", 60]) as started:
        yield started
        assert invariants.broken(database, settled=False) == []


def test_what_the_time_of_a_run_left_goes_on_at_once(hurried):
    """A run begins nothing new after half of Odoo's limit: 45 seconds of deposits need two runs."""
    server = hurried
    server.control("settings", {"deposit_hold": {"min": 1.5, "max": 1.5}})
    server.sql("UPDATE chorus_connection SET group_state = 'refused', files_at_once = 1")
    moves = server.invoices(30)
    server.click(moves)
    server.wait_for(moves, "integrated", 300)
    assert server.taken(moves) == [1] * 30
    runs = server.sql(
        "SELECT count(*) FROM ir_cron_progress p JOIN ir_model_data d ON d.res_id = p.cron_id"
        " AND d.model = 'ir.cron' WHERE d.name = 'cron_send' AND p.done > 0"
    )
    assert int(runs[0]) > 1
