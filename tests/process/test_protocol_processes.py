"""Commits, locks, races and kills of the deposit protocol: real Odoo processes, real PostgreSQL."""

import random
import time

import pytest

from lib import cmd_chaos, paths
from lib.chaos import chaos_burst, chaos_judge
from lib.chaos.chaos_faults import DEPOSIT
from lib.server import databases, odoo

_COUNT = 70
# Seconds: until it is let go, or its sender gives up.
_HELD = 3600


class Scene:
    """Two hosts beside a simulator, and invoices that are used once."""

    def __init__(self, play, moves):
        self.play, self._moves = play, list(moves)
        self.control = play.simulator.control

    def take(self, count):
        """Fresh invoices: their ids."""
        taken, self._moves = self._moves[:count], self._moves[count:]
        return taken

    def click(self, moves):
        """One user clicks."""
        return self.play.hosts[0].play("click", login="anne", moves=moves)

    def hold(self, seconds):
        """Each deposit is in flight for so long, half of it before it is taken; those in flight go on."""
        self.control("settings", {"deposit_hold": {"min": seconds, "max": seconds}})

    def wait_until(self, probe, seconds=120):
        """Poll; nothing sleeps for a fixed time."""
        deadline = time.monotonic() + seconds
        while not (found := probe()):
            assert time.monotonic() < deadline, "nothing happened in time"
            for host in self.play.hosts:
                host.look()
            time.sleep(0.01)
        return found

    def states(self, moves):
        """The set of states of the lines of these invoices."""
        chosen = ", ".join(map(str, moves))
        return set(self.play.sql(f"SELECT state FROM chorus_deposit_line WHERE move_id IN ({chosen})"))

    def taken(self, moves):
        """How often the simulator has taken each invoice."""
        chosen = ", ".join(map(str, moves))
        names = self.play.sql(f"SELECT name FROM account_move WHERE id IN ({chosen}) ORDER BY id")
        files = [file["number"] for item in self.control("ledger")["deposits"] for file in item["files"]]
        return [files.count(name) for name in names]

    def judge(self, moves):
        """The verdict once everything had time to settle."""
        self.hold(0.0)
        self.play.settle(moves)
        return chaos_judge.judge(self.control("ledger"), self.play.sql, moves)


@pytest.fixture(scope="module")
def scene(environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scene")
    with cmd_chaos.stage(environment, folder, _COUNT, 4) as (play, moves):
        play.sql("UPDATE chorus_connection SET group_state = 'refused'")
        yield Scene(play, moves)


def test_two_users_click_at_once_one_deposit_each(scene):
    moves = scene.take(4)
    clicks = [
        host.start("click", login=login, moves=moves)
        for host, login in zip(scene.play.hosts, ("anne", "bruno"), strict=True)
    ]
    scene.wait_until(lambda: all(click.status is not None for click in clicks))
    assert [click.status for click in clicks] == [0, 0], "a conflict is told, never an error"
    live = scene.play.sql(
        "SELECT move_id, count(*) FROM chorus_deposit_line WHERE state = 'queued' GROUP BY 1"
    )
    assert live == [f"{move}|1" for move in moves]
    verdict = scene.judge(moves)
    assert verdict.done == 4 and scene.taken(moves) == [1, 1, 1, 1]


@pytest.mark.parametrize("taken", [False, True])
def test_process_killed_in_flight_is_searched_not_sent_again(scene, taken):
    """Killed before Chorus Pro has the file, or right after: nobody can tell, so it is looked for."""
    moves = scene.take(1)
    scene.click(moves)
    if taken:
        scene.control("faults", {"route": DEPOSIT, "kind": "slow", "when": "after", "seconds": _HELD})
    else:
        scene.hold(_HELD)
    worker = scene.play.hosts[0].start("send_now")
    scene.wait_until(lambda: scene.play.kill_in_flight(taken))
    scene.wait_until(lambda: worker.status is not None)
    assert worker.status == -9
    assert scene.states(moves) == {"sending"}, "what was committed before the call"
    scene.hold(0.0)
    scene.play.hosts[1].play("send_now")
    assert scene.states(moves) == {"unconfirmed"}, "another host has seen that the first one is dead"
    scene.play.hosts[1].play("send_now")
    assert scene.states(moves) == {"unconfirmed"}, "it is not sent again blindly"
    verdict = scene.judge(moves)
    assert verdict.done == 1 and scene.taken(moves) == [1]


def test_living_sender_is_never_taken_for_dead(scene):
    moves = scene.take(1)
    scene.click(moves)
    scene.hold(_HELD)
    worker = scene.play.hosts[0].start("send_now")
    scene.wait_until(scene.play.in_flight)
    scene.play.hosts[1].play("send_now")
    assert scene.states(moves) == {"sending"}
    scene.hold(0.0)
    scene.wait_until(lambda: worker.status is not None)
    assert scene.states(moves) == {"sent"} and scene.taken(moves) == [1]


def test_database_restarted_during_a_call_keeps_its_outcome(scene):
    """All connections end while the file is in flight; the flow number is written down nevertheless."""
    moves = scene.take(1)
    scene.click(moves)
    scene.hold(_HELD)
    worker = scene.play.hosts[0].start("send_now")
    scene.wait_until(scene.play.in_flight)
    scene.play.cut_database()
    scene.hold(0.0)
    scene.wait_until(lambda: worker.status is not None)
    assert scene.states(moves) == {"sent"}
    flow = scene.play.sql(f"SELECT flow_number FROM chorus_deposit_line WHERE move_id = {moves[0]}")
    assert flow[0] in [item["flow_number"] for item in scene.control("ledger")["deposits"]]
    verdict = scene.judge(moves)
    assert verdict.done == 1 and scene.taken(moves) == [1]


def test_overlapping_selections_sent_by_four_processes_each_once(scene):
    moves = scene.take(40)
    before = sum(len(item["files"]) for item in scene.control("ledger")["deposits"])
    summary = chaos_burst.play(scene.play, moves)
    assert summary["lost"] == summary["doubled"] == summary["waiting"] == 0
    assert summary["done"] == 40 and summary["files_taken"] - before == 40
    assert scene.taken(moves) == [1] * 40


def test_short_chaos_loses_and_doubles_nothing(scene):
    for number in range(3):
        moves = scene.take(6)
        run = scene.play.run(number, moves, random.Random(number), str(number))
        assert not run.verdict.lost and not run.verdict.doubled, run
        assert len(run.verdict.waiting) + run.verdict.done == 6


def test_unique_index_is_there_after_install_and_upgrade(environment, database):
    """Odoo only logs a warning when it cannot create an index."""
    statement = (
        "SELECT i.indisunique, i.indisvalid, pg_get_expr(i.indpred, i.indrelid) <> ''"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relname = 'chorus_deposit_line_one_live_line'"
    )
    assert databases.sql(database, statement) == ["t|t|t"]
    odoo.run(environment, ["-d", database, "-u", paths.NAME], log="upgrade")
    assert databases.sql(database, statement) == ["t|t|t"]
