"""The administrator's brake against a worker that is at work: real commits, two processes, the ledger."""

import pytest

from lib import cmd_chaos
from lib.server import databases, odoo, rpc

# Text for Odoo's shell: the company's switch, thrown as the screen's button does it.
SWITCH = """
company = env["chorus.connection"].search([], limit=1).company_id
screen = env["chorus.switch"].create(
    {{"company_id": company.id, "target": "{target}", "confirmed": True, "first_deposit_limit": 0,
      "waiting": "{waiting}"}}
)
result = [screen.waiting_count, screen.changes]
screen.action_switch()
env.cr.commit()
"""
PREPARE = """
from odoo.addons.l10n_fr_chorus_pro.worker.channel import Channel
from odoo.addons.l10n_fr_chorus_pro.worker.preparer import Preparer

connection = env["chorus.connection"].search([], limit=1)
Preparer(Channel.of(connection)).prepare()
"""
# A second transaction takes the deposit while the switch of the first one is not committed yet.
RACE = """
import threading

from odoo import api
from odoo.tools import mute_logger

from odoo.addons.l10n_fr_chorus_pro.worker.channel import Channel
from odoo.addons.l10n_fr_chorus_pro.worker.sender import Sender

deposit = env["chorus.deposit"].search([("state", "=", "ready")], limit=1)
channel, deposit_id = Channel.of(deposit), deposit.id
env.cr.commit()
switching = env.registry.cursor()
company = api.Environment(switching, env.uid, {})["res.company"].browse(deposit.company_id.id)
company.chorus_environment = False
company.flush_recordset()
taken = []


def take():
    with mute_logger("odoo.sql_db"), Sender(channel).taken([deposit_id]) as files:
        taken.append(files)


thread = threading.Thread(target=take)
thread.start()
waiting = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks WHERE database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database()))"
)
while thread.is_alive():
    env.cr.execute(waiting)
    if env.cr.fetchone()[0]:
        break
switching.commit()
thread.join()
switching.close()
env.cr.commit()
env.invalidate_all()
result = [taken == [[]], deposit.state]
"""


class Scene:
    """A company in production, two hosts, and invoices that are used once."""

    def __init__(self, play, moves, environment):
        self.play, self.moves, self._environment = play, list(moves), environment

    def script(self, text):
        return odoo.script(self._environment, self.play.database, text, "switch")

    def switch(self, target, waiting="keep"):
        return self.script(SWITCH.format(target=target, waiting=waiting))

    def states(self, moves):
        chosen = ", ".join(map(str, moves))
        rows = self.play.sql(f"SELECT move_id, state FROM chorus_deposit_line WHERE move_id IN ({chosen})")
        found = dict(row.split("|") for row in rows)
        return [found[str(move)] for move in moves]

    def taken(self):
        """How many files the simulator has taken."""
        return sum(len(item["files"]) for item in self.play.simulator.control("ledger")["deposits"])

    def two(self):
        """Two fresh invoices: the first queued, the file of the second ready, as after a "slow down"."""
        queued, ready = self.moves.pop(), self.moves.pop()
        self.play.hosts[0].play("click", login="anne", moves=[ready])
        self.script(PREPARE)
        self.play.hosts[0].play("click", login="anne", moves=[queued])
        assert self.states([queued, ready]) == ["queued", "ready"]
        return [queued, ready]


@pytest.fixture(scope="module")
def scene(environment, tmp_path_factory):
    with cmd_chaos.stage(environment, tmp_path_factory.mktemp("switch"), 12, 4) as (play, moves):
        play.sql("UPDATE chorus_connection SET group_state = 'refused'")
        yield Scene(play, moves, environment)


def test_switched_off_nothing_leaves_until_it_is_switched_back(scene):
    moves = scene.two()
    count, changes = scene.switch("off")
    assert count == 2 and "Not sent yet" in changes
    scene.play.hosts[0].play("crons")
    scene.play.hosts[1].play("send_now")
    assert scene.states(moves) == ["queued", "ready"] and scene.taken() == 0
    scene.switch("production")
    scene.play.hosts[1].play("send_now")
    assert set(scene.states(moves)) <= {"sent", "integrated"} and scene.taken() == 2


def test_withdrawn_at_the_switch_never_leaves(scene):
    moves, before = scene.two(), scene.taken()
    scene.switch("off", "withdraw")
    scene.switch("production")
    scene.play.hosts[1].play("send_now")
    assert scene.states(moves) == ["cancelled", "cancelled"] and scene.taken() == before


def test_a_switch_that_is_not_committed_yet_is_waited_for(scene):
    """The worker's transaction began before the switch was done: the statement that takes begins again."""
    moves, before = scene.two(), scene.taken()
    assert scene.script(RACE) == [True, "ready"]
    assert scene.states(moves) == ["queued", "ready"] and scene.taken() == before
    scene.switch("production")
    scene.play.hosts[1].play("send_now")
    assert scene.taken() == before + 2


def test_switched_by_rpc_while_a_worker_prepares(scene, environment):
    """The switch over RPC, by an administrator, holds what the worker has made ready meanwhile."""
    moves, before = scene.two(), scene.taken()
    databases.set_parameter(scene.play.database, "web.base.url.freeze", "True")
    with odoo.Server(environment, scene.play.database, cron_threads=0) as server:
        session = rpc.Session(server.url, scene.play.database, "admin", "admin")
        company = int(scene.play.sql("SELECT company_id FROM chorus_connection")[0])
        session.call("res.users", "write", [session.user["uid"]], {"company_ids": [(4, company)]})
        session.context = {"allowed_company_ids": [company]}
        session.call("res.company", "write", [company], {"chorus_environment": False})
    scene.script(PREPARE)
    scene.play.hosts[0].play("send_now")
    assert scene.states(moves) == ["queued", "ready"] and scene.taken() == before
    scene.switch("production")
    scene.play.hosts[1].play("send_now")
    assert scene.taken() == before + 2
