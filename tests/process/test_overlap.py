"""Several files of a channel travel at once: within their number, and each exactly once."""

import time

import pytest

from lib import cmd_chaos
from lib.server import odoo

DEPOSIT = "factures/v1/deposer/flux"
AT_ONCE = 4
# Seconds: until it is let go, or its sender gives up.
HELD = 3600
# Odoo's shell: the outcome of one file cannot be written, as when the thread that carries it breaks.
BROKEN = """
from odoo.addons.l10n_fr_chorus_pro.worker.sender import Sender

end, broken = Sender.end, []

def break_once(sender, env, outcomes):
    numbers = [outcome.deposit_id for outcome in outcomes]
    broken.extend(numbers[:1] if not broken else ())
    if broken[0] in numbers:
        raise RuntimeError("it cannot be written")
    return end(sender, env, outcomes)

Sender.end = break_once
import logging
for name in ("sender", "travel", "channel"):
    logging.getLogger(f"odoo.addons.l10n_fr_chorus_pro.worker.{name}").disabled = True
env["chorus.worker"]._cron_send()
Sender.end = end
deposits = env["chorus.deposit"].search([])
result = [deposits.filtered(lambda one: one.id in broken).mapped("state"), deposits.mapped("state")]
"""

# The same: the connections that hold the locks of what travels are cut, as a firewall does with idle ones.
CUT = """
import logging, time
from odoo.addons.l10n_fr_chorus_pro.models.base.transactions import LOCK_SPACE
from odoo.addons.l10n_fr_chorus_pro.worker.sender import Sender

deliver = Sender.deliver

def cut_meanwhile(sender, file, shared):
    outcome = deliver(sender, file, shared)
    with sender.channel.fresh() as own:
        own.cr.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid::bigint = %s"
            # The cluster holds databases of others.
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            (LOCK_SPACE,),
        )
    return outcome

Sender.deliver = cut_meanwhile
for name in ("odoo.sql_db", "odoo.addons.l10n_fr_chorus_pro"):
    logging.getLogger(name).setLevel(logging.CRITICAL)
began = time.monotonic()
env["chorus.worker"]._cron_send()
Sender.deliver = deliver
result = time.monotonic() - began
"""

# The same: a person's transaction holds the invoice of one of the files that travel, until it is seen that
# what came of the others is written.
HOLDING = """
import threading, time
from odoo.addons.l10n_fr_chorus_pro.worker.sender import Sender

deliver, guard, holder, seen = Sender.deliver, threading.Lock(), [], []

def hold(file):
    cr = env.registry.cursor()
    lines = "SELECT move_id FROM chorus_deposit_line WHERE deposit_id = %s"
    cr.execute(f"SELECT id FROM account_move WHERE id IN ({lines}) FOR UPDATE", (file.deposit_id,))
    holder.append(threading.Thread(target=watch, args=(cr,)))
    holder[0].start()

def watch(cr):
    end, count = time.monotonic() + 15, None
    while count != 1 and time.monotonic() < end:
        with env.registry.cursor() as own:
            own.execute("SELECT count(*) FROM chorus_deposit WHERE state = 'sending'")
            [[count]] = own.fetchall()
        time.sleep(0.1)
    seen.append(count)
    cr.rollback()
    cr.close()

def deliver_and_hold(sender, file, shared):
    with guard:
        if not holder:
            hold(file)
    return deliver(sender, file, shared)

Sender.deliver = deliver_and_hold
import logging
for name in ("sender", "channel"):
    logging.getLogger(f"odoo.addons.l10n_fr_chorus_pro.worker.{name}").disabled = True
logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)
env["chorus.worker"]._cron_send()
Sender.deliver = deliver
holder[0].join()
result = seen
"""

# The same: what was clicked is made, and nothing of it leaves.
PREPARE = """
from odoo.addons.l10n_fr_chorus_pro.worker.channel import Channel
from odoo.addons.l10n_fr_chorus_pro.worker.preparer import Preparer

for channel in Channel.having(env, ["queued"]):
    Preparer(channel).prepare()
result = env["chorus.deposit"].search_count([("state", "=", "ready")])
"""


