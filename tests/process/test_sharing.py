"""Companies are served side by side, by as many workers as there are, on any number of hosts."""

import json

import pytest

from lib import paths
from lib.server import odoo, rpc
from lib.server.simulator import Simulator

# Seconds: until it is let go, or its sender gives up.
HELD = 3600
MAKE = """
import json, sys
sys.path.insert(0, {folder!r})
from lib.bench import companies_inside
result = companies_inside.make(env, json.loads({simulators!r}), {count}, 1)
env.cr.commit()
"""
COMPANIES = 4


class Town:
    """Companies of one database, each at one of two Chorus Pros; people click over RPC."""

    def __init__(self, environment, database, simulators):
        self.simulators = simulators
        reached = [
            {"auth_url": one.auth_url, "api_url": one.url, "credentials": one.CREDENTIALS}
            for one in simulators
        ]
        text = MAKE.format(folder=str(paths.ROOT / "dev"), simulators=json.dumps(reached), count=COMPANIES)
        self.rows = odoo.script(environment, database, text, "companies")
        for simulator in simulators:
            for row in self.rows:
                simulator.control(f"structures/{row['siret']}", {"name": "Atelier", "public": False})

    def click(self, server, database, row):
        session = rpc.Session(server.url, database, "admin", "admin")
        session.context = {"allowed_company_ids": [row["company"]]}
        action = session.call("account.move", "action_chorus_send", row["moves"])
        session.call("chorus.send", "action_send", [action["res_id"]])

    def hold(self, number, seconds):
        """This Chorus Pro takes so long for each deposit; those that it holds go on."""
        settings = {"deposit_hold": {"min": seconds, "max": seconds, "seed": 1}}
        self.simulators[number].control("settings", settings)

    def taken(self, number):
        deposits = self.simulators[number].control("ledger")["deposits"]
        return [file["number"] for item in deposits for file in item["files"]]


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
