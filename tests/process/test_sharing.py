"""Companies are served side by side, by as many workers as there are, on any number of hosts."""

import json

import pytest

from lib import paths
from lib.server import databases, odoo, rpc
from lib.server.simulator import Simulator

# Seconds: until it is let go, or its sender gives up.
HELD = 3600
MAKE = """
import json, sys
sys.path.insert(0, {folder!r})
from lib.bench import companies_inside
result = companies_inside.make(env, json.loads({simulators!r}), {count}, {each})
env.cr.commit()
"""
COMPANIES = 4
# Connections to PostgreSQL that are in use.
IN_USE = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'odoo-%' AND state != 'idle'
"""
# What is due later is due now, and the action that sends too.
LOOK_NOW = """
UPDATE chorus_deposit SET next_action_at = now() AT TIME ZONE 'UTC' WHERE state = 'unconfirmed';
INSERT INTO ir_cron_trigger (cron_id, call_at)
SELECT res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data
WHERE module = 'l10n_fr_chorus_pro' AND name = 'cron_send'
"""
# Invoices of each, and files of each that travel at once.
EACH = AT_ONCE = 4


class Town:
    """Companies of one database, each at one of two Chorus Pros; people click over RPC."""

    def __init__(self, environment, database, simulators):
        self.simulators = simulators
        reached = [
            {"auth_url": one.auth_url, "api_url": one.url, "credentials": one.CREDENTIALS}
            for one in simulators
        ]
        text = MAKE.format(
            folder=str(paths.ROOT / "dev"), simulators=json.dumps(reached), count=COMPANIES, each=EACH
        )
        self.rows = odoo.script(environment, database, text, "companies")
        for simulator in simulators:
            for row in self.rows:
                simulator.control(f"structures/{row['siret']}", {"name": "Atelier", "public": False})

    def click(self, server, database, row, count=1):
        session = rpc.Session(server.url, database, "admin", "admin")
        session.context = {"allowed_company_ids": [row["company"]]}
        action = session.call("account.move", "action_chorus_send", row["moves"][:count])
        session.call("chorus.send", "action_send", [action["res_id"]])

    def hold(self, number, seconds):
        """This Chorus Pro takes so long for each deposit; those that it holds go on."""
        settings = {"deposit_hold": {"min": seconds, "max": seconds, "seed": 1}}
        self.simulators[number].control("settings", settings)

    def taken(self, number):
        deposits = self.simulators[number].control("ledger")["deposits"]
        return [file["number"] for item in deposits for file in item["files"]]

    def states(self, database):
        """Of all deposits that have come to a flow number."""
        return databases.sql(database, "SELECT state FROM chorus_deposit WHERE flow_number IS NOT NULL")


@pytest.fixture
def town(environment, database, tmp_path):
    with Simulator(tmp_path / "one", "one") as one, Simulator(tmp_path / "two", "two") as two:
        yield Town(environment, database, [one, two])


def test_a_company_does_not_wait_for_the_gateway_of_another(town, database, start_odoo, poll):
    """A file lies with a slow Chorus Pro; what another company clicks is taken before its answer."""
    server = start_odoo(cron_threads=2)
    town.hold(0, HELD)
    town.click(server, database, town.rows[0])
    slow = town.simulators[0]
    poll(lambda: slow.control("inflight")["deposits_now"], 120, "the slow one has the file")
    town.click(server, database, town.rows[1])
    poll(lambda: town.taken(1), 120, "the other company's file is taken")
    assert slow.control("inflight")["deposits_now"] == 1
    slow.control("settings", {"deposit_hold": {"min": 0.0, "max": 0.0, "seed": 1}})


def test_a_single_worker_goes_on_while_a_file_lies_with_a_slow_gateway(town, database, start_odoo, poll):
    """One thread for scheduled actions: what another company clicks does not wait for the slow one's answers,
    which are heard in the end. Each file leaves once, and what it takes of PostgreSQL has a bound."""
    server = start_odoo(cron_threads=1)
    databases.sql(
        database, f"UPDATE chorus_connection SET group_state = 'refused', files_at_once = {AT_ONCE}"
    )
    town.hold(0, HELD)
    town.click(server, database, town.rows[0], EACH)
    slow = town.simulators[0]
    poll(lambda: slow.control("inflight")["deposits_now"] == AT_ONCE, 120, "the slow one has the files")
    town.click(server, database, town.rows[1], EACH)
    most = []

    def all_taken():
        most.append(len(databases.sql(database, IN_USE)))
        return len(town.taken(1)) == EACH

    poll(all_taken, 120, "the other company's files are taken", 0.02)
    assert slow.control("inflight")["deposits_now"] == AT_ONCE
    town.hold(0, 0.0)
    # Two turns at once, the cursor of the one that stands in, and the two of Odoo's scheduler.
    assert 2 < max(most) <= 2 * (AT_ONCE + 2) + 1 + 2
    poll(lambda: len(town.states(database)) == 2 * EACH, 120, "all have their flow numbers")
    assert set(town.states(database)) <= {"sent", "integrated"}
    assert len(town.taken(0)) == EACH


def test_a_single_worker_goes_on_while_a_token_does_not_come(town, database, start_odoo, poll):
    """The same where the first company waits for a token, which it never gets."""
    server = start_odoo(cron_threads=1)
    slow = town.simulators[0]
    slow.control(
        "faults", {"route": "oauth", "kind": "slow", "when": "before", "seconds": 3600, "count": None}
    )
    company = town.rows[0]["company"]
    databases.sql(database, f"UPDATE chorus_connection SET token_expiry = NULL WHERE company_id = {company}")
    town.click(server, database, town.rows[0])
    poll(lambda: slow.control("inflight")["now"], 120, "the slow one is asked for a token")
    town.click(server, database, town.rows[1])
    poll(lambda: town.taken(1), 120, "the other company's file is taken")
    assert slow.control("inflight")["now"]
    slow.control("faults", method="DELETE")


def test_a_worker_that_dies_in_two_turns_leaves_both_files_to_be_looked_for(town, database, start_odoo, poll):
    """Killed while it waits for one Chorus Pro and another thread for a second one: neither file leaves
    again, both are found."""
    server = start_odoo(cron_threads=1)
    for number, simulator in enumerate(town.simulators):
        town.hold(number, HELD)
        town.click(server, database, town.rows[number])
        poll(lambda one=simulator: one.control("inflight")["deposits_now"], 120, "the file is on its way")
    assert [one.control("inflight")["deposits_now"] for one in town.simulators] == [1, 1]
    server.kill()
    for number, simulator in enumerate(town.simulators):
        town.hold(number, 0.0)
        simulator.control("clock", {"advance": 3600})
    start_odoo(cron_threads=1)
    seen = set()

    def found():
        databases.sql(database, LOOK_NOW)
        databases.sql("postgres", f"SELECT pg_notify('cron_trigger', '{database}')")
        states = databases.sql(database, "SELECT state FROM chorus_deposit")
        seen.update(states)
        return set(states) <= {"sent", "integrated"}

    poll(found, 120, "both are found", 1)
    assert "ready" not in seen
    assert [len(town.taken(number)) for number in range(2)] == [1, 1]


def test_workers_of_two_hosts_serve_as_many_companies_at_once(town, database, start_odoo, poll):
    """Two hosts with two threads each: four companies' files are on their way at the same time, each once."""
    hosts = [start_odoo(cron_threads=2), start_odoo(cron_threads=2)]
    for number in range(2):
        town.hold(number, HELD)
    for row in town.rows:
        town.click(hosts[0], database, row)
    for one in town.simulators:
        poll(lambda one=one: one.control("inflight")["deposits_now"] == 2, 120, "both are on their way")
    for number in range(2):
        town.hold(number, 0.0)
        poll(lambda one=number: len(town.taken(one)) == 2, 120, "both files")
        assert len(set(town.taken(number))) == 2