class Scene:
    """A company in production whose files travel one by one, some at once."""

    def __init__(self, play, moves, environment):
        self.play, self.moves, self._environment = play, list(moves), environment
        self.control = play.simulator.control
        self.host = play.hosts[0]
        play.sql(f"UPDATE chorus_connection SET files_at_once = {AT_ONCE}, group_state = 'refused'")

    def script(self, text):
        return odoo.script(self._environment, self.play.database, text, "overlap")

    def click(self, count):
        moves, self.moves = self.moves[:count], self.moves[count:]
        self.host.play("click", login="anne", moves=moves)
        return moves

    def hold(self, seconds):
        """Chorus Pro keeps each file for so long; those that it keeps go on."""
        self.control("settings", {"deposit_hold": {"min": seconds, "max": seconds, "seed": 1}})

    def send(self, let_go=None):
        """Run the sending in a process of its own; returns the most connections to PostgreSQL that it had.

        :param let_go: called again and again until it gives something true
        """
        before = self.connections()
        worker, most = self.host.start("send_now"), 0
        while worker.status is None:
            self.host.look()
            most = max(most, self.connections() - before)
            if let_go and let_go():
                let_go = None
            time.sleep(0.02)
        assert worker.status == 0, self.host.tail(30)
        return most

    def connections(self):
        """How many connections Odoo's processes have to the database."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        return int(self.play.sql(query + " AND application_name LIKE 'odoo-%'")[0])

    def taken(self):
        """Numbers of the files that the simulator has taken, in order."""
        return [file["number"] for item in self.control("ledger")["deposits"] for file in item["files"]]

    def calls(self):
        return self.control("calls")["counts"]


@pytest.fixture(scope="module")
def scene(environment, tmp_path_factory):
    with cmd_chaos.stage(environment, tmp_path_factory.mktemp("overlap"), 100, 2) as (play, moves):
        yield Scene(play, moves, environment)


def test_files_travel_at_once_within_their_number(scene):
    """Chorus Pro keeps each file for a while: as many as allowed are on their way, and each leaves once.

    The connections to PostgreSQL: one less than files for the locks of those that left together, one for
    their short transactions, one for whoever prepares, one for the company's turn; and that of the scheduled
    action itself.
    """

    def all_are_there():
        if scene.control("inflight")["deposits_now"] == AT_ONCE:
            scene.hold(0.4)
            return True
        return False

    scene.hold(HELD)
    scene.click(24)
    most = scene.send(all_are_there)
    scene.hold(0.0)
    assert scene.control("inflight")["most_at_once"][DEPOSIT] == AT_ONCE
    assert len(scene.taken()) == len(set(scene.taken())) == 24
    assert 0 < most <= AT_ONCE + 2 + 1


def test_one_token_serves_all(scene):
    """The token dies while several files travel: one new one is asked for."""
    scene.control("calls", method="DELETE")
    scene.hold(0.2)
    scene.control("faults", {"route": DEPOSIT, "kind": "expired_token", "count": 1, "skip": 2})
    before = len(scene.taken())
    scene.click(12)
    scene.send()
    scene.hold(0.0)
    assert scene.calls()["oauth"] == 1
    assert len(scene.taken()) == len(set(scene.taken())) == before + 12


def test_a_connection_that_fails_stops_all_of_them(scene):
    """Chorus Pro asks to slow down: what travels ends, nothing more leaves, and later it goes on."""
    scene.control("calls", method="DELETE")
    scene.control("faults", {"route": DEPOSIT, "kind": "http_429", "count": None})
    before = len(scene.taken())
    scene.click(12)
    # All are ready when the first comes back.
    assert scene.script(PREPARE) == 12
    scene.send()
    assert 1 <= scene.calls()[DEPOSIT] <= AT_ONCE
    scene.control("faults", method="DELETE")
    scene.play.pass_time(1)
    scene.send()
    assert len(scene.taken()) == len(set(scene.taken())) == before + 12


def test_after_deposits_without_an_answer_one_leaves_alone_until_one_is_taken(scene):
    """The first one's answer is lost: the others stay. When one is taken, the others leave at once."""
    scene.control("calls", method="DELETE")
    scene.play.sql("UPDATE chorus_connection SET deposit_rest_count = 2, auto_resend = TRUE")
    scene.control("faults", {"route": DEPOSIT, "kind": "http_502_no_type", "count": 1})
    before = len(scene.taken())
    scene.click(12)
    assert scene.script(PREPARE) == 12
    scene.send()
    assert scene.calls()[DEPOSIT] == 1
    scene.play.pass_time(1)
    scene.control("settings", {"deposit_hold": {"min": 0.2, "max": 0.2, "seed": 1}})
    scene.send()
    scene.control("settings", {"deposit_hold": {"min": 0.0, "max": 0.0, "seed": 1}})
    assert scene.calls()[DEPOSIT] == 12
    assert scene.play.sql("SELECT deposit_rest_count FROM chorus_connection") == ["0"]
    for hours in (25, 1, 1):
        scene.play.pass_time(hours)
        scene.send()
    assert len(scene.taken()) == len(set(scene.taken())) == before + 12


def test_one_that_fails_stops_the_next_ones_although_others_travel_well(scene):
    """Of four one is asked to slow down, two are taken at once, and one is still on its way."""
    before = len(scene.taken())
    scene.click(8)
    assert scene.script(PREPARE) == 8
    scene.control("faults", {"route": DEPOSIT, "kind": "http_429", "count": 1})
    scene.control("faults", {"route": DEPOSIT, "kind": "slow", "count": 1, "seconds": 4, "when": "before"})
    scene.send()
    assert len(scene.taken()) == before + AT_ONCE - 1
    scene.play.pass_time(1)
    scene.send()
    assert len(scene.taken()) == len(set(scene.taken())) == before + 8


def test_a_thread_that_breaks_loses_no_outcome(scene):
    """The file that it carried is looked for on Chorus Pro, and not sent again."""
    before = len(scene.taken())
    scene.click(6)
    broken, states = scene.script(BROKEN)
    assert broken == ["sending"]
    # What came of those beside it is written.
    assert states.count("sending") == 1
    for _round in range(3):
        scene.play.pass_time(1)
        scene.send()
        scene.host.play("cron", name="follow")
    assert len(scene.taken()) == len(set(scene.taken())) == before + 6
    assert scene.play.sql("SELECT DISTINCT state FROM chorus_deposit_line") == ["integrated"]


def test_locks_that_are_lost_lose_no_outcome(scene):
    """The connections that hold them are cut while files travel: each outcome is written, the run ends."""
    before = len(scene.taken())
    moves = scene.click(8)
    assert scene.script(PREPARE) == 8
    seconds = scene.script(CUT)
    assert [_state(scene, move) for move in moves] == ["sent"] * 8
    assert len(scene.taken()) == len(set(scene.taken())) == before + 8
    assert seconds < 25


def test_an_invoice_that_a_person_holds_keeps_nothing_of_the_others_from_being_written(scene):
    """Else all that is on its way would be doubtful when the run is ended by force meanwhile."""
    before = len(scene.taken())
    moves = scene.click(4)
    assert scene.script(PREPARE) == 4
    assert scene.script(HOLDING) == [1]
    assert [_state(scene, move) for move in moves] == ["sent"] * 4
    assert len(scene.taken()) == len(set(scene.taken())) == before + 4


def test_of_two_at_once_a_slow_one_does_not_hold_the_others(scene):
    """Chorus Pro takes its time for one of the first two: it is the last that is taken."""
    scene.play.sql("UPDATE chorus_connection SET files_at_once = 2")
    before = len(scene.taken())
    moves = scene.click(6)
    assert scene.script(PREPARE) == 6
    scene.control("faults", {"route": DEPOSIT, "kind": "slow", "count": 1, "seconds": HELD, "when": "before"})

    def the_others_are_taken():
        if len(scene.taken()) == before + 5:
            scene.control("faults", method="DELETE")
            return True
        return False

    scene.send(the_others_are_taken)
    scene.play.sql(f"UPDATE chorus_connection SET files_at_once = {AT_ONCE}")
    leave = "SELECT number FROM chorus_deposit_line WHERE move_id IN ({}) ORDER BY deposit_id"
    numbers = scene.play.sql(leave.format(", ".join(map(str, moves))))
    taken = scene.taken()[before:]
    assert sorted(taken) == sorted(numbers)
    assert taken[-1] in numbers[:2]


def test_one_that_still_travels_is_not_taken_for_dead_when_the_others_are_back(scene):
    """Their locks are on one cursor, since they left together; another host looks for dead sendings."""
    before = len(scene.taken())
    moves = scene.click(4)
    assert scene.script(PREPARE) == 4
    scene.control("faults", {"route": DEPOSIT, "kind": "slow", "count": 1, "seconds": 12, "when": "before"})
    worker, end = scene.host.start("send_now"), time.monotonic() + 60
    while _lines(scene, moves) != ["sending", "sent", "sent", "sent"]:
        scene.host.look()
        assert worker.status is None and time.monotonic() < end
        time.sleep(0.05)
    scene.play.hosts[1].play("send_now")
    assert _lines(scene, moves) == ["sending", "sent", "sent", "sent"]
    while worker.status is None:
        scene.host.look()
        time.sleep(0.05)
    assert _lines(scene, moves) == ["sent"] * 4
    assert len(scene.taken()) == len(set(scene.taken())) == before + 4


def test_a_receipt_that_is_another_files_is_no_proof(scene):
    """Chorus Pro answers with the number of a file whose own answer was lost, and has taken nothing."""
    before = len(scene.taken())
    scene.play.sql("UPDATE chorus_connection SET auto_resend = TRUE, rest_until = NULL")
    [lost] = scene.click(1)
    scene.control("faults", {"route": DEPOSIT, "kind": "drop_after_accept", "count": 1})
    scene.send()
    # Only what is sent now may leave before the first one is looked for.
    scene.play.sql("UPDATE chorus_connection SET rest_until = NULL")
    [other] = scene.click(1)
    scene.control("faults", {"route": DEPOSIT, "kind": "former_flow", "count": 1})
    scene.send()
    assert _state(scene, other) == "sent"
    scene.play.pass_time(0.5)
    scene.send()
    assert _state(scene, other) == "unconfirmed"
    scene.play.settle([lost, other])
    assert (_state(scene, lost), _state(scene, other)) == ("integrated", "integrated")
    assert len(scene.taken()) == len(set(scene.taken())) == before + 2


def _state(scene, move):
    """What the accountant sees on the invoice."""
    return scene.play.sql(f"SELECT chorus_state FROM account_move WHERE id = {move}")[0]


def _lines(scene, moves):
    """The states of the lines of some invoices, sorted."""
    chosen = ", ".join(map(str, moves))
    return sorted(scene.play.sql(f"SELECT state FROM chorus_deposit_line WHERE move_id IN ({chosen})"))
